/** What the library asks of training, as types alone. It happens in a process of its own, the only one that loads TensorFlow.js. */

import type { RecognitionThresholds } from './math/thresholds.ts'

/** Which weights learn: all of the network, or the matrix behind it alone, on features computed once. */
export type TrainedLayers = 'all' | 'embedding'

export interface TrainingOptions {
  readonly layers: TrainedLayers
  readonly epochs: number
  /** Batches an epoch. */
  readonly steps: number
  /** People a batch. */
  readonly people: number
  /** Pictures of each. */
  readonly pictures: number
  /** α of the triplet loss, a squared distance. */
  readonly margin: number
  readonly learningRate: number
  readonly seed: number
  /** It stops after so many epochs in a row that were no better than the best. */
  readonly patience: number
}

/** Faces of one person, each a file of pixels: 96 × 96 × RGB, 0..255. */
export interface TrainingPerson {
  readonly name: string
  readonly faces: readonly string[]
}

/** How well held-out people are told apart, over all pairs of their faces. */
export interface ValidationFigures {
  /** Share of the pairs of a person and of strangers where the former are nearer (area under the ROC curve). */
  readonly auc: number
  /** At the best threshold. */
  readonly accuracy: number
  /** True accept rate where the false accept rate is at most the key. */
  readonly tarAtFar: Readonly<Record<string, number>>
}

export interface EpochRecord {
  /** From 1. */
  readonly epoch: number
  /** Mean over the triplets. */
  readonly loss: number
  /** Share of the triplets whose loss is above 0. */
  readonly active: number
  /** Trained on, validation apart. */
  readonly imagesPerSecond: number
  readonly validation: ValidationFigures
}

export interface TrainingProgress {
  readonly phase: 'features' | 'training' | 'validation'
  /** 0: before the first. */
  readonly epoch: number
  readonly epochs: number
  /** Done in this epoch, of all; for features and validation: faces. */
  readonly step: number
  readonly steps: number
  /** Of the last step; null outside of training. */
  readonly loss: number | null
  readonly active: number | null
  readonly imagesPerSecond: number | null
  readonly remainingSeconds: number | null
  /** What computes: tensorflow, wasm or cpu. */
  readonly backend: string
}

export interface TrainingJob {
  /** Of the model to be; also the name of its files. */
  readonly id: string
  /** Weights to begin with. */
  readonly from: { readonly id: string; readonly path: string; readonly thresholds: RecognitionThresholds }
  readonly people: readonly TrainingPerson[]
  /** What differs from the defaults or, on resuming, from the options of the checkpoint. */
  readonly options: Partial<TrainingOptions>
  /** Goes on from the checkpoint. */
  readonly resume: boolean
  readonly checkpointPath: string
  /** Folder for features, which are kept by what they were computed from. */
  readonly featuresDirectory: string
  /** Folder that the model is written to. */
  readonly modelsDirectory: string
}

export interface TrainingOutcome {
  /** Id of the model. */
  readonly model: string
  readonly from: string
  readonly backend: string
  /** Faster backends that could not be used, and why. */
  readonly passedOver: readonly string[]
  readonly options: TrainingOptions
  /** People learned from, and those held out. */
  readonly people: { readonly training: number; readonly validation: number; readonly tooFew: number }
  readonly faces: { readonly training: number; readonly validation: number }
  /** Held-out people before the first epoch; null when it was stopped before that. */
  readonly before: ValidationFigures | null
  readonly epochs: readonly EpochRecord[]
  /** The epoch whose weights the model has; null when it was stopped before the end of the first. */
  readonly best: { readonly epoch: number; readonly validation: ValidationFigures; readonly better: boolean } | null
  readonly stopped: 'done' | 'patience' | 'interrupted'
  readonly seconds: number
  /** Of the model; null when it was interrupted: then the checkpoint is where it goes on. */
  readonly path: string | null
}

export interface TrainingPort {
  /**
   * Trains to the end, or until `signal`, which leaves a checkpoint.
   * @throws KithError invalid-input, model-damaged, no-space; vision-unavailable when the process was lost
   */
  train(job: TrainingJob, options: { signal?: AbortSignal; onProgress?(progress: TrainingProgress): void }): Promise<TrainingOutcome>
}
