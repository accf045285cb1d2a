/** Which files are pictures that Kith reads, which are pictures that it does not read yet, and which are none. */
import { extname } from 'node:path'

/**
 * What a file's name promises. `picture`: Kith reads it. `unsupported`: a picture of another kind, unless its first bytes
 * say otherwise. `unknown`: its first bytes decide. `other`: no picture, not even looked at.
 */
export type NamedKind = 'picture' | 'unsupported' | 'unknown' | 'other'

/** What a file's first bytes say; null: no picture that is known. */
export type SniffedKind = 'picture' | 'tiff' | 'heic' | 'raw' | 'bmp' | 'jpeg-2000' | 'jpeg-xl' | null

const pictureExtensions = new Set(['jpg', 'jpeg', 'jpe', 'jfif', 'png', 'apng', 'webp', 'avif', 'gif', 'tif', 'tiff'])
const heicExtensions = new Set(['heic', 'heif', 'heics', 'heifs', 'hif'])
const rawExtensions = new Set([
  '3fr', 'arw', 'cr2', 'cr3', 'crw', 'dcr', 'dng', 'erf', 'fff', 'gpr', 'iiq', 'k25', 'kdc', 'mef', 'mos', 'mrw', 'nef',
  'nrw', 'orf', 'pef', 'raf', 'raw', 'rw2', 'rwl', 'sr2', 'srf', 'srw', 'x3f',
])
const bmpExtensions = new Set(['bmp', 'dib'])
const jpeg2000Extensions = new Set(['jp2', 'j2k', 'jpf', 'jpx', 'j2c'])
const jpegXlExtensions = new Set(['jxl'])
/** Common beside photos and often large: not worth opening to see that they are none. */
const otherExtensions = new Set([
  '3g2', '3gp', 'aac', 'aae', 'avi', 'db', 'doc', 'docx', 'flac', 'gz', 'htm', 'html', 'ico', 'ini', 'json', 'lrv', 'm2ts',
  'm4a', 'm4v', 'mkv', 'mov', 'mp3', 'mp4', 'mpeg', 'mpg', 'mts', 'odt', 'ogg', 'ogv', 'pdf', 'pp3', 'ppt', 'pptx', 'psd',
  'rar', 'sqlite', 'svg', 'tar', 'thm', 'tmp', 'ts', 'wav', 'webm', 'wmv', 'xcf', 'xls', 'xlsx', 'xml', 'xmp', 'yaml', 'yml',
  'zip', '7z',
])

const extensionOf = (fileName: string) => extname(fileName).slice(1).toLowerCase()

/** Judges a file by its name alone. Hidden files are `other`: they are remains and wrappers of programs. */
export function namedKind(fileName: string): NamedKind {
  if (fileName.startsWith('.')) return 'other'
  const extension = extensionOf(fileName)
  if (pictureExtensions.has(extension)) return 'picture'
  if (unsupportedKindOf(extension)) return 'unsupported'
  return otherExtensions.has(extension) ? 'other' : 'unknown'
}

function unsupportedKindOf(extension: string): Exclude<SniffedKind, 'picture' | 'tiff' | null> | null {
  if (heicExtensions.has(extension)) return 'heic'
  if (rawExtensions.has(extension)) return 'raw'
  if (bmpExtensions.has(extension)) return 'bmp'
  if (jpeg2000Extensions.has(extension)) return 'jpeg-2000'
  return jpegXlExtensions.has(extension) ? 'jpeg-xl' : null
}

/** How many first bytes `sniff` wants to see. */
export const sniffedBytes = 64

const startsWith = (bytes: Uint8Array, signature: readonly number[], offset = 0) =>
  bytes.length >= offset + signature.length && signature.every((byte, index) => bytes[offset + index] === byte)
const ascii = (bytes: Uint8Array, from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to))

/** The kind of an ISO base media file, by its major and compatible brands (ISO/IEC 14496-12, 23008-12). */
function brandedKind(bytes: Uint8Array): SniffedKind {
  const boxLength = (bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!
  const brands = [ascii(bytes, 8, 12)]
  for (let at = 16; at + 4 <= Math.min(boxLength, bytes.length); at += 4) brands.push(ascii(bytes, at, at + 4))
  if (brands.includes('avif') || brands.includes('avis')) return 'picture'
  if (brands.includes('crx ')) return 'raw'
  return brands.some((brand) => /^(hei[cxms]|hev[cxms]|mif[12]|msf1)$/.test(brand)) ? 'heic' : null
}

/** Judges a file by its first bytes. */
export function sniff(bytes: Uint8Array): SniffedKind {
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return 'picture'
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'picture'
  if (/^GIF8[79]a/.test(ascii(bytes, 0, 6))) return 'picture'
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP') return 'picture'
  if (ascii(bytes, 4, 8) === 'ftyp') return brandedKind(bytes)
  if (ascii(bytes, 0, 8) === 'FUJIFILM' || ascii(bytes, 0, 4) === 'FOVb') return 'raw'
  if (/^(II[*+]\0|MM\0[*+])/.test(ascii(bytes, 0, 4))) return ascii(bytes, 8, 10) === 'CR' ? 'raw' : 'tiff'
  if (startsWith(bytes, [0x00, 0x00, 0x00, 0x0c, 0x6a, 0x50, 0x20, 0x20])) return 'jpeg-2000'
  if (startsWith(bytes, [0x00, 0x00, 0x00, 0x0c, 0x4a, 0x58, 0x4c, 0x20])) return 'jpeg-xl'
  return ascii(bytes, 0, 2) === 'BM' && startsWith(bytes, [0, 0, 0, 0], 6) ? 'bmp' : null
}

const asJpegOrPng = 'Save a copy as JPEG or PNG and index again.'
const unsupportedNames: Record<Exclude<SniffedKind, 'picture' | 'tiff' | null>, [kind: string, whatToDo: string]> = {
  heic: ['HEIC', 'Export it as JPEG and index again; an iPhone takes JPEG with Settings, Camera, Formats, Most Compatible.'],
  raw: ['camera RAW', 'Export it as JPEG from your photo program, into a chosen folder, and index again.'],
  bmp: ['BMP', asJpegOrPng],
  'jpeg-2000': ['JPEG 2000', asJpegOrPng],
  'jpeg-xl': ['JPEG XL', asJpegOrPng],
}

/**
 * Judges a file by its name and its first bytes together.
 * @returns `picture`; the reason for people why it can't be indexed; or null where it is no picture
 */
export function pictureOrReason(fileName: string, sniffed: SniffedKind): { picture: true } | { reason: string } | null {
  const promised = unsupportedKindOf(extensionOf(fileName))
  if (sniffed === 'picture' || namedKind(fileName) === 'picture') return { picture: true }
  if (sniffed === 'tiff' && promised !== 'raw') return { picture: true }
  const kind = sniffed === 'tiff' ? 'raw' : (sniffed ?? promised)
  if (!kind) return null
  const [kindName, whatToDo] = unsupportedNames[kind]
  return { reason: `${fileName} is a ${kindName} picture, which Kith can't read yet. ${whatToDo}` }
}
