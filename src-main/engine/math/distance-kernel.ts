/**
 * Embeddings, and which of them are near which queries: a quick sieve over all pairs of a block of rows and up to 64
 * queries. It lets through every pair within a limit and few others; whoever asks measures those few again exactly.
 *
 * With h = |x|²/2, a row and a query are near where
 *   x·q − h(q) ≥ floor(x), which is h(x) − l²/2: within the row's own limit l, or
 *   x·q − gate(x) ≥ floor(q), gate being h(x): within the query's limit.
 * A gate or floor that nothing passes shuts a row out of one of the two. Every h is taken 1e-5 smaller than it is, more
 * than single precision can err.
 */
import { dot } from './vector.ts'

export const queriesPerBlock = 64
export const rowsPerBlock = 512
/** A gate or floor that nothing passes, and a floor that every open gate passes. */
export const closed = Math.fround(1e30)
export const open = Math.fround(-1e29)

export interface DistanceKernel {
  readonly name: 'simd' | 'plain'
  readonly dimension: number
  /** The embeddings: row i begins at i · dimension. Another array after `reserve`. */
  readonly values: Float32Array
  /** What `collect` found: (row − firstRow) << 6 | query. */
  readonly pairs: Int32Array
  /** Makes room for at least so many rows; the rows that are there stay. New rows are shut. */
  reserve(rowCount: number): void
  /** Takes an embedding into a row, shut until it is admitted. */
  setRow(row: number, values: Float32Array, offset: number): void
  /**
   * @param byQueries whether queries may find the row within their limits
   * @param limit within which the row finds queries (Euclidean; Infinity: all); negative: none
   */
  admit(row: number, byQueries: boolean, limit: number): void
  /** Another limit for an admitted row. */
  setLimit(row: number, limit: number): void
  /** @param query 0 … 63 */
  setQuery(query: number, values: Float32Array, offset: number): void
  setQueryLimit(query: number, limit: number): void
  /** Finds the near pairs of `rowCount` ≤ 512 rows and the first `queryCount` queries; answers how many. */
  collect(firstRow: number, rowCount: number, queryCount: number): number
}

/** Half the squared length, a little less as the comment above says. */
export function safeHalf(squaredLength: number): number {
  return 0.5 * (1 - 1e-5) * squaredLength
}

/** The floor for a limit. */
export function floorOf(half: number, limit: number): number {
  return limit < 0 ? closed : limit === Infinity ? open : half - 0.5 * limit * limit
}

/** Room for `wanted` rows where there is room for `capacity`: half as much again, an even number. */
export function grownCapacity(capacity: number, wanted: number): number {
  return wanted <= capacity ? capacity : (Math.max(wanted, Math.ceil(capacity * 1.5), 1024) + 1) & ~1
}

/** The sieve in plain code, for any dimension. */
export function createPlainKernel(dimension: number): DistanceKernel {
  let values = new Float32Array(0)
  let halves = new Float32Array(0), gates = new Float32Array(0), floors = new Float32Array(0)
  const queries = new Float32Array(queriesPerBlock * dimension)
  const queryHalves = new Float32Array(queriesPerBlock), queryFloors = new Float32Array(queriesPerBlock)
  const pairs = new Int32Array(rowsPerBlock * queriesPerBlock)
  return {
    name: 'plain',
    dimension,
    get values() { return values },
    pairs,
    reserve(rowCount) {
      const capacity = grownCapacity(halves.length, rowCount)
      if (capacity === halves.length) return
      values = grow(values, capacity * dimension, 0)
      halves = grow(halves, capacity, 0)
      gates = grow(gates, capacity, closed)
      floors = grow(floors, capacity, closed)
    },
    setRow(row, source, offset) {
      values.set(source.subarray(offset, offset + dimension), row * dimension)
      halves[row] = safeHalf(dot(source, offset, source, offset, dimension))
      gates[row] = closed
      floors[row] = closed
    },
    admit(row, byQueries, limit) {
      gates[row] = byQueries ? halves[row] : closed
      floors[row] = floorOf(halves[row], limit)
    },
    setLimit(row, limit) {
      floors[row] = floorOf(halves[row], limit)
    },
    setQuery(query, source, offset) {
      queries.set(source.subarray(offset, offset + dimension), query * dimension)
      queryHalves[query] = safeHalf(dot(source, offset, source, offset, dimension))
    },
    setQueryLimit(query, limit) {
      queryFloors[query] = floorOf(queryHalves[query], limit)
    },
    collect(firstRow, rowCount, queryCount) {
      let count = 0
      for (let row = firstRow; row < firstRow + rowCount; row++) {
        if (gates[row] === closed && floors[row] === closed) continue
        for (let query = 0; query < queryCount; query++) {
          const product = dot(values, row * dimension, queries, query * dimension, dimension)
          if (product - queryHalves[query] >= floors[row] || product - gates[row] >= queryFloors[query]) {
            pairs[count++] = ((row - firstRow) << 6) | query
          }
        }
      }
      return count
    },
  }
}

/** A longer copy, the rest filled. */
export function grow(array: Float32Array, length: number, filling: number): Float32Array<ArrayBuffer> {
  const grown = new Float32Array(length).fill(filling, array.length)
  grown.set(array)
  return grown
}
