import { describe, expect, it } from 'vitest'
import { bcubed, sweepPairs } from '../../../src-main/engine/math/metrics.ts'

describe('pair sweep', () => {
  // Sorted: same .1, same .2, different .3, same .4, different .5, different .5, same .9
  const sweep = sweepPairs(Float64Array.of(0.5, 0.1, 0.3, 0.9, 0.4, 0.2, 0.5), Uint8Array.of(0, 1, 0, 1, 1, 1, 0))

  it('has the best F1 and accuracy of a hand-computed case', () => {
    expect(sweep).toMatchObject({ same: 4, different: 3 })
    // At .4: three right, one wrong, one missed.
    expect(sweep.bestF1.value).toBeCloseTo(6 / 8, 12)
    expect(sweep.bestF1.threshold).toBeCloseTo(0.4, 9)
    // At .2: 2 + 3 right of 7; at .4: 3 + 2 of 7.
    expect(sweep.bestAccuracy.value).toBeCloseTo(5 / 7, 12)
    expect(sweep.bestAccuracy.threshold).toBeCloseTo(0.2, 9)
  })

  it('has rates at thresholds, and thresholds at rates', () => {
    expect(sweep.at(0.05)).toEqual({ tar: 0, far: 0 })
    expect(sweep.at(0.3)).toEqual({ tar: 0.5, far: 1 / 3 })
    expect(sweep.at(0.5)).toEqual({ tar: 0.75, far: 1 })
    expect(sweep.at(2)).toEqual({ tar: 1, far: 1 })
    expect(sweep.tarAtFar(0.01).tar).toBe(0.5)
    expect(sweep.tarAtFar(0.34).tar).toBe(0.75)
    expect(sweep.tarAtFar(1).threshold).toBeCloseTo(0.9, 9)
  })

  it('answers for no pairs and for pairs of one kind', () => {
    expect(sweepPairs(new Float64Array(0), new Uint8Array(0)).bestF1.value).toBe(0)
    expect(sweepPairs(Float64Array.of(0.4, 0.2), Uint8Array.of(1, 1)).bestF1.value).toBe(1)
    expect(sweepPairs(Float64Array.of(0.4), Uint8Array.of(0)).bestAccuracy.value).toBe(1)
  })
})

describe('BCubed', () => {
  it('has the values of a hand-computed case', () => {
    // Groups {a a b} {b}: precision (2/3 + 2/3 + 1/3 + 1) / 4, recall (1 + 1 + 1/2 + 1/2) / 4.
    const { precision, recall, f1 } = bcubed([1, 1, 1, 2], [5, 5, 6, 6])
    expect(precision).toBeCloseTo(2 / 3, 12)
    expect(recall).toBeCloseTo(3 / 4, 12)
    expect(f1).toBeCloseTo((2 * (2 / 3) * (3 / 4)) / (2 / 3 + 3 / 4), 12)
  })

  it('takes 0 for a face alone', () => {
    expect(bcubed([0, 0, 1, 1], [1, 2, 3, 3])).toEqual({ precision: 1, recall: 1, f1: 1 })
    expect(bcubed([0, 0], [1, 1])).toMatchObject({ precision: 1, recall: 0.5 })
  })
})
