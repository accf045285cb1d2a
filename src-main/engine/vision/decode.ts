/** Photo files to pixels and pixels to JPEG: the only file that imports sharp. */
import { basename } from 'node:path'
import sharp, { type Metadata, type Sharp } from 'sharp'
import { PhotoReadError } from '../ports.ts'
import { compose, type Affine, type Rectangle, type RgbImage } from '../math/geometry.ts'
import { defaultPixelLimit, fileKind, readPhotoFile } from './photo-file.ts'
import { readTakenAt } from './taken-at.ts'

// Photos run side by side already; libvips' own threads and cache would only take memory.
sharp.concurrency(1)
sharp.cache(false)

/** Longest side of the working copy that everything is found and cut from. */
const workingSidePx = 1280
const minWorkingSidePx = 1200
/** Reduces without aliasing as Lanczos does, a little quicker. */
const workingKernel = 'linear'
/** The largest second decode: four such pictures must fit into memory at once. */
const maxSecondSidePx = 4096
const white = { r: 255, g: 255, b: 255 }
const emptyTileGrey = 128

export interface DecodedPhoto {
  /** The file, for a second decode. */
  readonly bytes: Buffer
  /** Pixels of the full-size oriented photo. */
  readonly widthPx: number
  readonly heightPx: number
  /** Oriented, reduced to about 1280 px. */
  readonly picture: RgbImage
  readonly orientation: number
  readonly contentHash: string
  readonly takenAt: string | null
}

/**
 * Reads and decodes a photo once, oriented and reduced. The first frame of an animation; alpha laid over white; any
 * colour space and depth as 8-bit sRGB.
 * @throws PhotoReadError
 */
export async function decodePhoto(path: string, pixelLimit: number = defaultPixelLimit): Promise<DecodedPhoto> {
  const name = basename(path)
  const bytes = await readPhotoFile(path)
  const hash = crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)
  const { width, height, orientation } = await readHeader(bytes, name, pixelLimit)
  const picture = await toRgb(openImage(bytes, pixelLimit).autoOrient(), workingSide(Math.max(width, height)), name, pixelLimit)
  const isTurned = orientation >= 5
  return {
    bytes, picture, orientation,
    widthPx: isTurned ? height : width,
    heightPx: isTurned ? width : height,
    contentHash: Buffer.from(await hash).toString('hex'),
    takenAt: readTakenAt(bytes),
  }
}

/** A larger decode of the same photo, as it is stored: turning coordinates is cheaper than turning pixels. */
export interface SecondLook {
  readonly picture: RgbImage
  /** From pixels of the working copy to pixels of this picture. */
  readonly toPicture: Affine
}

/** Decodes again so that the working copy is enlarged by `factor`, or by as much as the photo has. */
export async function decodeLarger(photo: DecodedPhoto, factor: number, name: string, pixelLimit: number): Promise<SecondLook> {
  const longest = Math.max(photo.widthPx, photo.heightPx)
  const wanted = Math.min(maxSecondSidePx, longest, Math.ceil(Math.max(photo.picture.width, photo.picture.height) * factor))
  // A third is the largest size for which a JPEG is decoded at half its size, a quarter of the work.
  const side = wanted <= longest / 3 ? Math.floor(longest / 3) : Math.min(maxSecondSidePx, longest)
  const picture = await toRgb(openImage(photo.bytes, pixelLimit), side, name, pixelLimit)
  const { width, height } = photo.picture
  const toFractions: Affine = [1 / width, 0, 0.5 / width, 0, 1 / height, 0.5 / height]
  const toPixels: Affine = [picture.width, 0, -0.5, 0, picture.height, -0.5]
  return { picture, toPicture: compose(toPixels, compose(orientedToStored(photo.orientation), toFractions)) }
}

/** Fractions of the photo as people see it to fractions of the photo as it is stored, by EXIF orientation 1..8. */
export function orientedToStored(orientation: number): Affine {
  switch (orientation) {
    case 2: return [-1, 0, 1, 0, 1, 0]
    case 3: return [-1, 0, 1, 0, -1, 1]
    case 4: return [1, 0, 0, 0, -1, 1]
    case 5: return [0, 1, 0, 1, 0, 0]
    case 6: return [0, 1, 0, -1, 0, 1]
    case 7: return [0, -1, 1, -1, 0, 1]
    case 8: return [0, -1, 1, 1, 0, 0]
    default: return [1, 0, 0, 0, 1, 0]
  }
}

/** A JPEG of a picture, reduced to `longestSidePx` where it is larger. */
export async function encodeJpeg(image: RgbImage, longestSidePx: number, quality: number): Promise<Uint8Array> {
  const { data, width, height } = image
  const picture = sharp(data, { raw: { width, height, channels: 3 } })
  if (Math.max(width, height) > longestSidePx) picture.resize(longestSidePx, longestSidePx, { fit: 'inside' })
  return picture.jpeg({ quality }).toBuffer()
}

/** A PNG of a picture. */
export async function encodePng({ data, width, height }: RgbImage): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } }).png().toBuffer()
}

/**
 * A JPEG of the oriented photo, or of a part of it, its longest side `longestSidePx` at the most.
 * @param options.part fractions of the oriented photo
 * @throws PhotoReadError
 */
export async function renderPhoto(
  path: string, longestSidePx: number, options: { part?: Rectangle | null; pixelLimit?: number } = {},
): Promise<Uint8Array> {
  const { part, pixelLimit = defaultPixelLimit } = options
  const name = basename(path)
  const bytes = await readPhotoFile(path)
  const { width, height, orientation } = await readHeader(bytes, name, pixelLimit)
  const whole = openImage(bytes, pixelLimit).autoOrient()
  const oriented = orientation >= 5 ? [height, width] as const : [width, height] as const
  try {
    return await (part ? cutPart(whole, part, oriented, longestSidePx) : reduce(whole, longestSidePx))
      .flatten({ background: white }).toColourspace('srgb').jpeg({ quality: 85 }).toBuffer()
  } catch (error) {
    throw decodeError(error, name, pixelLimit)
  }
}

/**
 * Cuts a part out and reduces it to `longestSidePx`. Where half its pixels are enough, the whole photo is reduced first: a
 * JPEG is then decoded at a part of its size, several times quicker.
 */
function cutPart(image: Sharp, part: Rectangle, [widthPx, heightPx]: readonly [number, number], longestSidePx: number): Sharp {
  const scale = longestSidePx / Math.max(part.width * widthPx, part.height * heightPx)
  const isReducedFirst = scale <= 0.5
  const [width, height] = isReducedFirst ? [Math.ceil(widthPx * scale), Math.ceil(heightPx * scale)] : [widthPx, heightPx]
  const left = Math.min(width - 1, Math.max(0, Math.round(part.x * width)))
  const top = Math.min(height - 1, Math.max(0, Math.round(part.y * height)))
  const region = {
    left, top,
    width: Math.max(1, Math.min(width - left, Math.round(part.width * width))),
    height: Math.max(1, Math.min(height - top, Math.round(part.height * height))),
  }
  return isReducedFirst ? image.resize(width, height, { fit: 'fill' }).extract(region) : reduce(image.extract(region), longestSidePx)
}

function reduce(image: Sharp, longestSidePx: number): Sharp {
  return image.resize(longestSidePx, longestSidePx, { fit: 'inside', withoutEnlargement: true })
}

/** RGB of square tiles side by side, grey where a picture is null or can't be read. */
export async function tilePictures(paths: readonly (string | null)[], sidePx: number): Promise<Uint8Array> {
  const strip = new Uint8Array(paths.length * sidePx * sidePx * 3).fill(emptyTileGrey)
  const rowBytes = sidePx * 3
  for (const [column, path] of paths.entries()) {
    const tile = path === null ? null : await sharp(path).resize(sidePx, sidePx, { fit: 'cover' })
      .flatten({ background: white }).toColourspace('srgb').raw().toBuffer().catch(() => null)
    if (tile?.byteLength !== sidePx * rowBytes) continue
    for (let y = 0; y < sidePx; y++) strip.set(tile.subarray(y * rowBytes, (y + 1) * rowBytes), (y * paths.length + column) * rowBytes)
  }
  return strip
}

function openImage(bytes: Buffer, pixelLimit: number): Sharp {
  return sharp(bytes, { limitInputPixels: pixelLimit, failOn: 'error' })
}

async function readHeader(bytes: Buffer, name: string, pixelLimit: number): Promise<{ width: number; height: number; orientation: number }> {
  const kind = fileKind(bytes, name)
  let metadata: Metadata
  try {
    metadata = await openImage(bytes, pixelLimit).metadata()
  } catch (error) {
    throw decodeError(error, name, pixelLimit)
  }
  if (kind === 'avif' && metadata.compression !== 'av1') {
    throw new PhotoReadError('unsupported-format', `${name} is a HEIC picture, which Kith can't read. Save it as JPEG, PNG, WebP, AVIF or TIFF.`)
  }
  return { width: metadata.width, height: metadata.height, orientation: metadata.orientation ?? 1 }
}

async function toRgb(image: Sharp, longestSidePx: number, name: string, pixelLimit: number): Promise<RgbImage> {
  try {
    const { data, info } = await image
      .resize(longestSidePx, longestSidePx, { fit: 'inside', withoutEnlargement: true, kernel: workingKernel })
      .flatten({ background: white }).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
    if (info.channels !== 3) throw new Error(`${info.channels} channels`)
    return { data, width: info.width, height: info.height }
  } catch (error) {
    throw decodeError(error, name, pixelLimit)
  }
}

/**
 * Longest side of the working copy. sharp decodes a JPEG at 1/2, 1/4 or 1/8 of its size while it reads, but gives up one
 * such step where the whole part of the reduction is exactly 2, 4 or 8; a little smaller a target avoids that.
 */
function workingSide(longestPx: number): number {
  const reduction = Math.floor(longestPx / workingSidePx)
  const nextStep = Math.floor(longestPx / (reduction + 1))
  return [2, 4, 8].includes(reduction) && nextStep >= minWorkingSidePx ? nextStep : workingSidePx
}

function decodeError(error: unknown, name: string, pixelLimit: number): PhotoReadError {
  const message = error instanceof Error ? error.message : String(error)
  if (message.includes('exceeds pixel limit')) {
    const megapixels = Math.round(pixelLimit / 1_000_000)
    return new PhotoReadError('too-large', `${name} has more pixels than Kith reads (${megapixels} megapixels). Save a smaller copy of it.`)
  }
  if (/premature end|end of stream|not enough data|truncated/i.test(message)) {
    return new PhotoReadError('damaged', `${name} is cut off: the end of the file is missing. Copy it again from where it came.`)
  }
  return new PhotoReadError('damaged', `${name} is damaged and can't be decoded. Copy it again from where it came.`)
}
