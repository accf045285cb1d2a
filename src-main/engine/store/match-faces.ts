/** Which faces of a photo that is looked at again are the ones already known. */
import type { BoundingBox } from '../../../src-shared/domain.ts'

export interface MatchableFace {
  box: BoundingBox
  /** Drawn by a person, loosely as people draw: a detector's tight box inside it is the same face. */
  isDrawn?: boolean
  /** Null where there is none by the model in use. */
  embedding: Float32Array | null
}

/** Boxes of one face by two detectors, or by one on slightly other pixels, overlap at least this much (IoU). */
const minOverlap = 0.4
/** Part of the smaller box that lies in the other, from which a drawn box and a detector's are one face's. */
const minOverlapOfSmaller = 0.65
/** Where the picture was edited, boxes that overlap may be other people: cosine below which they are. */
const minCosineOverlapping = 0.88
/** Cosine from which faces of one photo are the same without overlap, after a crop or a turn. */
const minCosineElsewhere = 0.95

/** Intersection over union of two boxes, 0..1. */
export function overlapOf(a: BoundingBox, b: BoundingBox): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  if (width <= 0 || height <= 0) return 0
  const intersection = width * height
  return intersection / (a.width * a.height + b.width * b.height - intersection)
}

/** The part of the smaller box that lies inside the other, 0..1. */
function overlapOfSmaller(a: BoundingBox, b: BoundingBox): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  if (width <= 0 || height <= 0) return 0
  return (width * height) / Math.min(a.width * a.height, b.width * b.height)
}

/** Whether two boxes on the same pixels are one face's. */
export function isSamePlace(a: BoundingBox, b: BoundingBox, isDrawn = false): boolean {
  return overlapOf(a, b) >= minOverlap || (isDrawn && overlapOfSmaller(a, b) >= minOverlapOfSmaller)
}

function cosineOf(a: Float32Array, b: Float32Array): number {
  let dot = 0
  let squaresA = 0
  let squaresB = 0
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!
    squaresA += a[i]! * a[i]!
    squaresB += b[i]! * b[i]!
  }
  return dot / Math.sqrt(squaresA * squaresB || 1)
}

/** How surely two faces are the same, or 0: overlap counts before likeness. */
function agreement(known: MatchableFace, seen: MatchableFace, sameContent: boolean): number {
  const overlap = overlapOf(known.box, seen.box)
  const overlaps = isSamePlace(known.box, seen.box, known.isDrawn)
  if (sameContent || !known.embedding || !seen.embedding || known.embedding.length !== seen.embedding.length)
    return overlaps ? overlap : 0
  const cosine = cosineOf(known.embedding, seen.embedding)
  if (overlaps && cosine >= minCosineOverlapping) return 1 + overlap
  return cosine >= minCosineElsewhere ? cosine : 0
}

/**
 * Pairs known faces with seen ones, surest first, each at most once.
 * @param sameContent whether the file is byte for byte the one the known faces come from; else likeness must agree too
 * @returns for each seen face the index of the known one, or -1
 */
export function matchFaces(known: readonly MatchableFace[], seen: readonly MatchableFace[], sameContent: boolean): Int32Array {
  const pairs: { known: number; seen: number; sureness: number }[] = []
  known.forEach((knownFace, k) =>
    seen.forEach((seenFace, s) => {
      const sureness = agreement(knownFace, seenFace, sameContent)
      if (sureness > 0) pairs.push({ known: k, seen: s, sureness })
    }))
  pairs.sort((a, b) => b.sureness - a.sureness || a.known - b.known || a.seen - b.seen)
  const matches = new Int32Array(seen.length).fill(-1)
  const taken = new Set<number>()
  for (const pair of pairs) {
    if (matches[pair.seen] !== -1 || taken.has(pair.known)) continue
    matches[pair.seen] = pair.known
    taken.add(pair.known)
  }
  return matches
}
