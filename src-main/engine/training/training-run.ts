/** The training itself: epoch by epoch, the same numbers for the same seed, stopped and taken up again at any step. */
import { setImmediate as pause } from 'node:timers/promises'
import * as tf from '@tensorflow/tfjs-core'
import { KithError } from '../../../src-shared/errors.ts'
import { hash } from '../math/random.ts'
import type { EpochRecord, TrainingOptions, TrainingProgress, ValidationFigures } from '../training-port.ts'
import { clipByGlobalNorm, createAdam, type Adam, type AdamState, type NumbersByName } from './adam.ts'
import { drawBatch, type Batch } from './batches.ts'
import type { Trainable } from './trainable.ts'
import { tripletLoss } from './triplet-loss.ts'
import { embedFaces, validate } from './validation.ts'

/** Everything that a run goes on from, besides the weights and what Adam remembers. */
export interface RunState {
  /** Epochs that are complete. */
  readonly epochs: EpochRecord[]
  readonly before: ValidationFigures
  /** Of the epoch under way. */
  step: number
  loss: number
  active: number
  triplets: number
  images: number
  /** Spent on the steps of the epoch under way. */
  trainingSeconds: number
  bestEpoch: number | null
  /** Spent on everything, earlier runs included. */
  seconds: number
}

export interface Checkpoint {
  readonly state: RunState
  readonly weights: NumbersByName
  /** Weights of the best epoch; those now where none is complete. */
  readonly bestWeights: NumbersByName
  readonly adam: AdamState
}

export interface RunParts {
  readonly trainable: Trainable
  /** Faces of each person to learn from. */
  readonly people: readonly (readonly number[])[]
  readonly validation: { readonly faces: readonly number[]; readonly people: readonly number[] }
  readonly options: TrainingOptions
  readonly backend: string
  readonly from: Checkpoint | null
  readonly signal: AbortSignal
  /** Keeps a checkpoint. @throws KithError no-space */
  save(checkpoint: Checkpoint): void
  onProgress(progress: TrainingProgress): void
}

export interface RunResult {
  /** Null when it was stopped before the first step. */
  readonly state: RunState | null
  readonly bestWeights: NumbersByName
  readonly stopped: 'done' | 'patience' | 'interrupted'
}

/** Gradients longer than this are shortened: single batches of a few people can be far from all others. */
const longestGradient = 1
const secondsBetweenCheckpoints = 120

/**
 * Trains to the last epoch, until nothing gets better, or until the signal; then the checkpoint says all.
 * @throws KithError invalid-input when the loss is no longer a number, no-space when a checkpoint can't be written; the last
 *   checkpoint is whole then
 */
export async function runTraining(parts: RunParts): Promise<RunResult> {
  const { trainable, options, signal } = parts
  const startMs = performance.now()
  const earlierSeconds = parts.from?.state.seconds ?? 0
  if (parts.from) restore(trainable.weights, parts.from.weights)
  trainable.update()
  const adam = createAdam(options.learningRate, parts.from?.adam)
  const state = parts.from?.state ?? await begin(parts)
  if (!state) return { state: null, bestWeights: trainable.weights, stopped: 'interrupted' }
  let bestWeights = parts.from?.bestWeights ?? copyOf(trainable.weights)
  let savedAt = performance.now()
  const save = (): void => {
    state.seconds = earlierSeconds + (performance.now() - startMs) / 1000
    parts.save({ state, weights: trainable.weights, bestWeights, adam: adam.state() })
    savedAt = performance.now()
  }
  const finish = (stopped: RunResult['stopped']): RunResult => {
    state.seconds = earlierSeconds + (performance.now() - startMs) / 1000
    return { state, bestWeights, stopped }
  }
  for (;;) {
    if (state.epochs.length >= options.epochs) return finish('done')
    if (isStuck(state, options.patience)) return finish('patience')
    while (state.step < options.steps && !signal.aborted) {
      step(parts, adam, state)
      if (performance.now() - savedAt > secondsBetweenCheckpoints * 1000) save()
      await pause()
    }
    const validation = signal.aborted ? null : await measure(parts, state.epochs.length + 1)
    if (!validation) {
      save()
      return finish('interrupted')
    }
    const { loss, active, triplets, images, trainingSeconds } = state
    state.epochs.push({
      epoch: state.epochs.length + 1, loss: loss / state.step, active: triplets ? active / triplets : 0,
      imagesPerSecond: images / trainingSeconds, validation,
    })
    if (isBest(state)) {
      state.bestEpoch = state.epochs.length
      bestWeights = copyOf(trainable.weights)
    }
    Object.assign(state, { step: 0, loss: 0, active: 0, triplets: 0, images: 0, trainingSeconds: 0 })
    save()
  }
}

const emptyState = (before: ValidationFigures): RunState =>
  ({ epochs: [], before, step: 0, loss: 0, active: 0, triplets: 0, images: 0, trainingSeconds: 0, bestEpoch: null, seconds: 0 })

/** Measures before anything is learned; null when stopped meanwhile. */
async function begin(parts: RunParts): Promise<RunState | null> {
  const before = await measure(parts, 0)
  return before && emptyState(before)
}

function step(parts: RunParts, adam: Adam, state: RunState): void {
  const { trainable, people, options } = parts
  const startMs = performance.now()
  const epoch = state.epochs.length + 1
  const batch = drawBatch(people, options, hash(hash(options.seed, epoch), state.step + 1))
  const { loss, active, triplets, gradients } = gradientsOf(trainable, batch, options.margin)
  const norm = clipByGlobalNorm(gradients, longestGradient)
  if (!Number.isFinite(loss) || !Number.isFinite(norm)) throw notANumber(parts, state)
  adam.update(trainable.weights, gradients)
  for (const numbers of trainable.weights.values()) if (!numbers.every(Number.isFinite)) throw notANumber(parts, state)
  trainable.update()
  state.step++
  state.loss += loss
  state.active += active
  state.triplets += triplets
  state.images += batch.faces.length
  state.trainingSeconds += (performance.now() - startMs) / 1000
  const secondsPerStep = state.trainingSeconds / state.step
  const stepsLeft = (options.epochs - epoch + 1) * options.steps - state.step
  parts.onProgress({
    phase: 'training', epoch, epochs: options.epochs, step: state.step, steps: options.steps,
    loss, active: triplets ? active / triplets : 0, imagesPerSecond: state.images / state.trainingSeconds,
    remainingSeconds: stepsLeft * secondsPerStep, backend: parts.backend,
  })
}

function notANumber({ options: { learningRate } }: RunParts, { epochs, step: done }: RunState): KithError {
  return new KithError('invalid-input',
    `The loss is no longer a number in epoch ${epochs.length + 1}, step ${done + 1}: a learning rate of ${learningRate} is too high. ` +
    (epochs.length > 0 ? 'The weights of the last checkpoint are kept: go on from them with --resume and a smaller --learning-rate.'
      : 'Begin again with a smaller --learning-rate.'))
}

/** The loss of a batch and where it leads. */
function gradientsOf(
  trainable: Trainable, { faces, people }: Batch, margin: number,
): { loss: number; active: number; triplets: number; gradients: NumbersByName } {
  const counts = { active: 0, triplets: 0 }
  const gradients = new Map<string, Float32Array>()
  const value = tf.tidy(() => {
    const { value: sum, grads } = tf.variableGrads(() => {
      const { loss, active, triplets } = tripletLoss(trainable.embed(faces), people, margin)
      Object.assign(counts, { active, triplets })
      return loss
    }, [...trainable.variables.values()])
    for (const [name, variable] of trainable.variables) gradients.set(name, (grads[variable.name]!.dataSync() as Float32Array).slice())
    return sum
  })
  const [loss] = value.dataSync()
  value.dispose()
  return { loss: loss!, ...counts, gradients }
}

async function measure({ trainable, validation, options, backend, signal, onProgress }: RunParts, epoch: number): Promise<ValidationFigures | null> {
  const embeddings = await embedFaces(trainable, validation.faces, {
    signal,
    onProgress: (done) => onProgress({
      phase: 'validation', epoch, epochs: options.epochs, step: done, steps: validation.faces.length,
      loss: null, active: null, imagesPerSecond: null, remainingSeconds: null, backend,
    }),
  })
  return signal.aborted ? null : validate(embeddings, validation.people)
}

/** Whether the last epoch is better than all before it. */
function isBest({ epochs, bestEpoch }: RunState): boolean {
  return bestEpoch === null || epochs.at(-1)!.validation.auc > epochs[bestEpoch - 1]!.validation.auc
}

function isStuck({ epochs, bestEpoch }: RunState, patience: number): boolean {
  return bestEpoch !== null && epochs.length - bestEpoch >= patience
}

export function copyOf(numbers: NumbersByName): NumbersByName {
  return new Map(Array.from(numbers, ([name, values]) => [name, values.slice()]))
}

function restore(weights: NumbersByName, from: NumbersByName): void {
  for (const [name, values] of from) weights.get(name)!.set(values)
}
