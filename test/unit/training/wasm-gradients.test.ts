/** The kernels composed for WebAssembly, against those of plain JavaScript, by value. */
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTensorFlow } from '../../../src-main/engine/training/tensorflow.ts'
import { largestDifference } from '../../fixtures/nn4-small2.ts'
import { createRandom } from '../../../src-main/engine/math/random.ts'

beforeAll(async () => expect(await startTensorFlow(['wasm'])).toMatchObject({ name: 'wasm' }))
afterAll(() => tf.setBackend('wasm'))

const random = createRandom(5)
const numbers = (shape: number[]): { shape: number[]; values: Float32Array } =>
  ({ shape, values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() * 2 - 1) })

/** Gradients of Σ (operation(x) · a fixed random factor), under both backends. */
async function gradients(inputs: { shape: number[]; values: Float32Array }[], operation: (...tensors: tf.Tensor[]) => tf.Tensor) {
  const results = []
  for (const backend of ['cpu', 'wasm']) {
    await tf.setBackend(backend)
    results.push(tf.tidy(() => {
      const seed = createRandom(7)
      const loss = (...tensors: tf.Tensor[]) => {
        const value = operation(...tensors)
        const factor = tf.tensor(Float32Array.from({ length: value.size }, () => seed() - 0.5), value.shape)
        return tf.sum(tf.mul(value, factor)) as tf.Scalar
      }
      return tf.grads(loss)(inputs.map(({ shape, values }) => tf.tensor(values.slice(), shape))).map((gradient) => gradient.dataSync().slice())
    }))
  }
  return { cpu: results[0]!, wasm: results[1]! }
}

test.each([
  { name: 'pointwise', x: [2, 5, 4, 6], filter: [1, 1, 6, 7], stride: 1, pad: 'valid' as const },
  { name: 'pointwise in steps', x: [2, 5, 7, 3], filter: [1, 1, 3, 4], stride: 2, pad: 'valid' as const },
  { name: '3 × 3', x: [2, 6, 5, 3], filter: [3, 3, 3, 4], stride: 1, pad: 'same' as const },
  { name: '5 × 5 by its own margin', x: [1, 7, 8, 2], filter: [5, 5, 2, 3], stride: 1, pad: 2 },
  { name: '3 × 3 in steps of two', x: [2, 12, 12, 3], filter: [3, 3, 3, 5], stride: 2, pad: 1 },
  { name: '3 × 3 in steps of two, odd', x: [2, 7, 9, 3], filter: [3, 3, 3, 5], stride: 2, pad: 1 },
  { name: '3 × 3 in steps of two, the last line unused', x: [1, 8, 8, 2], filter: [3, 3, 2, 2], stride: 2, pad: 'valid' as const },
  { name: '5 × 5 in steps of two', x: [1, 12, 12, 2], filter: [5, 5, 2, 3], stride: 2, pad: 2 },
  { name: '7 × 7 in steps of two', x: [1, 16, 16, 3], filter: [7, 7, 3, 4], stride: 2, pad: 3 },
  { name: '3 × 2 in steps of three', x: [1, 10, 11, 2], filter: [3, 2, 2, 3], stride: 3, pad: 'same' as const },
])('gradients of a convolution: $name', async ({ x, filter, stride, pad }) => {
  const { cpu, wasm } = await gradients([numbers(x), numbers(filter)], (input, kernel) =>
    tf.conv2d(input as tf.Tensor4D, kernel as tf.Tensor4D, stride, pad, 'NHWC', 1, typeof pad === 'number' ? 'floor' : undefined))
  expect(largestDifference(wasm[0]!, cpu[0]!)).toBeLessThan(1e-5)
  expect(largestDifference(wasm[1]!, cpu[1]!)).toBeLessThan(1e-5)
})

test.each([
  // Only of values from 0 on, which is what the network pools: where all are negative the backend takes the first for the greatest.
  ['max pooling', (x: tf.Tensor) => tf.maxPool(tf.relu(x) as tf.Tensor4D, 3, 2, 'valid')],
  ['max pooling where most is 0', (x: tf.Tensor) => tf.maxPool(tf.relu(tf.sub(x, 0.9)) as tf.Tensor4D, 3, 2, 'valid')],
  ['average pooling', (x: tf.Tensor) => tf.avgPool(x as tf.Tensor4D, 3, 3, 'valid')],
  ['response normalisation', (x: tf.Tensor) => tf.localResponseNormalization(x as tf.Tensor4D, 2, 1, 0.1, 0.75)],
])('gradient of %s', async (_, operation) => {
  const { cpu, wasm } = await gradients([numbers([2, 9, 9, 8])], operation)
  expect(largestDifference(wasm[0]!, cpu[0]!)).toBeLessThan(1e-5)
})

test('a backend that is not there is passed over with the reason', async () => {
  const { name, passedOver } = await startTensorFlow()
  expect(['tensorflow', 'wasm']).toContain(name)
  if (name === 'wasm') expect(passedOver).toEqual([expect.stringMatching(/^@tensorflow\/tfjs-node: ./)])
})
