import { describe, expect, it } from 'vitest'
import { fitLogistic } from '../../../src-main/engine/math/calibrate.ts'
import { nameLimit, rankPeople } from '../../../src-main/engine/math/decide.ts'
import type { FaceCircumstances, PersonEvidence } from '../../../src-main/engine/math/decide.ts'
import { measure } from '../../../src-main/engine/math/evaluation.ts'
import { vote } from '../../../src-main/engine/math/knn.ts'
import { createPersonModels } from '../../../src-main/engine/math/person-models.ts'
import { createRandom } from '../../../src-main/engine/math/random.ts'
import { scoreOf, trainLinearModel, trainPerson } from '../../../src-main/engine/math/svm.ts'
import { dlibThresholds, logistic } from '../../../src-main/engine/math/thresholds.ts'
import { generateFaces } from '../../fixtures/embeddings.ts'
import { goldenLfw100 } from '../../fixtures/golden.ts'
import type { LabelledEmbeddings } from '../../fixtures/golden.ts'

describe('vote of the nearest', () => {
  it('lets the near outvote the many', () => {
    const many = Array.from({ length: 7 }, () => ({ personId: 2, distance: 0.56 }))
    const votes = vote([{ personId: 1, distance: 0.4 }, ...many])
    expect(votes.map(({ personId }) => personId)).toEqual([1, 2])
    expect(votes[0].share).toBeCloseTo(0.4 ** -8 / (0.4 ** -8 + 7 * 0.56 ** -8), 12)
    expect(votes[1]).toMatchObject({ distance: 0.56 })
  })

  it('gives no vote beyond the limit, and breaks ties by id', () => {
    expect(vote([{ personId: 1, distance: 0.7 }], 0.65)).toEqual([])
    expect(vote([{ personId: 9, distance: 0.5 }, { personId: 3, distance: 0.5 }]).map(({ personId }) => personId)).toEqual([3, 9])
    expect(vote([{ personId: 4, distance: 0 }])).toEqual([{ personId: 4, distance: 0, share: 1 }])
  })
})

describe('linear SVM', () => {
  it('finds the widest margin of a hand-computed case', () => {
    // With the bias as a feature and a high cost: minimise w² + b² with w·1 + b ≥ 1 and −(w·(−1) + b) ≥ 1: w = 1, b = 0.
    const model = trainLinearModel({
      values: Float32Array.of(1, 0, -1, 0), offsets: Int32Array.of(0, 2), labels: Int8Array.of(1, -1), dimension: 2,
      costPositive: 1e6, costNegative: 1e6, seed: 1,
    })
    expect(model[0]).toBeCloseTo(1, 2)
    expect(model[1]).toBe(0)
    expect(model[2]).toBeCloseTo(0, 2)
  })

  it('comes within one percent of the least cost that gradient descent finds', () => {
    const random = createRandom(4)
    const count = 300, dimension = 8, cost = 10
    const values = Float32Array.from({ length: count * dimension }, () => random() - 0.5)
    const labels = Int8Array.from({ length: count }, (_, i) => (values[i * dimension] + 0.3 * (random() - 0.5) > 0 ? 1 : -1))
    const offsets = Int32Array.from({ length: count }, (_, i) => i * dimension)
    // ½|w|² + C Σ max(0, 1 − y s)², and its gradient.
    const objective = (model: Float64Array, gradient: Float64Array) => {
      gradient.set(model)
      let sum = model.reduce((total, weight) => total + 0.5 * weight * weight, 0)
      for (let i = 0; i < count; i++) {
        const slack = Math.max(0, 1 - labels[i] * scoreOf(model, values, offsets[i]))
        sum += cost * slack * slack
        for (let k = 0; k < dimension; k++) gradient[k] -= 2 * cost * labels[i] * slack * values[offsets[i] + k]
        gradient[dimension] -= 2 * cost * labels[i] * slack
      }
      return sum
    }
    const gradient = new Float64Array(dimension + 1)
    const descended = new Float64Array(dimension + 1)
    for (let step = 0; step < 5000; step++) {
      objective(descended, gradient)
      gradient.forEach((slope, k) => { descended[k] -= slope / 6500 })
    }
    const least = objective(descended, gradient)
    expect(Math.hypot(...gradient)).toBeLessThan(0.05)
    const trained = trainLinearModel({ values, offsets, labels, dimension, costPositive: cost, costNegative: cost, seed: 2 })
    expect(objective(trained, gradient)).toBeGreaterThanOrEqual(least)
    expect(objective(trained, gradient)).toBeLessThan(1.01 * least)
  })

  it('is the same for the same seed', () => {
    const faces = generateFaces(300, { seed: 5 })
    const train = () => trainPerson({
      values: faces.embeddings, dimension: 128, personId: 3, cost: 10, background: [205 * 128, 206 * 128],
      labelled: {
        offsets: Int32Array.from({ length: 205 }, (_, i) => i * 128),
        people: Int32Array.from({ length: 205 }, (_, i) => (i < 5 ? 3 : 4)),
      },
    })
    expect(train()).toEqual(train())
  })

  it('trains again only whom something changed for', () => {
    const faces = generateFaces(600, { seed: 12 })
    const byPerson = new Map<number, number[]>()
    faces.people.forEach((person, i) => byPerson.set(person + 1, [...(byPerson.get(person + 1) ?? []), i * 128]))
    const lessons = { values: faces.embeddings, dimension: 128, faces: byPerson, background: [] }
    const models = createPersonModels(dlibThresholds)
    models.learn(lessons)
    const eligible = [...byPerson].filter(([, own]) => own.length >= 6).map(([personId]) => personId)
    const [changed, ...rest] = eligible
    const before = rest.map((personId) => models.probability(personId, faces.embeddings, 0))
    models.learn({ ...lessons, faces: new Map(byPerson).set(changed, byPerson.get(changed)!.slice(1)) })
    expect(rest.map((personId) => models.probability(personId, faces.embeddings, 0))).toEqual(before)
    models.learn({ ...lessons, faces: new Map([...byPerson].filter(([personId]) => personId !== changed)) })
    expect(models.probability(changed, faces.embeddings, 0)).toBeNull()
  })
})

describe('calibration', () => {
  it('recovers the curve that labels were drawn from', () => {
    const random = createRandom(6)
    const truth = { slope: -3, offset: 1.5 }
    const cases = Array.from({ length: 20_000 }, () => {
      const score = 4 * random() - 1.5
      return { score, positive: random() < logistic(score, truth) }
    })
    const fitted = fitLogistic(cases)
    expect(fitted.slope).toBeCloseTo(-3, 0)
    expect(Math.abs(fitted.slope + 3)).toBeLessThan(0.15)
    expect(Math.abs(fitted.offset - 1.5)).toBeLessThan(0.1)
  })

  it('stays finite and unsure for few, perfectly separated cases', () => {
    const fitted = fitLogistic([{ score: 1, positive: true }, { score: -1, positive: false }])
    // Targets 2/3 and 1/3, so the curve passes through them.
    expect(logistic(1, fitted)).toBeCloseTo(2 / 3, 3)
    expect(logistic(-1, fitted)).toBeCloseTo(1 / 3, 3)
  })
})

describe('verdict', () => {
  const large: FaceCircumstances = { sizePx: 100, refused: new Set(), onSamePhoto: new Set(), comparisons: 5 }
  const alone = (distance: number, personId = 1): PersonEvidence => ({ personId, distance, share: 1, svmProbability: null })
  const both = (distance: number, svmProbability: number): PersonEvidence => ({ ...alone(distance), svmProbability })
  const verdict = (evidence: PersonEvidence[], circumstances: Partial<FaceCircumstances> = {}) =>
    rankPeople(evidence, { ...large, ...circumstances }, dlibThresholds)[0]?.verdict

  it.each([
    [[alone(0.54)], {}, 'name'],
    [[alone(0.55)], {}, 'suggest'],
    [[alone(0.59)], {}, 'suggest'],
    [[alone(0.6)], {}, 'unknown'],
    [[alone(0.5), alone(0.54, 2)], {}, 'suggest'],
    [[alone(0.5), alone(0.56, 2)], {}, 'name'],
    [[alone(0.5)], { comparisons: 1000 }, 'suggest'],
    [[both(0.5, 0.98)], { comparisons: 1000 }, 'name'],
    [[both(0.5, 0.9)], {}, 'suggest'],
    [[both(0.56, 0.99)], {}, 'suggest'],
    [[both(0.64, 0.99)], {}, 'suggest'],
    [[both(0.64, 0.9)], {}, 'unknown'],
    [[both(0.55, 0.5)], {}, 'suggest'],
    [[both(0.5, 0.49)], {}, 'unknown'],
    [[alone(0.3)], { sizePx: 47 }, 'suggest'],
    [[alone(0.3)], { sizePx: 31 }, 'unknown'],
    [[alone(0.3)], { onSamePhoto: new Set([1]) }, 'unknown'],
    [[alone(0.3)], { refused: new Set([1]) }, undefined],
  ] as const)('verdict %#', (evidence, circumstances, expected) => {
    expect(verdict([...evidence], circumstances)).toBe(expected)
  })

  it('names nobody whom another comes as near, and asks the next of whoever is nearest', () => {
    expect(verdict([alone(0.5), alone(0.5, 2), alone(0.6, 3)])).toBe('suggest')
    const sure = { ...alone(0.4, 2), share: 0.01 }
    // The likeliest is not the nearest: the nearest is the next of it.
    expect(rankPeople([{ ...alone(0.42), share: 0.99 }, sure], large, dlibThresholds)[0]).toMatchObject({ personId: 1, verdict: 'suggest' })
    expect(rankPeople([{ ...alone(0.4), share: 0.99 }, { ...alone(0.48, 2), share: 0.01 }], large, dlibThresholds)[0]).toMatchObject({ personId: 1, verdict: 'name' })
  })

  it('gives a refused person no part in the others’ probability', () => {
    const evidence = [{ ...alone(0.4), share: 0.9 }, { ...alone(0.5, 2), share: 0.1 }]
    const [second] = rankPeople(evidence, { ...large, refused: new Set([1]) }, dlibThresholds)
    expect(second).toMatchObject({ personId: 2, verdict: 'name' })
    expect(second.probability).toBeCloseTo(logistic(0.5, dlibThresholds.samePerson), 12)
  })

  it('becomes stricter with the number of labelled faces', () => {
    expect(nameLimit(1, dlibThresholds)).toBe(0.54)
    expect(nameLimit(10, dlibThresholds)).toBeCloseTo(0.54, 12)
    expect(nameLimit(1000, dlibThresholds)).toBeCloseTo(0.39, 12)
  })
})

describe('figures on embeddings measured elsewhere', () => {
  const figures = ({ people, values }: LabelledEmbeddings, indices: ArrayLike<number>) =>
    measure(Array.from(indices, (i) => ({ person: people[i], sizePx: 100, embedding: values.slice(i * 128, (i + 1) * 128) })), dlibThresholds)

  it('reaches its goals on dlib descriptors of a hundred pictures', async ({ skip }) => {
    const golden = goldenLfw100()
    if (!golden) return skip()
    const { verification, classification, unknown, clustering } = await figures(golden, [...golden.people.keys()])
    expect(verification).toMatchObject({ same: 450, different: 4500 })
    expect(verification.bestF1.value).toBeGreaterThanOrEqual(0.975)
    expect(verification.bestAccuracy.value).toBeGreaterThanOrEqual(0.995)
    expect(verification.tarAtFar['0.01'].tar).toBeGreaterThanOrEqual(0.985)
    expect(verification.tarAtFar['0.001'].tar).toBeGreaterThanOrEqual(0.96)
    expect(verification.tarAtFar['0.001'].threshold).toBeLessThan(verification.tarAtFar['0.01'].threshold)
    const { knn, svm, centroid } = classification
    for (const accuracy of [knn, svm, centroid]) expect(accuracy).toBeGreaterThanOrEqual(0.98)
    expect(unknown.known).toBeGreaterThan(0.9)
    expect(unknown.accepted).toBeLessThan(0.02)
    expect(clustering.bcubed.f1).toBeGreaterThanOrEqual(0.98)
  })
})
