import { describe, expect, it } from 'vitest'
import { distanceBetween, dot, meanOf, pairwiseDistances, smallest, squaredDistance } from '../../../src-main/engine/math/vector.ts'

describe('vector', () => {
  const a = Float32Array.of(1, 2, 3, 4, 5), b = Float32Array.of(2, 0, 3, 1, 9)

  it('has the dot product and distances of a hand-computed pair', () => {
    expect(dot(a, 0, b, 0, 5)).toBe(2 + 0 + 9 + 4 + 45)
    expect(squaredDistance(a, 0, b, 0, 5)).toBe(1 + 4 + 0 + 9 + 16)
    expect(distanceBetween(a, b)).toBeCloseTo(Math.sqrt(30), 12)
    expect(dot(a, 1, b, 2, 2)).toBe(2 * 3 + 3 * 1)
  })

  it('is exactly 0 for equal vectors, and keeps near ones apart where |a|² + |b|² − 2ab would not', () => {
    const large = new Float32Array(128).fill(1000)
    const near = large.slice()
    near[0] += 2 ** -13
    expect(squaredDistance(large, 0, large, 0, 128)).toBe(0)
    expect(squaredDistance(large, 0, near, 0, 128)).toBe(2 ** -26)
  })

  it("has pairs in pdist's order", () => {
    const rows = Float32Array.of(0, 0, 3, 4, 0, 1)
    expect([...pairwiseDistances(rows, 3, 2)]).toEqual([5, 1, Math.sqrt(18)])
    expect([...pairwiseDistances(rows, 3, 2, { squared: true })]).toEqual([25, 1, 18])
  })

  it('picks the smallest, ties by index', () => {
    expect(smallest([5, 1, 3, 1, 0], 3)).toEqual([4, 1, 3])
    expect(smallest([2, 2, 2], 2)).toEqual([0, 1])
    expect(smallest([1], 4)).toEqual([0])
  })

  it('means rows', () => {
    expect([...meanOf(Float32Array.of(1, 2, 3, 4, 5, 6), [0, 2], 2)]).toEqual([3, 4])
  })
})
