/**
 * Which rows are near which queries: all pairs of a block of rows and up to 64 queries, by dot products.
 *
 * A row is `dimension` values and four numbers more: gate, floor, half and a spare. With h = |x|²/2, a pair is near if
 *   x·q − h(q) ≥ floor(x)   that is, within the row's own limit l: floor = h(x) − l²/2, or
 *   x·q − gate(x) ≥ floor(q)   within the query's limit: gate = h(x), and floor(q) = h(q) − l²/2.
 * Floor `closed` or gate `closed` shuts a row out of one of the two. Every h is taken 1e-5 smaller than it is, more
 * than single precision can err, so that a near pair is never missed; whoever asks measures the few pairs again exactly.
 */
import { dot } from './vector.ts'

export const queriesPerBlock = 64
export const rowsPerBlock = 512
/** A gate or floor that nothing passes. */
export const closed = Math.fround(1e30)
/** A floor that everything passes whose gate is not closed. */
export const open = Math.fround(-1e29)
export const gateField = 0
export const floorField = 1
export const halfField = 2
const fields = 4

export interface DistanceKernel {
  readonly name: 'simd' | 'plain'
  readonly dimension: number
  /** Elements from one row to the next. */
  readonly stride: number
  /** Row i begins at i · stride. A view: another one after `reserve`. */
  rows: Float32Array
  /** Up to 64 queries, `dimension` elements each. A view, as the rest. */
  queries: Float32Array
  queryHalves: Float32Array
  queryFloors: Float32Array
  /** What `collect` found: (row − firstRow) << 6 | query. */
  pairs: Int32Array
  /** Makes room for at least so many rows; the rows that are there stay. New rows are closed. */
  reserve(rowCount: number): void
  /** Finds the near pairs of `rowCount` ≤ 512 rows and `queryCount` queries; answers how many. */
  collect(firstRow: number, rowCount: number, queryCount: number): number
}

/** Half the squared length, shrunk as the comment above says. */
export function halfSquare(values: Float32Array, offset: number, dimension: number): number {
  return 0.5 * (1 - 1e-5) * dot(values, offset, values, offset, dimension)
}

/** The floor of a row or query of that half for a limit (Euclidean; Infinity: everything). */
export function floorOf(half: number, limit: number): number {
  return limit === Infinity ? open : half - 0.5 * limit * limit
}

/** The path without WebAssembly, for any dimension. */
export function createPlainKernel(dimension: number): DistanceKernel {
  const stride = dimension + fields
  const kernel: DistanceKernel = {
    name: 'plain',
    dimension,
    stride,
    rows: new Float32Array(0),
    queries: new Float32Array(queriesPerBlock * dimension),
    queryHalves: new Float32Array(queriesPerBlock),
    queryFloors: new Float32Array(queriesPerBlock),
    pairs: new Int32Array(rowsPerBlock * queriesPerBlock),
    reserve(rowCount) {
      const capacity = grownCapacity(kernel.rows.length / stride, rowCount)
      if (capacity * stride === kernel.rows.length) return
      const grown = new Float32Array(capacity * stride)
      grown.set(kernel.rows)
      closeRows(grown, stride, kernel.rows.length / stride)
      kernel.rows = grown
    },
    collect(firstRow, rowCount, queryCount) {
      const { rows, queries, queryHalves, queryFloors, pairs } = kernel
      let count = 0
      for (let row = 0; row < rowCount; row++) {
        const offset = (firstRow + row) * stride
        const gate = rows[offset + dimension + gateField]
        const floor = rows[offset + dimension + floorField]
        if (gate === closed && floor === closed) continue
        for (let query = 0; query < queryCount; query++) {
          const product = dot(rows, offset, queries, query * dimension, dimension)
          if (product - queryHalves[query] >= floor || product - gate >= queryFloors[query]) {
            pairs[count++] = (row << 6) | query
          }
        }
      }
      return count
    },
  }
  return kernel
}

const simdDimension = 128
const bytesPerPage = 65_536

/**
 * The path through WebAssembly SIMD, for 128 dimensions; rows live in the module's own memory.
 * @param wasm bytes of distances.wasm
 * @throws Error where this machine has no relaxed SIMD or the bytes are another module
 */
export function createSimdKernel(wasm: Uint8Array<ArrayBuffer>): DistanceKernel {
  const stride = simdDimension + fields
  const queriesAt = 1024
  const halvesAt = queriesAt + queriesPerBlock * simdDimension * 4
  const floorsAt = halvesAt + queriesPerBlock * 4
  const pairsAt = floorsAt + queriesPerBlock * 4
  const rowsAt = pairsAt + rowsPerBlock * queriesPerBlock * 4
  const memory = new WebAssembly.Memory({ initial: Math.ceil(rowsAt / bytesPerPage), maximum: 65_536 })
  const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory } })
  const collectNear = instance.exports['collectNear']
  if (typeof collectNear !== 'function') throw new Error('The distance kernel has no function collectNear.')

  let capacity = 0
  const kernel: DistanceKernel = {
    name: 'simd',
    dimension: simdDimension,
    stride,
    rows: new Float32Array(memory.buffer, rowsAt, 0),
    ...scratch(),
    reserve(rowCount) {
      const wanted = grownCapacity(capacity, rowCount)
      if (wanted === capacity) return
      const missingBytes = rowsAt + wanted * stride * 4 - memory.buffer.byteLength
      if (missingBytes > 0) memory.grow(Math.ceil(missingBytes / bytesPerPage))
      Object.assign(kernel, scratch(), { rows: new Float32Array(memory.buffer, rowsAt, wanted * stride) })
      closeRows(kernel.rows, stride, capacity)
      capacity = wanted
    },
    collect(firstRow, rowCount, queryCount) {
      const tileCount = (queryCount + 3) & ~3
      for (let query = queryCount; query < tileCount; query++) {
        kernel.queryHalves[query] = closed
        kernel.queryFloors[query] = closed
      }
      return collectNear(
        rowsAt + firstRow * stride * 4, (rowCount + 1) & ~1, queriesAt, tileCount, halvesAt, floorsAt, pairsAt,
      )
    },
  }
  return kernel

  function scratch() {
    return {
      queries: new Float32Array(memory.buffer, queriesAt, queriesPerBlock * simdDimension),
      queryHalves: new Float32Array(memory.buffer, halvesAt, queriesPerBlock),
      queryFloors: new Float32Array(memory.buffer, floorsAt, queriesPerBlock),
      pairs: new Int32Array(memory.buffer, pairsAt, rowsPerBlock * queriesPerBlock),
    }
  }
}

/** Grows by half at a time; even, since the SIMD path takes rows in twos. */
function grownCapacity(capacity: number, wanted: number): number {
  return wanted <= capacity ? capacity : (Math.max(wanted, Math.ceil(capacity * 1.5), 1024) + 1) & ~1
}

function closeRows(rows: Float32Array, stride: number, from: number): void {
  for (let offset = from * stride; offset < rows.length; offset += stride) {
    rows[offset + stride - fields + gateField] = closed
    rows[offset + stride - fields + floorField] = closed
  }
}

/** The little of WebAssembly's interface that is used here, since this room knows no DOM. */
declare const WebAssembly: {
  Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer; grow(pages: number): number }
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  Instance: new (module: object, imports: object) => { exports: Record<string, (...numbers: number[]) => number> }
}
