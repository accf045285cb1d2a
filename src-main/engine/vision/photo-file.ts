/** Reads a photo's file and says, in words for people, why one can't be used. */
import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { PhotoReadError } from '../ports.ts'

/** sharp's own limit, 16,383². */
export const defaultPixelLimit = 268_402_689
/** Larger files are no photos; two of them in memory at once must do no harm. */
const maxFileBytes = 512 * 1024 * 1024

/**
 * The whole file in memory.
 * @throws PhotoReadError `vanished`, `unreadable`, `empty`, `too-large`
 */
export async function readPhotoFile(path: string): Promise<Buffer> {
  const name = basename(path)
  try {
    // Opening a named pipe would wait for somebody to write to it.
    if (!(await stat(path)).isFile()) throw new PhotoReadError('unreadable', `${name} is not a file.`)
    await using file = await open(path, 'r')
    const status = await file.stat()
    if (status.size === 0) throw new PhotoReadError('empty', `${name} is empty: 0 bytes. The copy may have failed.`)
    if (status.size > maxFileBytes) {
      throw new PhotoReadError('too-large', `${name} is ${Math.round(status.size / 1024 / 1024)} MB large; Kith reads photos of up to 512 MB.`)
    }
    const bytes = Buffer.allocUnsafeSlow(status.size)
    let length = 0
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    if (length === 0) throw new PhotoReadError('empty', `${name} is empty: 0 bytes. The copy may have failed.`)
    return bytes.subarray(0, length)
  } catch (error) {
    throw error instanceof PhotoReadError ? error : fileError(error as NodeJS.ErrnoException, name)
  }
}

function fileError(error: NodeJS.ErrnoException, name: string): PhotoReadError {
  switch (error.code) {
    case 'ENOENT': case 'ENOTDIR':
      return new PhotoReadError('vanished', `${name} is no longer there. It may have been moved or deleted meanwhile.`)
    case 'EACCES': case 'EPERM':
      return new PhotoReadError('unreadable', `${name} may not be read: its permissions forbid it.`)
    default:
      return new PhotoReadError('unreadable', `${name} could not be read (${error.code ?? error.message}). Check the drive it lies on.`)
  }
}

/** Kinds of pictures that Kith reads. */
export type FileKind = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif'

/**
 * What the first bytes of a file say that it is, whatever its name.
 * @throws PhotoReadError `unsupported-format` for pictures that Kith can't read, `not-an-image` for the rest
 */
export function fileKind(bytes: Buffer, name: string): FileKind {
  const start = bytes.subarray(0, 16).toString('latin1')
  if (start.startsWith('\xff\xd8')) return 'jpeg'
  if (start.startsWith('\x89PNG')) return 'png'
  if (start.startsWith('RIFF') && start.slice(8, 12) === 'WEBP') return 'webp'
  if (start.startsWith('GIF8')) return 'gif'
  if (start.startsWith('II*\0') || start.startsWith('MM\0*') || start.startsWith('II+\0') || start.startsWith('MM\0+')) return 'tiff'
  if (start.slice(4, 8) === 'ftyp' && hasAvifBrand(bytes)) return 'avif'
  const other = otherPictures.find(({ matches }) => matches(start))
  if (other) {
    throw new PhotoReadError('unsupported-format',
      `${name} is a ${other.name} picture, which Kith can't read. Save it as JPEG, PNG, WebP, AVIF or TIFF.`)
  }
  throw new PhotoReadError('not-an-image', `${name} is not a picture, whatever its name says.`)
}

/** The brands of an ISO media file stand in its first box: one of four letters, a version, then any number. */
function hasAvifBrand(bytes: Buffer): boolean {
  const boxLength = bytes.length >= 4 ? Math.min(bytes.readUInt32BE(0), 256) : 0
  const brands = bytes.subarray(8, boxLength).toString('latin1')
  return brands.includes('avif') || brands.includes('avis')
}

const otherPictures: readonly { name: string; matches(start: string): boolean }[] = [
  { name: 'HEIC', matches: (start) => start.slice(4, 8) === 'ftyp' && /^(he|mif|msf|vvi|j2k|jpeg|avci|mi|1pic)/.test(start.slice(8, 12)) },
  { name: 'Canon raw', matches: (start) => start.slice(4, 12) === 'ftypcrx ' },
  { name: 'BMP', matches: (start) => start.startsWith('BM') },
  { name: 'Photoshop', matches: (start) => start.startsWith('8BPS') },
  { name: 'JPEG 2000', matches: (start) => start.startsWith('\0\0\0\x0cjP  ') || start.startsWith('\xff\x4f\xff\x51') },
  { name: 'JPEG XL', matches: (start) => start.startsWith('\xff\x0a') || start.startsWith('\0\0\0\x0cJXL ') },
  { name: 'Fujifilm raw', matches: (start) => start.startsWith('FUJIFILM') },
  { name: 'raw', matches: (start) => /^(IIRO|IIRS|IIU\0|FOVb)/.test(start) },
  { name: 'SVG', matches: (start) => /^\s*<svg/.test(start) },
]
