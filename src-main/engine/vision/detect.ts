/** Faces of every size: which sizes of the picture a detector is shown. */
import { suppressNonMaximum, type Rectangle } from '../math/geometry.ts'
import type { DetectorRow } from '../models/registry.ts'
import type { Detection, DetectorPass } from './detect-yunet.ts'
import type { Pyramid } from './pyramid.ts'

/** Longest side of the picture in the first pass. */
const firstPassPx = 800

/** Finds the faces of a picture; boxes in pixels of the picture, clipped to it, best score first. */
export async function detectFaces(pass: DetectorPass, row: DetectorRow, pyramid: Pyramid): Promise<Detection[]> {
  const level = pyramid.levelFor(firstPassPx)
  const found = (await pass(pyramid.level(level), row.minScore)).map((detection) => enlarge(detection, 2 ** level))
  return suppressNonMaximum(found, row.maxOverlap)
    .map((detection) => ({ ...detection, box: clip(detection.box, pyramid.width, pyramid.height) }))
    .filter(({ box }) => box.width >= 1 && box.height >= 1)
}

function enlarge({ box, score, points }: Detection, factor: number): Detection {
  return {
    box: { x: box.x * factor, y: box.y * factor, width: box.width * factor, height: box.height * factor },
    score,
    points: points && Float64Array.from(points, (value) => value * factor),
  }
}

function clip(box: Rectangle, width: number, height: number): Rectangle {
  const x = Math.max(0, box.x)
  const y = Math.max(0, box.y)
  return { x, y, width: Math.min(width, box.x + box.width) - x, height: Math.min(height, box.y + box.height) - y }
}
