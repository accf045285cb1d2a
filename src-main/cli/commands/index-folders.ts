/** kith index FOLDER…: finds the photos, the faces on them, and who they may be. */
import { resolve } from 'node:path'
import type { IndexReport, ModelComparison } from '../../engine/engine.ts'
import type { RegisterCommand } from '../command.ts'
import { count, duration, formatTable, printable } from '../output.ts'
import { createProgressReporter, fromIndexProgress } from '../progress.ts'

const failuresShown = 20

function comparisonInWords({ people, faces, figures }: ModelComparison, from: string, to: string): string {
  return figures.length === 0
    ? `Too few faces have names to compare the models: ${count(faces, 'face')} of ${count(people, 'person', 'people')}.`
    : `On ${count(faces, 'face')} of ${count(people, 'person', 'people')} that you named:\n` +
      formatTable(['', from, to], figures.map(({ name, current, next }) => [name, current.toFixed(3), next.toFixed(3)]))
}

function changeInWords({ modelChange: change, comparison }: IndexReport): string[] {
  if (!change) return []
  return [
    ...(comparison ? [comparisonInWords(comparison, change.from, change.to), ''] : []),
    change.reason ?? `Changed from ${change.from} to ${change.to}: all names and decisions stay.`,
    `${count(change.faces, 'face')} on ${count(change.photos, 'photo')} embedded by ${change.to}, ${change.photosPerSecond.toFixed(1)} photos per second` +
      `${change.facesLeft ? `; ${count(change.facesLeft, 'face')} left, which follow when their photos can be read` : ''}.`,
    '',
  ]
}

function inWords(report: IndexReport): string {
  const { photos, failed } = report
  const facts = [
    ...changeInWords(report),
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
    .option('--force', 'with --model: take the model even where it does no better on the faces you named', false)
    .addHelpText('after', '\n--model changes the model of a library that has another: known faces are embedded anew, names stay.')
    .action((folders: string[], { force }: { force: boolean }) =>
      run(async (context) => {
        await context.ensureBuilt(['kernel'])
        return context.withEngine('write', async (engine) => {
          const ids = []
          for (const folder of folders) ids.push((await engine.paths.addFolder(resolve(folder))).id)
          const progress = createProgressReporter()
          const { signal } = context.interrupt
          try {
            const report = await engine.paths.index(ids.length > 0 ? ids : null, {
              model: context.options.model === undefined ? null : { name: context.options.model, force },
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
