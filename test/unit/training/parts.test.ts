/** What training is made of besides the network: Adam, batches, the split of people, options, thresholds. */
import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { nn4Small2Thresholds } from '../../../src-main/engine/math/thresholds.ts'
import { createAdam, clipByGlobalNorm } from '../../../src-main/engine/training/adam.ts'
import { drawBatch } from '../../../src-main/engine/training/batches.ts'
import { mapThresholds } from '../../../src-main/engine/training/map-thresholds.ts'
import { settleOptions } from '../../../src-main/engine/training/options.ts'
import { splitPeople } from '../../../src-main/engine/training/split-people.ts'
import { startTensorFlow } from '../../../src-main/engine/training/tensorflow.ts'

test("Adam's steps are those of TensorFlow.js", async () => {
  await startTensorFlow(['wasm'])
  const start = Float32Array.from([1, -2, 0.5])
  const variable = tf.variable(tf.tensor1d(start))
  const optimizer = tf.train.adam(0.05)
  const weights = new Map([['w', start.slice()]])
  const adam = createAdam(0.05)
  for (let step = 0; step < 20; step++) {
    optimizer.minimize(() => tf.sum(tf.pow(variable, 4)) as tf.Scalar, false, [variable])
    adam.update(weights, new Map([['w', weights.get('w')!.map((value) => 4 * value ** 3)]]))
    weights.get('w')!.forEach((value, i) => expect(value).toBeCloseTo(variable.dataSync()[i]!, 4))
  }
})

test('gradients are shortened together, and what is no number is told', () => {
  const gradients = new Map([['a', Float32Array.of(3)], ['b', Float32Array.of(0, 4)]])
  expect(clipByGlobalNorm(gradients, 1)).toBe(5)
  expect(gradients.get('a')![0]).toBeCloseTo(0.6)
  expect(gradients.get('b')![1]).toBeCloseTo(0.8)
  expect(clipByGlobalNorm(gradients, 2)).toBeCloseTo(1)
  expect(gradients.get('a')![0]).toBeCloseTo(0.6)
  expect(clipByGlobalNorm(new Map([['a', Float32Array.of(NaN)]]), 1)).toBeNaN()
})

test('a batch holds several faces of several people, no face twice, and is the same for a seed', () => {
  const faces = [[0, 1, 2, 3, 4], [5, 6], [7, 8, 9], [10, 11, 12, 13]]
  for (let seed = 0; seed < 50; seed++) {
    const batch = drawBatch(faces, { people: 3, pictures: 3 }, seed)
    expect(batch).toEqual(drawBatch(faces, { people: 3, pictures: 3 }, seed))
    expect(new Set(batch.faces).size).toBe(batch.faces.length)
    batch.faces.forEach((face, i) => expect(faces[batch.people[i]!]).toContain(face))
    const counts = new Map<number, number>()
    for (const person of batch.people) counts.set(person, (counts.get(person) ?? 0) + 1)
    expect(counts.size).toBe(3)
    for (const [person, count] of counts) expect(count).toBe(Math.min(3, faces[person]!.length))
  }
  const seen = new Set(Array.from({ length: 50 }, (_, seed) => drawBatch(faces, { people: 2, pictures: 2 }, seed).faces.join()))
  expect(seen.size).toBeGreaterThan(25)
})

const people = (count: number, faces: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ name: `p${from + i}`, faces: Array.from({ length: faces }, (_unused, k) => `p${from + i}-${k}`) }))

test('nobody is learned from and held out; people with one face are neither', () => {
  const split = splitPeople([...people(20, 3), ...people(5, 1, 20)], 1)
  expect([split.training.length, split.validation.length, split.tooFew]).toEqual([16, 4, 5])
  const names = [...split.training, ...split.validation].map(({ name }) => name)
  expect(new Set(names).size).toBe(20)
  expect(splitPeople(people(20, 3), 2).validation).not.toEqual(splitPeople(people(20, 3), 1).validation)
  expect(splitPeople(people(500, 10), 1).validation.flatMap(({ faces }) => faces).length).toBeLessThanOrEqual(400)
  expect(splitPeople(people(4, 2), 1).training).toHaveLength(2)
  expect(() => splitPeople([...people(3, 5), ...people(9, 1, 3)], 1)).toThrow(/3 people only.*needs 4/)
  expect(() => splitPeople(people(9, 1), 1)).toThrow(/nobody/)
})

test('options: defaults, ranges, and what may change when a run goes on', () => {
  const settle = (options: object, begun: object | null = null) => settleOptions({ options, people: people(40, 5) }, begun as never)
  const options = settle({})
  expect(options).toMatchObject({ layers: 'embedding', margin: 0.2, learningRate: 1e-3, epochs: 20, people: 32, pictures: 4, steps: Math.ceil(200 / 128) })
  expect(settle({ layers: 'all' })).toMatchObject({ people: 8, learningRate: 1e-4, steps: Math.ceil(200 / 32) })
  expect(settle({ epochs: 30, learningRate: 1e-4 }, options)).toEqual({ ...options, epochs: 30, learningRate: 1e-4 })
  expect(() => settle({ margin: 0.5 }, options)).toThrow('--margin 0.2, not 0.5')
  for (const wrong of [{ epochs: 0 }, { steps: 1.5 }, { people: 1 }, { pictures: 1 }, { margin: 0 }, { margin: 5 }, { learningRate: -1 }, { seed: -1 }, { patience: 0 }]) {
    expect(() => settle(wrong), JSON.stringify(wrong)).toThrow(/--/)
  }
})

test('a distance becomes the one that as many strangers come within', () => {
  const before = Float64Array.from({ length: 2000 }, (_, i) => 0.3 + i / 1000)
  const after = before.map((distance) => distance * 0.8 - 0.05)
  const mapped = mapThresholds(nn4Small2Thresholds, before, after)
  const { suggest, loose, samePair, samePerson, sameShot } = { ...nn4Small2Thresholds, ...nn4Small2Thresholds.grouping }
  for (const [now, then] of [[mapped.suggest, suggest], [mapped.loose, loose], [mapped.samePair, samePair]] as const) {
    expect(Math.abs(now - (then * 0.8 - 0.05))).toBeLessThan(0.002)
  }
  // Nobody comes that near, so it goes with the nearest that can be measured.
  expect(mapped.grouping.sameShot / sameShot).toBeCloseTo((0.309 * 0.8 - 0.05) / 0.309, 2)
  expect(-mapped.samePerson.offset / mapped.samePerson.slope).toBeCloseTo((-samePerson.offset / samePerson.slope) * 0.8 - 0.05, 2)
  expect(mapThresholds(nn4Small2Thresholds, before, before)).toEqual(nn4Small2Thresholds)
})
