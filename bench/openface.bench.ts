/** Our KNN, SVM, threshold and clustering code on embeddings that OpenFace's nn4.small2 made, beside what is known of them. */
import { goldenNn4 } from '../test/fixtures/golden.ts'
import { drawFigures, linkAll, meanOfDraws } from '../test/fixtures/openface.ts'

const draws = 60

/** Prints a Markdown table. */
export async function run(): Promise<void> {
  const golden = goldenNn4()
  if (!golden) return
  const figures = await drawFigures(golden, draws)
  const mean = (of: Parameters<typeof meanOfDraws>[1]) => meanOfDraws(figures, of).toFixed(3).replace(/^0/, '')
  const linked = linkAll(golden, 0.8)
  const rows: [what: string, ours: string, known: string][] = [
    ['F1, at', `${mean(({ verification }) => verification.bestF1.value)}, ${mean(({ verification }) => verification.bestF1.threshold)}`, '.775, .92'],
    ['accuracy', mean(({ verification }) => verification.bestAccuracy.value), '.960'],
    ['true accept rate at a false accept rate of 1 %', mean(({ verification }) => verification.tarAtFar['0.01'].tar), '.66'],
    ['… of .1 %', mean(({ verification }) => verification.tarAtFar['0.001'].tar), '.39'],
    ['KNN, odd pictures after even ones', mean(({ classification }) => classification.knn), '.931'],
    ['linear SVM', mean(({ classification }) => classification.svm), '.944'],
    ['nearest centroid', mean(({ classification }) => classification.centroid), ''],
    ['average linkage over all 1,000 faces at .80, BCubed F', linked.f1.toFixed(3).replace(/^0/, ''), '.762'],
  ]
  console.log(`OpenFace's own embeddings of 1,000 LFW faces, means of ${draws} draws of ten people with ten faces\n`)
  console.log('| figure | Kith | known |\n| --- | --- | --- |')
  for (const row of rows) console.log(`| ${row.join(' | ')} |`)
}

if (import.meta.main) await run()
