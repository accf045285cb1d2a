/** nn4.small2 on the pictures that its card speaks of, through Kith's own detector, landmarks and alignment. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evaluateFolder } from '../../src-main/engine/library/evaluate.ts'
import type { EvaluationReport } from '../../src-main/engine/evaluation-report.ts'
import { distanceBetween } from '../../src-main/engine/math/vector.ts'
import type { VisionPort } from '../../src-main/engine/ports.ts'
import { createVisionPool, type VisionPool } from '../../src-main/engine/vision/vision-pool.ts'
import { sharedPath } from '../fixtures/shared.ts'

const pictures = sharedPath('data/faces_lfw100')
/** resources/models/nn4.small2.kith.v1.md */
const card = { f1: 0.674, accuracy: 0.9475, auc: 0.91, tarAtOnePerCent: 0.493, knn: 0.96, svm: 0.94 }
const tolerance = 0.02 + 1e-9

describe.skipIf(!pictures)('100 LFW pictures of ten people, with the detector that comes with Kith', () => {
  const seen: { person: string; embedding: Float32Array }[] = []
  let pool: VisionPool
  let report: EvaluationReport
  beforeAll(async () => {
    pool = createVisionPool({ detectorId: 'kith-detector.v1', embedderId: 'nn4.small2', modelsDirectories: [], log() {} })
    const vision: VisionPort = {
      ...pool,
      async analyze(path, options) {
        const analysis = await pool.analyze(path, options)
        const main = analysis.faces.toSorted((a, b) => b.sizePx * b.score - a.sizePx * a.score)[0]
        if (main) seen.push({ person: path.split('/').at(-2)!, embedding: main.embedding })
        return analysis
      },
    }
    report = await evaluateFolder({ vision, thresholds: pool.embedder.thresholds }, pictures!)
  })
  afterAll(() => pool.close())

  test('every figure is within .02 of the card', () => {
    expect(report).toMatchObject({ model: 'nn4.small2.kith.v1', images: 100, facesFound: 100 })
    const figures = {
      f1: report.verification.bestF1.value,
      accuracy: report.verification.bestAccuracy.value,
      auc: areaUnderRoc(seen),
      tarAtOnePerCent: report.verification.tarAtFar['0.01']!.tar,
      knn: report.classification.knn,
      svm: report.classification.svm,
    }
    for (const [name, value] of Object.entries(card)) {
      const difference = Math.abs(figures[name as keyof typeof card] - value)
      expect(difference, `${name}: ${figures[name as keyof typeof card]} instead of ${value}`).toBeLessThanOrEqual(tolerance)
    }
  })

  test('embeddings have unit length', () => {
    for (const { embedding } of seen) expect(Math.hypot(...embedding)).toBeCloseTo(1, 5)
  })
})

/** How often a pair of one person is nearer than a pair of two (Mann and Whitney). */
function areaUnderRoc(faces: readonly { person: string; embedding: Float32Array }[]): number {
  const same: number[] = []
  const different: number[] = []
  faces.forEach((a, i) => faces.slice(i + 1).forEach((b) =>
    (a.person === b.person ? same : different).push(distanceBetween(a.embedding, b.embedding))))
  different.sort((a, b) => a - b)
  const farther = (distance: number): number => {
    let [low, high] = [0, different.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (different[middle]! > distance) high = middle
      else low = middle + 1
    }
    return different.length - low
  }
  return same.reduce((sum, distance) => sum + farther(distance), 0) / same.length / different.length
}
