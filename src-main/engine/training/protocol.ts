/** What the parent and the training process say to each other, over the fork channel (structured clone). */
import type { ErrorCode } from '../../../src-shared/api.ts'
import type { TrainingJob, TrainingOutcome, TrainingProgress } from '../training-port.ts'

export type ToTraining =
  | { type: 'train'; job: TrainingJob }
  /** Come to an end after this step, with a checkpoint. */
  | { type: 'stop' }

export type FromTraining =
  | { type: 'progress'; progress: TrainingProgress }
  | { type: 'done'; outcome: TrainingOutcome }
  /** `code` is null for what nobody foresaw; then the message is for the log. */
  | { type: 'failed'; code: ErrorCode | null; message: string }
