/** Numbers as SQLite keeps them: little-endian, one after the other. */

/** A blob as the numbers in it; copied where it is not aligned. */
export function toFloat32(blob: Buffer): Float32Array {
  return blob.byteOffset % 4 === 0
    ? new Float32Array(blob.buffer, blob.byteOffset, blob.byteLength / 4)
    : new Float32Array(Uint8Array.from(blob).buffer)
}

/** A blob as the whole numbers in it; copied where it is not aligned. */
export function toInt32(blob: Buffer): Int32Array {
  return blob.byteOffset % 4 === 0
    ? new Int32Array(blob.buffer, blob.byteOffset, blob.byteLength / 4)
    : new Int32Array(Uint8Array.from(blob).buffer)
}

export const bytesOf = (numbers: Float32Array | Int32Array): Buffer => Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength)
