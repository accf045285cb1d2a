/** The plots of pairs: how far apart they are, and what a threshold makes of them. */
import type { EvaluationReport } from '../evaluation-report.ts'
import { bars, chart, dot, legend, line, plotArea, thresholdLines } from './chart.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { decimal, percent, whole } from './numbers.ts'
import { linearScale, logScale } from './scale.ts'

type Verification = EvaluationReport['verification']

const plain = (tick: number) => String(tick)
const shares = linearScale([0, 1], plotArea.y, 5)

function distanceScale({ distances: { binWidth, same } }: Verification) {
  return linearScale([0, binWidth * same.length], plotArea.x)
}

/** Shares of the pairs at each distance, one person and two. */
export function distributionPlot(verification: Verification): Html {
  const { distances: { binWidth, same, different }, atDefault, bestAccuracy } = verification
  const x = distanceScale(verification)
  const edges = Array.from({ length: same.length + 1 }, (_, i) => x(i * binWidth))
  const sharesOf = (counts: readonly number[], total: number) => counts.map((pairs) => (total === 0 ? 0 : pairs / total))
  const [sameShares, differentShares] = [sharesOf(same, verification.same), sharesOf(different, verification.different)]
  const y = linearScale([0, Math.max(...sameShares, ...differentShares) * 1.05], plotArea.y, 5)
  const tops = (values: readonly number[]) => values.map((value) => y(value))
  return html`${chart(
    'distributions',
    `Distances of ${whole(verification.same)} pairs of one person and ${whole(verification.different)} pairs of two people.`,
    { scale: x, title: 'Distance', format: plain },
    { scale: y, title: 'Share of the pairs', format: percent },
    [
      bars('different', edges, tops(differentShares)),
      bars('same', edges, tops(sameShares)),
      thresholdLines([
        { x: x(atDefault.threshold), label: `default ${decimal(atDefault.threshold, 2)}` },
        { x: x(bestAccuracy.threshold), label: `best accuracy ${decimal(bestAccuracy.threshold, 2)}`, dashed: true },
      ]),
    ])}${legend([{ series: 'same', label: 'one person' }, { series: 'different', label: 'two people' }])}`
}

/** F1 and accuracy of every threshold. */
export function thresholdPlot(verification: Verification): Html {
  const { curve, bestF1, atDefault } = verification
  const x = distanceScale(verification)
  return html`${chart(
    'thresholds',
    `F1 and accuracy over the threshold. The best F1 is ${decimal(bestF1.value)} at ${decimal(bestF1.threshold)}.`,
    { scale: x, title: 'Threshold: pairs up to this distance are held to be one person', format: plain },
    { scale: shares, title: 'F1, accuracy', format: plain },
    [
      line('accuracy', curve.map(({ threshold, accuracy }) => [x(threshold), shares(accuracy)])),
      line('same', curve.map(({ threshold, f1 }) => [x(threshold), shares(f1)])),
      thresholdLines([
        { x: x(atDefault.threshold), label: `default ${decimal(atDefault.threshold, 2)}` },
        { x: x(bestF1.threshold), label: `best F1 ${decimal(bestF1.threshold, 2)}`, dashed: true },
      ]),
    ])}${legend([{ series: 'same', label: 'F1' }, { series: 'accuracy', label: 'accuracy' }])}`
}

/** True accepts over false accepts, which are shown by powers of ten: the rare ones are those that matter. */
export function rocPlot({ roc, tarAtFar, atDefault, different, auc }: Verification): Html {
  const x = logScale([10 ** -Math.max(1, Math.ceil(Math.log10(Math.max(2, different)))), 1], plotArea.x)
  const lowest = Math.min(...roc.map(({ tar }) => tar))
  // A good model's curve lies close to 1: there it is shown larger.
  const y = linearScale([lowest > 0.9 ? 0.9 : lowest > 0.5 ? 0.5 : 0, 1], plotArea.y, 5)
  const operating = Object.entries(tarAtFar).map(([far, { tar, threshold }], row) =>
    dot([x(Number(far)), y(tar)], `${decimal(tar)} at ${percent(Number(far))}`, `True accept rate ${decimal(tar, 4)} at ${percent(Number(far))} false accepts, threshold ${decimal(threshold)}`, row))
  return html`${chart(
    'roc',
    `ROC curve; the area under it is ${decimal(auc, 4)}.`,
    { scale: x, title: 'False accept rate, by powers of ten', format: percent },
    { scale: y, title: 'True accept rate', format: plain },
    [
      line('same', roc.map(({ far, tar }) => [x(far), y(tar)])),
      ...operating,
      html`<g class="dot default"><title>Default threshold ${decimal(atDefault.threshold, 2)}: true accept rate ${decimal(atDefault.tar)}, false accept rate ${percent(atDefault.far)}</title><path d="M${x(atDefault.far) - 5} ${y(atDefault.tar) - 5}h10v10h-10z"/></g>`,
    ])}<p class="legend"><span>The square is the default threshold.</span></p>`
}

/** How many of the accepted pairs are right, over how many of the right ones are accepted. */
export function precisionRecallPlot({ curve, same, different }: Verification): Html {
  const x = linearScale([0, 1], plotArea.x, 5)
  const seen = curve.filter(({ tar, far }) => tar > 0 || far > 0)
  return chart(
    'precision-recall',
    'Precision over recall of pairs of one person.',
    { scale: x, title: 'Recall: share of the pairs of one person that are accepted', format: plain },
    { scale: shares, title: `Precision, with ${whole(different)} pairs of two people to ${whole(same)} of one`, format: plain },
    [line('same', seen.map(({ tar, precision }) => [x(tar), shares(precision)]))])
}
