import { beforeAll, describe, expect, it } from 'vitest'
import { crossDistanceMatrix, distanceMatrix } from '../../src-main/engine/math/distance-matrix.ts'
import type { RecognitionFigures } from '../../src-main/engine/math/evaluation.ts'
import { goldenNn4 } from '../fixtures/golden.ts'
import { drawFigures, linkAll, meanOfDraws } from '../fixtures/openface.ts'

const golden = goldenNn4()

// What was measured elsewhere, with SciPy and scikit-learn, on the same embeddings.
describe.skipIf(!golden)('genuine nn4.small2 embeddings of OpenFace', () => {
  const { values, people, count, dimension } = golden ?? { values: new Float32Array(0), people: new Int32Array(0), count: 0, dimension: 0 }

  it('have the distances that SciPy measures', () => {
    expect({ count, dimension, people: new Set(people).size }).toEqual({ count: 1000, dimension: 128, people: 410 })
    const squared = distanceMatrix(values, count, dimension, { squared: true })
    const plain = distanceMatrix(values, count, dimension)
    const known = [
      [0, 1, 1.177653250, 1.386867178],
      [17, 523, 1.457481389, 2.124252000],
      [998, 999, 1.423568241, 2.026546536],
    ]
    for (const [i, j, distance, square] of known) {
      expect(plain[i * count + j]).toBeCloseTo(distance, 7)
      expect(squared[i * count + j]).toBeCloseTo(square, 7)
    }
    // Unit vectors: |a − b|² = 2 − 2 a·b.
    let product = 0
    for (let k = 0; k < dimension; k++) product += values[k] * values[999 * dimension + k]
    expect(squared[999]).toBeCloseTo(2 - 2 * product, 5)
    const cross = crossDistanceMatrix(values.subarray(0, 10 * dimension), 10, values, count, dimension)
    expect(cross).toEqual(plain.slice(0, 10 * count))
  })

  describe('in 60 draws of ten people with ten faces each', () => {
    let draws: RecognitionFigures[] = []
    beforeAll(async () => { draws = golden ? await drawFigures(golden, 60) : [] })
    const expectMean = (of: (figures: RecognitionFigures) => number, known: number, tolerance: number) =>
      expect(Math.abs(meanOfDraws(draws, of) - known)).toBeLessThan(tolerance)

    it('tell pairs apart with F1 .775 at .92', () => {
      expectMean(({ verification }) => verification.bestF1.value, 0.775, 0.03)
      expectMean(({ verification }) => verification.bestF1.threshold, 0.92, 0.03)
      expectMean(({ verification }) => verification.bestAccuracy.value, 0.96, 0.01)
      expectMean(({ verification }) => verification.tarAtFar['0.01'].tar, 0.66, 0.05)
      expectMean(({ verification }) => verification.tarAtFar['0.001'].tar, 0.39, 0.05)
    })

    it('are named right by KNN in .931, by the SVM in .944 of the odd pictures', () => {
      expectMean(({ classification }) => classification.knn, 0.931, 0.02)
      expectMean(({ classification }) => classification.svm, 0.944, 0.01)
    })
  })

  it('are grouped by average linkage over all 1,000 faces with BCubed .762 at .80', () => {
    // SciPy's UPGMA of the plain distances gives .762 (.771 / .753); ours joins by the root mean square distance.
    const { f1, precision, recall } = linkAll(golden!, 0.8)
    expect(Math.abs(f1 - 0.762)).toBeLessThan(0.005)
    expect(Math.abs(precision - 0.771)).toBeLessThan(0.01)
    expect(Math.abs(recall - 0.753)).toBeLessThan(0.01)
  })
})
