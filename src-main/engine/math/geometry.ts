/** Boxes, overlaps and affine maps in the plane. Pixel (i, j) of a picture has its centre at the point (i, j). */

/** x and y are the top left corner. Units are the caller's: pixels or fractions. */
export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Intersection over union of two boxes, 0..1; 0 where a box has no area. */
export function intersectionOverUnion(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  if (width <= 0 || height <= 0) return 0
  const intersection = width * height
  return intersection / (a.width * a.height + b.width * b.height - intersection)
}

/** Greedy non-maximum suppression: best score first, dropping what overlaps a kept box by more than `maxOverlap`. */
export function suppressNonMaximum<T extends { readonly box: Rectangle; readonly score: number }>(
  candidates: readonly T[], maxOverlap: number,
): T[] {
  const kept: T[] = []
  for (const candidate of candidates.toSorted((a, b) => b.score - a.score)) {
    if (kept.every((other) => intersectionOverUnion(candidate.box, other.box) <= maxOverlap)) kept.push(candidate)
  }
  return kept
}

/** [a, b, c, d, e, f]: x′ = a·x + b·y + c, y′ = d·x + e·y + f. */
export type Affine = readonly [number, number, number, number, number, number]

export const identity: Affine = [1, 0, 0, 0, 1, 0]

/** The map that does `first`, then `second`. */
export function compose(second: Affine, first: Affine): Affine {
  const [a, b, c, d, e, f] = second
  const [g, h, i, j, k, l] = first
  return [a * g + b * j, a * h + b * k, a * i + b * l + c, d * g + e * j, d * h + e * k, d * i + e * l + f]
}

/** The map that undoes `map`. @throws RangeError where it squeezes the plane flat */
export function invert([a, b, c, d, e, f]: Affine): Affine {
  const determinant = a * e - b * d
  if (determinant === 0 || !Number.isFinite(determinant)) throw new RangeError('An affine map without area has no inverse')
  const [A, B, D, E] = [e / determinant, -b / determinant, -d / determinant, a / determinant]
  return [A, B, -(A * c + B * f), D, E, -(D * c + E * f)]
}

/** Maps points given as x0, y0, x1, y1 …. */
export function mapPoints([a, b, c, d, e, f]: Affine, points: ArrayLike<number>): Float64Array {
  const mapped = new Float64Array(points.length)
  for (let i = 0; i < points.length; i += 2) {
    const x = points[i]!
    const y = points[i + 1]!
    mapped[i] = a * x + b * y + c
    mapped[i + 1] = d * x + e * y + f
  }
  return mapped
}

/** How many source units one unit of the mapped plane spans, by area. */
export function scaleOf([a, b, , d, e]: Affine): number {
  return Math.sqrt(Math.abs(a * e - b * d))
}

/**
 * The similarity (turn, scale, shift; never a mirror image) that brings `source` nearest to `target` by least squares:
 * Umeyama 1991, in the plane, where it has a closed form. Points are x0, y0, x1, y1 …
 * @throws RangeError where the source points all coincide
 */
export function fitSimilarity(source: ArrayLike<number>, target: ArrayLike<number>): Affine {
  const count = source.length / 2
  let [sourceX, sourceY, targetX, targetY] = [0, 0, 0, 0]
  for (let i = 0; i < source.length; i += 2) {
    sourceX += source[i]! / count
    sourceY += source[i + 1]! / count
    targetX += target[i]! / count
    targetY += target[i + 1]! / count
  }
  let [dot, cross, variance] = [0, 0, 0]
  for (let i = 0; i < source.length; i += 2) {
    const x = source[i]! - sourceX
    const y = source[i + 1]! - sourceY
    const u = target[i]! - targetX
    const v = target[i + 1]! - targetY
    dot += x * u + y * v
    cross += x * v - y * u
    variance += x * x + y * y
  }
  if (!(variance > 0)) throw new RangeError('Points that coincide have no similarity')
  const a = dot / variance
  const b = cross / variance
  return [a, -b, targetX - a * sourceX + b * sourceY, b, a, targetY - b * sourceX - a * sourceY]
}

/**
 * The affine map that brings the three points of `source` exactly onto those of `target`; x0, y0, x1, y1, x2, y2 each.
 * @throws RangeError where the source points lie on a line
 */
export function fitTriangle(source: ArrayLike<number>, target: ArrayLike<number>): Affine {
  const fromUnit = ([x0, y0, x1, y1, x2, y2]: number[]): Affine => [x1! - x0!, x2! - x0!, x0!, y1! - y0!, y2! - y0!, y0!]
  return compose(fromUnit(Array.from(target)), invert(fromUnit(Array.from(source))))
}

/** Interleaved RGB, 8 bits a channel, rows without gaps. */
export interface RgbImage {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

/**
 * Samples a picture through an affine map, bilinearly; what lies outside the picture is black.
 * @param toSource from pixels of the result to pixels of `image`
 * @returns interleaved RGB 0..255, `width` × `height` × 3, written to `target` where it is given
 */
export function warp(
  image: RgbImage, toSource: Affine, width: number, height: number,
  target: Float32Array = new Float32Array(width * height * 3),
): Float32Array {
  const { data, width: sourceWidth, height: sourceHeight } = image
  const [a, b, c, d, e, f] = toSource
  const rowBytes = sourceWidth * 3
  const lastColumn = sourceWidth - 1
  const lastRow = sourceHeight - 1
  let out = 0
  for (let y = 0; y < height; y++) {
    let sourceX = b * y + c
    let sourceY = e * y + f
    for (let x = 0; x < width; x++, sourceX += a, sourceY += d, out += 3) {
      if (sourceX >= 0 && sourceY >= 0 && sourceX < lastColumn && sourceY < lastRow) {
        // Of what is not negative, cutting the fraction off is the floor, and quicker.
        const left = sourceX | 0
        const top = sourceY | 0
        const right = sourceX - left
        const down = sourceY - top
        const at = top * rowBytes + left * 3
        const below = at + rowBytes
        const topLeft = (1 - right) * (1 - down)
        const topRight = right * (1 - down)
        const bottomLeft = (1 - right) * down
        const bottomRight = right * down
        target[out] = data[at]! * topLeft + data[at + 3]! * topRight + data[below]! * bottomLeft + data[below + 3]! * bottomRight
        target[out + 1] = data[at + 1]! * topLeft + data[at + 4]! * topRight + data[below + 1]! * bottomLeft + data[below + 4]! * bottomRight
        target[out + 2] = data[at + 2]! * topLeft + data[at + 5]! * topRight + data[below + 2]! * bottomLeft + data[below + 5]! * bottomRight
      } else {
        for (let channel = 0; channel < 3; channel++) target[out + channel] = sampleAtEdge(image, sourceX, sourceY, channel)
      }
    }
  }
  return target
}

/** Bilinear, with black for every pixel outside the picture. */
function sampleAtEdge({ data, width, height }: RgbImage, x: number, y: number, channel: number): number {
  const left = Math.floor(x)
  const top = Math.floor(y)
  let value = 0
  for (let corner = 0; corner < 4; corner++) {
    const column = left + (corner & 1)
    const row = top + (corner >> 1)
    if (column < 0 || row < 0 || column >= width || row >= height) continue
    const share = ((corner & 1) ? x - left : 1 - x + left) * ((corner >> 1) ? y - top : 1 - y + top)
    value += data[(row * width + column) * 3 + channel]! * share
  }
  return value
}
