/**
 * The rule that joins KNN and SVM into a verdict on one face.
 *
 * KNN proposes: only people with a labelled face within `loose` are thought of. While a person has fewer than
 * `svmFromFaces` labelled faces KNN decides alone: a name at `autoName` and nearer (less in a library with many labelled
 * faces, `nameLimit`) where the next person is farther by `margin`, a suggestion at `suggest`. After that both must agree: a name needs KNN's distance and the SVM's
 * `autoNameProbability`; a suggestion needs KNN's distance and an SVM that does not speak against it, or an SVM that is
 * sure within `loose`. Faces that are too small are not named, or not even suggested; refused names never come back, nor
 * does somebody whom the user named on the same photo.
 */
import { logistic } from './thresholds.ts'
import type { RecognitionThresholds } from './thresholds.ts'
import type { Vote } from './knn.ts'

export interface PersonEvidence extends Vote {
  /** Calibrated probability; null where the person has too few faces for an SVM. */
  svmProbability: number | null
}

export interface FaceCircumstances {
  /** Shorter side of the box. */
  sizePx: number
  /** People whose name the user refused for this face. */
  refused: ReadonlySet<number>
  /** People the user named on another face of the same photo: hardly anybody is on a photo twice. */
  onSamePhoto: ReadonlySet<number>
  /** Labelled faces it was compared with, in all. */
  comparisons: number
}

export interface RankedPerson {
  personId: number
  probability: number
  distance: number
  verdict: 'name' | 'suggest' | 'unknown'
}

/**
 * SVM probability under which the SVM speaks against a suggestion: it finds it likelier that this is somebody else. Measured on
 * the development part of LFW with ten people named; docs/usability.md says what .1 and .5 ask about.
 */
const against = 0.5

/** The people a face may be, likeliest first; only the first can have the verdict `name`. */
export function rankPeople(
  evidence: readonly PersonEvidence[], { sizePx, refused, onSamePhoto, comparisons }: FaceCircumstances,
  thresholds: RecognitionThresholds,
): RankedPerson[] {
  const allowed = evidence.filter(({ personId }) => !refused.has(personId))
  const shares = allowed.reduce((sum, { share }) => sum + share, 0)
  const ranked = allowed
    .map((person) => ({
      ...person,
      probability: person.svmProbability ?? logistic(person.distance, thresholds.samePerson) * (person.share / shares),
    }))
    .sort((a, b) => b.probability - a.probability || a.distance - b.distance || a.personId - b.personId)
  const [nearest, second] = nearestTwo(ranked)
  return ranked.map((person, rank) => {
    const { personId, probability, distance } = person
    const elsewhere = !onSamePhoto.has(personId)
    const mayName = rank === 0 && sizePx >= thresholds.minimumNamedPx && elsewhere
    const nextDistance = distance === nearest ? second : nearest
    let verdict: RankedPerson['verdict'] = 'unknown'
    if (elsewhere && sizePx >= thresholds.minimumSuggestedPx && isSuggested(person, thresholds)) verdict = 'suggest'
    if (mayName && isNamed(person, nextDistance, comparisons, thresholds)) verdict = 'name'
    return { personId, probability, distance, verdict }
  })
}

/** The smallest distance and the next, which is the same where two people are equally near; Infinity where there is none. */
function nearestTwo(people: readonly PersonEvidence[]): [nearest: number, second: number] {
  let nearest = Infinity, second = Infinity
  for (const { distance } of people) {
    if (distance < nearest) [nearest, second] = [distance, nearest]
    else if (distance < second) second = distance
  }
  return [nearest, second]
}

function isSuggested({ distance, svmProbability }: PersonEvidence, thresholds: RecognitionThresholds): boolean {
  if (svmProbability === null) return distance <= thresholds.suggest
  if (svmProbability >= thresholds.autoNameProbability) return distance <= thresholds.loose
  return distance <= thresholds.suggest && svmProbability >= against
}

function isNamed(
  { distance, svmProbability }: PersonEvidence, nextDistance: number, comparisons: number, thresholds: RecognitionThresholds,
): boolean {
  if (svmProbability !== null) return distance <= thresholds.autoName && svmProbability >= thresholds.autoNameProbability
  return distance <= nameLimit(comparisons, thresholds) && nextDistance - distance >= thresholds.margin
}

/** Largest distance at which KNN alone gives a name, by the number of labelled faces that could be near by chance. */
export function nameLimit(comparisons: number, thresholds: RecognitionThresholds): number {
  return tightened(thresholds.autoName, comparisons, thresholds)
}

/** A distance that, with more labelled faces to be near by chance, is as rarely met by a stranger. */
export function tightened(
  distance: number, comparisons: number, { freeComparisons, tightenPerTenfold }: RecognitionThresholds,
): number {
  return distance - tightenPerTenfold * Math.log10(Math.max(1, comparisons / freeComparisons))
}

/**
 * A number of labelled faces rounded up to an eighth of a power of two: with each new one `nameLimit` would move a little, and
 * no verdict could be kept.
 */
export function roundComparisons(count: number): number {
  const step = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, count))) - 3)
  return Math.ceil(count / step) * step
}
