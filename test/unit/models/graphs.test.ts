import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chooseDetector, chooseEmbedder, listModels, loadModel, locateModel } from '../../../src-main/engine/models/files.ts'
import { createGraphBuilder } from '../../../src-main/engine/models/onnx-writer.ts'
import { models } from '../../../src-main/engine/models/registry.ts'
import { valuesOf } from '../../../src-main/engine/models/weights.ts'
import { readWeights } from '../../../src-main/engine/models/weights-manifest.ts'
import { loadNetwork } from '../../../src-main/engine/vision/onnx-session.ts'
import { sharedPath } from '../../fixtures/shared.ts'

let directory: string
beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'kith-models-')) })
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('every model has an id of its own and comes from somewhere', () => {
  expect(new Set(models.map(({ id }) => id)).size).toBe(models.length)
  for (const row of models) expect(row.checksum.hex).toMatch(row.checksum.algorithm === 'sha256' ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{40}$/)
})

test.each(models.filter(({ origin }) => origin.kind !== 'fetched').map((row) => [row.id, row] as const))(
  '%s is here, whole, and loads', async (_, row) => {
    expect(readFileSync(locateModel(row, [])!).length).toBe(row.bytes)
    await (await loadNetwork(await loadModel(row, []))).close()
  })

test('the built-in detector is used where there is no better one', () => {
  expect(chooseDetector(undefined, [directory]).id).toBe('kith-detector.v1')
  expect(chooseDetector('ssd-mobilenet', [directory]).id).toBe('ssd-mobilenet')
  expect(() => chooseDetector('yunet', [directory])).toThrow(expect.objectContaining({ code: 'model-missing' }))
  expect(() => chooseDetector('nonsense', [directory])).toThrow(expect.objectContaining({ code: 'invalid-input' }))
  expect(chooseEmbedder(undefined, [directory]).id).toBe('dlib-resnet')
})

test('a damaged model file is told, and not preferred', () => {
  writeFileSync(join(directory, 'yunet_n_dynamic.onnx'), 'no model')
  expect(chooseDetector(undefined, [directory]).id).toBe('kith-detector.v1')
  expect(() => chooseDetector('yunet', [directory])).toThrow(expect.objectContaining({ code: 'model-damaged' }))
  expect(listModels([directory], []).find(({ id }) => id === 'yunet')).toMatchObject({ state: 'damaged', inUse: false })
})

const yunet = sharedPath('models/yunet_n_dynamic.onnx')
test.skipIf(!yunet)('the better detector is preferred where its file is', () => {
  cpSync(yunet!, join(directory, 'yunet_n_dynamic.onnx'))
  expect(chooseDetector(undefined, ['/nowhere', directory]).id).toBe('yunet')
  expect(listModels([directory], ['yunet']).find(({ id }) => id === 'yunet')).toMatchObject({ state: 'installed', inUse: true })
})

test('shards that are too short or too long are told', async () => {
  const manifest = join(directory, 'm.json')
  const write = (bytes: number): void => {
    writeFileSync(manifest, JSON.stringify([{
      paths: ['m.bin'],
      weights: [
        { name: 'codes', shape: [2, 2], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.5, min: -1 } },
        { name: 'floats', shape: [1], dtype: 'float32' },
      ],
    }]))
    writeFileSync(join(directory, 'm.bin'), Buffer.concat([Buffer.from([0, 1, 2, 255]), Buffer.from(Float32Array.of(2.5).buffer), Buffer.alloc(8)]).subarray(0, bytes))
  }
  write(8)
  const weights = await readWeights(manifest, directory)
  expect([...valuesOf(weights.get('codes')!)]).toEqual([-1, -0.5, 0, 126.5])
  expect([...valuesOf(weights.get('floats')!)]).toEqual([2.5])
  for (const bytes of [6, 12]) {
    write(bytes)
    await expect(readWeights(manifest, directory)).rejects.toMatchObject({ code: 'model-damaged' })
  }
})

test('a written graph computes what it says', async () => {
  const graph = createGraphBuilder()
  const tensor = { shape: [2, 3], stored: Uint8Array.of(0, 1, 2, 3, 4, 5), scale: 0.5, minimum: -1 }
  // Transposed to [3, 2] and its three rows multiplied by 1, 10 and 100.
  graph.node('MatMul', ['x', graph.weights(tensor, [1, 0], [1, 10, 100])], {}, 'y')
  const model = graph.build({ name: 'test', description: '', input: ['x', ['n', 3]], outputs: [['y', ['n', 2]]] })
  const network = await loadNetwork(model)
  const { y } = await network.run(Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), [3, 3])
  expect([...y!]).toEqual([-1, 0.5, -5, 10, 0, 150])
})
