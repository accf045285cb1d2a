/**
 * Reads and writes safetensors files (huggingface.co/docs/safetensors): eight bytes that give the length of a JSON header,
 * the header that lists the tensors, and their values one after the other, little-endian.
 */
import { floatTensor, lengthOf, type StoredTensor, type WeightMap } from './weights.ts'

/** Names and shapes fill some tens of kilobytes; what claims more is no header. */
const longestHeaderBytes = 10_000_000
const bytesPerValue = { F32: 4, F16: 2 } as const

export interface Safetensors {
  readonly weights: WeightMap
  /** What the writer noted down about the file. */
  readonly metadata: Readonly<Record<string, string>>
}

interface Entry {
  name: string
  type: keyof typeof bytesPerValue
  shape: number[]
  from: number
  to: number
}

/**
 * Reads a file of 16-bit and 32-bit floats; both come out as 32-bit.
 * @throws Error that says what is wrong: a header that can't be read, a tensor outside the file or over another one, bytes
 *   that belong to none, a type that is no float
 */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerLength = bytes.length >= 8 ? Number(view.getBigUint64(0, true)) : 0
  if (headerLength < 2 || headerLength > Math.min(longestHeaderBytes, bytes.length - 8)) throw new Error('it is no safetensors file, or cut off')
  const header = parseHeader(bytes.subarray(8, 8 + headerLength))
  const data = bytes.subarray(8 + headerLength)
  const { __metadata__: metadata = {}, ...tensors } = header
  const entries = Object.entries(tensors).map(([name, entry]) => toEntry(name, entry)).sort((a, b) => a.from - b.from || a.to - b.to)
  let end = 0
  for (const { name, from, to } of entries) {
    if (to > data.length) throw new Error(`it is cut off: ${name} lies beyond its end`)
    if (from !== end) throw new Error(`${name} does not begin where the tensor before it ends`)
    end = to
  }
  if (end !== data.length) throw new Error(`it has ${data.length - end} bytes that belong to no tensor`)
  return {
    weights: new Map(entries.map((entry) => [entry.name, readTensor(entry, data)])),
    metadata: metadata as Record<string, string>,
  }
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof header === 'object' && header !== null && !Array.isArray(header)) return header as Record<string, unknown>
  } catch {
    // Told below: neither kind of header can be read.
  }
  throw new Error('its header is no JSON object')
}

function toEntry(name: string, value: unknown): Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown }
  const isCount = (number: unknown): number is number => Number.isSafeInteger(number) && (number as number) >= 0
  if (!Array.isArray(shape) || !shape.every(isCount) || !Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw new Error(`its header does not say where ${name} lies`)
  }
  if (dtype !== 'F32' && dtype !== 'F16') throw new Error(`${name} holds values of the type ${String(dtype)}, not 16-bit or 32-bit floats`)
  const [from, to] = offsets as [number, number]
  if (to - from !== lengthOf(shape) * bytesPerValue[dtype]) throw new Error(`${name} has another length than its shape says`)
  return { name, type: dtype, shape, from, to }
}

function readTensor({ type, shape, from, to }: Entry, data: Uint8Array): StoredTensor {
  // A copy: typed arrays need an offset divisible by the size of a value.
  const { buffer } = new Uint8Array(data.subarray(from, to))
  return floatTensor(shape, type === 'F32' ? new Float32Array(buffer) : new Float32Array(new Float16Array(buffer)))
}

/**
 * Writes 32-bit floats, in the order of the map.
 * @param metadata words about the file, for people and programs
 */
export function encodeSafetensors(weights: WeightMap, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata }
  let end = 0
  for (const [name, { shape, stored, scale, minimum }] of weights) {
    if (!(stored instanceof Float32Array) || scale !== 1 || minimum !== 0) throw new Error(`${name} is not stored as 32-bit floats`)
    header[name] = { dtype: 'F32', shape, data_offsets: [end, end + stored.byteLength] }
    end += stored.byteLength
  }
  // Padded with spaces, so that the values begin at a multiple of eight bytes.
  const json = new TextEncoder().encode(JSON.stringify(header))
  const headerLength = Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(8 + headerLength + end).fill(0x20, 8, 8 + headerLength)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true)
  bytes.set(json, 8)
  let at = 8 + headerLength
  for (const { stored } of weights.values()) {
    bytes.set(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength), at)
    at += stored.byteLength
  }
  return bytes
}
