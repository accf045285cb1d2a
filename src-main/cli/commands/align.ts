/** kith align FOLDER OUT: writes the aligned faces of a folder per person. */
import { resolve } from 'node:path'
import { Option } from 'commander'
import type { AlignReport } from '../../engine/tools.ts'
import type { RegisterCommand } from '../command.ts'
import { count, duration, printable } from '../output.ts'
import { createProgressReporter } from '../progress.ts'

const templates = { outer: 'outer-eyes-and-nose', inner: 'inner-eyes-and-bottom-lip' } as const

function inWords({ images, aligned, unchanged, withoutFace, failed, kept, seconds, sidePx }: AlignReport): string {
  const list = (title: string, lines: readonly string[]) => (lines.length > 0 ? ['', title, ...lines.map((line) => printable(`  ${line}`))] : [])
  return [
    `${count(images, 'picture')}: ${count(aligned, 'face')} of ${sidePx} × ${sidePx} pixels written, ${unchanged} there already. ${duration(seconds)}.`,
    ...list('Without a face:', withoutFace),
    ...list('Not read:', failed.map(({ path, reason }) => `${path}: ${reason}`)),
    ...list('In the way and not written by Kith, left as they are:', kept),
  ].join('\n')
}

export const registerAlign: RegisterCommand = (program, run) => {
  program
    .command('align')
    .argument('<folder>', 'a folder with one folder of pictures for each person')
    .argument('<out>', 'where the faces go; a folder outside the first one')
    .addOption(new Option('--template <name>', 'by the outer corners of the eyes and the nose, or the inner ones and the bottom lip')
      .choices(Object.keys(templates)).default('outer'))
    .description("write the faces as the method's network sees them, 96 × 96; again: only what changed")
    .action((folder: string, out: string, { template }: { template: keyof typeof templates }) =>
      run(({ output, withTools, interrupt }) =>
        withTools(async (tools) => {
          const progress = createProgressReporter()
          try {
            const report = await tools.align(resolve(folder), resolve(out), {
              alignment: templates[template],
              signal: interrupt.signal,
              onProgress: (done, total, remainingSeconds) => progress.show({
                label: 'aligning', done, total, facts: remainingSeconds === null ? [] : [`${duration(remainingSeconds)} left`],
              }),
            })
            progress.stop()
            await output.result(report, () => inWords(report))
            if (!report.stopped) return 0
            output.note('Stopped before the end. The next run goes on from here.')
            return 1
          } finally {
            progress.stop()
          }
        })))
}
