import { describe, expect, it } from 'vitest'
import { sweepPairs } from '../../../src-main/engine/math/metrics.ts'
import { crossValidate } from '../../../src-main/engine/math/pair-folds.ts'
import type { PairFold } from '../../../src-main/engine/math/pair-folds.ts'
import { createRandom } from '../../../src-main/engine/math/random.ts'

/** The protocol once more, from its description and in the plainest way: every distance is tried as the threshold. */
function protocol(folds: readonly { distance: number; same: boolean }[][]) {
  const accuracy = (pairs: readonly { distance: number; same: boolean }[], threshold: number) =>
    pairs.filter(({ distance, same }) => (distance <= threshold) === same).length / pairs.length
  const accuracies = folds.map((fold, left) => {
    const others = folds.filter((_, i) => i !== left).flat()
    const candidates = [0, ...others.map(({ distance }) => distance).filter((distance) => distance < Infinity).sort((a, b) => a - b)]
    let best = 0
    for (const candidate of candidates) if (accuracy(others, candidate) > accuracy(others, best)) best = candidate
    return accuracy(fold, best)
  })
  const mean = accuracies.reduce((a, b) => a + b) / 10
  const deviation = Math.sqrt(accuracies.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 9)
  return { accuracies, mean, standardError: deviation / Math.sqrt(10) }
}

describe('accuracy over folds', () => {
  const random = createRandom(5)
  const folds = Array.from({ length: 10 }, () => Array.from({ length: 60 }, (_, i) => ({
    same: i < 30, distance: i % 20 === 7 ? Infinity : (i < 30 ? 0.45 : 0.75) + (random() + random() - 1) * 0.4,
  })))
  const packed = folds.map((fold): PairFold => ({
    distances: Float64Array.from(fold, ({ distance }) => distance), same: Uint8Array.from(fold, ({ same }) => Number(same)),
  }))

  it('has the values of an independent computation, pairs that cannot be compared among them', () => {
    const expected = protocol(folds)
    const { mean, standardError, accuracies, thresholds } = crossValidate(packed)
    expect(mean).toBeGreaterThan(0.7)
    expect(mean).toBeLessThan(0.95)
    accuracies.forEach((accuracy, i) => expect(accuracy).toBeCloseTo(expected.accuracies[i]!, 12))
    expect(mean).toBeCloseTo(expected.mean, 12)
    expect(standardError).toBeCloseTo(expected.standardError, 12)
    expect(thresholds).toHaveLength(10)
    for (const threshold of thresholds) expect(threshold).toBeLessThan(2)
  })

  it('never accepts a pair that cannot be compared, even where that would pay', () => {
    const fold = { distances: Float64Array.of(Infinity, Infinity, Infinity, 0.9), same: Uint8Array.of(1, 1, 1, 0) }
    const { mean, thresholds } = crossValidate([fold, fold])
    expect(mean).toBe(0.25)
    expect(thresholds).toEqual([0, 0])
  })
})

describe('curves of pairs', () => {
  // Same .1, same .2, different .3, same .4, different .5, same .5, different .9.
  const sweep = sweepPairs(Float64Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.5, 0.9), Uint8Array.of(1, 1, 0, 1, 0, 1, 0))

  it('has the area under a hand-computed ROC', () => {
    // Pairs of pairs in order: against .3 two of four; against .5 three and a half; against .9 all four.
    expect(sweep.auc).toBeCloseTo((2 + 3.5 + 4) / 12, 12)
    expect(sweepPairs(Float64Array.of(0.1, 0.2), Uint8Array.of(1, 0)).auc).toBe(1)
    expect(sweepPairs(Float64Array.of(0.1, 0.2), Uint8Array.of(0, 1)).auc).toBe(0)
    expect(sweepPairs(Float64Array.of(0.1), Uint8Array.of(1)).auc).toBe(0.5)
    // What can't be compared counts as farther than all else, and as equal among itself.
    expect(sweepPairs(Float64Array.of(Infinity, Infinity, 0.1), Uint8Array.of(1, 0, 1)).auc).toBeCloseTo(1.5 / 2, 12)
  })

  it('has the points of the ROC, the first without a false accept and the last with all', () => {
    const points = sweep.roc(10)
    expect(points[0]).toMatchObject({ tar: 0.5, far: 0 })
    expect(points.at(-1)).toMatchObject({ tar: 1, far: 1 })
    expect(points.map(({ far }) => far)).toEqual([0, 1 / 3, 2 / 3, 1])
    expect(points.map(({ tar }) => tar)).toEqual([0.5, 0.75, 1, 1])
  })

  it('has the measures at even thresholds', () => {
    const curve = sweep.curve(10)
    expect(curve.map(({ threshold }) => Number(threshold.toFixed(6)))).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
    expect(curve[0]).toMatchObject({ tar: 0, far: 0, f1: 0, precision: 1, accuracy: 3 / 7 })
    expect(curve[2]).toMatchObject({ tar: 0.5, far: 0, precision: 1, accuracy: 5 / 7 })
    expect(curve[2]!.f1).toBeCloseTo(4 / 6, 12)
    expect(curve[9]).toMatchObject({ tar: 1, far: 1, precision: 4 / 7, accuracy: 4 / 7 })
  })
})
