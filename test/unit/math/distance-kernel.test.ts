import { existsSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildKernel, kernelFile } from '../../../scripts/build-kernel.ts'
import {
  closed, createPlainKernel, createSimdKernel, floorField, floorOf, gateField, halfSquare,
} from '../../../src-main/engine/math/distance-kernel.ts'
import type { DistanceKernel } from '../../../src-main/engine/math/distance-kernel.ts'
import { createRandom } from '../../../src-main/engine/math/random.ts'

const dimension = 128

beforeAll(async () => {
  if (!existsSync(kernelFile)) await buildKernel()
})

/** Rows around one point and queries among them; row 3 is closed to queries, row 4 looks for itself within 0.9. */
function fill(kernel: DistanceKernel, rowCount: number, queryCount: number, limit: number): void {
  const random = createRandom(7)
  kernel.reserve(rowCount)
  for (let row = 0; row < rowCount; row++) {
    const offset = row * kernel.stride
    for (let k = 0; k < dimension; k++) kernel.rows[offset + k] = 0.2 * (random() - 0.5)
    const half = halfSquare(kernel.rows, offset, dimension)
    kernel.rows[offset + dimension + gateField] = row === 3 ? closed : half
    kernel.rows[offset + dimension + floorField] = row === 4 ? floorOf(half, 0.9) : closed
  }
  for (let query = 0; query < queryCount; query++) {
    for (let k = 0; k < dimension; k++) kernel.queries[query * dimension + k] = 0.2 * (random() - 0.5)
    kernel.queryHalves[query] = halfSquare(kernel.queries, query * dimension, dimension)
    kernel.queryFloors[query] = floorOf(kernel.queryHalves[query], limit)
  }
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
      fill(kernel, rowCount, queryCount, limit)
      const found = nearPairs(kernel, rowCount, queryCount)
      let near = 0
      for (let row = 0; row < rowCount; row++) {
        for (let query = 0; query < queryCount; query++) {
          let squared = 0
          for (let k = 0; k < dimension; k++) {
            squared += (kernel.rows[row * kernel.stride + k] - kernel.queries[query * dimension + k]) ** 2
          }
          const distance = Math.sqrt(squared)
          const pair = (row << 6) | query
          if (row === 3) expect(found.has(pair)).toBe(false)
          else if (distance <= limit) expect(found.has(pair)).toBe(true)
          else if (distance > limit + 1e-3) expect(found.has(pair)).toBe(false)
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

  it('refuses bytes that are not the kernel', () => {
    expect(() => createSimdKernel(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))).toThrow(/collectNear/)
    expect(() => createSimdKernel(new Uint8Array([1, 2, 3]))).toThrow()
  })
})

function readKernel(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(kernelFile))
}
