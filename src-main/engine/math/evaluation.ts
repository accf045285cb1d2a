/** How well faces of known people are told apart, by the very parts that name and group them in a library. */
import { groupFaces } from './cluster.ts'
import { rankPeople } from './decide.ts'
import { createPlainKernel } from './distance-kernel.ts'
import { vote } from './knn.ts'
import type { LabelledNeighbour } from './knn.ts'
import { bcubed, sweepPairs } from './metrics.ts'
import type { AtThreshold } from './metrics.ts'
import { createNeighbourGraph } from './neighbours.ts'
import { createPersonModels } from './person-models.ts'
import { scoreOf, trainPerson } from './svm.ts'
import type { RecognitionThresholds } from './thresholds.ts'
import { meanOf, pairwiseDistances, smallest, squaredDistance } from './vector.ts'

/** One face of each picture; those of a person one after the other, in the order of the pictures. */
export interface EvaluatedFace {
  person: number
  sizePx: number
  embedding: Float32Array
}

export interface RecognitionFigures {
  /** All pairs of faces, same person or not, by Euclidean distance. */
  verification: {
    same: number
    different: number
    bestF1: AtThreshold
    bestAccuracy: AtThreshold
    /** True accept rate where the false accept rate is at most the key. */
    tarAtFar: Record<string, { tar: number; threshold: number }>
    /** At the distance up to which a name is suggested. */
    atDefault: { threshold: number; tar: number; far: number }
  }
  /** Share of the odd-numbered pictures named right after learning from the even-numbered ones. */
  classification: { knn: number; svm: number; centroid: number }
  /** With half of the people left out: share of the known named right without asking, and of the unknown named at all. */
  unknown: { known: number; accepted: number }
  clustering: {
    algorithm: string
    /** The widest distance at which two groups are joined. */
    threshold: number
    /** Groups of two or more. */
    clusters: number
    bcubed: { precision: number; recall: number; f1: number }
  }
}

/** Labelled faces that vote, as in a library. */
const voters = 5
const neighbourCount = 16

/** @param faces of at least two people, one of them with two faces */
export function measure(faces: readonly EvaluatedFace[], thresholds: RecognitionThresholds): RecognitionFigures {
  const dimension = faces[0].embedding.length
  const values = new Float32Array(faces.length * dimension)
  faces.forEach(({ embedding }, i) => values.set(embedding, i * dimension))
  const set: FaceSet = { values, dimension, people: faces.map(({ person }) => person), sizesPx: faces.map(({ sizePx }) => sizePx) }
  return {
    verification: verification(set, thresholds),
    classification: classification(set, thresholds),
    unknown: unknown(set, thresholds),
    clustering: clustering(set, thresholds),
  }
}

interface FaceSet {
  values: Float32Array
  dimension: number
  people: number[]
  sizesPx: number[]
}

function verification({ values, dimension, people }: FaceSet, thresholds: RecognitionThresholds): RecognitionFigures['verification'] {
  const distances = pairwiseDistances(values, people.length, dimension)
  const isSame = new Uint8Array(distances.length)
  for (let i = 0, at = 0; i < people.length; i++) {
    for (let j = i + 1; j < people.length; j++) isSame[at++] = Number(people[i] === people[j])
  }
  const { same, different, bestF1, bestAccuracy, tarAtFar, at } = sweepPairs(distances, isSame)
  return {
    same, different, bestF1, bestAccuracy,
    tarAtFar: { '0.01': tarAtFar(0.01), '0.001': tarAtFar(0.001) },
    atDefault: { threshold: thresholds.suggest, ...at(thresholds.suggest) },
  }
}

/** Indices of every person's even-numbered pictures, counted from 1, and of the odd-numbered ones. */
function halves(people: readonly number[]): { even: number[]; odd: number[] } {
  const seen = new Map<number, number>()
  const result = { even: [] as number[], odd: [] as number[] }
  people.forEach((person, i) => {
    const ordinal = (seen.get(person) ?? 0) + 1
    seen.set(person, ordinal)
    result[ordinal % 2 === 0 ? 'even' : 'odd'].push(i)
  })
  return result
}

function facesOf(indices: readonly number[], people: readonly number[]): Map<number, number[]> {
  const faces = new Map<number, number[]>()
  for (const i of indices) {
    const own = faces.get(people[i])
    if (own) own.push(i)
    else faces.set(people[i], [i])
  }
  return faces
}

function classification(set: FaceSet, thresholds: RecognitionThresholds): RecognitionFigures['classification'] {
  const { values, dimension, people } = set
  const { even, odd } = halves(people)
  const taught = facesOf(even, people)
  const tested = odd.filter((i) => taught.has(people[i]))
  const rightShare = (guess: (i: number) => number) => tested.filter((i) => guess(i) === people[i]).length / tested.length

  const centroids = Array.from(taught, ([person, own]) => ({ person, mean: meanOf(values, own, dimension) }))
  const labelled = {
    offsets: Int32Array.from(even, (i) => i * dimension), people: Int32Array.from(even, (i) => people[i]),
  }
  const models = Array.from(taught.keys(), (person) => ({
    person,
    model: trainPerson({ values, dimension, personId: person, labelled, background: [], cost: thresholds.svmCost }),
  }))
  const best = <T extends { person: number }>(candidates: T[], cost: (candidate: T) => number) =>
    candidates[smallest(candidates.map(cost), 1)[0]].person
  return {
    knn: rightShare((i) => vote(nearestTaught(set, i, even))[0].personId),
    svm: rightShare((i) => best(models, ({ model }) => -scoreOf(model, values, i * dimension))),
    centroid: rightShare((i) => best(centroids, ({ mean }) => squaredDistance(values, i * dimension, mean, 0, dimension))),
  }
}

function nearestTaught({ values, dimension, people }: FaceSet, face: number, taught: readonly number[]): LabelledNeighbour[] {
  const distances = taught.map((i) => Math.sqrt(squaredDistance(values, face * dimension, values, i * dimension, dimension)))
  return smallest(distances, voters).map((at) => ({ personId: people[taught[at]], distance: distances[at] }))
}

/** Every second person is unknown, then the others are; the two halves' counts are added up. */
function unknown(set: FaceSet, thresholds: RecognitionThresholds): RecognitionFigures['unknown'] {
  const { values, dimension, people, sizesPx } = set
  const names = [...new Set(people)]
  const { even, odd } = halves(people)
  let known = 0, right = 0, strangers = 0, accepted = 0
  for (const half of [0, 1]) {
    const isKnown = new Set(names.filter((_, i) => i % 2 === half))
    const taught = even.filter((i) => isKnown.has(people[i]))
    const taughtPeople = facesOf(taught, people)
    const models = createPersonModels(thresholds)
    models.learn({
      values, dimension, background: [],
      faces: new Map(Array.from(taughtPeople, ([person, own]) => [person, own.map((i) => i * dimension)])),
    })
    const nameOf = (face: number) => {
      const near = nearestTaught(set, face, taught)
      const evidence = vote(near, thresholds.loose)
        .map((one) => ({ ...one, svmProbability: models.probability(one.personId, values, face * dimension) }))
      const circumstances = { sizePx: sizesPx[face], refused: new Set<number>(), onSamePhoto: new Set<number>(), comparisons: taught.length }
      return rankPeople(evidence, circumstances, thresholds).find(({ verdict }) => verdict === 'name')?.personId ?? null
    }
    for (const face of odd.filter((i) => taughtPeople.has(people[i]))) {
      known++
      if (nameOf(face) === people[face]) right++
    }
    for (let face = 0; face < people.length; face++) {
      if (isKnown.has(people[face])) continue
      strangers++
      if (nameOf(face) !== null) accepted++
    }
  }
  return { known: known === 0 ? 0 : right / known, accepted: strangers === 0 ? 0 : accepted / strangers }
}

function clustering({ values, dimension, people, sizesPx }: FaceSet, thresholds: RecognitionThresholds): RecognitionFigures['clustering'] {
  const graph = createNeighbourGraph(createPlainKernel(dimension), neighbourCount)
  const large = people.map((_, i) => i).filter((i) => sizesPx[i] >= thresholds.minimumNamedPx)
  const offsets = Int32Array.from(large, (i) => i * dimension)
  const embeddings = new Float32Array(large.length * dimension)
  offsets.forEach((offset, i) => embeddings.set(values.subarray(offset, offset + dimension), i * dimension))
  graph.add(Int32Array.from(large), embeddings)
  const neighbours = new Int32Array(large.length * neighbourCount).fill(-1)
  for (let i = 0; i < large.length; i++) {
    const start = i * neighbourCount
    neighbours.set(graph.lists.rows.subarray(start, start + graph.lists.counts[i]), start)
  }
  const grouped = groupFaces(
    {
      lists: { count: large.length, size: neighbourCount, neighbours, distances: graph.lists.distances },
      // Every picture is a photo of its own.
      photoIds: Int32Array.from(large), values, offsets, dimension,
    },
    thresholds.grouping,
  )
  const groups = new Int32Array(people.length)
  large.forEach((face, i) => { groups[face] = grouped[i] })
  return {
    algorithm: 'HDBSCAN, capped, and average linkage',
    threshold: thresholds.grouping.joinLarge,
    clusters: new Set(grouped.filter((group) => group > 0)).size,
    bcubed: bcubed(groups, people),
  }
}
