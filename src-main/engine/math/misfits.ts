/** Faces that carry one person's name and look like another. */
import { vote } from './knn.ts'

export interface ConfirmedNeighbour {
  personId: number
  /** Euclidean. */
  distance: number
}

/** This much of the votes must be one other person's … */
const decidingShare = 0.8
/** … and so many of the neighbours: one neighbour may be the one with the wrong name. */
const decidingFaces = 2

/**
 * Whom a named face looks like instead.
 * @param neighbours the nearest faces that the user confirmed, without the face itself
 * @param limit distance up to which a neighbour may be the same person
 * @param cannotBe people who were refused for the face, or are on its photo already
 * @returns null where it looks like its own name, or like nobody
 */
export function looksLikeAnother(
  personId: number, neighbours: readonly ConfirmedNeighbour[], limit: number, cannotBe: (otherId: number) => boolean,
): number | null {
  const [first] = vote(neighbours, limit)
  if (!first || first.personId === personId || first.share < decidingShare || cannotBe(first.personId)) return null
  const faces = neighbours.filter((neighbour) => neighbour.personId === first.personId && neighbour.distance <= limit).length
  return faces >= decidingFaces ? first.personId : null
}
