/** The graph of nn4.small2: against the embeddings of its makers, and its unusual layers against plain arithmetic. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { buildNn4Small2 } from '../../../src-main/engine/models/nn4-small2-graph.ts'
import { describeNn4Small2, tensorShapes, type Layer, type NetworkDescription } from '../../../src-main/engine/models/nn4-small2.ts'
import { floatTensor, lengthOf } from '../../../src-main/engine/models/weights.ts'
import { loadNetwork } from '../../../src-main/engine/vision/onnx-session.ts'
import { embedPictures, facePixels, formulaPictures, largestDifference, shippedWeights } from '../../fixtures/nn4-small2.ts'
import { createRandom } from '../../fixtures/random.ts'

const golden: {
  check_pixels: { k: number; y: number; x: number; rgb: number[] }[]
  embeddings: number[][]
} = JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/nn4.small2.kith.v1.json'), 'utf8'))
const weights = shippedWeights()
const pictures = formulaPictures(golden.embeddings.length)

test('the shipped weights give the embeddings that they gave their makers', async () => {
  for (const { k, y, x, rgb } of golden.check_pixels) {
    expect([...pictures.subarray(k * facePixels + (y * 96 + x) * 3).subarray(0, 3)]).toEqual(rgb)
  }
  const embeddings = await embedPictures(weights, pictures)
  // The makers had 32-bit weights; these are stored in 16 bits.
  expect(largestDifference(embeddings, golden.embeddings.flat())).toBeLessThan(2e-4)
  for (let face = 0; face < golden.embeddings.length; face++) {
    expect(Math.hypot(...embeddings.subarray(face * 128, (face + 1) * 128))).toBeCloseTo(1, 5)
  }
})

test('a face alone is embedded as in a batch', async () => {
  const batch = await embedPictures(weights, pictures.subarray(0, 3 * facePixels))
  const alone = await embedPictures(weights, pictures.subarray(2 * facePixels, 3 * facePixels))
  expect(largestDifference(batch.subarray(256), alone)).toBeLessThan(1e-5)
})

test('a port that pools by the mean gives other embeddings', async () => {
  const some = pictures.subarray(0, 3 * facePixels)
  const ours = await embedPictures(weights, some)
  const ported = await embedPictures(weights, some, describeNn4Small2({ l2PoolingAs: 'average-pooling' }))
  for (let face = 0; face < 3; face++) {
    const [a, b] = [ours.subarray(face * 128, (face + 1) * 128), ported.subarray(face * 128, (face + 1) * 128)]
    expect(Math.hypot(...a.map((value, i) => value - b[i]!))).toBeGreaterThan(0.1)
  }
})

test('the network has the shape that OpenFace gave it', () => {
  const shapes = tensorShapes(describeNn4Small2())
  const trainable = [...shapes].filter(([name]) => !name.includes('/moving_')).reduce((sum, [, shape]) => sum + lengthOf(shape), 0)
  expect([...shapes.keys()].toSorted()).toEqual([...weights.keys()].toSorted())
  expect(trainable).toBe(3_733_968)
})

/** A network of one layer that answers all its values: what comes out is [batch, values]. */
function runLayer(layer: Layer, sidePx: number, picture: Float32Array, valuesOut: number) {
  const identity = new Float32Array(valuesOut * valuesOut)
  for (let i = 0; i < valuesOut; i++) identity[i * valuesOut + i] = 1
  const network: NetworkDescription = {
    name: 'one layer', inputSidePx: sidePx, dimension: valuesOut, normalisationEpsilon: 1e-5,
    layers: [
      layer,
      { kind: 'dense', name: 'dense', input: layer.name, unitsIn: valuesOut, unitsOut: valuesOut },
      { kind: 'unit-length', name: 'unit', input: 'dense' },
    ],
  }
  const oneLayer = new Map([
    ['dense/kernel', floatTensor([valuesOut, valuesOut], identity)], ['dense/bias', floatTensor([valuesOut], new Float32Array(valuesOut))],
  ])
  return loadNetwork(buildNn4Small2(oneLayer, network)).then((session) => session.run(picture, [1, sidePx, sidePx, 3]))
}

/** Channel, row and column of a picture in the order of its pixels, as the network sees it: 0..1. */
const planes = (picture: Float32Array, sidePx: number) => (channel: number, y: number, x: number): number =>
  picture[(y * sidePx + x) * 3 + channel]! / 255

function unit(values: number[]): number[] {
  const length = Math.hypot(...values)
  return values.map((value) => value / length)
}

describe('layers against plain arithmetic', () => {
  const random = createRandom(5)
  const sidePx = 12
  const picture = Float32Array.from({ length: sidePx * sidePx * 3 }, () => random.fraction() * 255)
  const value = planes(picture, sidePx)

  test.each([
    ['l2-pooling', (squareOf: number[]) => Math.sqrt(squareOf.reduce((sum, v) => sum + v * v, 0))],
    ['average-pooling', (squareOf: number[]) => squareOf.reduce((sum, v) => sum + v, 0) / squareOf.length],
    ['max-pooling', (squareOf: number[]) => Math.max(...squareOf)],
  ] as const)('%s', async (kind, pooled) => {
    for (const stride of [1, 2, 3]) {
      const side = Math.floor((sidePx - 3) / stride) + 1
      const expected: number[] = []
      for (let channel = 0; channel < 3; channel++) {
        for (let y = 0; y < side; y++) {
          for (let x = 0; x < side; x++) {
            expected.push(pooled(Array.from({ length: 9 }, (_, i) => value(channel, y * stride + Math.floor(i / 3), x * stride + (i % 3)))))
          }
        }
      }
      const { embedding } = await runLayer({ kind, name: 'pool', input: 'input', sidePx: 3, stride }, sidePx, picture, expected.length)
      expect(largestDifference(embedding!, unit(expected))).toBeLessThan(1e-6)
    }
  })

  test('local response normalisation', async () => {
    // Numbers that make a difference: OpenFace's alpha of 1e-4 hardly shows on three channels.
    for (const { alpha, size } of [{ alpha: 1e-4, size: 5 }, { alpha: 2, size: 5 }, { alpha: 2, size: 3 }]) {
      const expected: number[] = []
      for (let channel = 0; channel < 3; channel++) {
        for (let y = 0; y < sidePx; y++) {
          for (let x = 0; x < sidePx; x++) {
            let squares = 0
            for (let other = channel - (size - 1) / 2; other <= channel + (size - 1) / 2; other++) {
              if (other >= 0 && other < 3) squares += value(other, y, x) ** 2
            }
            expected.push(value(channel, y, x) / (1 + (alpha / size) * squares) ** 0.75)
          }
        }
      }
      const layer: Layer = { kind: 'response-normalisation', name: 'lrn', input: 'input', size, alpha, beta: 0.75, mapSidePx: sidePx }
      const { embedding } = await runLayer(layer, sidePx, picture, expected.length)
      expect(largestDifference(embedding!, unit(expected))).toBeLessThan(1e-6)
    }
  })
})
