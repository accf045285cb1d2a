/** nn4.small2 as it trains, against the graph that runs. */
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, test } from 'vitest'
import { describeNn4Small2, tensorShapes, type PoolingLayer } from '../../../src-main/engine/models/nn4-small2.ts'
import { createModel, setWeights } from '../../../src-main/engine/training/create-model.ts'
import { runForward } from '../../../src-main/engine/training/forward.ts'
import { L2Pooling, unitLength } from '../../../src-main/engine/training/network-layers.ts'
import { startTensorFlow } from '../../../src-main/engine/training/tensorflow.ts'
import { embedPictures, formulaPictures, largestDifference, shippedWeights } from '../../fixtures/nn4-small2.ts'

const network = describeNn4Small2()
const pixels = formulaPictures(3)
let pictures: tf.Tensor4D
beforeAll(async () => {
  await startTensorFlow(['wasm'])
  pictures = tf.tidy(() => tf.div(tf.tensor4d(pixels, [3, 96, 96, 3]), 255))
})

test('the model has the layers, names and shapes of the description', () => {
  const model = createModel()
  const shapes = new Map(model.weights.map(({ originalName, shape }) => [originalName, shape]))
  expect([...shapes.keys()].toSorted()).toEqual([...tensorShapes(network).keys()].toSorted())
  for (const [name, shape] of tensorShapes(network)) expect(shapes.get(name)).toEqual(shape)
  for (const { name } of network.layers) expect(model.getLayer(name).name).toBe(name)
  expect(model.countParams()).toBe([...tensorShapes(network).values()].reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0))
  expect(model.outputs[0]!.shape).toEqual([null, 128])
})

test('it embeds as the ONNX graph of the same weights does, and so does what runs while it trains', async () => {
  const weights = shippedWeights()
  const model = createModel()
  setWeights(model, weights)
  const expected = await embedPictures(weights, pixels)
  const embedded = model.predict(pictures) as tf.Tensor
  expect(largestDifference(embedded.dataSync(), expected)).toBeLessThan(1e-4)
  expect(largestDifference(runForward(network, model, pictures).dataSync(), expected)).toBeLessThan(1e-4)

  const averaging = createModel(describeNn4Small2({ l2PoolingAs: 'average-pooling' }))
  setWeights(averaging, weights)
  expect(largestDifference((averaging.predict(pictures) as tf.Tensor).dataSync(), expected)).toBeGreaterThan(0.01)
})

test('normalisation folded into the convolutions has the gradients of normalisation by fixed statistics', () => {
  const model = createModel()
  setWeights(model, shippedWeights())
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable)
  const gradients = (embed: () => tf.Tensor) => tf.variableGrads(() => tf.sum(tf.square(tf.sub(embed(), 0.1))) as tf.Scalar, variables).grads
  const plain = gradients(() => model.apply(pictures, { training: false }) as tf.Tensor)
  const folded = gradients(() => runForward(network, model, pictures))
  const lengths = Object.entries(plain).map(([name, gradient]) => {
    const values = gradient.dataSync()
    expect(largestDifference(folded[name]!.dataSync(), values)).toBeLessThan(1e-4)
    return Math.hypot(...values.slice(0, 1000))
  })
  expect(lengths).toHaveLength(variables.length)
  expect(lengths.filter((length) => length > 1e-6).length).toBeGreaterThan(variables.length * 0.9)
})

test('L2 pooling has the gradient x / y, and 0 where everything is 0', () => {
  const layer: PoolingLayer = { kind: 'l2-pooling', name: 'pool', input: 'x', sidePx: 3, stride: 3 }
  const pool = new L2Pooling(layer)
  const values = Float32Array.from({ length: 18 }, (_, i) => (i % 2 === 0 ? i / 7 : 0))
  const x = tf.tensor4d(values, [1, 3, 3, 2])
  const root = Math.hypot(...values.filter((_, i) => i % 2 === 0))
  const pooled = pool.apply(x) as tf.Tensor
  expect(pooled.dataSync()[0]).toBeCloseTo(root, 5)
  expect(pooled.dataSync()[1]).toBe(0)
  const gradient = tf.grad((input: tf.Tensor) => tf.sum(pool.apply(input) as tf.Tensor))(x).dataSync()
  expect(largestDifference(gradient, values.map((value, i) => (i % 2 === 0 ? value / root : 0)))).toBeLessThan(1e-6)
})

test('rows of unit length, their gradient finite even for a row of zeros', () => {
  const rows = tf.tensor2d([[3, 4], [0, 0]])
  expect(largestDifference(unitLength(rows).dataSync(), [0.6, 0.8, 0, 0])).toBeLessThan(1e-6)
  const gradient = tf.grad((x: tf.Tensor) => tf.sum(unitLength(x as tf.Tensor2D)))(rows).dataSync()
  expect([...gradient].every(Number.isFinite)).toBe(true)
  // d(x / |x|) = (1 − uuᵀ) / |x|.
  expect(gradient[0]).toBeCloseTo((1 - 0.36 - 0.48) / 5, 5)
})
