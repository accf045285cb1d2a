/** Distances and the triplet loss, against plain loops. */
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../../src-main/engine/math/random.ts'
import { distanceMatrix, squaredDistanceMatrix } from '../../../src-main/engine/training/distances.ts'
import { startTensorFlow } from '../../../src-main/engine/training/tensorflow.ts'
import { mineSemiHard, tripletLoss } from '../../../src-main/engine/training/triplet-loss.ts'

beforeAll(() => startTensorFlow(['wasm']))

function randomRows(count: number, dimension: number, seed: number): number[][] {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => {
    const row = Array.from({ length: dimension }, () => random() - 0.5)
    return row.map((value) => value / Math.hypot(...row))
  })
}
const squared = (a: number[], b: number[]) => a.reduce((sum, value, k) => sum + (value - b[k]!) ** 2, 0)

test('distance matrices: values, never negative, the diagonal 0, gradients finite', () => {
  const rows = randomRows(12, 128, 3)
  rows.push([...rows[0]!], rows[1]!.map((value) => value * (1 + 1e-7)), rows[2]!.map((value) => value * 1000))
  const tensor = tf.tensor2d(rows)
  const plain = distanceMatrix(tensor).arraySync() as number[][], square = squaredDistanceMatrix(tensor).arraySync() as number[][]
  rows.forEach((a, i) => rows.forEach((b, j) => {
    const expected = squared(a, b)
    expect(square[i]![j]).toBeGreaterThanOrEqual(0)
    expect(Math.abs(square[i]![j]! - expected)).toBeLessThan(1e-5 + expected * 1e-4)
    expect(plain[i]![j]).toBeCloseTo(Math.sqrt(square[i]![j]!), 4)
    if (i === j) expect([square[i]![j], plain[i]![j]]).toEqual([0, 0])
  }))
  const gradient = tf.grad((x: tf.Tensor) => tf.sum(distanceMatrix(x as tf.Tensor2D)))(tensor).dataSync()
  expect([...gradient].every(Number.isFinite)).toBe(true)
})

test('the gradient of a distance is the unit vector between two points', () => {
  const gradient = tf.grad((x: tf.Tensor) => tf.sum(distanceMatrix(x as tf.Tensor2D)))(tf.tensor2d([[0, 0], [3, 4]])).arraySync() as number[][]
  // Each distance stands in the matrix twice.
  gradient.flat().forEach((value, i) => expect(value).toBeCloseTo([-1.2, -1.6, 1.2, 1.6][i]!, 5))
})

/** Every triplet there can be, one by one: of the negatives farther than the positive the nearest, or else the farthest of all. */
function lossByLoops(rows: number[][], people: number[], margin: number): { loss: number; active: number; triplets: number } {
  const losses: number[] = []
  for (let a = 0; a < rows.length; a++) for (let p = 0; p < rows.length; p++) {
    if (a === p || people[a] !== people[p]) continue
    const near = squared(rows[a]!, rows[p]!)
    const others = rows.filter((_, n) => people[n] !== people[a]).map((row) => squared(rows[a]!, row)).sort((x, y) => x - y)
    if (others.length === 0) continue
    losses.push(Math.max(0, near - (others.find((far) => far > near) ?? others.at(-1)!) + margin))
  }
  return { loss: losses.reduce((sum, value) => sum + value, 0) / Math.max(losses.length, 1), active: losses.filter((value) => value > 0).length, triplets: losses.length }
}

test.each([1, 2, 3, 4, 5])('the loss of a batch is that of plain loops (%i)', (seed) => {
  const people = [0, 0, 0, 1, 1, 1, 1, 2, 2, 3]
  const rows = randomRows(people.length, 6, seed)
  for (const margin of [0.2, 1]) {
    const { loss, active, triplets } = tripletLoss(tf.tensor2d(rows), people, margin)
    const expected = lossByLoops(rows, people, margin)
    expect(loss.dataSync()[0]).toBeCloseTo(expected.loss, 5)
    expect({ active, triplets }).toEqual({ active: expected.active, triplets: expected.triplets })
  }
})

test('a negative is the nearest that is farther than the positive; where none is, the farthest', () => {
  const choose = (positive: number, negatives: number[]) => {
    const distances = [0, positive, ...negatives]
    const count = distances.length
    const matrix = Array.from({ length: count * count }, (_, i) => (i < count ? distances[i]! : 1))
    return mineSemiHard(matrix, [0, 0, ...negatives.map(() => 1)])[0]
  }
  expect(choose(0.5, [0.1, 0.9, 0.6, 0.8])).toEqual({ anchor: 0, positive: 1, negative: 4 })
  expect(choose(0.5, [0.1, 0.4, 0.2])).toEqual({ anchor: 0, positive: 1, negative: 3 })
  expect(choose(0.5, [0.5, 0.7])).toEqual({ anchor: 0, positive: 1, negative: 3 })
  expect(mineSemiHard([0, 1, 1, 0], [0, 0])).toEqual([])
})

test('a step against the gradient makes the loss smaller, and there is none without an active triplet', () => {
  const people = [0, 0, 1, 1]
  const rows = tf.tensor2d(randomRows(4, 8, 9))
  const lossOf = (x: tf.Tensor) => tripletLoss(x as tf.Tensor2D, people, 1).loss
  const gradient = tf.grad(lossOf)(rows)
  expect(lossOf(tf.sub(rows, tf.mul(gradient, 0.05))).dataSync()[0]).toBeLessThan(lossOf(rows).dataSync()[0]!)
  const apart = tf.tensor2d([[1, 0], [1, 0], [-1, 0], [-1, 0]])
  const { loss, active } = tripletLoss(apart, people, 0.2)
  expect([loss.dataSync()[0], active]).toEqual([0, 0])
  expect(tf.grad((x: tf.Tensor) => tripletLoss(x as tf.Tensor2D, people, 0.2).loss)(apart).dataSync().every((value) => value === 0)).toBe(true)
})

test('an embedding that is no number makes a loss that is none', () => {
  expect(tripletLoss(tf.tensor2d([[1, 0], [NaN, 0], [0, 1], [0, 1]]), [0, 0, 1, 1], 0.2).loss.dataSync()[0]).toBeNaN()
})
