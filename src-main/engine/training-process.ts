/** The training process: takes one job from its parent, tells how far it is, and ends. What must not be lost is in its checkpoints. */
import { KithError } from '../../src-shared/errors.ts'
import type { FromTraining, ToTraining } from './training/protocol.ts'
import { runTrainingJob } from './training/training-job.ts'

const stopping = new AbortController()

// Without a parent there is nobody to tell the result: a checkpoint is all there can be.
process.on('disconnect', () => stopping.abort())
// Ctrl-C reaches the whole group of processes: the parent decides when this one stops.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

process.on('message', (message: ToTraining) => {
  if (message.type === 'stop') return stopping.abort()
  void runTrainingJob(message.job, { signal: stopping.signal, onProgress: (progress) => send({ type: 'progress', progress }) })
    .then((outcome): FromTraining => ({ type: 'done', outcome }), toFailure)
    .then((answer) => {
      if (process.connected) process.send!(answer, () => process.disconnect())
    })
})

function toFailure(error: unknown): FromTraining {
  if (error instanceof KithError) return { type: 'failed', code: error.code, message: error.message }
  return { type: 'failed', code: null, message: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}

function send(message: FromTraining): void {
  if (process.connected) process.send!(message, () => {})
}
