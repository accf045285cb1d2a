/** Addresses of pictures. They are relative, so that the page works under any scheme and host. */
import { SvelteMap } from 'svelte/reactivity'
import type { Face, FaceId, PhotoId } from '../../src-shared/domain.ts'

/** Longest sides that are asked for, in pixels: few, so that the caches of browser and engine are hit. */
const photoSizesPx = [320, 512, 1024, 1600, 2560, 3840] as const

/** Sides of face crops, likewise; smaller ones are the kept crop. */
const faceSizesPx = [384, 640, 1024] as const
const keptCropPx = 192

/** Boxes as this window saw them last, and how often each changed: a moved face has another picture at the same address. */
const seenBoxes = new Map<FaceId, string>()
const pictureVersions = new SvelteMap<FaceId, number>()

/** Notes where a face lies, so that its picture is fetched anew after it was moved. */
export function noteBoxes(faces: readonly Pick<Face, 'id' | 'box'>[]): void {
  for (const { id, box } of faces) {
    const place = `${box.x} ${box.y} ${box.width} ${box.height}`
    const before = seenBoxes.get(id)
    seenBoxes.set(id, place)
    if (before !== undefined && before !== place) pictureVersions.set(id, (pictureVersions.get(id) ?? 0) + 1)
  }
}

/** A square crop of a face, at least so many device-independent pixels wide where the photo has them; by default as it is kept. */
export function faceUrl(faceId: FaceId, sidePx = 0, devicePixelRatio = window.devicePixelRatio): string {
  const wanted = sidePx * devicePixelRatio
  const size = wanted > keptCropPx ? (faceSizesPx.find((px) => px >= wanted) ?? faceSizesPx.at(-1)!) : null
  const version = pictureVersions.get(faceId)
  const parameters = [...(size ? [`size=${size}`] : []), ...(version ? [`version=${version}`] : [])].join('&')
  return `media/face/${faceId}${parameters ? `?${parameters}` : ''}`
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
