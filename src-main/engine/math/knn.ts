/** K nearest neighbours: the nearest labelled faces vote, the nearer the louder. */

export interface LabelledNeighbour {
  personId: number
  /** Euclidean. */
  distance: number
}

export interface Vote {
  personId: number
  /** Of the person's nearest face. */
  distance: number
  /** This person's part of all votes, 0..1. */
  share: number
}

/**
 * Weights fall with this power of the distance. Faces of one person lie at .4, of two at .8: a person with one labelled face
 * at .4 must outvote another's seven at .55, as people in a family album have unequal numbers of labelled faces.
 */
const steepness = 8
/** Distance under which being nearer counts no more. */
const nearest = 0.05

/**
 * Votes weighted by distance, loudest first; ties by distance, then by id.
 * @param limit neighbours beyond it have no vote
 */
export function vote(neighbours: readonly LabelledNeighbour[], limit = Infinity): Vote[] {
  const votes = new Map<number, Vote>()
  let total = 0
  for (const { personId, distance } of neighbours) {
    if (!(distance <= limit)) continue
    const weight = 1 / Math.max(distance, nearest) ** steepness
    total += weight
    const known = votes.get(personId)
    if (!known) votes.set(personId, { personId, distance, share: weight })
    else {
      known.share += weight
      known.distance = Math.min(known.distance, distance)
    }
  }
  const ranked = [...votes.values()]
  for (const one of ranked) one.share /= total
  return ranked.sort((a, b) => b.share - a.share || a.distance - b.distance || a.personId - b.personId)
}
