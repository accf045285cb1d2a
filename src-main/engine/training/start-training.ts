/** Starts the training process and listens to it. This file and protocol.ts are all of training that other processes load. */
import { fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import { KithError } from '../../../src-shared/errors.ts'
import { trainingProcessFile } from '../places.ts'
import type { TrainingOutcome, TrainingPort } from '../training-port.ts'
import type { FromTraining, ToTraining } from './protocol.ts'

/** @param log one line, never for people */
export function createTraining(log: (message: string) => void): TrainingPort {
  return {
    train: (job, { signal, onProgress }) => new Promise<TrainingOutcome>((done, fail) => {
      signal?.throwIfAborted()
      const child = fork(trainingProcessFile, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] })
      log(`training ${child.pid}: started`)
      // A failure to send means that the process is gone; its exit is what counts.
      const post = (message: ToTraining) => void child.send(message, () => {})
      const stop = () => post({ type: 'stop' })
      signal?.addEventListener('abort', stop, { once: true })
      createInterface({ input: child.stderr! }).on('line', (line) => log(`training ${child.pid}: ${line}`))
      let answer: Exclude<FromTraining, { type: 'progress' }> | null = null
      child.on('message', (message: FromTraining) => {
        if (message.type === 'progress') onProgress?.(message.progress)
        else answer = message
      })
      child.on('error', (error) => log(`training ${child.pid}: ${error.message}`))
      child.on('close', (code, killedBy) => {
        signal?.removeEventListener('abort', stop)
        if (answer?.type === 'done') return done(answer.outcome)
        if (answer?.type === 'failed' && answer.code) return fail(new KithError(answer.code, answer.message))
        log(`training ${child.pid}: ${answer?.message ?? `ended (${killedBy ?? `status ${code}`})`}`)
        fail(new KithError('internal', answer
          ? 'Training failed in an unforeseen way. What it had done up to its last checkpoint can be taken up with: kith train … --resume'
          : `The training process was lost (${killedBy ?? `status ${code}`}); it may have run out of memory: fewer --people or --pictures need less. ` +
            'What it had done up to its last checkpoint can be taken up with: kith train … --resume'))
      })
      post({ type: 'train', job })
    }),
  }
}
