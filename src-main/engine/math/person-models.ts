/** A linear SVM for every person with enough labelled faces, and one calibration for all of them. */
import { fitLogistic } from './calibrate.ts'
import type { ScoredCase } from './calibrate.ts'
import { hash } from './random.ts'
import { scoreOf, trainPerson } from './svm.ts'
import type { LinearModel } from './svm.ts'
import { logistic } from './thresholds.ts'
import type { Logistic, RecognitionThresholds } from './thresholds.ts'

/** What there is to learn from; offsets of embeddings in `values`. */
export interface Lessons {
  values: Float32Array
  dimension: number
  /** Labelled faces of each person. */
  faces: ReadonlyMap<number, readonly number[]>
  /** Faces of nobody known: the offset and the people it may be. */
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
/** Every third labelled face is held out for the calibration, this many at the most are looked at. */
const heldOutEvery = 3
const maximumHeldOut = 2_000
/** With fewer held-out faces of known people the embedder's own curve is better than one fitted to them. */
const fewestPositives = 200

export function createPersonModels(thresholds: RecognitionThresholds): PersonModels {
  const models = new Map<number, { model: LinearModel; fingerprint: number }>()
  let curve = thresholds.svmCurve
  let learntFrom = { labelled: 0, background: 0 }

  return {
    learn(lessons) {
      const eligible = new Map([...lessons.faces].filter(([, offsets]) => offsets.length >= thresholds.svmFromFaces))
      const labelled = [...lessons.faces.values()].reduce((sum, offsets) => sum + offsets.length, 0)
      const everybody =
        drifted(learntFrom.labelled, labelled) || drifted(learntFrom.background, lessons.background.length)
      for (const personId of models.keys()) if (!eligible.has(personId)) models.delete(personId)
      if (everybody) {
        models.clear()
        curve = calibrate(lessons, eligible)
        learntFrom = { labelled, background: lessons.background.length }
      }
      const everyone = allOffsets(lessons.faces)
      for (const [personId, offsets] of eligible) {
        const fingerprint = offsets.reduce((sum, offset) => (sum + hash(offset, personId)) >>> 0, offsets.length)
        if (models.get(personId)?.fingerprint === fingerprint) continue
        models.set(personId, { model: train(lessons, personId, offsets, everyone, lessons.background), fingerprint })
      }
    },
    probability(personId, values, offset) {
      const known = models.get(personId)
      return known ? logistic(scoreOf(known.model, values, offset), curve) : null
    },
  }

  function train(
    { values, dimension }: Lessons, personId: number, own: readonly number[], everyone: LabelledOffsets,
    background: Lessons['background'],
  ): LinearModel {
    return trainPerson({
      values,
      dimension,
      personId,
      own,
      others: everyone.offsets.filter((_, i) => everyone.people[i] !== personId),
      background: background.filter(({ mayBe }) => !mayBe.includes(personId)).map(({ offset }) => offset),
      cost: thresholds.svmCost,
    })
  }

  /**
   * One curve for all: models trained without every third face score that face for its own person and for the wrong
   * person that comes nearest; every second background face, held out too, gives its best score as a wrong one.
   */
  function calibrate(lessons: Lessons, eligible: ReadonlyMap<number, readonly number[]>): Logistic {
    const isHeldOut = (_: number, i: number) => i % heldOutEvery === heldOutEvery - 1
    const heldOut = [...eligible].flatMap(([personId, offsets]) => offsets.filter(isHeldOut).map((offset) => ({ personId, offset })))
    if (heldOut.length < fewestPositives) return thresholds.svmCurve
    const kept = new Map([...lessons.faces].map(([personId, offsets]) =>
      [personId, offsets.filter((offset, i) => !isHeldOut(offset, i))]))
    const everyone = allOffsets(kept)
    const seenBackground = lessons.background.filter((_, i) => i % 2 === 0)
    const trial = new Map([...eligible.keys()].map((personId) =>
      [personId, train(lessons, personId, kept.get(personId)!, everyone, seenBackground)]))
    const cases: ScoredCase[] = []
    const addWrong = (offset: number, notOf: readonly number[]) => {
      let score = -Infinity
      for (const [personId, model] of trial) {
        if (!notOf.includes(personId)) score = Math.max(score, scoreOf(model, lessons.values, offset))
      }
      if (score > -Infinity) cases.push({ score, positive: false })
    }
    const step = Math.ceil(heldOut.length / maximumHeldOut)
    for (let i = 0; i < heldOut.length; i += step) {
      const { personId, offset } = heldOut[i]
      cases.push({ score: scoreOf(trial.get(personId)!, lessons.values, offset), positive: true })
      addWrong(offset, [personId])
    }
    lessons.background.forEach(({ offset, mayBe }, i) => { if (i % 2 === 1) addWrong(offset, mayBe) })
    return cases.every(({ positive }) => positive) ? thresholds.svmCurve : fitLogistic(cases)
  }
}

interface LabelledOffsets {
  offsets: Int32Array
  people: Int32Array
}

function allOffsets(faces: ReadonlyMap<number, readonly number[]>): LabelledOffsets {
  const offsets: number[] = [], people: number[] = []
  for (const [personId, own] of faces) {
    for (const offset of own) {
      offsets.push(offset)
      people.push(personId)
    }
  }
  return { offsets: Int32Array.from(offsets), people: Int32Array.from(people) }
}

function drifted(before: number, now: number): boolean {
  return Math.abs(now - before) > driftAllowed * before
}
