/** How much two people look alike, as somebody needs to know who is about to say that they are one. */
import type { RecognitionThresholds } from './thresholds.ts'
import { squaredDistance } from './vector.ts'

/** Distances between sets grow with the square of their sizes: so many faces of each are enough for a word. */
const facesOfEach = 100

function nearestTo(values: Float32Array, from: number, offsets: readonly number[], dimension: number): number {
  return Math.sqrt(offsets.reduce((least, to) => Math.min(least, squaredDistance(values, from, values, to, dimension)), Infinity))
}

/** At most `facesOfEach` of them, evenly spread. */
function sampleOf(offsets: readonly number[]): readonly number[] {
  const step = Math.max(1, offsets.length / facesOfEach)
  return Array.from({ length: Math.min(facesOfEach, offsets.length) }, (_, i) => offsets[Math.floor(i * step)]!)
}

/**
 * The median, over the faces of both, of the distance to the nearest face of the other; null where one has none. The median
 * does not follow a few faces that are wrongly named.
 * @param values embeddings; that of a face begins at its offset
 */
export function typicalDistance(
  values: Float32Array, offsets: readonly number[], otherOffsets: readonly number[], dimension: number,
): number | null {
  const [some, others] = [sampleOf(offsets), sampleOf(otherOffsets)]
  if (some.length === 0 || others.length === 0) return null
  const nearest = [
    ...some.map((offset) => nearestTo(values, offset, others, dimension)),
    ...others.map((offset) => nearestTo(values, offset, some, dimension)),
  ].sort((a, b) => a - b)
  return nearest[Math.floor(nearest.length / 2)]!
}

/** The distance in words: up to where a name is given without asking, up to where faces may be one person, and beyond. */
export function likenessAt(distance: number, { autoName, loose }: RecognitionThresholds): 'very' | 'somewhat' | 'little' {
  if (distance <= autoName) return 'very'
  return distance <= loose ? 'somewhat' : 'little'
}
