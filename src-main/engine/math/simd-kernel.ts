/**
 * The sieve of distance-kernel.ts in WebAssembly SIMD, for 128 dimensions. In the module's memory a row is 128 whole
 * numbers of 16 bits, each 2¹³ times the embedding's, and four floats: gate, floor and two spare. Rounding moves a vector
 * by √128 · 2⁻¹⁴ = 6.9e-4 at the most, so limits are taken wider by twice that. The exact values stay outside.
 */
import {
  closed, floorOf, grow, grownCapacity, queriesPerBlock, rowsPerBlock, safeHalf,
} from './distance-kernel.ts'
import type { DistanceKernel } from './distance-kernel.ts'

const dimension = 128
const scale = 8192
const rounding = 2 * Math.sqrt(dimension) * (0.5 / scale)
/** The longest vector whose products fit into 32 bits. */
const longest = 5
const queryBytes = 256
const rowBytes = queryBytes + 16
const bytesPerPage = 65_536

/**
 * @param wasm bytes of distances.wasm
 * @throws Error where this machine has no SIMD or the bytes are another module
 */
export function createSimdKernel(wasm: Uint8Array<ArrayBuffer>): DistanceKernel {
  const queriesAt = 1024
  const halvesAt = queriesAt + queriesPerBlock * queryBytes
  const floorsAt = halvesAt + queriesPerBlock * 4
  const pairsAt = floorsAt + queriesPerBlock * 4
  const rowsAt = pairsAt + rowsPerBlock * queriesPerBlock * 4
  const memory = new WebAssembly.Memory({ initial: Math.ceil(rowsAt / bytesPerPage), maximum: 65_536 })
  const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory } })
  const collectNear = instance.exports['collectNear']
  if (typeof collectNear !== 'function') throw new Error('The distance kernel has no function collectNear.')

  let capacity = 0
  let values = new Float32Array(0), halves = new Float32Array(0)
  let whole = new Int16Array(memory.buffer), floats = new Float32Array(memory.buffer), pairs = viewOfPairs()

  return {
    name: 'simd',
    dimension,
    get values() { return values },
    get pairs() { return pairs },
    reserve(rowCount) {
      const wanted = grownCapacity(capacity, rowCount)
      if (wanted === capacity) return
      const missingBytes = rowsAt + wanted * rowBytes - memory.buffer.byteLength
      if (missingBytes > 0) memory.grow(Math.ceil(missingBytes / bytesPerPage))
      whole = new Int16Array(memory.buffer)
      floats = new Float32Array(memory.buffer)
      pairs = viewOfPairs()
      values = grow(values, wanted * dimension, 0)
      halves = grow(halves, wanted, 0)
      for (let row = capacity; row < wanted; row++) setFields(row, closed, closed)
      capacity = wanted
    },
    setRow(row, source, offset) {
      values.set(source.subarray(offset, offset + dimension), row * dimension)
      halves[row] = round(source, offset, rowsAt + row * rowBytes)
      setFields(row, closed, closed)
    },
    admit(row, byQueries, limit) {
      setFields(row, byQueries ? halves[row] : closed, floorOf(halves[row], wider(limit)))
    },
    setLimit(row, limit) {
      floats[(rowsAt + row * rowBytes + queryBytes) / 4 + 1] = floorOf(halves[row], wider(limit))
    },
    setQuery(query, source, offset) {
      floats[halvesAt / 4 + query] = round(source, offset, queriesAt + query * queryBytes)
    },
    setQueryLimit(query, limit) {
      floats[floorsAt / 4 + query] = floorOf(floats[halvesAt / 4 + query], wider(limit))
    },
    collect(firstRow, rowCount, queryCount) {
      const tileCount = (queryCount + 3) & ~3
      for (let query = queryCount; query < tileCount; query++) {
        floats[halvesAt / 4 + query] = closed
        floats[floorsAt / 4 + query] = closed
      }
      return collectNear(
        rowsAt + firstRow * rowBytes, (rowCount + 1) & ~1, queriesAt, tileCount, halvesAt, floorsAt, pairsAt,
      )
    },
  }

  function viewOfPairs(): Int32Array {
    return new Int32Array(memory.buffer, pairsAt, rowsPerBlock * queriesPerBlock)
  }

  function setFields(row: number, gate: number, floor: number): void {
    const at = (rowsAt + row * rowBytes + queryBytes) / 4
    floats[at] = gate
    floats[at + 1] = floor
  }

  /** Writes a vector's whole numbers at a byte address; answers half the squared length of what was written. */
  function round(source: Float32Array, offset: number, address: number): number {
    let squares = 0
    for (let k = 0; k < dimension; k++) {
      const rounded = Math.round(source[offset + k] * scale)
      whole[address / 2 + k] = rounded
      squares += rounded * rounded
    }
    const squaredLength = squares / scale ** 2
    if (squaredLength > longest ** 2) throw new RangeError(`An embedding of length ${Math.sqrt(squaredLength)} is too long for the distance kernel.`)
    return safeHalf(squaredLength)
  }
}

function wider(limit: number): number {
  return limit < 0 ? limit : limit + rounding
}

/** The little of WebAssembly's interface that is used here, since this room knows no DOM. */
declare const WebAssembly: {
  Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer; grow(pages: number): number }
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  Instance: new (module: object, imports: object) => { exports: Record<string, (...numbers: number[]) => number> }
}
