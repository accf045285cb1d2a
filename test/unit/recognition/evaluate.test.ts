import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KithError } from '../../../src-shared/errors.ts'
import { evaluateFolder } from '../../../src-main/engine/library/evaluate.ts'
import { dlibThresholds } from '../../../src-main/engine/math/thresholds.ts'
import { createVisionPool } from '../../../src-main/engine/vision/vision-pool.ts'
import type { VisionPool } from '../../../src-main/engine/vision/vision-pool.ts'
import { sharedPath } from '../../fixtures/shared.ts'

const directory = mkdtempSync(join(tmpdir(), 'kith-evaluate-'))
let vision: VisionPool

beforeAll(() => {
  const models = sharedPath('models')
  vision = createVisionPool({ modelsDirectories: models ? [models] : [], log: () => {} })
})

afterAll(async () => {
  await vision.close()
  rmSync(directory, { recursive: true })
})

const evaluate = (folder: string, options = {}) => evaluateFolder({ vision, thresholds: dlibThresholds }, folder, options)

function makeFolder(name: string, files: Record<string, Uint8Array | string>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(directory, name, path, '..'), { recursive: true })
    writeFileSync(join(directory, name, path), content)
  }
  mkdirSync(join(directory, name), { recursive: true })
  return join(directory, name)
}

/** Pictures of the face detector's own demo, whole and in other sizes. */
async function portraits() {
  const picture = (sample: number, widthPx: number) =>
    sharp(`node_modules/@vladmandic/face-api/demo/sample${sample}.jpg`).resize(widthPx).jpeg().toBuffer()
  return {
    'one/1.jpg': await picture(1, 900), 'one/2.jpg': await picture(1, 700), 'one/3.jpg': await picture(1, 1000),
    'two/1.jpg': await picture(4, 900), 'two/2.jpg': await picture(4, 700), 'two/empty.png': await blank(),
    'two/broken.jpg': 'not a picture',
    'two/notes.txt': 'no picture either',
  }
}

const blank = () => sharp({ create: { width: 200, height: 200, channels: 3, background: '#557799' } }).png().toBuffer()

async function failure(promise: Promise<unknown>): Promise<KithError> {
  const error = await promise.then(() => null, (reason: unknown) => reason)
  expect(error).toBeInstanceOf(KithError)
  return error as KithError
}

describe('evaluate', () => {
  it('measures a folder of two people, and lists what has no face or cannot be read', async () => {
    const folder = makeFolder('people', await portraits())
    const progress: [number, number][] = []
    const report = await evaluate(folder, { onProgress: (done: number, total: number) => progress.push([done, total]) })
    expect(report).toMatchObject({ model: vision.embedderId, images: 7, identities: 2, facesFound: 5 })
    expect(report.missed).toEqual([join(folder, 'two/broken.jpg'), join(folder, 'two/empty.png')])
    expect(report.unreadable.map(({ path }) => path)).toEqual([join(folder, 'two/broken.jpg')])
    expect(report.verification).toMatchObject({ same: 4, different: 6, bestF1: { value: 1 }, bestAccuracy: { value: 1 } })
    expect(report.classification).toMatchObject({ knn: 1, svm: 1, centroid: 1, mistakes: [] })
    expect(report.clustering).toMatchObject({ clusters: 2, bcubed: { f1: 1 } })
    expect(progress.at(-1)).toEqual([7, 7])
    expect(progress.length).toBe(7)
  })

  it('says what is wrong with a folder that cannot be measured', async () => {
    const picture = await blank()
    const single = makeFolder('single', { 'anna/1.png': picture, 'anna/2.png': picture })
    expect(await failure(evaluate(single))).toMatchObject({ code: 'invalid-input', message: expect.stringMatching(/one person \(anna\)/) })
    const once = makeFolder('once', { 'anna/1.png': picture, 'ben/1.png': picture })
    expect(await failure(evaluate(once))).toMatchObject({ code: 'invalid-input', message: expect.stringMatching(/single picture/) })
    const faceless = makeFolder('faceless', { 'anna/1.png': picture, 'anna/2.png': picture, 'ben/1.png': picture })
    expect(await failure(evaluate(faceless))).toMatchObject({ code: 'no-face', message: expect.stringMatching(/any of the 3 pictures/) })
    expect(await failure(evaluate(makeFolder('empty', {})))).toMatchObject({ code: 'invalid-input' })
    expect(await failure(evaluate(join(directory, 'nowhere')))).toMatchObject({ code: 'folder-unreadable', message: expect.stringMatching(/nowhere/) })
  })

  it('measures a list of pairs by folds, and answers a pair without a face', async () => {
    const picture = (sample: number, widthPx: number) =>
      sharp(`node_modules/@vladmandic/face-api/demo/sample${sample}.jpg`).resize(widthPx).jpeg().toBuffer()
    const folder = makeFolder('pairs', {
      'one/one_0001.jpg': await picture(1, 900), 'one/one_0002.jpg': await picture(1, 700), 'one/one_0003.jpg': await picture(1, 1000),
      'two/two_0001.jpg': await picture(4, 900), 'two/two_0002.jpg': await picture(4, 700), 'two/two_0003.png': await blank(),
      'two/two_0004.jpg': 'no pair names it, so it is not looked at',
      'pairs.txt': ['2\t2', 'one 1 2', 'one 2 3', 'one 1 two 1', 'one 2 two 2', 'one 1 3', 'two 1 3', 'one 3 two 1', 'one 3 two 3'].join('\n'),
    })
    const report = await evaluate(folder, { pairsFile: join(folder, 'pairs.txt') })
    expect(report).toMatchObject({ images: 6, identities: 2, facesFound: 5, missed: [join(folder, 'two/two_0003.png')], unreadable: [] })
    expect(report.pairs).toMatchObject({
      file: join(folder, 'pairs.txt'), folds: 2, pairs: 8, same: 4, different: 4, missing: 2,
      // By one threshold for all, right are all but the pair of one person that has a picture without a face.
      bestAccuracy: { value: 7 / 8 }, tarAtFar: { '0.01': { tar: 3 / 4 } },
    })
    // Of the sixteen comparisons of a pair of one person with one of two, those of the pair without a face lose but for one tie.
    expect(report.pairs!.auc).toBeCloseTo((3 * 4 + 0.5) / 16, 12)
    const { accuracies, accuracy, thresholds } = report.pairs!
    expect(accuracies[1]).toBe(0.75)
    expect(accuracy.mean).toBeCloseTo((accuracies[0]! + accuracies[1]!) / 2, 12)
    expect(thresholds).toHaveLength(2)
  })

  it('says so when faces are left of one person only', async () => {
    const { 'one/1.jpg': first, 'one/2.jpg': second } = await portraits()
    const folder = makeFolder('half', { 'one/1.jpg': first, 'one/2.jpg': second, 'two/1.png': await blank() })
    expect(await failure(evaluate(folder))).toMatchObject({ code: 'no-face', message: expect.stringMatching(/one person only/) })
  })

  it('stops when it is told to', async () => {
    const folder = makeFolder('stopped', await portraits())
    const controller = new AbortController()
    const stopped = evaluate(folder, { signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) })
    await expect(stopped).rejects.toThrow('enough')
  })

  it('reaches its goals on a hundred real pictures of ten people', async ({ skip }) => {
    const folder = sharedPath('data/faces_lfw100')
    if (!folder || vision.detectorId !== 'yunet') return skip()
    const report = await evaluate(folder)
    expect(report).toMatchObject({ images: 100, identities: 10, facesFound: 100, missed: [] })
    expect(report.verification.bestF1.value).toBeGreaterThanOrEqual(0.975)
    expect(report.verification.bestAccuracy.value).toBeGreaterThanOrEqual(0.995)
    expect(report.verification.tarAtFar['0.01'].tar).toBeGreaterThanOrEqual(0.985)
    expect(report.verification.tarAtFar['0.001'].tar).toBeGreaterThanOrEqual(0.96)
    expect(report.clustering.bcubed.f1).toBeGreaterThanOrEqual(0.98)
  })
})
