/** A note in a PNG file: a tEXt chunk (PNG specification, 11.3.3.3) behind its header, which programs show and keep. */
import { crc32 } from 'node:zlib'

/** Signature of eight bytes, then the header's chunk: length, type, thirteen bytes of data, checksum. */
const headerEnd = 8 + 4 + 4 + 13 + 4

/** The file with the note put in. @param keyword and text in Latin-1 */
export function writePngNote(png: Uint8Array, keyword: string, text: string): Uint8Array {
  const body = Buffer.concat([Buffer.from('tEXt', 'latin1'), Buffer.from(keyword, 'latin1'), Buffer.of(0), Buffer.from(text, 'latin1')])
  const chunk = Buffer.alloc(body.length + 8)
  chunk.writeUInt32BE(body.length - 4)
  body.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(body), body.length + 4)
  return Buffer.concat([png.subarray(0, headerEnd), chunk, png.subarray(headerEnd)])
}

/** The note that `writePngNote` has put in, or null. */
export function readPngNote(png: Uint8Array, keyword: string): string | null {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength)
  const textStart = headerEnd + 8 + keyword.length + 1
  if (bytes.length < textStart || bytes.toString('latin1', 1, 4) !== 'PNG') return null
  const length = bytes.readUInt32BE(headerEnd)
  const start = bytes.toString('latin1', headerEnd + 4, textStart)
  return start === `tEXt${keyword}\0` ? bytes.toString('latin1', textStart, headerEnd + 8 + length) : null
}
