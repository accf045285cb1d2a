import { describe, expect, it } from 'vitest'
import { crossDistanceMatrix, distanceMatrix } from '../../../src-main/engine/math/distance-matrix.ts'
import { pairwiseDistances } from '../../../src-main/engine/math/vector.ts'
import { generateFaces } from '../../fixtures/embeddings.ts'

const three = Float32Array.of(0.1, -0.2, 0.3, 1.5, 2.5, -0.5, -1, 0, 2)
const two = Float32Array.of(0.1, -0.2, 0.3, 3, -4, 0.25)

describe('distance matrices', () => {
  // SciPy 1.17.1: cdist(…) and cdist(…, 'sqeuclidean') of the same numbers, rounded to float32 first.
  const expectNear = (matrix: Float64Array, expected: number[]) => {
    expect(matrix.length).toBe(expected.length)
    expected.forEach((value, i) => expect(matrix[i]).toBeCloseTo(value, 7))
  }

  it('have the values of SciPy', () => {
    expectNear(distanceMatrix(three, 3, 3), [0, 3.14483704, 2.03469899, 3.14483704, 0, 4.33012702, 2.03469899, 4.33012702, 0])
    expectNear(crossDistanceMatrix(three, 3, two, 2, 3), [0, 4.78042885, 3.14483704, 6.71286079, 2.03469899, 5.92135964])
    expectNear(crossDistanceMatrix(three, 3, two, 2, 3, { squared: true }), [0, 22.85249997, 9.89000003, 45.0625, 4.13999996, 35.0625])
  })

  it.each([false, true])('are never negative, symmetric to the last bit, and 0 where vectors are equal (squared: %s)', (squared) => {
    const count = 40, dimension = 128
    const { embeddings } = generateFaces(count, { seed: 8 })
    // Far from the origin, copies and near copies: where |a|² + |b|² − 2ab would leave a rest.
    for (let i = 0; i < embeddings.length; i++) embeddings[i] += 1000
    embeddings.copyWithin(10 * dimension, 0, 10 * dimension)
    embeddings[12 * dimension] = Math.fround(embeddings[2 * dimension] + 2 ** -14)
    const matrix = distanceMatrix(embeddings, count, dimension, { squared })
    for (let i = 0; i < count; i++) {
      expect(matrix[i * count + i]).toBe(0)
      for (let j = 0; j < count; j++) expect(matrix[i * count + j]).toBe(matrix[j * count + i])
    }
    expect(matrix.every((distance) => distance >= 0)).toBe(true)
    expect(matrix[3 * count + 13]).toBe(0)
    expect(matrix[2 * count + 12]).toBe(squared ? 2 ** -28 : 2 ** -14)
    expect(crossDistanceMatrix(embeddings, count, embeddings, count, dimension, { squared })).toEqual(matrix)
    const pairs = pairwiseDistances(embeddings, count, dimension, { squared })
    expect(Array.from({ length: count - 1 }, (_, j) => matrix[j + 1])).toEqual([...pairs.subarray(0, count - 1)])
  })

  it('are empty for no vectors, and refuse numbers that are not whole vectors', () => {
    expect(distanceMatrix(new Float32Array(0), 0, 128)).toEqual(new Float64Array(0))
    expect(crossDistanceMatrix(two, 2, new Float32Array(0), 0, 3)).toEqual(new Float64Array(0))
    expect(() => distanceMatrix(three, 2, 3)).toThrow(/2 vectors of 3 numbers are 6 numbers, not 9/)
    expect(() => crossDistanceMatrix(three, 3, two, 3, 3)).toThrow(RangeError)
  })
})
