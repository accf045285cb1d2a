/** PNG files written strip by strip, so that a picture of any size needs little memory (ISO/IEC 15948). */
import { Readable, pipeline } from 'node:stream'
import { constants, crc32, createDeflate } from 'node:zlib'

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
const bytesPerPixel = 3
/** Each byte as its difference from the same colour of the pixel to the left. */
const subFilter = 1

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + data.byteLength)
  bytes.writeUInt32BE(data.byteLength, 0)
  bytes.write(type, 4, 'latin1')
  bytes.set(data, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.byteLength)), 8 + data.byteLength)
  return bytes
}

function header(width: number, height: number): Uint8Array {
  const data = Buffer.alloc(13)
  data.writeUInt32BE(width, 0)
  data.writeUInt32BE(height, 4)
  // 8 bits a channel, red, green and blue; the other three bytes are the standard's only method of each kind.
  data.set([8, 2, 0, 0, 0], 8)
  return chunk('IHDR', data)
}

function filterRows(strip: Uint8Array, width: number): Uint8Array {
  const rowBytes = width * bytesPerPixel
  const rows = strip.byteLength / rowBytes
  const filtered = new Uint8Array(rows * (rowBytes + 1))
  for (let row = 0; row < rows; row++) {
    const from = row * rowBytes, to = row * (rowBytes + 1)
    filtered[to] = subFilter
    for (let i = 0; i < rowBytes; i++) {
      filtered[to + 1 + i] = strip[from + i] - (i < bytesPerPixel ? 0 : strip[from + i - bytesPerPixel])
    }
  }
  return filtered
}

/**
 * The bytes of a PNG.
 * @param strips RGB of whole rows from top to bottom, `height` rows together
 * @throws what `strips` throws
 */
export async function* encodePngStrips(width: number, height: number, strips: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield signature
  yield header(width, height)
  const filtered = async function* () {
    for await (const strip of strips) yield filterRows(strip, width)
  }
  const deflate = createDeflate({ strategy: constants.Z_FILTERED })
  // What goes wrong in the source ends the loop below with that error.
  pipeline(Readable.from(filtered(), { objectMode: false }), deflate, () => {})
  for await (const data of deflate) yield chunk('IDAT', data as Uint8Array)
  yield chunk('IEND', new Uint8Array(0))
}
