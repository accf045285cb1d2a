/** Checkpoints: all that a run has come to, in one safetensors file that is replaced whole or not at all. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { KithError } from '../../../src-shared/errors.ts'
import { writeWhole } from '../models/model-card.ts'
import { decodeSafetensors, encodeSafetensors } from '../models/safetensors.ts'
import { floatTensor, valuesOf, type StoredTensor } from '../models/weights.ts'
import type { TrainingOptions } from '../training-port.ts'
import type { NumbersByName } from './adam.ts'
import type { Checkpoint, RunState } from './training-run.ts'

export interface StoredCheckpoint extends Checkpoint {
  readonly options: TrainingOptions
  /** Of the faces and of the weights that it began with: only with the same may it go on. */
  readonly fingerprint: string
}

const figures = z.object({ auc: z.number(), accuracy: z.number(), tarAtFar: z.record(z.string(), z.number()) })
const Notes = z.object({
  format: z.literal('kith-training-1'),
  fingerprint: z.string(),
  adamSteps: z.int(),
  options: z.object({
    layers: z.enum(['all', 'embedding']), epochs: z.int(), steps: z.int(), people: z.int(), pictures: z.int(),
    margin: z.number(), learningRate: z.number(), seed: z.int(), patience: z.int(),
  }) satisfies z.ZodType<TrainingOptions>,
  state: z.object({
    epochs: z.array(z.object({ epoch: z.int(), loss: z.number(), active: z.number(), imagesPerSecond: z.number(), validation: figures })),
    before: figures, step: z.int(), loss: z.number(), active: z.int(), triplets: z.int(), images: z.int(),
    trainingSeconds: z.number(), bestEpoch: z.int().nullable(), seconds: z.number(),
  }) satisfies z.ZodType<RunState>,
})
type Notes = z.infer<typeof Notes>

const parts = ['weights', 'best', 'first-moments', 'second-moments'] as const

/** @throws KithError no-space, library-read-only; the checkpoint that was there before stays whole then */
export function writeCheckpoint(path: string, { options, fingerprint, state, weights, bestWeights, adam }: StoredCheckpoint): void {
  const notes: Notes = { format: 'kith-training-1', fingerprint, adamSteps: adam.steps, options, state }
  const tensors = new Map<string, StoredTensor>()
  const numbers = [weights, bestWeights, adam.firstMoments, adam.secondMoments]
  parts.forEach((part, i) => {
    for (const [name, values] of numbers[i]!) tensors.set(`${part}/${name}`, floatTensor([values.length], values))
  })
  writeWhole(path, encodeSafetensors(tensors, { checkpoint: JSON.stringify(notes) }))
}

/** @throws KithError not-found where there is none, model-damaged for a file that is no checkpoint */
export function readCheckpoint(path: string): StoredCheckpoint {
  try {
    const { weights: tensors, metadata } = decodeSafetensors(readFileSync(path))
    const { fingerprint, adamSteps, options, state } = Notes.parse(JSON.parse(metadata['checkpoint'] ?? 'null'))
    const [weights, bestWeights, firstMoments, secondMoments] = parts.map((part): NumbersByName => new Map(
      Array.from(tensors).filter(([name]) => name.startsWith(`${part}/`)).map(([name, tensor]) => [name.slice(part.length + 1), valuesOf(tensor)])))
    return { options, fingerprint, state, weights: weights!, bestWeights: bestWeights!, adam: { steps: adamSteps, firstMoments: firstMoments!, secondMoments: secondMoments! } }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new KithError('not-found', `There is nothing to resume: ${path} is not there. Begin without --resume.`)
    }
    const detail = error instanceof z.ZodError ? 'its notes are not those of a checkpoint' : (error as Error).message
    throw new KithError('model-damaged', `The checkpoint ${path} can't be used: ${detail}. Begin again without --resume.`, undefined, { cause: error })
  }
}
