/** Addresses of pictures. They are relative, so that the page works under any scheme and host. */
import type { FaceId, PhotoId } from '../../src-shared/domain.ts'

/** Longest sides that are asked for, in pixels: few, so that the caches of browser and engine are hit. */
const photoSizesPx = [320, 512, 1024, 1600, 2560, 3840] as const

/** A square crop of a face. */
export function faceUrl(faceId: FaceId): string {
  return `media/face/${faceId}`
}

/** A photo, oriented, whose longest side has at least `longestSidePx` device-independent pixels where the photo has them. */
export function photoUrl(photoId: PhotoId, longestSidePx: number, devicePixelRatio = window.devicePixelRatio): string {
  const wanted = longestSidePx * devicePixelRatio
  const size = photoSizesPx.find((px) => px >= wanted) ?? photoSizesPx.at(-1)!
  return `media/photo/${photoId}?size=${size}`
}

/** Makes the browser fetch and decode a picture before it is shown; a picture that fails is reported where it is shown. */
export function preload(url: string): void {
  const image = new Image()
  image.src = url
  image.decode().catch(() => undefined)
}
