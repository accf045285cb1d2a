/** Boxes on a photo as a person draws, moves and pulls them: pure arithmetic in fractions 0..1 of the photo. */
import type { BoundingBox } from '../src-shared/domain.ts'
import { clamp } from './clamp.ts'

export interface Point {
  x: number
  y: number
}

/** Which sides of a box a handle pulls: -1 the left or upper, 1 the right or lower, 0 none. */
export interface Handle {
  name: string
  x: -1 | 0 | 1
  y: -1 | 0 | 1
}

export const handles: readonly Handle[] = [
  { name: 'nw', x: -1, y: -1 }, { name: 'n', x: 0, y: -1 }, { name: 'ne', x: 1, y: -1 }, { name: 'e', x: 1, y: 0 },
  { name: 'se', x: 1, y: 1 }, { name: 's', x: 0, y: 1 }, { name: 'sw', x: -1, y: 1 }, { name: 'w', x: -1, y: 0 },
]

export const clampPoint = ({ x, y }: Point): Point => ({ x: clamp(x, 0, 1), y: clamp(y, 0, 1) })

/** The box that has both points as corners. */
export function boxBetween(from: Point, to: Point): BoundingBox {
  const [a, b] = [clampPoint(from), clampPoint(to)]
  return { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) }
}

/** A box of that size around a point, moved inside the photo. */
export function boxAround(point: Point, width: number, height: number): BoundingBox {
  const [w, h] = [Math.min(1, width), Math.min(1, height)]
  return { x: clamp(point.x - w / 2, 0, 1 - w), y: clamp(point.y - h / 2, 0, 1 - h), width: w, height: h }
}

/** The box shifted, as far as the photo reaches. */
export function moveBox(box: BoundingBox, dx: number, dy: number): BoundingBox {
  return { ...box, x: clamp(box.x + dx, 0, 1 - box.width), y: clamp(box.y + dy, 0, 1 - box.height) }
}

/** One dimension of a box with one of its ends pulled: never shorter than `least`, never over the edge. */
function pull(start: number, length: number, end: -1 | 0 | 1, by: number, least: number): [start: number, length: number] {
  if (end === 0) return [start, length]
  if (end === 1) return [start, clamp(length + by, least, 1 - start)]
  const moved = clamp(start + by, 0, start + length - least)
  return [moved, start + length - moved]
}

/** The box with the sides of a handle pulled. @param least smallest width and height */
export function resizeBox(box: BoundingBox, handle: Pick<Handle, 'x' | 'y'>, dx: number, dy: number, least: { width: number; height: number }): BoundingBox {
  const [x, width] = pull(box.x, box.width, handle.x, dx, Math.min(least.width, box.width))
  const [y, height] = pull(box.y, box.height, handle.y, dy, Math.min(least.height, box.height))
  return { x, y, width, height }
}

/** The box made wider or higher around its middle, as the keyboard does. */
export function stretchBox(box: BoundingBox, dWidth: number, dHeight: number, least: { width: number; height: number }): BoundingBox {
  const width = clamp(box.width + dWidth, Math.min(least.width, box.width), 1)
  const height = clamp(box.height + dHeight, Math.min(least.height, box.height), 1)
  return boxAround({ x: box.x + box.width / 2, y: box.y + box.height / 2 }, width, height)
}
