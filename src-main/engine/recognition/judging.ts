/**
 * What is known of the faces in memory, and the verdicts that follow from it. A change of what is known makes those
 * verdicts stale that may be others for it: of faces near one whose label came or went, of faces that may be a person
 * whose SVM changed, and of faces on the same photos. Only these are judged again.
 */
import { rankPeople, roundComparisons } from '../math/decide.ts'
import type { RankedPerson } from '../math/decide.ts'
import { vote } from '../math/knn.ts'
import type { LabelledNeighbour } from '../math/knn.ts'
import type { NeighbourGraph } from '../math/neighbours.ts'
import type { RecognitionThresholds } from '../math/thresholds.ts'
import type { Judgement, Knowledge, KnowledgeChange, Verdicts } from '../ports.ts'
import { createLabelledNeighbours, listedAtOnce } from './labelled-neighbours.ts'
import type { LabelledNeighbours } from './labelled-neighbours.ts'
import type { FaceFacts } from './face-facts.ts'
import { onceAPhoto, verdictsOf } from './once-a-photo.ts'
import { createTeaching } from './teaching.ts'

/** Faces that are judged in one step. */
const facesAtOnce = listedAtOnce
const nobody: ReadonlySet<number> = new Set()
/** Standings, besides a person's id. */
const open = 0, closed = -1

export interface Judging {
  readonly labelled: LabelledNeighbours
  /** Rows whose face is gone or new: nothing is known of them. */
  forget(rows: Iterable<number>): void
  /**
   * Takes the whole of what is known, in steps; until the last one what was known before stands.
   * @param areJudged whether the verdicts that follow from it are known already
   */
  know(knowledge: Knowledge, areJudged: boolean): Generator<void, void>
  /**
   * Takes what changed, trains whom it concerns, and judges again what it made stale, in steps, between which nothing may
   * come but `train` and `rank`.
   */
  learn(change: KnowledgeChange): Generator<void, Verdicts>
  /**
   * Trains and calibrates everybody where much has changed, makes the lists of all open faces, and judges all that is
   * stale. Yields after each small step, and goes on with what is known then.
   */
  judge(): Generator<void, Verdicts>
  /** Trains everybody who should have an SVM and has none, and all where much has changed, in steps. */
  train(): Generator<void, void>
  /** The people a row may be, likeliest first. @param neighbours labelled faces that speak for them */
  rank(neighbours: readonly LabelledNeighbour[], row: number, onSamePhoto?: ReadonlySet<number>): RankedPerson[]
  /** As `rank`, for a face that is not in memory. */
  rankStranger(neighbours: readonly LabelledNeighbour[], embedding: Float32Array, sizePx: number): RankedPerson[]
}

/** @param taught an empty graph of the same dimension, for the labelled faces alone; it is this one's own */
export function createJudging(
  graph: NeighbourGraph, taught: NeighbourGraph, facts: FaceFacts, thresholds: RecognitionThresholds,
): Judging {
  const refused = new Map<number, ReadonlySet<number>>()
  const labelled = createLabelledNeighbours(graph, taught, thresholds.loose, (row, personId) => refused.get(row)?.has(personId) ?? false)
  const openRows = new Set<number>()
  /** Labelled rows that teach nothing: a face too small to be recognised says nothing of a person's looks. */
  const untaught = new Map<number, number>()
  const stale = new Set<number>()
  const comparisons = () => roundComparisons(labelled.count())
  /** Verdicts of the `judge` that is under way, less those that `learn` outdated. */
  let found: Map<number, Judgement | null> | null = null
  /** Whether everything was judged by an earlier thread, and the SVMs that it had are still to be trained. */
  let trustsOthers = false
  const teaching = createTeaching(graph, labelled, openRows, thresholds, (people) => {
    if (people) touchNear(people, touch)
    else if (!trustsOthers) for (const row of openRows) stale.add(row)
  })

  return {
    labelled,

    forget(rows) {
      const gone = [...rows]
      labelled.forget(gone, touch)
      for (const row of gone) {
        for (const other of facts.rowsOfPhoto(facts.photoOf(row))) touch(other)
        refused.delete(row)
      }
      for (const row of gone) {
        openRows.delete(row)
        stale.delete(row)
        untaught.delete(row)
      }
      teaching.forget(true)
    },

    *know(knowledge, areJudged) {
      const standings = new Map<number, number>()
      untaught.clear()
      for (const row of labelled.rows()) standings.set(row, closed)
      for (const row of openRows) standings.set(row, closed)
      yield
      forEachRow(knowledge.openFaceIds, (row) => standings.set(row, open))
      yield
      forEachRow(knowledge.labelledFaceIds, (row, i) => standings.set(row, standingOf(row, knowledge.labelledPersonIds[i])))
      yield* apply(standings, refusalsIn(knowledge, refused.keys()))
      teaching.forget(true)
      if (!areJudged) return
      stale.clear()
      trustsOthers = true
    },

    *learn(change) {
      const standings = new Map<number, number>()
      forEachRow(change.faceIds, (row, i) => standings.set(row, standingOf(row, change.personIds[i])))
      const touched = yield* apply(standings, refusalsIn(change, standings.keys()))
      yield
      for (const row of standings.keys()) touched.add(row)
      const take = (row: number) => touched.add(row)
      // Those whom it names and who have an SVM come first: `train` has nothing to do as soon as they are in step.
      touchNear(yield* teaching.keepUp(new Set(standings.values())), take)
      touchNear(yield* teaching.keepUp(yield* peopleNear(touched)), take)
      touchNear(yield* teaching.keepUp(yield* peopleNear(touched)), () => {})
      const isOutdated = teaching.isOutdated()
      const judged = new Map<number, Judgement | null>()
      const photoIds = [...photosOf(touched)]
      for (let first = 0; first < photoIds.length; first += facesAtOnce) {
        for (const [faceId, judgement] of judgePhotos(photoIds.slice(first, first + facesAtOnce))) judged.set(faceId, judgement)
        yield
      }
      for (const faceId of judged.keys()) found?.delete(faceId)
      if (isOutdated) for (const row of touched) touch(row)
      return verdictsOf(judged)
    },

    *judge() {
      found = new Map()
      yield* teaching.train()
      trustsOthers = false
      do {
        const isDue = (row: number) => openRows.has(row) && (stale.has(row) || !labelled.isListed(row))
        const rows = [...openRows].filter(isDue)
        for (let first = 0; first < rows.length; first += facesAtOnce) {
          const some = rows.slice(first, first + facesAtOnce).filter(isDue)
          if (some.length === 0) continue
          labelled.list(Int32Array.from(some))
          for (const [faceId, judgement] of judgePhotos(photosOf(some.filter((row) => stale.has(row))))) found.set(faceId, judgement)
          yield
        }
      } while (stale.size > 0)
      const verdicts = verdictsOf(found)
      found = null
      return verdicts
    },

    train: teaching.train,

    rank: (neighbours, row, onSamePhoto = nobody) => rank(neighbours, graph.values, graph.offsetOf(row), {
      sizePx: facts.sizeOf(row), refused: refused.get(row) ?? nobody, onSamePhoto,
    }),

    rankStranger: (neighbours, embedding, sizePx) => rank(neighbours, embedding, 0, { sizePx, refused: nobody, onSamePhoto: nobody }),
  }

  function touch(row: number): void {
    if (openRows.has(row)) stale.add(row)
  }

  function standingOf(row: number, standing: number): number {
    untaught.delete(row)
    if (standing <= open || facts.sizeOf(row) >= thresholds.minimumSuggestedPx) return standing
    untaught.set(row, standing)
    return closed
  }

  function forEachRow(faceIds: Int32Array, take: (row: number, index: number) => void): void {
    faceIds.forEach((faceId, i) => {
      const row = graph.rowOf(faceId)
      if (row !== undefined) take(row, i)
    })
  }

  /** People that each row refuses; `asked` rows are there even where they refuse nobody. */
  function refusalsIn(
    { rejectedFaceIds, rejectedPersonIds }: Pick<Knowledge, 'rejectedFaceIds' | 'rejectedPersonIds'>, asked: Iterable<number>,
  ): Map<number, Set<number>> {
    const refusals = new Map<number, Set<number>>()
    for (const row of asked) refusals.set(row, new Set())
    forEachRow(rejectedFaceIds, (row, i) => {
      const known = refusals.get(row)
      if (known) known.add(rejectedPersonIds[i])
      else refusals.set(row, new Set([rejectedPersonIds[i]]))
    })
    return refusals
  }

  /**
   * Answers the rows whose verdict may be another one now, closed and labelled ones among them; the open ones are stale. All
   * steps go before anything changes: whoever asks between them is answered from what was known before.
   */
  function* apply(
    standings: ReadonlyMap<number, number>, refusals: ReadonlyMap<number, ReadonlySet<number>>,
  ): Generator<void, Set<number>> {
    const touched = new Set<number>()
    yield
    const changed = [...standings].filter(([row, standing]) => standing !== (labelled.personOf(row) || (openRows.has(row) ? open : closed)))
    yield
    const measured = yield* labelled.measure(new Map(changed.map(([row, standing]) => [row, Math.max(standing, 0)])))
    const comparisonsBefore = comparisons()
    for (const [row, people] of refusals) {
      const before = refused.get(row) ?? nobody
      if (people.size === before.size && [...people].every((personId) => before.has(personId))) continue
      if (people.size > 0) refused.set(row, people)
      else refused.delete(row)
      labelled.unlist(row)
      touched.add(row)
    }
    for (const [row, standing] of changed) {
      if (standing === open) {
        openRows.add(row)
      } else {
        openRows.delete(row)
        stale.delete(row)
      }
      for (const other of facts.rowsOfPhoto(facts.photoOf(row))) touched.add(other)
    }
    labelled.relabel(measured, (row) => touched.add(row))
    for (const row of touched) touch(row)
    if (comparisons() !== comparisonsBefore) for (const row of openRows) stale.add(row)
    teaching.forget(false)
    return touched
  }

  /** People whom the open ones among the rows, and those on their photos, may be. */
  function* peopleNear(rows: Iterable<number>): Generator<void, Set<number>> {
    const judged = openOn(photosOf(rows))
    yield* labelled.listInSteps(judged)
    const people = new Set<number>()
    for (const row of judged) for (const { personId } of labelled.of(row)) people.add(personId)
    return people
  }

  function photosOf(rows: Iterable<number>): Set<number> {
    const photoIds = new Set<number>()
    for (const row of rows) photoIds.add(facts.photoOf(row))
    return photoIds
  }

  function openOn(photoIds: Iterable<number>): Int32Array {
    return Int32Array.from(Array.from(photoIds, facts.rowsOfPhoto).flat().filter((row) => openRows.has(row)))
  }

  /** The SVMs of these people are others now. A list that is not made yet may hold any of them. */
  function touchNear(people: ReadonlySet<number>, take: (row: number) => void): void {
    labelled.forEachNear(people, take)
    if (people.size > 0 && !trustsOthers) for (const row of openRows) if (!labelled.isListed(row)) stale.add(row)
  }

  /** Judges the open faces of photos. Null: unknown. */
  function judgePhotos(photoIds: Iterable<number>): Map<number, Judgement | null> {
    labelled.list(openOn(photoIds))
    const judged = new Map<number, Judgement | null>()
    for (const photoId of photoIds) {
      const onPhoto = facts.rowsOfPhoto(photoId)
      const named = new Set(onPhoto.map((row) => labelled.personOf(row) || (untaught.get(row) ?? 0)).filter((personId) => personId > 0))
      const verdicts: Judgement[] = []
      for (const row of onPhoto) {
        if (!openRows.has(row)) continue
        stale.delete(row)
        const faceId = graph.faceIdOf(row)
        judged.set(faceId, null)
        const likeliest = rank(labelled.of(row), graph.values, graph.offsetOf(row), {
          sizePx: facts.sizeOf(row), refused: refused.get(row) ?? nobody, onSamePhoto: named,
        }).find(({ verdict }) => verdict !== 'unknown')
        if (likeliest) verdicts.push({ faceId, ...likeliest })
      }
      for (const verdict of onceAPhoto(verdicts)) judged.set(verdict.faceId, verdict)
    }
    return judged
  }

  function rank(
    neighbours: readonly LabelledNeighbour[], values: Float32Array, offset: number,
    circumstances: { sizePx: number; refused: ReadonlySet<number>; onSamePhoto: ReadonlySet<number> },
  ): RankedPerson[] {
    if (neighbours.length === 0) return []
    const evidence = vote(neighbours).map((one) => ({ ...one, svmProbability: teaching.probability(one.personId, values, offset) }))
    return rankPeople(evidence, { ...circumstances, comparisons: comparisons() }, thresholds)
  }
}
