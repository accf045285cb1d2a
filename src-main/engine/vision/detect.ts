/** Faces of every size: which sizes of the picture a detector is shown. */
import { suppressNonMaximum, type Rectangle } from '../math/geometry.ts'
import type { DetectorRow } from '../models/registry.ts'
import type { Detection, DetectorPass } from './detect-yunet.ts'
import type { Pyramid } from './pyramid.ts'

/** Longest side of the picture in the first pass: 640 px for nearly every photo, at most this. */
const firstPassPx = 800
/** The network sees faces up to about half its picture: faces that fill the frame are found in a smaller one. */
const closeUpPassPx = 400
/** A close-up's face spans at least this part of the photo's shorter side. */
const closeUpMinExtent = 0.4
/** Below this size in the first pass faces begin to be missed (half of them at 8 px), and one seldom comes alone. */
const smallFacePx = 20
/** A trace of a small face: a score that is no face yet, as a part of the score that is. */
const traceOfScore = 0.5
/** The large pass adds faces up to this size in its own pixels; larger ones the first pass sees better. */
const largePassMaxFacePx = 64

/**
 * Finds the faces of a picture; boxes and points in pixels of the picture, boxes clipped to it, best score first.
 *
 * The first pass sees the picture at about 640 px. Where that promises small faces, a second pass sees it at its full
 * 1280 px (four times the work, for one photo in twenty or thirty); where it shows nothing, a second pass sees it at 320 px
 * (a fifth of the work) to find a face that fills the frame.
 */
export async function detectFaces(pass: DetectorPass, row: DetectorRow, pyramid: Pyramid): Promise<Detection[]> {
  const firstLevel = pyramid.levelFor(firstPassPx)
  const traces = await passAt(pass, pyramid, firstLevel, row.minScore * traceOfScore)
  const first = traces.filter(({ score }) => score >= row.minScore)
  const second = firstLevel > 0 && promisesSmallFaces(traces, smallFacePx * 2 ** firstLevel, row)
    ? (await passAt(pass, pyramid, 0, row.minScore)).filter(({ box }) => shorterSide(box) <= largePassMaxFacePx)
    : first.length === 0 ? await closeUps(pass, row, pyramid) : []
  return suppressNonMaximum([...first, ...second], row.maxOverlap)
    .map((detection) => ({ ...detection, box: clip(detection.box, pyramid.width, pyramid.height) }))
    .filter(({ box }) => box.width >= 1 && box.height >= 1)
}

/** A small face, two traces of small faces, or one trace where there is no face at all: beside large faces one means nothing. */
function promisesSmallFaces(traces: readonly Detection[], belowPx: number, row: DetectorRow): boolean {
  const small = suppressNonMaximum(traces.filter(({ box }) => shorterSide(box) < belowPx), row.maxOverlap)
  const isFaceless = traces.every(({ score }) => score < row.minScore)
  return small.some(({ score }) => score >= row.minScore) || small.length >= (isFaceless ? 1 : 2)
}

async function closeUps(pass: DetectorPass, row: DetectorRow, pyramid: Pyramid): Promise<Detection[]> {
  const level = pyramid.levelFor(closeUpPassPx)
  const minSide = closeUpMinExtent * Math.min(pyramid.width, pyramid.height)
  return (await passAt(pass, pyramid, level, row.minScore)).filter(({ box }) => shorterSide(box) >= minSide)
}

async function passAt(pass: DetectorPass, pyramid: Pyramid, level: number, minScore: number): Promise<Detection[]> {
  return (await pass(pyramid.level(level), minScore)).map((detection) => enlarge(detection, 2 ** level))
}

function shorterSide({ width, height }: Rectangle): number {
  return Math.min(width, height)
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
