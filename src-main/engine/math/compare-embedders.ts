/**
 * Whether one embedder tells people apart better than another, on the same labelled faces, and how sure that is. A model is exchanged
 * only for one that wins here.
 */
import { sweepPairs } from './metrics.ts'
import { createRandom } from './random.ts'
import { pairwiseDistances } from './vector.ts'

/** The same faces in the same order, as both embedders see them. */
export interface ComparedFaces {
  /** Whose each face is. */
  readonly people: ArrayLike<number>
  /** Rows one after the other. */
  readonly current: Float32Array
  readonly candidate: Float32Array
}

export interface ComparedMeasure {
  readonly name: 'AUC' | 'TAR at 1 % FAR' | 'TAR at 0.1 % FAR'
  readonly current: number
  readonly candidate: number
  /** Candidate less current. */
  readonly difference: number
  /** In which the difference lies with a probability of .95, were other people drawn. */
  readonly interval: readonly [low: number, high: number]
}

export interface EmbedderComparison {
  /** `candidate` or `current` wins where the intervals of the true accept rates say so; else it is `undecided`. */
  readonly verdict: 'candidate' | 'current' | 'undecided'
  readonly faces: number
  readonly people: number
  /** Pairs of faces of one person, and of two. */
  readonly same: number
  readonly different: number
  /** A table: one row a measure. */
  readonly measures: readonly ComparedMeasure[]
}

export interface ComparisonOptions {
  /** Draws of people. */
  readonly draws?: number
  readonly seed?: number
  /** More faces than these are left out, evenly over the people: pairs grow with their square. */
  readonly mostFaces?: number
}

const farLevels = [0.01, 0.001] as const
/** Below this many pairs of strangers a false accept rate can't be told. */
const fewestAccepted = 3

/**
 * Compares two embedders by the true accept rate at 1 % and .1 % false accepts over all pairs of faces, each with thresholds of its
 * own. How far the difference may be chance is found by drawing people with replacement (the bootstrap, Efron 1979): pairs of the
 * faces of one person hang together, so people are drawn, not pairs.
 * @throws RangeError where no pair of one person, or none of two, can be made
 */
export function compareEmbedders(faces: ComparedFaces, { draws = 200, seed = 1, mostFaces = 1500 }: ComparisonOptions = {}): EmbedderComparison {
  const dimension = { current: faces.current.length / faces.people.length, candidate: faces.candidate.length / faces.people.length }
  const kept = thin(faces.people, mostFaces)
  const names = [...new Set(kept.map((face) => faces.people[face]!))]
  const people = Int32Array.from(kept, (face) => names.indexOf(faces.people[face]!))
  const rowsOf = (values: Float32Array, length: number) =>
    Float32Array.from(kept.flatMap((face) => [...values.subarray(face * length, (face + 1) * length)]))
  const pairs = pairsOf(people)
  const distances = [
    pairwiseDistances(rowsOf(faces.current, dimension.current), people.length, dimension.current),
    pairwiseDistances(rowsOf(faces.candidate, dimension.candidate), people.length, dimension.candidate),
  ] as const
  const sweeps = distances.map((own) => sweepPairs(own, pairs.same))
  const [current, candidate] = sweeps as [typeof sweeps[0], typeof sweeps[0]]
  if (current.same === 0 || current.different === 0) {
    throw new RangeError('Embedders are compared on faces of at least two people, one of them with two faces')
  }
  const orders = distances.map((own) => Uint32Array.from(own.keys()).sort((a, b) => own[a]! - own[b]!))
  const random = createRandom(seed)
  const drawn = Array.from({ length: draws }, () => {
    const weights = drawPeople(names.length, random)
    const [before, after] = orders.map((order) => weightedFigures(order, pairs, weights))
    return after!.map((value, i) => value - before![i]!)
  }).filter((differences) => differences.every(Number.isFinite))

  const rows: [ComparedMeasure['name'], number, number][] = [
    ['AUC', current.auc, candidate.auc],
    ['TAR at 1 % FAR', current.tarAtFar(0.01).tar, candidate.tarAtFar(0.01).tar],
    ['TAR at 0.1 % FAR', current.tarAtFar(0.001).tar, candidate.tarAtFar(0.001).tar],
  ]
  const measures = rows.map(([name, own, other], i): ComparedMeasure => ({
    name, current: own, candidate: other, difference: other - own, interval: interval(drawn.map((differences) => differences[i]!)),
  }))
  return {
    verdict: decide(measures.slice(1).filter((_, i) => current.different * farLevels[i]! >= fewestAccepted)),
    faces: people.length, people: names.length, same: current.same, different: current.different, measures,
  }
}

/** A win needs one rate that is surely better, and none that is worse. */
function decide(rates: readonly ComparedMeasure[]): EmbedderComparison['verdict'] {
  if (rates.some(({ interval: [low] }) => low > 0) && rates.every(({ difference }) => difference >= 0)) return 'candidate'
  if (rates.some(({ interval: [, high] }) => high < 0) && rates.every(({ difference }) => difference <= 0)) return 'current'
  return 'undecided'
}

/** Indices of the faces: of everybody the first, then of everybody the second …, until there are enough; in their own order. */
function thin(people: ArrayLike<number>, most: number): number[] {
  const seen = new Map<number, number>()
  const ranked = Array.from(people, (person, face) => {
    const rank = seen.get(person) ?? 0
    seen.set(person, rank + 1)
    return { face, rank }
  })
  return ranked.toSorted((a, b) => a.rank - b.rank).slice(0, most).map(({ face }) => face).sort((a, b) => a - b)
}

interface Pairs {
  readonly same: Uint8Array
  /** Person of either face. */
  readonly first: Int32Array
  readonly second: Int32Array
}

function pairsOf(people: Int32Array): Pairs {
  const count = (people.length * (people.length - 1)) / 2
  const pairs = { same: new Uint8Array(count), first: new Int32Array(count), second: new Int32Array(count) }
  let at = 0
  for (let i = 0; i < people.length; i++) {
    for (let j = i + 1; j < people.length; j++, at++) {
      pairs.same[at] = Number(people[i] === people[j])
      pairs.first[at] = people[i]!
      pairs.second[at] = people[j]!
    }
  }
  return pairs
}

/** How often each person is drawn when as many are drawn as there are. */
function drawPeople(count: number, random: () => number): Float64Array {
  const times = new Float64Array(count)
  for (let i = 0; i < count; i++) times[Math.floor(random() * count)]!++
  return times
}

/**
 * AUC and the true accept rates where every pair counts as often as its people were drawn.
 * @param order of the pairs, the nearest first
 */
function weightedFigures(order: Uint32Array, { same, first, second }: Pairs, times: Float64Array): number[] {
  const weightOf = (pair: number): number => (same[pair] ? times[first[pair]!]! : times[first[pair]!]! * times[second[pair]!]!)
  let positives = 0, negatives = 0
  for (let pair = 0; pair < same.length; pair++) {
    if (same[pair]) positives += weightOf(pair)
    else negatives += weightOf(pair)
  }
  let accepted = 0, wrong = 0, area = 0
  const tar = farLevels.map(() => 0)
  for (const pair of order) {
    const weight = weightOf(pair)
    if (same[pair]) {
      accepted += weight
      area += weight * (negatives - wrong)
    } else {
      wrong += weight
    }
    farLevels.forEach((far, i) => {
      if (wrong <= far * negatives) tar[i] = accepted / positives
    })
  }
  return [area / positives / negatives, ...tar]
}

/** The middle 95 % of the values. */
function interval(values: readonly number[]): [number, number] {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0
  return [at(0.025), at(0.975)]
}
