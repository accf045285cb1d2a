/** A linear SVM for every person with enough labelled faces, and one calibration for all of them. */
import { fitLogistic } from './calibrate.ts'
import type { ScoredCase } from './calibrate.ts'
import { hash } from './random.ts'
import { finish } from './steps.ts'
import { scoreOf, trainPerson } from './svm.ts'
import type { LabelledOffsets, LinearModel } from './svm.ts'
import { logistic } from './thresholds.ts'
import type { RecognitionThresholds } from './thresholds.ts'
import { meanOf } from './vector.ts'

/** What there is to learn from; offsets of embeddings in `values`. */
export interface Lessons {
  values: Float32Array
  dimension: number
  /** Labelled faces of each person. */
  faces: ReadonlyMap<number, readonly number[]>
  /** Faces of nobody known: the offset and the people it may be. Half of them teach, the other half calibrates. */
  background: readonly { offset: number; mayBe: readonly number[] }[]
}

export interface PersonModels {
  /** Trains whom something changed for; everybody when the whole has changed much since. */
  learn(lessons: Lessons): void
  /**
   * Trains only whom something changed for, and yields after each person. Answers whose model came, is another one, or went.
   * @param lessonsNow as in `relearn`
   * @param wanted of people who have no model yet, those who get one; all when left out
   */
  keepUp(lessonsNow: () => Lessons, wanted?: ReadonlySet<number>): Generator<void, ReadonlySet<number>>
  /** Whether everybody who has faces enough has a model, be it of earlier faces. */
  hasAll(lessons: Lessons): boolean
  /** Whether the whole has changed so much since everybody was trained that everybody should be again. */
  isOutdated(lessons: Lessons): boolean
  /**
   * Trains and calibrates everybody, and yields after each person; until somebody's turn comes their old model stands.
   * @param lessonsNow what there is to learn from, asked again for each person
   */
  relearn(lessonsNow: () => Lessons): Generator<void, void>
  /** Calibrated probability that a vector is the person; null without an SVM for that person. */
  probability(personId: number, values: Float32Array, offset: number): number | null
}

/** Share of labelled faces or background that may change before everybody is trained and calibrated again. */
const driftAllowed = 0.1
/** For the calibration so many people at the most are trained once more, without every third face. */
const maximumTrials = 60
const heldOutEvery = 3
/** With fewer held-out faces of known people the embedder's own curve is better than one fitted to them. */
const fewestPositives = 200

export function createPersonModels(thresholds: RecognitionThresholds): PersonModels {
  const models = new Map<number, { model: LinearModel; fingerprint: number }>()
  let curve = thresholds.svmCurve
  let learntFrom: { labels: Labels; background: Labels } = { labels: new Map(), background: new Map() }
  /** Of all that everybody learnt from last. */
  let mean: Float64Array | undefined

  return {
    learn(lessons) {
      finish<unknown>(isOutdated(lessons) ? relearn(() => lessons) : keepUp(() => lessons))
    },
    keepUp,
    hasAll: (lessons) => [...eligibleOf(lessons).keys()].every((personId) => models.has(personId)),
    isOutdated,
    relearn,
    probability(personId, values, offset) {
      const known = models.get(personId)
      return known ? logistic(scoreOf(known.model, values, offset), curve) : null
    },
  }

  function* keepUp(lessonsNow: () => Lessons, wanted?: ReadonlySet<number>): Generator<void, ReadonlySet<number>> {
    const changed = new Set<number>()
    const before = lessonsNow()
    const eligible = eligibleOf(before)
    for (const personId of models.keys()) {
      if (eligible.has(personId)) continue
      models.delete(personId)
      changed.add(personId)
    }
    mean ??= meanOfAll(before)
    for (const { pupil, personId, offsets } of oneByOne(lessonsNow)) {
      const isTurn = !wanted || wanted.has(personId) || models.has(personId)
      if (!isTurn || !train(pupil, personId, offsets)) continue
      changed.add(personId)
      yield
    }
    return changed
  }

  /** Everybody who has faces enough, and what they are trained from when their turn comes. */
  function* oneByOne(lessonsNow: () => Lessons): Generator<{ pupil: Pupil; personId: number; offsets: readonly number[] }, void> {
    let lessons = lessonsNow()
    let eligible = eligibleOf(lessons)
    let pupil = createPupil(lessons, mean!, thresholds.svmCost)
    for (const personId of [...eligible.keys()]) {
      if (lessonsNow() !== lessons) {
        lessons = lessonsNow()
        eligible = eligibleOf(lessons)
        pupil = createPupil(lessons, mean!, thresholds.svmCost)
      }
      const offsets = eligible.get(personId)
      if (offsets) yield { pupil, personId, offsets }
    }
  }

  function isOutdated({ faces, background }: Lessons): boolean {
    const labels = labelsOf(faces)
    return drifted(learntFrom.labels, labels) || drifted(learntFrom.background, new Map(background.map(({ offset }) => [offset, 0])))
  }

  function* relearn(lessonsNow: () => Lessons): Generator<void, void> {
    const before = lessonsNow()
    learntFrom = { labels: labelsOf(before.faces), background: new Map(before.background.map(({ offset }) => [offset, 0])) }
    mean = meanOfAll(before)
    yield
    for (const { pupil, personId, offsets } of oneByOne(lessonsNow)) {
      models.delete(personId)
      train(pupil, personId, offsets)
      yield
    }
    yield* keepUp(lessonsNow)
    yield
    const lessons = lessonsNow()
    curve = yield* calibrate(lessons, createPupil(lessons, mean, thresholds.svmCost), eligibleOf(lessons))
  }

  function eligibleOf({ faces }: Lessons): Lessons['faces'] {
    return new Map([...faces].filter(([, offsets]) => offsets.length >= thresholds.svmFromFaces))
  }

  /** Trains a person unless they were from these faces; answers whether. */
  function train(pupil: Pupil, personId: number, offsets: readonly number[]): boolean {
    const fingerprint = offsets.reduce((sum, offset) => (sum + hash(offset, personId)) >>> 0, offsets.length)
    if (models.get(personId)?.fingerprint === fingerprint) return false
    models.set(personId, { model: pupil.train(personId), fingerprint })
    return true
  }

  /**
   * One curve for all. Right cases: faces held out from another training of some people, scored for their own person.
   * Wrong cases: background faces that nobody learnt from, scored for whomever they come nearest to.
   */
  function* calibrate(
    { values, background }: Lessons, pupil: Pupil, eligible: Lessons['faces'],
  ): Generator<void, RecognitionThresholds['svmCurve']> {
    const cases: ScoredCase[] = []
    const byDraw = [...eligible].sort(([a], [b]) => hash(a, 1) - hash(b, 1) || a - b)
    for (const [personId, offsets] of byDraw.slice(0, maximumTrials)) {
      const heldOut = new Set(offsets.filter((_, i) => i % heldOutEvery === heldOutEvery - 1))
      const model = pupil.train(personId, heldOut)
      for (const offset of heldOut) cases.push({ score: scoreOf(model, values, offset), positive: true })
      yield
    }
    if (cases.length < fewestPositives) return thresholds.svmCurve
    for (const { offset, mayBe } of background.filter(calibrates)) {
      let score = -Infinity
      for (const [personId, { model }] of models) {
        if (!mayBe.includes(personId)) score = Math.max(score, scoreOf(model, values, offset))
      }
      if (score > -Infinity) cases.push({ score, positive: false })
    }
    return cases.every(({ positive }) => positive) ? thresholds.svmCurve : fitLogistic(cases)
  }
}

interface Pupil {
  /** @param without offsets of labelled faces to leave out */
  train(personId: number, without?: ReadonlySet<number>): LinearModel
}

function createPupil({ values, dimension, faces, background }: Lessons, mean: Float64Array, cost: number): Pupil {
  const offsets = Int32Array.from([...faces.values()].flat())
  const people = Int32Array.from([...faces].flatMap(([personId, own]) => own.map(() => personId)))
  const teaching = background.filter((face, i) => !calibrates(face, i))
  return {
    train(personId, without) {
      const isKept = (_: number, i: number) => !without?.has(offsets[i])
      const labelled: LabelledOffsets = without ? { people: people.filter(isKept), offsets: offsets.filter(isKept) } : { people, offsets }
      return trainPerson({
        values, dimension, mean, personId, labelled, cost,
        background: teaching.filter(({ mayBe }) => !mayBe.includes(personId)).map(({ offset }) => offset),
      })
    },
  }
}

function meanOfAll({ values, dimension, faces, background }: Lessons): Float64Array {
  return meanOf(values, [...[...faces.values()].flat(), ...background.map(({ offset }) => offset)], dimension, 1)
}

/** Whose each face is, by its offset. */
type Labels = ReadonlyMap<number, number>

function labelsOf(faces: Lessons['faces']): Labels {
  const labels = new Map<number, number>()
  for (const [personId, offsets] of faces) for (const offset of offsets) labels.set(offset, personId)
  return labels
}

/** Every second background face is kept for the calibration. */
function calibrates(_: unknown, index: number): boolean {
  return index % 2 === 1
}

/** Whether more came, went or changed than is allowed. */
function drifted(before: Labels, now: Labels): boolean {
  let kept = 0
  for (const [offset, personId] of now) if (before.get(offset) === personId) kept++
  return before.size + now.size - 2 * kept > driftAllowed * before.size
}
