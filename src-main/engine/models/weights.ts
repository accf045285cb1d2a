/** Weights in memory, whatever file they came from. */

/** A tensor as stored: 8-bit codes whose values are `code * scale + minimum`, or plain floats (scale 1, minimum 0). */
export interface StoredTensor {
  readonly shape: readonly number[]
  /** The last dimension runs fastest. */
  readonly stored: Uint8Array | Float32Array
  readonly scale: number
  readonly minimum: number
}

/** Tensors by name. */
export type WeightMap = ReadonlyMap<string, StoredTensor>

/** The values that a stored tensor stands for. */
export function valuesOf({ stored, scale, minimum }: StoredTensor): Float32Array {
  const values = new Float32Array(stored.length)
  for (let i = 0; i < stored.length; i++) values[i] = stored[i]! * scale + minimum
  return values
}

/** A tensor of plain floats. */
export function floatTensor(shape: readonly number[], values: Float32Array): StoredTensor {
  return { shape, stored: values, scale: 1, minimum: 0 }
}

/** How many numbers a tensor of that shape has. */
export function lengthOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1)
}
