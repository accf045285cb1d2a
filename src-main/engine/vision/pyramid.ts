/** A decoded picture and its halvings: every later stage samples from the level that fits its scale. */
import { compose, scaleOf, warp, type Affine, type RgbImage } from '../math/geometry.ts'

export interface Pyramid {
  readonly width: number
  readonly height: number
  /** The picture halved `level` times; made when first asked for. */
  level(level: number): RgbImage
  /** How often the picture can be halved before its longer side is `longestSidePx` or less. */
  levelFor(longestSidePx: number): number
  /** Samples through an affine map from pixels of the result to pixels of the whole picture, without aliasing. */
  sample(toPicture: Affine, width: number, height: number, target?: Float32Array): Float32Array
}

/** Wraps a picture; its halvings are kept as long as the pyramid is. */
export function createPyramid(picture: RgbImage): Pyramid {
  const levels: RgbImage[] = [picture]
  function level(index: number): RgbImage {
    return (levels[index] ??= halve(level(index - 1)))
  }
  return {
    width: picture.width,
    height: picture.height,
    level,
    levelFor(longestSidePx) {
      const longest = Math.max(picture.width, picture.height)
      return Math.max(0, Math.ceil(Math.log2(longest / longestSidePx)))
    },
    sample(toPicture, width, height, target) {
      const smallestSide = Math.min(picture.width, picture.height)
      const deepest = Math.max(0, Math.floor(Math.log2(smallestSide)))
      const index = Math.min(deepest, Math.max(0, Math.floor(Math.log2(scaleOf(toPicture)))))
      if (index === 0) return warp(picture, toPicture, width, height, target)
      // Pixel i of a level covers pixels i·s … i·s + s − 1 of the picture, so its centre lies at i·s + (s − 1) / 2.
      const step = 2 ** index
      const shift = (1 - step) / 2 / step
      return warp(level(index), compose([1 / step, 0, shift, 0, 1 / step, shift], toPicture), width, height, target)
    },
  }
}

/** Half the size, each pixel the mean of four; an odd last row or column is left out. */
function halve(image: RgbImage): RgbImage {
  const width = Math.max(1, image.width >> 1)
  const height = Math.max(1, image.height >> 1)
  const { data } = image
  const rowBytes = image.width * 3
  const nextColumn = image.width > 1 ? 3 : 0
  const nextRow = image.height > 1 ? rowBytes : 0
  const halved = new Uint8Array(width * height * 3)
  let out = 0
  for (let y = 0; y < height; y++) {
    let at = 2 * y * rowBytes
    for (let x = 0; x < width; x++, at += 6, out += 3) {
      const below = at + nextRow
      halved[out] = (data[at]! + data[at + nextColumn]! + data[below]! + data[below + nextColumn]! + 2) >> 2
      halved[out + 1] = (data[at + 1]! + data[at + nextColumn + 1]! + data[below + 1]! + data[below + nextColumn + 1]! + 2) >> 2
      halved[out + 2] = (data[at + 2]! + data[at + nextColumn + 2]! + data[below + 2]! + data[below + nextColumn + 2]! + 2) >> 2
    }
  }
  return { data: halved, width, height }
}
