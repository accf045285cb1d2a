/** kith evaluate FOLDER: measures recognition on a folder per person. */
import { resolve } from 'node:path'
import type { RegisterCommand } from '../command.ts'
import { formatTable } from '../output.ts'
import { createProgressReporter } from '../progress.ts'
import type { EvaluationReport } from '../../engine/tools.ts'

function inWords(report: EvaluationReport): string {
  const { verification, clustering } = report
  const { bcubed } = clustering
  const rows: [string, string, string][] = [
    ['Best F1', verification.bestF1.value.toFixed(4), `at ${verification.bestF1.threshold.toFixed(3)}`],
    ['Best accuracy', verification.bestAccuracy.value.toFixed(4), `at ${verification.bestAccuracy.threshold.toFixed(3)}`],
    ...Object.entries(verification.tarAtFar).map(([far, { tar, threshold }]): [string, string, string] =>
      [`TAR at ${Number(far) * 100} % FAR`, tar.toFixed(4), `at ${threshold.toFixed(3)}`]),
    ['BCubed F', bcubed.f1.toFixed(4), `${clustering.clusters} groups, ${clustering.algorithm}`],
  ]
  return [
    `${report.images} pictures of ${report.identities} people, ${report.facesFound} with a face, ${report.model}`,
    formatTable(['Measure', 'Value', ''], rows),
    ...(report.missed.length > 0 ? ['Without a face:', ...report.missed.map((path) => `  ${path}`)] : []),
  ].join('\n')
}

export const registerEvaluate: RegisterCommand = (program, run) => {
  program
    .command('evaluate')
    .argument('<folder>', 'a folder with one folder of pictures for each person')
    .option('--model <id>', 'the embedder to measure; kith models lists them')
    .description('measure detection, verification and grouping on a folder per person')
    .action((folder: string, options: { model?: string }) =>
      run(async ({ output, withTools, interrupt, ensureBuilt }) => {
        await ensureBuilt(['kernel'])
        await withTools(async (tools) => {
          const progress = createProgressReporter()
          try {
            const report = await tools.evaluate(resolve(folder), {
              ...(options.model ? { embedderId: options.model } : {}),
              signal: interrupt.signal,
              onProgress: (done, total) => progress.show({ label: 'measuring', done, total, facts: [] }),
            })
            progress.stop()
            await output.result(report, () => inWords(report))
          } finally {
            progress.stop()
          }
        })
      }))
}
