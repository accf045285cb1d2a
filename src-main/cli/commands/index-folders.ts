/** kith index FOLDER…: finds the photos, the faces on them, and who they may be. */
import { resolve } from 'node:path'
import type { IndexReport } from '../../engine/engine.ts'
import type { RegisterCommand } from '../command.ts'
import { count, duration, printable } from '../output.ts'
import { createProgressReporter, fromIndexProgress } from '../progress.ts'

const failuresShown = 20

function inWords(report: IndexReport): string {
  const { photos, failed } = report
  const facts = [
    `${count(photos.found, 'photo')}: ${photos.indexed} indexed, ${photos.unchanged} unchanged` +
      `${photos.moved ? `, ${photos.moved} moved` : ''}${photos.missing ? `, ${photos.missing} missing` : ''}${photos.failed ? `, ${photos.failed} could not be read` : ''}.`,
    `${count(report.faces, 'face')} (${report.newFaces} new): ${report.named} named, ${report.suggested} with a suggestion, ${count(report.clusters, 'unnamed group')}.`,
    `${duration(report.seconds)}, ${report.photosPerSecond.toFixed(1)} photos per second, ${report.models.detector} and ${report.models.embedder}.`,
  ]
  if (failed.length > 0) {
    facts.push('', 'Not read:', ...failed.slice(0, failuresShown).map(({ path, reason }) => printable(`  ${path}: ${reason}`)))
    if (failed.length > failuresShown) facts.push(`  … and ${failed.length - failuresShown} more; --json lists them all.`)
  }
  return facts.join('\n')
}

export const registerIndex: RegisterCommand = (program, run) => {
  program
    .command('index')
    .argument('[folder...]', 'folders with photos; without any, all that are in the library')
    .description('add folders, find the faces, group them, suggest names; again: only what changed')
    .action((folders: string[]) =>
      run(async (context) => {
        await context.ensureBuilt(['kernel'])
        return context.withEngine('write', async (engine) => {
          const ids = []
          for (const folder of folders) ids.push((await engine.paths.addFolder(resolve(folder))).id)
          const progress = createProgressReporter()
          const { signal } = context.interrupt
          try {
            const report = await engine.paths.index(ids.length > 0 ? ids : null, {
              signal,
              onProgress: (state) => {
                if (state.state !== 'idle') progress.show(fromIndexProgress(state))
              },
            })
            progress.stop()
            await context.output.result({ ...report, stopped: signal.aborted }, () => inWords(report))
            if (!signal.aborted) return 0
            context.output.note('Stopped before the end. The next run goes on from here.')
            return 1
          } finally {
            progress.stop()
          }
        })
      }))
}
