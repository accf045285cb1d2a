/** A linear SVM for every person with enough labelled faces, and one calibration for all of them. */
import { fitLogistic } from './calibrate.ts'
import type { ScoredCase } from './calibrate.ts'
import { hash } from './random.ts'
import { scoreOf, trainPerson } from './svm.ts'
import type { LabelledOffsets, LinearModel } from './svm.ts'
import { logistic } from './thresholds.ts'
import type { RecognitionThresholds } from './thresholds.ts'
import { dot, meanOf } from './vector.ts'

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
  let learntFrom = { labelled: 0, background: 0 }

  return {
    learn(lessons) {
      const pupil = createPupil(lessons, thresholds.svmCost)
      const eligible = new Map([...lessons.faces].filter(([, offsets]) => offsets.length >= thresholds.svmFromFaces))
      const labelled = pupil.labelledCount
      const everybody =
        drifted(learntFrom.labelled, labelled) || drifted(learntFrom.background, lessons.background.length)
      if (everybody) models.clear()
      for (const personId of models.keys()) if (!eligible.has(personId)) models.delete(personId)
      for (const [personId, offsets] of eligible) {
        const fingerprint = offsets.reduce((sum, offset) => (sum + hash(offset, personId)) >>> 0, offsets.length)
        if (models.get(personId)?.fingerprint === fingerprint) continue
        models.set(personId, { model: pupil.train(personId), fingerprint })
      }
      if (!everybody) return
      curve = calibrate(lessons, pupil, eligible)
      learntFrom = { labelled, background: lessons.background.length }
    },
    probability(personId, values, offset) {
      const known = models.get(personId)
      return known ? logistic(scoreOf(known.model, values, offset), curve) : null
    },
  }

  /**
   * One curve for all. Right cases: faces held out from another training of some people, scored for their own person.
   * Wrong cases: background faces that nobody learnt from, scored for whomever they come nearest to.
   */
  function calibrate({ values, background }: Lessons, pupil: Pupil, eligible: Lessons['faces']): RecognitionThresholds['svmCurve'] {
    const cases: ScoredCase[] = []
    const byDraw = [...eligible].sort(([a], [b]) => hash(a, 1) - hash(b, 1) || a - b)
    for (const [personId, offsets] of byDraw.slice(0, maximumTrials)) {
      const heldOut = new Set(offsets.filter((_, i) => i % heldOutEvery === heldOutEvery - 1))
      const model = pupil.train(personId, heldOut)
      for (const offset of heldOut) cases.push({ score: scoreOf(model, values, offset), positive: true })
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
  labelledCount: number
  /** @param without offsets of labelled faces to leave out */
  train(personId: number, without?: ReadonlySet<number>): LinearModel
}

/** Copies what there is to learn from and takes its mean off, once for all people; models are for the uncentred vectors. */
function createPupil({ values, dimension, faces, background }: Lessons, cost: number): Pupil {
  const originals = [...[...faces.values()].flat(), ...background.map(({ offset }) => offset)]
  const people = Int32Array.from([...faces].flatMap(([personId, own]) => own.map(() => personId)))
  const mean = meanOf(values, originals, dimension, 1)
  const centred = new Float32Array(originals.length * dimension)
  originals.forEach((offset, i) => {
    for (let k = 0; k < dimension; k++) centred[i * dimension + k] = values[offset + k] - mean[k]
  })
  const everyone: LabelledOffsets = { people, offsets: Int32Array.from(people, (_, i) => i * dimension) }
  const teaching = background
    .map(({ mayBe }, i) => ({ mayBe, offset: (people.length + i) * dimension }))
    .filter((face, i) => !calibrates(face, i))

  return {
    labelledCount: people.length,
    train(personId, without) {
      const isKept = (_: number, i: number) => !without?.has(originals[i])
      const labelled = without ? { people: people.filter(isKept), offsets: everyone.offsets.filter(isKept) } : everyone
      const model = trainPerson({
        values: centred, dimension, personId, labelled, cost,
        background: teaching.filter(({ mayBe }) => !mayBe.includes(personId)).map(({ offset }) => offset),
      })
      model[dimension] -= dot(model, 0, mean, 0, dimension)
      return model
    },
  }
}

/** Every second background face is kept for the calibration. */
function calibrates(_: unknown, index: number): boolean {
  return index % 2 === 1
}

function drifted(before: number, now: number): boolean {
  return Math.abs(now - before) > driftAllowed * before
}
