/** Our networks against other people's implementations of the same weights: the same tensors in, the same numbers out. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadModel } from '../../src-main/engine/models/files.ts'
import { findModel } from '../../src-main/engine/models/registry.ts'
import { loadNetwork } from '../../src-main/engine/vision/onnx-session.ts'
import { sharedPath } from '../fixtures/shared.ts'

const parity = sharedPath('data/golden/parity')

function floats(name: string): Float32Array {
  const bytes = readFileSync(join(parity!, name))
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length)
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0)
}

async function network(role: 'detector' | 'landmarks' | 'embedder', id: string) {
  return loadNetwork(await loadModel(findModel(role, id)!, []))
}

describe.skipIf(!parity)('parity with face-api.js under TensorFlow.js on the same tensors', () => {
  test('face recognition', async () => {
    const { embedding } = await (await network('embedder', 'dlib-resnet')).run(floats('rec.bin'), [5, 150, 150, 3])
    expect(largestDifference(embedding!, floats('out_wasm_rec.bin'))).toBeLessThan(2e-6)
  })
  test('68 landmarks', async () => {
    const { landmarks } = await (await network('landmarks', 'landmarks-68')).run(floats('lm.bin'), [5, 112, 112, 3])
    expect(largestDifference(landmarks!, floats('out_wasm_lm.bin'))).toBeLessThan(2e-6)
  })
  test('SSD boxes and scores', async () => {
    const { boxes, scores } = await (await network('detector', 'ssd-mobilenet')).run(floats('ssd.bin'), [1, 512, 512, 3])
    expect(largestDifference(boxes!, floats('out_wasm_ssdb.bin'))).toBeLessThan(1e-5)
    expect(largestDifference(scores!, floats('out_wasm_ssds.bin'))).toBeLessThan(1e-5)
  })
})

interface GoldenCase {
  shape: [number, number, number, number]
  outputs: Record<string, { shape: number[]; sum: number; sum_abs: number; first: number[]; last: number[] }>
}

describe('kith-detector.v1 gives the outputs that it gave its makers', async () => {
  const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, 'kith-detector.v1.json'), 'utf8')) as { cases: GoldenCase[] }
  const detector = await network('detector', 'kith-detector.v1')
  test.each(cases.map((golden) => [golden.shape.join('×'), golden] as const))('%s', async (_, { shape, outputs }) => {
    const results = await detector.run(formulaInput(shape), shape)
    expect(Object.keys(results).toSorted()).toEqual(Object.keys(outputs).toSorted())
    for (const [name, golden] of Object.entries(outputs)) {
      const values = results[name]!
      expect(values.length).toBe(golden.shape.reduce((product, length) => product * length, 1))
      const tolerance = 1e-4 * golden.sum_abs
      expect(Math.abs(values.reduce((sum, value) => sum + value, 0) - golden.sum)).toBeLessThan(tolerance)
      expect(Math.abs(values.reduce((sum, value) => sum + Math.abs(value), 0) - golden.sum_abs)).toBeLessThan(tolerance)
      golden.first.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 3))
      golden.last.forEach((value, i) => expect(values[values.length - golden.last.length + i]).toBeCloseTo(value, 3))
    }
  })
})

/** The input that the golden file's `formula` describes. */
function formulaInput([batches, channels, height, width]: GoldenCase['shape']): Float32Array {
  const input = new Float32Array(batches * channels * height * width)
  let at = 0
  for (let b = 0; b < batches; b++) {
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) input[at++] = (x * 7 + y * 13 + c * 29 + b * 17 + ((x * y) % 31) * 5) % 256
      }
    }
  }
  return input
}
