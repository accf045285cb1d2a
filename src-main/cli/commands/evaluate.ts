/** kith evaluate FOLDER: measures recognition on a folder per person, and on a list of pairs of its pictures. */
import { resolve } from 'node:path'
import type { RegisterCommand } from '../command.ts'
import { count, formatTable } from '../output.ts'
import { createProgressReporter } from '../progress.ts'
import type { EvaluationReport, PairsReport } from '../../engine/evaluation-report.ts'

interface EvaluateOptions {
  pairs?: string
  report?: string
}

/** The rows of the table about a list of pairs. */
function pairRows({ accuracy, folds, pairs, missing, auc, tarAtFar }: PairsReport): [string, string, string][] {
  return [
    ['Pairs, accuracy', accuracy.mean.toFixed(4), `± ${accuracy.standardError.toFixed(4)}, ${count(pairs, 'pair')} in ${folds} folds` +
      (missing ? `, ${missing} of them without a face and held to be different` : '')],
    ['Pairs, AUC', auc.toFixed(4), ''],
    ...Object.entries(tarAtFar).map(([far, { tar, threshold }]): [string, string, string] =>
      [`Pairs, TAR at ${Number(far) * 100} % FAR`, tar.toFixed(4), `at ${threshold.toFixed(3)}`]),
  ]
}

function inWords(report: EvaluationReport): string {
  const { verification, classification, unknown, clustering, pairs } = report
  const { bcubed } = clustering
  const rows: [string, string, string][] = [
    ['Best F1', verification.bestF1.value.toFixed(4), `at ${verification.bestF1.threshold.toFixed(3)}`],
    ['Best accuracy', verification.bestAccuracy.value.toFixed(4), `at ${verification.bestAccuracy.threshold.toFixed(3)}`],
    ...Object.entries(verification.tarAtFar).map(([far, { tar, threshold }]): [string, string, string] =>
      [`TAR at ${Number(far) * 100} % FAR`, tar.toFixed(4), `at ${threshold.toFixed(3)}`]),
    ['AUC', verification.auc.toFixed(4), ''],
    ['KNN', classification.knn.toFixed(4), 'of the odd pictures named right, taught the even ones'],
    ['SVM', classification.svm.toFixed(4), ''],
    ['Nearest centroid', classification.centroid.toFixed(4), ''],
    ['Known people named', unknown.known.toFixed(4), 'without asking, with half of the people unknown'],
    ['Unknown people named', unknown.accepted.toFixed(4), 'wrongly'],
    ['BCubed F', bcubed.f1.toFixed(4), `${clustering.clusters} groups, ${clustering.algorithm}`],
    ...(pairs ? pairRows(pairs) : []),
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
    .option('--pairs <file>', 'a list of pairs as Labeled Faces in the Wild has it; only the pictures it names are looked at')
    .option('--report <file>', 'write the report as an HTML page, or as a page and JSON into a folder that is there')
    .description('measure detection, verification, classification and grouping on a folder per person')
    .action((folder: string, options: EvaluateOptions) =>
      run(async ({ output, withTools, interrupt, ensureBuilt }) => {
        await ensureBuilt(['kernel'])
        await withTools(async (tools) => {
          const progress = createProgressReporter()
          try {
            const report = await tools.evaluate(resolve(folder), {
              ...(options.pairs ? { pairsFile: resolve(options.pairs) } : {}),
              ...(options.report ? { reportTarget: resolve(options.report) } : {}),
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
