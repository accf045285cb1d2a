/** kith export FORMAT DIR: the library for other programs. */
import { resolve } from 'node:path'
import type { RegisterCommand } from '../command.ts'
import { count } from '../output.ts'
import { createProgressReporter } from '../progress.ts'
import { UsageError } from '../usage-error.ts'

const formats = ['projector', 'csv'] as const
type Format = (typeof formats)[number]

function parseFormat(text: string): Format {
  const format = formats.find((known) => known === text)
  if (format) return format
  const reason = text === 'xmp' ? 'kith export cannot write XMP yet.' : `There is no format ${text}.`
  throw new UsageError(`${reason} It can write: ${formats.join(', ')}.`)
}

export const registerExport: RegisterCommand = (program, run) => {
  program
    .command('export')
    .argument('<format>', "projector: embeddings, names and pictures for TensorBoard's embedding projector; csv: a table of the faces")
    .argument('<dir>', 'the folder to write to; what else it holds stays')
    .description('write the library for other programs')
    .action((given: string, directory: string) => run(async ({ output, interrupt, withEngine }) => {
      const format = parseFormat(given)
      await withEngine('read', async (engine) => {
        const progress = createProgressReporter()
        try {
          const report = await engine.paths.export(format, resolve(directory), {
            signal: interrupt.signal,
            onProgress: (done, total) => progress.show({ label: 'exporting', done, total, facts: [] }),
          })
          progress.stop()
          await output.result(report, () => [
            `${count(report.faces, 'face')} written to ${report.directory}: ${report.files.join(', ')}.`,
            ...(format === 'projector' ? [`Look at them with: tensorboard --logdir ${report.directory}`] : []),
          ].join('\n'))
        } finally {
          progress.stop()
        }
      })
    }))
}
