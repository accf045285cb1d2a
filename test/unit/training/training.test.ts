/** Whole runs of training: the model they make, and what is left when they are stopped, killed, or go wrong. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { chooseEmbedder, locateModel } from '../../../src-main/engine/models/files.ts'
import { readModelCard } from '../../../src-main/engine/models/model-card.ts'
import { readNn4Small2Weights } from '../../../src-main/engine/models/network-weights.ts'
import type { TrainingJob, TrainingOutcome, TrainingPerson, TrainingProgress } from '../../../src-main/engine/training-port.ts'
import { readCheckpoint } from '../../../src-main/engine/training/checkpoint.ts'
import { createTraining } from '../../../src-main/engine/training/start-training.ts'
import { runTrainingJob } from '../../../src-main/engine/training/training-job.ts'
import { shippedWeightsPath } from '../../fixtures/nn4-small2.ts'
import { patternedPeople, trainingJob } from '../../fixtures/training.ts'

let root: string, directory: string, people: TrainingPerson[]
let number = 0
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'kith-training-'))
  people = patternedPeople(join(root, 'faces'), 5, 4)
})
beforeEach(() => mkdirSync((directory = join(root, String(++number)))))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const job = (changes: Partial<TrainingJob> = {}) => trainingJob(directory, people, { featuresDirectory: join(root, 'features'), ...changes })
const options = { layers: 'embedding', epochs: 4, steps: 3, people: 3, pictures: 3, margin: 1 } as const

/** Runs in this process; stops after so many steps. */
async function run(changes: Partial<TrainingJob> = {}, stopAfterSteps = Infinity): Promise<{ outcome: TrainingOutcome; progress: TrainingProgress[] }> {
  const stopping = new AbortController()
  const progress: TrainingProgress[] = []
  const outcome = await runTrainingJob(job(changes), {
    signal: stopping.signal,
    onProgress(state) {
      progress.push(state)
      if (progress.filter(({ phase }) => phase === 'training').length >= stopAfterSteps) stopping.abort()
    },
  })
  return { outcome, progress }
}
const weightsOf = (id: string) => new Map(Array.from(readNn4Small2Weights(join(directory, 'models', `${id}.safetensors`)), ([name, { stored }]) => [name, stored]))

test('the embedding layer learns: the loss falls, and the model is one that can be chosen', async () => {
  const { outcome, progress } = await run({ options: { ...options, epochs: 8, patience: 8 } })
  expect(outcome).toMatchObject({ model: 'trained', from: 'nn4.small2.kith.v1', stopped: 'done', people: { training: 3, validation: 2, tooFew: 0 }, faces: { training: 12, validation: 8 } })
  expect(outcome.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(outcome.epochs.at(-1)!.loss).toBeLessThan(outcome.epochs[0]!.loss * 0.8)
  expect(outcome.best!.validation.auc).toBe(Math.max(...outcome.epochs.map(({ validation }) => validation.auc)))
  const steps = progress.filter(({ phase }) => phase === 'training')
  expect(steps).toHaveLength(8 * 3)
  expect(steps[0]).toMatchObject({ epoch: 1, epochs: 8, step: 1, steps: 3, backend: outcome.backend })
  expect(steps.every(({ loss, imagesPerSecond, remainingSeconds }) => loss! >= 0 && imagesPerSecond! > 0 && remainingSeconds! >= 0)).toBe(true)
  expect(steps.at(-1)!.remainingSeconds).toBe(0)

  const models = join(directory, 'models')
  const row = chooseEmbedder('trained', [models])
  expect(locateModel(row, [models])).toBe(outcome.path)
  const card = readModelCard(join(models, 'trained.json'))
  expect(card.training).toMatchObject({ from: 'nn4.small2.kith.v1', options: { ...options, epochs: 8, learningRate: 0.001, seed: 1 }, faces: outcome.faces, best: outcome.best })
  expect(card.thresholds.suggest).toBeGreaterThan(0)
  expect(existsSync(join(directory, 'trained.checkpoint.safetensors'))).toBe(false)
  // The network before the last matrix is as it was.
  const before = readNn4Small2Weights(shippedWeightsPath)
  const after = weightsOf('trained')
  for (const [name, { stored }] of before) expect([name, areSame(stored, after.get(name)!)]).toEqual([name, !name.startsWith('dense_layer/')])
})

/** To the bit; expect() takes seconds for millions of numbers. */
const areSame = (a: ArrayLike<number>, b: ArrayLike<number>): boolean => Array.prototype.every.call(a, (value, i) => value === b[i])
const expectSame = (a: ReturnType<typeof weightsOf>, b: ReturnType<typeof weightsOf>) => {
  for (const [name, values] of a) expect([name, areSame(values, b.get(name)!)]).toEqual([name, true])
}

test('the same seed gives the same model, whether it was stopped in between or not', async () => {
  await run({ options })
  const whole = weightsOf('trained')
  const { outcome: stopped } = await run({ id: 'again', options }, 5)
  expect(stopped).toMatchObject({ stopped: 'interrupted', path: null, best: { epoch: 1 } })
  expect(stopped.epochs).toHaveLength(1)
  const checkpoint = readCheckpoint(join(directory, 'trained.checkpoint.safetensors'))
  expect([checkpoint.state.epochs.length, checkpoint.state.step]).toEqual([1, 2])

  await expect(run({ id: 'again', options: { seed: 2 }, resume: true })).rejects.toThrow('--seed 1, not 2')
  await expect(run({ id: 'again', people: people.slice(1), resume: true })).rejects.toMatchObject({ code: 'invalid-input', message: expect.stringContaining('other pictures') })
  const { outcome, progress } = await run({ id: 'again', resume: true })
  expect(progress.filter(({ phase }) => phase === 'training')).toHaveLength(4 * 3 - 5)
  expect(outcome).toMatchObject({ stopped: 'done', options })
  expectSame(weightsOf('again'), whole)

  await run({ id: 'other', options: { ...options, seed: 2 } })
  expect(weightsOf('other').get('dense_layer/bias')).not.toEqual(whole.get('dense_layer/bias'))
})

test('the whole network learns, and goes on after a stop to the bit', async () => {
  const all = { layers: 'all', epochs: 1, steps: 2, people: 2, pictures: 2, margin: 1 } as const
  const few = people.slice(0, 4).map(({ name, faces }) => ({ name, faces: faces.slice(0, 2) }))
  const { outcome } = await run({ options: all, people: few })
  expect(outcome).toMatchObject({ stopped: 'done', options: { learningRate: 1e-4 } })
  await run({ id: 'again', options: all, people: few }, 1)
  await run({ id: 'again', people: few, resume: true })
  const whole = weightsOf('trained')
  expectSame(weightsOf('again'), whole)
  const before = readNn4Small2Weights(shippedWeightsPath)
  for (const [name, values] of whole) {
    // Statistics of the normalisations stay, all else moves.
    expect([name, areSame(values, before.get(name)!.stored)]).toEqual([name, name.includes('/moving_')])
  }
})

test('a run that is killed goes on from its last checkpoint', async () => {
  await run({ options })
  const whole = weightsOf('trained')
  const log: string[] = []
  const training = createTraining((line) => log.push(line))
  const killing = training.train(job({ id: 'killed', options }), {
    onProgress({ phase, epoch }) {
      const id = /training (\d+)/.exec(log.find((line) => line.includes('started')) ?? '')?.[1]
      if (phase === 'training' && epoch === 3 && id) process.kill(Number(id), 'SIGKILL')
    },
  })
  await expect(killing).rejects.toMatchObject({ code: 'internal', message: expect.stringContaining('SIGKILL') })
  const outcome = await training.train(job({ id: 'killed', resume: true }), {})
  expect(outcome.stopped).toBe('done')
  expectSame(weightsOf('killed'), whole)
})

test('nothing gets better: it stops early', async () => {
  const { outcome } = await run({ options: { ...options, epochs: 50, learningRate: 1e-12, patience: 2 } })
  expect(outcome).toMatchObject({ stopped: 'patience', best: { epoch: 1, better: false } })
  expect(outcome.epochs).toHaveLength(3)
})

test('a loss that is no number: a clear error, the last good weights are kept and can be gone on from', async () => {
  await run({ options }, 4)
  const before = readFileSync(job().checkpointPath)
  await expect(run({ resume: true, options: { learningRate: 1e38 } })).rejects.toMatchObject({
    code: 'invalid-input', message: expect.stringMatching(/no longer a number in epoch 2, step \d: a learning rate of 1e\+38 is too high.*--resume/),
  })
  expect(Buffer.compare(readFileSync(job().checkpointPath), before)).toBe(0)
  expect(existsSync(join(directory, 'models'))).toBe(false)
  expect((await run({ resume: true, options: { learningRate: 1e-3 } })).outcome.stopped).toBe('done')
})

test.skipIf(!existsSync('/dev/full'))('a full disk while a checkpoint is written: a clear error, the last checkpoint is whole', async () => {
  await run({ options }, 4)
  const { checkpointPath } = job()
  const before = readFileSync(checkpointPath)
  // What is written to this device fails as on a full disk.
  symlinkSync('/dev/full', `${checkpointPath}.part`)
  await expect(run({ resume: true })).rejects.toMatchObject({ code: 'no-space', message: expect.stringContaining(checkpointPath) })
  expect(Buffer.compare(readFileSync(checkpointPath), before)).toBe(0)
  expect((await run({ resume: true })).outcome.stopped).toBe('done')
})

test('weights and checkpoints that are damaged, or not there', async () => {
  const damaged = join(directory, 'damaged.safetensors')
  writeFileSync(damaged, readFileSync(shippedWeightsPath).subarray(0, 1_000_000))
  await expect(run({ from: { ...job().from, path: damaged } })).rejects.toMatchObject({ code: 'model-damaged', message: expect.stringContaining(damaged) })
  await expect(run({ resume: true })).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('Begin without --resume') })
  copyFileSync(shippedWeightsPath, job().checkpointPath)
  await expect(run({ resume: true })).rejects.toMatchObject({ code: 'model-damaged', message: expect.stringContaining(job().checkpointPath) })
  expect(readdirSync(directory).toSorted()).toEqual(['damaged.safetensors', 'trained.checkpoint.safetensors'])
})
