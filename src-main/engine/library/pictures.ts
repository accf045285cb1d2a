/** The pictures that a window shows: crops of faces, thumbnails, and larger renderings of photos. */
import type { BoundingBox } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { PhotoReadError } from '../ports.ts'

export interface Picture {
  /** JPEG. */
  bytes: Uint8Array<ArrayBuffer>
  /** Strong HTTP entity tag, quotes included; changes when the bytes do. */
  etag: string
  /** The photo's file can't be read now; what is shown instead is its thumbnail. */
  originalMissing: boolean
}

export interface Pictures {
  /**
   * A square crop, about `sizePx` wide where the photo has the pixels and its file is there, else as it is kept.
   * @throws KithError not-found
   */
  face(faceId: number, sizePx?: number): Promise<Picture>
  /** The oriented photo, longest side about `sizePx`, 2048 at the most. @throws KithError not-found, picture-unreadable */
  photo(photoId: number, sizePx: number): Promise<Picture>
}

/** What the pictures are made from: ids of the library in, hashes, paths and bytes out. */
export interface PictureSource {
  /** SHA-256 of the crop (null while there is none) and the photo it is from; undefined for an unknown face. */
  face(faceId: number): FaceSource | undefined
  /** Undefined for an unknown photo. */
  photo(photoId: number): { path: string; contentHash: string | null; thumbnailHash: string | null } | undefined
  /** Null where the image is lost and the photo it was made from can't be read. */
  readImage(hash: string, photoId: number): Promise<Uint8Array | null>
  /** @throws PhotoReadError */
  render(path: string, longestSidePx: number, part?: BoundingBox): Promise<Uint8Array>
}

export interface FaceSource {
  cropHash: string | null
  photoId: number
  box: BoundingBox
  /** Pixels of the oriented photo; 0 where they are not known. */
  widthPx: number
  heightPx: number
}

export const thumbnailSizePx = 512
const renderedSizesPx = [1024, 1536, 2048] as const
/** Side of the crops that are kept. */
const keptCropSidePx = 192
const faceSizesPx = [384, 640, 1024] as const
/** Side of a face crop as a multiple of the longer side of the face's box, as the pipeline cuts it. */
const cropMargin = 1.6
const cacheLimitBytes = 48 * 1024 * 1024

/** Holds the latest renderings, by their ETag, up to a number of bytes. */
function createByteCache(limitBytes: number) {
  const entries = new Map<string, Uint8Array>()
  let heldBytes = 0
  return {
    get(key: string): Uint8Array | undefined {
      const bytes = entries.get(key)
      if (bytes) {
        entries.delete(key)
        entries.set(key, bytes)
      }
      return bytes
    },
    set(key: string, bytes: Uint8Array): void {
      heldBytes += bytes.byteLength - (entries.get(key)?.byteLength ?? 0)
      entries.delete(key)
      entries.set(key, bytes)
      for (const [oldest, old] of entries) {
        if (heldBytes <= limitBytes) break
        entries.delete(oldest)
        heldBytes -= old.byteLength
      }
    },
  }
}

/** The square around a face, in fractions of the photo: what the kept crop shows. */
function squareAround({ box, widthPx, heightPx }: FaceSource): { part: BoundingBox; sidePx: number } {
  const sidePx = Math.min(cropMargin * Math.max(box.width * widthPx, box.height * heightPx), widthPx, heightPx)
  const [width, height] = [sidePx / widthPx, sidePx / heightPx]
  const x = Math.max(0, Math.min(1 - width, box.x + box.width / 2 - width / 2))
  const y = Math.max(0, Math.min(1 - height, box.y + box.height / 2 - height / 2))
  return { part: { x, y, width, height }, sidePx }
}

export function createPictures(source: PictureSource): Pictures {
  const rendered = createByteCache(cacheLimitBytes)
  const inHand = new Map<string, Promise<Uint8Array>>()

  const picture = (bytes: Uint8Array, tag: string, originalMissing = false): Picture =>
    ({ bytes: bytes as Uint8Array<ArrayBuffer>, etag: `"${tag}"`, originalMissing })

  /** Two windows that ask for the same picture at once cost one rendering. */
  async function render(key: string, path: string, longestSidePx: number, part?: BoundingBox): Promise<Uint8Array> {
    const known = rendered.get(key)
    if (known) return known
    const running = inHand.get(key) ?? source.render(path, longestSidePx, part).finally(() => inHand.delete(key))
    inHand.set(key, running)
    const bytes = await running
    rendered.set(key, bytes)
    return bytes
  }

  /** A crop from the photo itself; null where it would show no more than the kept one, or can't be had. */
  async function largeCrop(face: FaceSource, wantedPx: number): Promise<Picture | null> {
    const photo = source.photo(face.photoId)
    if (!photo || face.widthPx === 0) return null
    const { part, sidePx } = squareAround(face)
    if (sidePx <= keptCropSidePx) return null
    const largestPx = faceSizesPx.find((size) => size >= wantedPx) ?? faceSizesPx.at(-1)!
    const place = [part.x, part.y, part.width].map((value) => value.toFixed(5)).join('-')
    const tag = `${photo.contentHash ?? `photo-${face.photoId}`}-${place}-${largestPx}`
    try {
      return picture(await render(tag, photo.path, largestPx, part), tag)
    } catch {
      // The kept crop is there whatever ails the photo or its reader.
      return null
    }
  }

  return {
    async face(faceId, sizePx = keptCropSidePx) {
      const face = source.face(faceId)
      const large = face && sizePx > keptCropSidePx ? await largeCrop(face, sizePx) : null
      if (large) return large
      const bytes = face?.cropHash ? await source.readImage(face.cropHash, face.photoId) : null
      if (!face?.cropHash || !bytes) throw new KithError('not-found', `There is no picture of face ${faceId}.`)
      return picture(bytes, face.cropHash)
    },
    async photo(photoId, sizePx) {
      const photo = source.photo(photoId)
      if (!photo) throw new KithError('not-found', `There is no photo ${photoId}.`)
      const thumbnail = async () => (photo.thumbnailHash ? await source.readImage(photo.thumbnailHash, photoId) : null)
      if (sizePx <= thumbnailSizePx) {
        const bytes = await thumbnail()
        if (bytes) return picture(bytes, photo.thumbnailHash!)
      }
      const longestSidePx =
        sizePx <= thumbnailSizePx ? thumbnailSizePx : (renderedSizesPx.find((size) => size >= sizePx) ?? renderedSizesPx.at(-1)!)
      try {
        const tag = `${photo.contentHash ?? `photo-${photoId}`}-${longestSidePx}`
        return picture(await render(tag, photo.path, longestSidePx), tag)
      } catch (error) {
        if (!(error instanceof PhotoReadError)) throw error
        const bytes = await thumbnail()
        if (bytes) return picture(bytes, photo.thumbnailHash!, true)
        throw new KithError('picture-unreadable', `${photo.path} can't be shown: ${error.message}`, undefined, { cause: error })
      }
    },
  }
}
