/** The figures in short: a row of large ones, and a table of all. */
import type { EvaluationReport, PairsReport } from '../evaluation-report.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { count, decimal, percent, whole } from './numbers.ts'

/** The figures that say most. */
export function headline(report: EvaluationReport): Html {
  const { verification, classification, clustering, images, facesFound, pairs } = report
  const tiles: [string, string, string][] = [
    ...(pairs ? [['Listed pairs', decimal(pairs.accuracy.mean), `± ${decimal(pairs.accuracy.standardError)} accuracy`] satisfies [string, string, string]] : []),
    ['Best F1', decimal(verification.bestF1.value), `at ${decimal(verification.bestF1.threshold)}`],
    ['True accepts', decimal(verification.tarAtFar['0.001'].tar), `at ${percent(0.001)} false accepts`],
    ['AUC', decimal(verification.auc, 4), 'area under the ROC'],
    ['KNN', decimal(classification.knn), 'named right'],
    ['BCubed F', decimal(clustering.bcubed.f1), `${count(clustering.clusters, 'group')}`],
    ['With a face', percent(facesFound / images), `of ${whole(images)} pictures`],
  ]
  return html`<ul class="tiles" aria-label="The figures that say most">${tiles.map(([name, value, rest]) =>
    html`<li><span>${name}</span><b>${value}</b><small>${rest}</small></li>`)}</ul>`
}

type Row = readonly [name: string, value: string, remark: string]

function table(title: string, rows: readonly Row[]): Html {
  return html`<table><caption>${title}</caption><tbody>${rows.map(([name, value, remark]) =>
    html`<tr><th scope="row">${name}</th><td class="number">${value}</td><td class="muted">${remark}</td></tr>`)}</tbody></table>`
}

const tarRows = (tarAtFar: PairsReport['tarAtFar']) => Object.entries(tarAtFar).map(([far, { tar, threshold }]): Row =>
  [`True accept rate at ${percent(Number(far))} false accepts`, decimal(tar, 4), `up to ${decimal(threshold)}`])

export function summaryTable(report: EvaluationReport): Html {
  const { verification, classification, unknown, clustering, detection, pairs } = report
  return html`<div class="tables">
${pairs ? pairsTable(pairs) : null}
${table('Verification: do two faces show one person?', [
    ['Best F1', decimal(verification.bestF1.value, 4), `up to ${decimal(verification.bestF1.threshold)}`],
    ['Best accuracy', decimal(verification.bestAccuracy.value, 4), `up to ${decimal(verification.bestAccuracy.threshold)}`],
    ['Area under the ROC curve', decimal(verification.auc, 4), 'how often one person is nearer than two'],
    ...tarRows(verification.tarAtFar),
    ['True accept rate at the default threshold', decimal(verification.atDefault.tar, 4), `up to ${decimal(verification.atDefault.threshold)}, with ${percent(verification.atDefault.far)} false accepts`],
  ])}
${table('Classification: who is it?', [
    ['KNN', decimal(classification.knn, 4), 'of the odd-numbered pictures named right, taught the even-numbered ones'],
    ['SVM', decimal(classification.svm, 4), ''],
    ['Nearest centroid', decimal(classification.centroid, 4), ''],
  ])}
${table('Unknown people: half of them left out', [
    ['Known people named right without asking', decimal(unknown.known, 4), ''],
    ['Unknown people given a name', decimal(unknown.accepted, 4), 'the smaller, the better'],
  ])}
${table('Grouping faces without a name', [
    ['BCubed F', decimal(clustering.bcubed.f1, 4), `precision ${decimal(clustering.bcubed.precision)}, recall ${decimal(clustering.bcubed.recall)}`],
    ['Groups of two or more', whole(clustering.clusters), `of ${count(report.identities, 'person', 'people')}`],
  ])}
${table('Detection', [
    ['Pictures with a face', whole(report.facesFound), `of ${whole(report.images)}`],
    ['Pictures with several faces', whole(detection.picturesWithSeveralFaces), 'the largest counts'],
    ['Pictures that could not be read', whole(report.unreadable.length), ''],
    ['Faces', whole(detection.faces), 'on all pictures together'],
  ])}
</div>`
}

function pairsTable(pairs: PairsReport): Html {
  return table(`The pairs of ${pairs.file.split(/[/\\]/).at(-1)!}`, [
    ['Accuracy', decimal(pairs.accuracy.mean, 4), `± ${decimal(pairs.accuracy.standardError, 4)} (standard error), mean of ${pairs.folds} folds, each fold's threshold chosen on the others`],
    ['Thresholds', decimal(Math.min(...pairs.thresholds)), `to ${decimal(Math.max(...pairs.thresholds))}`],
    ['Area under the ROC curve', decimal(pairs.auc, 4), ''],
    ...tarRows(pairs.tarAtFar),
    ['Pairs', whole(pairs.pairs), `${whole(pairs.same)} of one person, ${whole(pairs.different)} of two`],
    ['Pairs without a face', whole(pairs.missing), 'answered: different'],
  ])
}
