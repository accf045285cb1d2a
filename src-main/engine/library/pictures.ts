/** The pictures that a window shows: crops of faces, thumbnails, and larger renderings of photos. */
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
  /** A square crop. @throws KithError not-found */
  face(faceId: number): Promise<Picture>
  /** The oriented photo, longest side about `sizePx`, 2048 at the most. @throws KithError not-found, picture-unreadable */
  photo(photoId: number, sizePx: number): Promise<Picture>
}

/** What the pictures are made from: ids of the library in, hashes, paths and bytes out. */
export interface PictureSource {
  /** SHA-256 of the crop (null while there is none) and the photo it is from; undefined for an unknown face. */
  face(faceId: number): { cropHash: string | null; photoId: number } | undefined
  /** Undefined for an unknown photo. */
  photo(photoId: number): { path: string; contentHash: string | null; thumbnailHash: string | null } | undefined
  /** Null where the image is lost and the photo it was made from can't be read. */
  readImage(hash: string, photoId: number): Promise<Uint8Array | null>
  /** @throws PhotoReadError */
  render(path: string, longestSidePx: number): Promise<Uint8Array>
}

export const thumbnailSizePx = 512
const renderedSizesPx = [1024, 1536, 2048] as const
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

export function createPictures(source: PictureSource): Pictures {
  const rendered = createByteCache(cacheLimitBytes)
  const inHand = new Map<string, Promise<Uint8Array>>()

  const picture = (bytes: Uint8Array, tag: string, originalMissing = false): Picture =>
    ({ bytes: bytes as Uint8Array<ArrayBuffer>, etag: `"${tag}"`, originalMissing })

  /** Two windows that ask for the same picture at once cost one rendering. */
  async function render(key: string, path: string, longestSidePx: number): Promise<Uint8Array> {
    const known = rendered.get(key)
    if (known) return known
    const running = inHand.get(key) ?? source.render(path, longestSidePx).finally(() => inHand.delete(key))
    inHand.set(key, running)
    const bytes = await running
    rendered.set(key, bytes)
    return bytes
  }

  return {
    async face(faceId) {
      const face = source.face(faceId)
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
