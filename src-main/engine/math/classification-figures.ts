/** How often faces are given the right name, and strangers any: by the parts that give names in a library. */
import { rankPeople } from './decide.ts'
import { crossDistanceMatrix } from './distance-matrix.ts'
import type { FaceSet, Pause } from './face-set.ts'
import { vote } from './knn.ts'
import type { LabelledNeighbour } from './knn.ts'
import { createPersonModels } from './person-models.ts'
import { scoreOf, trainPerson } from './svm.ts'
import type { RecognitionThresholds } from './thresholds.ts'
import { meanOf, smallest } from './vector.ts'

/** Of the odd-numbered pictures, after learning from the even-numbered ones, as the method's notebook has it. */
export interface ClassificationFigures {
  /** Shares of the tested faces that are named right. */
  knn: number
  svm: number
  centroid: number
  /** By person: faces tested, and how many of them KNN names right. */
  people: { person: number; tested: number; right: number }[]
  /** Whom KNN takes for whom, and how often; the most frequent first. */
  mistakes: { person: number; namedAs: number; faces: number }[]
}

/** With half of the people left out, then the other half. */
export interface UnknownFigures {
  /** Share of the known who are named right without asking. */
  known: number
  /** Share of the unknown who are given a name at all. */
  accepted: number
}

/** Labelled faces that vote, as in a library. */
const voters = 5

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

export async function classificationFigures(
  set: FaceSet, thresholds: RecognitionThresholds, pause: Pause,
): Promise<ClassificationFigures> {
  const { values, dimension, people } = set
  const { even, odd } = halves(people)
  const taught = facesOf(even, people)
  const tested = odd.filter((i) => taught.has(people[i]))
  const known = [...taught.keys()]
  const centroids = Float32Array.from(Array.from(taught.values(), (own) => [...meanOf(values, own, dimension)]).flat())
  const labelled = {
    offsets: Int32Array.from(even, (i) => i * dimension), people: Int32Array.from(even, (i) => people[i]),
  }
  const models = []
  for (const person of known) {
    models.push(trainPerson({ values, dimension, personId: person, labelled, background: [], cost: thresholds.svmCost }))
    await pause()
  }
  const best = (costs: ArrayLike<number>) => known[smallest(costs, 1)[0]]
  const nearest = nearestTaught(set, even)
  const guesses: { person: number; knn: number; svm: number; centroid: number }[] = []
  for (const i of tested) {
    guesses.push({
      person: people[i],
      knn: vote(nearest(i))[0].personId,
      svm: best(models.map((model) => -scoreOf(model, values, i * dimension))),
      centroid: best(crossDistanceMatrix(vectorOf(set, i), 1, centroids, known.length, dimension, { squared: true })),
    })
    await pause()
  }
  const rightShare = (by: 'knn' | 'svm' | 'centroid') =>
    guesses.filter((guess) => guess[by] === guess.person).length / guesses.length
  return { knn: rightShare('knn'), svm: rightShare('svm'), centroid: rightShare('centroid'), ...confusion(guesses) }
}

/** Whom KNN takes for whom. */
function confusion(guesses: readonly { person: number; knn: number }[]): Pick<ClassificationFigures, 'people' | 'mistakes'> {
  const counted = new Map<number, Map<number, number>>()
  for (const { person, knn } of guesses) {
    const names = counted.get(person) ?? new Map<number, number>()
    counted.set(person, names.set(knn, (names.get(knn) ?? 0) + 1))
  }
  const sum = (names: Map<number, number>) => [...names.values()].reduce((total, faces) => total + faces, 0)
  return {
    people: Array.from(counted, ([person, names]) => ({ person, tested: sum(names), right: names.get(person) ?? 0 })),
    mistakes: Array.from(counted, ([person, names]) => Array.from(names, ([namedAs, faces]) => ({ person, namedAs, faces })))
      .flat().filter(({ person, namedAs }) => person !== namedAs).sort((a, b) => b.faces - a.faces),
  }
}

const vectorOf = ({ values, dimension }: FaceSet, face: number) => values.subarray(face * dimension, (face + 1) * dimension)

/** Finds the taught faces nearest to a face. */
function nearestTaught(set: FaceSet, taught: readonly number[]): (face: number) => LabelledNeighbour[] {
  const { dimension, people } = set
  const vectors = new Float32Array(taught.length * dimension)
  taught.forEach((face, i) => vectors.set(vectorOf(set, face), i * dimension))
  return (face) => {
    const distances = crossDistanceMatrix(vectorOf(set, face), 1, vectors, taught.length, dimension)
    return smallest(distances, voters).map((at) => ({ personId: people[taught[at]], distance: distances[at] }))
  }
}

/** Every second person is unknown, then the others are; the two halves' counts are added up. */
export async function unknownFigures(set: FaceSet, thresholds: RecognitionThresholds, pause: Pause): Promise<UnknownFigures> {
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
    const nearest = nearestTaught(set, taught)
    const nameOf = (face: number) => {
      const evidence = vote(nearest(face), thresholds.loose)
        .map((one) => ({ ...one, svmProbability: models.probability(one.personId, values, face * dimension) }))
      const circumstances = { sizePx: sizesPx[face], refused: new Set<number>(), onSamePhoto: new Set<number>(), comparisons: taught.length }
      return rankPeople(evidence, circumstances, thresholds).find(({ verdict }) => verdict === 'name')?.personId ?? null
    }
    for (const face of odd.filter((i) => taughtPeople.has(people[i]))) {
      known++
      if (nameOf(face) === people[face]) right++
      await pause()
    }
    for (let face = 0; face < people.length; face++) {
      if (isKnown.has(people[face])) continue
      strangers++
      if (nameOf(face) !== null) accepted++
      await pause()
    }
  }
  return { known: known === 0 ? 0 : right / known, accepted: strangers === 0 ? 0 : accepted / strangers }
}
