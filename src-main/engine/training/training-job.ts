/** One job from the weights it begins with to the model and its card. */
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { basename } from 'node:path'
import { KithError } from '../../../src-shared/errors.ts'
import { pairwiseDistances } from '../math/vector.ts'
import { writeTrainedModel } from '../models/model-card.ts'
import { readNn4Small2Weights } from '../models/network-weights.ts'
import { nn4Small2 } from '../models/registry.ts'
import { valuesOf, type WeightMap } from '../models/weights.ts'
import type { TrainingJob, TrainingOptions, TrainingOutcome, TrainingPerson, TrainingProgress } from '../training-port.ts'
import { readCheckpoint, writeCheckpoint, type StoredCheckpoint } from './checkpoint.ts'
import { loadFeatures } from './features.ts'
import { mapThresholds } from './map-thresholds.ts'
import { settleOptions } from './options.ts'
import { splitPeople } from './split-people.ts'
import { startTensorFlow, type StartedBackend } from './tensorflow.ts'
import { createEmbeddingLayer, createWholeNetwork, withTrained, type Trainable } from './trainable.ts'
import { runTraining, type RunResult, type RunState } from './training-run.ts'
import { embedFaces, samePairs } from './validation.ts'

export interface JobOptions {
  signal: AbortSignal
  onProgress(progress: TrainingProgress): void
}

/**
 * Trains, and writes the model of the best epoch with thresholds measured on the held-out people.
 * @throws KithError model-damaged for the weights it begins with or the checkpoint; not-found without a checkpoint to resume;
 *   invalid-input for too few people, options that don't fit the checkpoint, a loss that is no number; no-space
 */
export async function runTrainingJob(job: TrainingJob, { signal, onProgress }: JobOptions): Promise<TrainingOutcome> {
  const from = readNn4Small2Weights(job.from.path)
  const fingerprint = fingerprintOf(from, job.people)
  const checkpoint = job.resume ? readCheckpoint(job.checkpointPath) : null
  if (checkpoint && checkpoint.fingerprint !== fingerprint) {
    throw new KithError('invalid-input',
      `The checkpoint ${job.checkpointPath} was made with other pictures or from another model than ${job.from.id}. Bring those back, or begin again without --resume.`)
  }
  const options = settleOptions(job, checkpoint?.options ?? null)
  const split = splitPeople(job.people, options.seed)
  const backend = await startTensorFlow()
  const faces = indexFaces(split)
  const trainable = await openTrainable(job, from, options, faces.paths, { signal, onProgress, backend: backend.name })
  const outcome = describe(job, options, backend, faces)
  if (!trainable) return outcome({ state: null, stopped: 'interrupted' }, split.tooFew)

  const result = await runTraining({
    trainable, people: faces.training, validation: faces.validation, options, backend: backend.name,
    from: checkpoint, signal, onProgress,
    save: (state) => writeCheckpoint(job.checkpointPath, { ...state, options, fingerprint } satisfies StoredCheckpoint),
  })
  const done = outcome(result, split.tooFew)
  if (result.stopped === 'interrupted' || !done.best) return done
  const thresholds = await measureThresholds(job, trainable, from, result, faces.validation)
  const { path: _, model: id, ...training } = done
  writeTrainedModel(job.modelsDirectory, {
    id, role: 'embedder', network: 'nn4.small2', alignment: nn4Small2.alignment,
    description: `nn4.small2 trained from ${job.from.id} on ${done.faces.training} faces of ${done.people.training} people.`,
    licence: `as ${job.from.id} and the pictures it was trained on allow`,
    createdAt: new Date().toISOString(), thresholds, training: { ...training },
  }, withTrained(from, result.bestWeights))
  rmSync(job.checkpointPath, { force: true })
  return { ...done, path: modelPath(job) }
}

interface IndexedFaces {
  readonly paths: readonly string[]
  /** Indices of each person's faces. */
  readonly training: readonly (readonly number[])[]
  readonly validation: { readonly faces: readonly number[]; readonly people: readonly number[] }
}

function indexFaces({ training, validation }: { training: readonly TrainingPerson[]; validation: readonly TrainingPerson[] }): IndexedFaces {
  const paths: string[] = []
  const indicesOf = ({ faces }: TrainingPerson): number[] => faces.map((path) => paths.push(path) - 1)
  const trained = training.map(indicesOf)
  const heldOut = validation.map(indicesOf)
  return {
    paths, training: trained,
    validation: { faces: heldOut.flat(), people: heldOut.flatMap((faces, person) => faces.map(() => person)) },
  }
}

/** Null when stopped before its features were computed. */
async function openTrainable(
  job: TrainingJob, from: WeightMap, { layers, epochs }: TrainingOptions, paths: readonly string[],
  { signal, onProgress, backend }: JobOptions & { backend: string },
): Promise<Trainable | null> {
  if (layers === 'all') return createWholeNetwork(from, paths)
  const startMs = performance.now()
  let first: number | null = null
  const features = await loadFeatures(from, paths, job.featuresDirectory, {
    signal,
    onProgress(done) {
      first ??= done
      const seconds = (performance.now() - startMs) / 1000
      const imagesPerSecond = (done - first) / seconds || null
      onProgress({
        phase: 'features', epoch: 0, epochs, step: done, steps: paths.length, loss: null, active: null, imagesPerSecond,
        remainingSeconds: imagesPerSecond && (paths.length - done) / imagesPerSecond, backend,
      })
    },
  })
  return features && createEmbeddingLayer(from, features)
}

/** Thresholds of the model it began with, moved to where as many strangers come within them. */
async function measureThresholds(
  job: TrainingJob, trainable: Trainable, from: WeightMap, { bestWeights }: RunResult, { faces, people }: IndexedFaces['validation'],
) {
  const same = samePairs(people)
  const strangers = async (weightOf: (name: string) => Float32Array): Promise<Float64Array> => {
    for (const [name, values] of trainable.weights) values.set(weightOf(name))
    trainable.update()
    const embeddings = await embedFaces(trainable, faces)
    return pairwiseDistances(embeddings, people.length, nn4Small2.dimension).filter((_, pair) => same[pair] === 0)
  }
  const before = await strangers((name) => valuesOf(from.get(name)!))
  return mapThresholds(job.from.thresholds, before, await strangers((name) => bestWeights.get(name)!))
}

function describe(job: TrainingJob, options: TrainingOptions, backend: StartedBackend, { training, validation }: IndexedFaces) {
  const startMs = performance.now()
  return ({ state, stopped }: Pick<RunResult, 'state' | 'stopped'>, tooFew: number): TrainingOutcome => ({
    model: job.id,
    from: job.from.id,
    backend: backend.name,
    passedOver: backend.passedOver,
    options,
    people: { training: training.length, validation: new Set(validation.people).size, tooFew },
    faces: { training: training.flat().length, validation: validation.faces.length },
    before: state?.before ?? null,
    epochs: state?.epochs ?? [],
    best: state && bestOf(state),
    stopped,
    seconds: state?.seconds ?? (performance.now() - startMs) / 1000,
    path: null,
  })
}

function bestOf({ epochs, bestEpoch, before }: RunState): TrainingOutcome['best'] {
  if (bestEpoch === null) return null
  const { epoch, validation } = epochs[bestEpoch - 1]!
  return { epoch, validation, better: validation.auc > before.auc }
}

const modelPath = ({ modelsDirectory, id }: TrainingJob): string => `${modelsDirectory}/${id}.safetensors`

function fingerprintOf(from: WeightMap, people: readonly TrainingPerson[]): string {
  const hash = createHash('sha256')
  for (const [name, tensor] of from) hash.update(name).update(valuesOf(tensor))
  for (const { name, faces } of people) hash.update(JSON.stringify([name, faces.map((path) => basename(path))]))
  return hash.digest('hex')
}
