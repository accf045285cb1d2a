import { existsSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildKernel, kernelFile } from '../../../scripts/build-kernel.ts'
import { createPlainKernel } from '../../../src-main/engine/math/distance-kernel.ts'
import type { DistanceKernel } from '../../../src-main/engine/math/distance-kernel.ts'
import { createRandom } from '../../../src-main/engine/math/random.ts'
import { createSimdKernel } from '../../../src-main/engine/math/simd-kernel.ts'

const dimension = 128

beforeAll(async () => {
  if (!existsSync(kernelFile)) await buildKernel()
})

/** Rows and queries around one point; row 3 is closed to queries, row 4 looks for queries itself within 1.1. */
function fill(kernel: DistanceKernel, rowCount: number, queryCount: number, limit: number): Float32Array {
  const random = createRandom(7)
  const vectors = Float32Array.from({ length: (rowCount + queryCount) * dimension }, () => 0.2 * (random() - 0.5) + 0.1)
  kernel.reserve(rowCount)
  for (let row = 0; row < rowCount; row++) {
    kernel.setRow(row, vectors, row * dimension)
    kernel.admit(row, row !== 3, row === 4 ? 1.1 : -1)
  }
  for (let query = 0; query < queryCount; query++) {
    kernel.setQuery(query, vectors, (rowCount + query) * dimension)
    kernel.setQueryLimit(query, limit)
  }
  return vectors.subarray(rowCount * dimension)
}

function nearPairs(kernel: DistanceKernel, rowCount: number, queryCount: number): Set<number> {
  return new Set(kernel.pairs.slice(0, kernel.collect(0, rowCount, queryCount)))
}

describe('distance kernel', () => {
  it.each([['plain', () => createPlainKernel(dimension)], ['simd', () => createSimdKernel(readKernel())]])(
    '%s finds every pair within the limit, and none clearly beyond it',
    (_name, create) => {
      const kernel = create()
      const rowCount = 301, queryCount = 37, limit = 0.9
      const queries = fill(kernel, rowCount, queryCount, limit)
      const found = nearPairs(kernel, rowCount, queryCount)
      let near = 0
      for (let row = 0; row < rowCount; row++) {
        for (let query = 0; query < queryCount; query++) {
          let squared = 0
          for (let k = 0; k < dimension; k++) {
            squared += (kernel.values[row * dimension + k] - queries[query * dimension + k]) ** 2
          }
          const distance = Math.sqrt(squared)
          const pair = (row << 6) | query
          if (row === 3) expect(found.has(pair)).toBe(false)
          else if (distance <= (row === 4 ? 1.1 : limit)) expect(found.has(pair)).toBe(true)
          else if (distance > (row === 4 ? 1.1 : limit) + 3e-3) expect(found.has(pair)).toBe(false)
          if (distance <= limit) near++
        }
      }
      expect(near).toBeGreaterThan(1000)
      expect(near).toBeLessThan(rowCount * queryCount - 1000)
    },
  )

  it('keeps rows and answers the same after growing', () => {
    const simd = createSimdKernel(readKernel()), plain = createPlainKernel(dimension)
    for (const kernel of [simd, plain]) {
      fill(kernel, 100, 8, 0.9)
      const before = nearPairs(kernel, 100, 8)
      kernel.reserve(200_000)
      expect(nearPairs(kernel, 100, 8)).toEqual(before)
      expect(kernel.collect(100, 512, 8)).toBe(0)
    }
  })

  it('refuses an embedding that is too long to be measured in whole numbers', () => {
    const simd = createSimdKernel(readKernel())
    simd.reserve(1)
    expect(() => simd.setRow(0, new Float32Array(dimension).fill(1), 0)).toThrow(/too long/)
  })

  it('refuses bytes that are not the kernel', () => {
    expect(() => createSimdKernel(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))).toThrow(/collectNear/)
    expect(() => createSimdKernel(new Uint8Array([1, 2, 3]))).toThrow()
  })
})

function readKernel(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(kernelFile))
}
