/** Embedders by name: those that ship, those that were trained, and files of weights. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nn4Small2Thresholds } from '../../../src-main/engine/math/thresholds.ts'
import { chooseEmbedder, listModels, loadModel } from '../../../src-main/engine/models/files.ts'
import { readModelCard, writeModelCard, writeTrainedModel, type ModelCard } from '../../../src-main/engine/models/model-card.ts'
import { models } from '../../../src-main/engine/models/registry.ts'
import { encodeSafetensors } from '../../../src-main/engine/models/safetensors.ts'
import { floatTensor } from '../../../src-main/engine/models/weights.ts'
import { loadNetwork } from '../../../src-main/engine/vision/onnx-session.ts'
import { createVisionPool } from '../../../src-main/engine/vision/vision-pool.ts'
import { runForJson, runKith } from '../cli/run.ts'
import { facePixels, formulaPictures, largestDifference, shippedWeights, shippedWeightsPath } from '../../fixtures/nn4-small2.ts'

const weights = shippedWeights()
const facePhotos = [1, 4].map((sample) => `node_modules/@vladmandic/face-api/demo/sample${sample}.jpg`) as [string, string]
const card = (id = 'family'): Omit<ModelCard, 'sha256' | 'bytes'> => ({
  id, role: 'embedder', network: 'nn4.small2', alignment: 'inner-eyes-and-bottom-lip', description: 'Trained on the family.',
  licence: 'private', createdAt: '2026-11-24T10:00:00.000Z', thresholds: { ...nn4Small2Thresholds, suggest: 0.5 }, training: { epochs: 3 },
})
let directory: string
let modelsDirectory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kith-find-models-'))
  modelsDirectory = join(directory, 'models')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('nn4.small2 stands for the version that ships; its embeddings carry the whole id', () => {
  const row = chooseEmbedder('nn4.small2', [])
  expect(row).toMatchObject({ id: 'nn4.small2.kith.v1', network: 'nn4.small2', alignment: 'outer-eyes-and-nose' })
  expect(chooseEmbedder('nn4.small2.kith.v1', [])).toBe(row)
  expect(createVisionPool({ embedderId: 'nn4.small2', modelsDirectories: [], log() {} }).embedderId).toBe('nn4.small2.kith.v1')
  const names = models.flatMap(({ id, alias }) => (alias ? [id, alias] : [id]))
  expect(new Set(names).size).toBe(names.length)
})

test('the public weights can be fetched, and are not here', () => {
  expect(() => chooseEmbedder('nn4.small2.openface', [directory])).toThrow(expect.objectContaining({ code: 'model-missing', message: expect.stringContaining('kith models fetch nn4.small2.openface') }))
  expect(listModels([directory], []).find(({ id }) => id === 'nn4.small2.openface')).toMatchObject({ state: 'absent', sizeBytes: null, sha256: null })
  writeFileSync(join(directory, 'nn4.small2.v1.h5'), 'something else')
  expect(() => chooseEmbedder('nn4.small2.openface', [directory])).toThrow(expect.objectContaining({ code: 'model-damaged', message: expect.stringContaining('nn4.small2.v1.h5') }))
  expect(listModels([directory], []).find(({ id }) => id === 'nn4.small2.openface')).toMatchObject({ state: 'damaged' })
})

describe('a trained model', () => {
  test('is written, found by its id and by its path, and gives the embeddings of its weights', async () => {
    const written = writeTrainedModel(modelsDirectory, card(), weights)
    expect(readdirSync(modelsDirectory).toSorted()).toEqual(['family.json', 'family.safetensors'])
    expect(readModelCard(join(modelsDirectory, 'family.json'))).toEqual(written)
    const row = chooseEmbedder('family', ['/nowhere', modelsDirectory])
    expect(row).toMatchObject({ id: 'family', alignment: 'inner-eyes-and-bottom-lip', thresholds: { suggest: 0.5 }, bytes: written.bytes })
    for (const name of ['family.json', 'family.safetensors']) expect(chooseEmbedder(join(modelsDirectory, name), [])).toEqual(row)
    const pictures = formulaPictures(1)
    const embed = async (bytes: Uint8Array) => (await (await loadNetwork(bytes)).run(pictures, [1, 96, 96, 3]))['embedding']!
    expect(pictures.length).toBe(facePixels)
    expect(largestDifference(await embed(await loadModel(row, [])), await embed(await loadModel(chooseEmbedder('nn4.small2', []), [])))).toBe(0)
    expect(listModels([modelsDirectory], ['family']).at(-1)).toMatchObject({ id: 'family', role: 'embedder', state: 'installed', inUse: true, sha256: written.sha256 })
  })

  test('replaces the one of its name, but none of Kith’s', () => {
    const first = writeTrainedModel(modelsDirectory, card(), weights)
    const other = new Map(weights).set('dense_layer/bias', floatTensor([128], new Float32Array(128).fill(0.5)))
    expect(writeTrainedModel(modelsDirectory, card(), other).sha256).not.toBe(first.sha256)
    for (const id of ['nn4.small2', 'nn4.small2.kith.v1', 'dlib-resnet']) {
      expect(() => writeTrainedModel(modelsDirectory, card(id), weights)).toThrow(expect.objectContaining({ code: 'invalid-input' }))
    }
    expect(() => writeTrainedModel(modelsDirectory, card('../outside'), weights)).toThrow()
    expect(readdirSync(directory)).toEqual(['models'])
  })

  test('with weights that are no numbers is not written', () => {
    const nan = new Map(weights).set('bn1/beta', floatTensor([64], new Float32Array(64).fill(NaN)))
    expect(() => writeTrainedModel(modelsDirectory, card(), nan)).toThrow(expect.objectContaining({ code: 'invalid-input', message: expect.stringContaining('bn1/beta') }))
    expect(() => readdirSync(modelsDirectory)).toThrow()
  })

  // Every write to this device fails for want of room.
  test.skipIf(!readdirSync('/dev').includes('full'))('on a full disk leaves what was there', () => {
    const before = writeTrainedModel(modelsDirectory, card(), weights)
    symlinkSync('/dev/full', join(modelsDirectory, 'family.safetensors.part'))
    expect(() => writeTrainedModel(modelsDirectory, card(), weights)).toThrow(expect.objectContaining({ code: 'no-space', message: expect.stringContaining('family') }))
    expect(readModelCard(join(modelsDirectory, 'family.json'))).toEqual(before)
    expect(chooseEmbedder('family', [modelsDirectory]).id).toBe('family')
  })

  test('whose card is no good is listed as damaged, and told when it is asked for', () => {
    writeTrainedModel(modelsDirectory, card('sound'), weights)
    const whole = readModelCard(join(modelsDirectory, 'sound.json'))
    const path = join(modelsDirectory, 'family.json')
    const cards: [string, string][] = [
      ['no JSON', '{'],
      ['without thresholds', JSON.stringify({ ...whole, id: 'family', thresholds: undefined })],
      ['a threshold that is no number', JSON.stringify({ ...whole, id: 'family', thresholds: { ...whole.thresholds, suggest: 'near' } })],
      ['an unknown alignment', JSON.stringify({ ...whole, id: 'family', alignment: 'upside-down' })],
      ['the card of another model', JSON.stringify({ ...whole, id: 'someone' })],
    ]
    for (const [what, content] of cards) {
      writeFileSync(path, content)
      const listed = listModels([modelsDirectory], [])
      expect(listed.find(({ id }) => id === 'family'), what).toMatchObject({ state: 'damaged', description: expect.stringContaining(path) })
      expect(listed.find(({ id }) => id === 'sound'), what).toMatchObject({ state: 'installed' })
      for (const name of ['family', path]) {
        expect(() => chooseEmbedder(name, [modelsDirectory]), what).toThrow(expect.objectContaining({ code: 'model-damaged', message: expect.stringContaining(path) }))
      }
      expect(chooseEmbedder('sound', [modelsDirectory]).id).toBe('sound')
    }
  })

  test('whose weights are missing or not the card’s is told', () => {
    const whole = writeTrainedModel(modelsDirectory, card(), weights)
    writeModelCard(modelsDirectory, { ...whole, sha256: '0'.repeat(64) })
    expect(() => chooseEmbedder('family', [modelsDirectory])).toThrow(expect.objectContaining({ code: 'model-damaged', message: expect.stringContaining('family.safetensors') }))
    rmSync(join(modelsDirectory, 'family.safetensors'))
    expect(() => chooseEmbedder('family', [modelsDirectory])).toThrow(expect.objectContaining({ code: 'model-missing', message: expect.stringContaining('family.safetensors') }))
    expect(listModels([modelsDirectory], []).at(-1)).toMatchObject({ id: 'family', state: 'absent' })
  })
})

describe('a file of weights', () => {
  test('without a card gets an id of its own content', () => {
    mkdirSync(modelsDirectory)
    const path = join(modelsDirectory, 'mine.safetensors')
    writeFileSync(path, encodeSafetensors(weights))
    const first = chooseEmbedder(path, [])
    expect(first).toMatchObject({ id: expect.stringMatching(/^nn4\.small2\.file-[0-9a-f]{12}$/), bytes: readFileSync(path).length })
    writeFileSync(path, encodeSafetensors(weights, { another: 'file' }))
    expect(chooseEmbedder(path, []).id).not.toBe(first.id)
  })

  test('that Kith knows is the model that it is', () => {
    const path = join(directory, 'renamed.bin')
    copyFileSync(shippedWeightsPath, path)
    expect(chooseEmbedder(path, [])).toMatchObject({ id: 'nn4.small2.kith.v1', origin: { kind: 'local', path } })
  })

  test('that holds none is told before any photo is read', () => {
    const path = join(directory, 'broken.safetensors')
    writeFileSync(path, 'no weights')
    expect(() => chooseEmbedder(path, [])).toThrow(expect.objectContaining({ code: 'model-damaged', message: expect.stringContaining(path) }))
    mkdirSync(join(directory, 'csv'))
    expect(() => chooseEmbedder(join(directory, 'csv'), [])).toThrow(expect.objectContaining({ code: 'model-damaged' }))
    expect(() => chooseEmbedder('nobody', [directory])).toThrow(expect.objectContaining({ code: 'invalid-input', message: expect.stringContaining('nn4.small2.kith.v1') }))
  })
})

test('--model, on the command line', async () => {
  const library = join(directory, 'library')
  writeTrainedModel(join(library, 'models'), card(), weights)
  const verdict = (model: string) => runForJson<{ distance: number; threshold: number }>(library, 'verify', ...facePhotos, '--model', model)
  const shipped = await verdict('nn4.small2')
  expect(shipped.threshold).toBe(nn4Small2Thresholds.samePair)
  expect(shipped.distance).toBeLessThanOrEqual(2)
  // The same weights behind the other template: other faces come in, so another distance comes out.
  const trained = await verdict('family')
  expect(trained.distance).not.toBeCloseTo(shipped.distance, 3)
  const unknown = await runKith(library, 'verify', ...facePhotos, '--model', 'nobody', '--json')
  expect(unknown.status).toBe(1)
  expect(JSON.parse(unknown.stdout)).toMatchObject({ error: { code: 'invalid-input', message: expect.stringContaining('family') } })
})
