/** RecognitionPort on a thread of its own. */
import { readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { RecognitionThresholds } from '../math/thresholds.ts'
import { recognitionThreadFile } from '../places.ts'
import { RecognitionStoppedError } from '../ports.ts'
import type { FaceRows, NeighbourRows, RecognitionPort } from '../ports.ts'
import { neighbourCount } from './face-memory.ts'
import type { FaceMemory } from './face-memory.ts'
import type { Answer, MemoryMethod, ThreadCall, ThreadReply, ThreadSettings } from './messages.ts'

export interface RecognitionOptions {
  thresholds: RecognitionThresholds
  /** Length of the embedder's vectors. */
  dimension: number
  /** distances.wasm; without it, or where it can't be read, everything is measured in plain code, several times slower. */
  kernelFile?: string
  log(message: string): void
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** Starts the thread, with no faces in it. */
export function createRecognition(options: RecognitionOptions): RecognitionPort {
  const settings: ThreadSettings = {
    thresholds: options.thresholds, dimension: options.dimension, wasm: readKernel(options),
  }
  const waiting = new Map<number, Waiting>()
  let lastCallId = 0
  let isClosed = false
  let thread: Worker | null = start()

  return {
    neighbourCount,
    load: (faces, neighbours) => {
      if (!thread && !isClosed) thread = start()
      return call('load', [faces, neighbours], [...buffersOf(faces), ...buffersOf(neighbours)])
    },
    add: (faces) => call('add', [faces]),
    remove: (faceIds) => call('remove', [faceIds]),
    group: (faceIds, closeness) => call('group', [faceIds, closeness]),
    compare: (faceIds, otherFaceIds) => call('compare', [faceIds, otherFaceIds]),
    neighbours: (faceIds) => call('neighbours', [faceIds]),
    know: (knowledge, areJudged) => call('know', [knowledge, areJudged]),
    learn: (change) => call('learn', [change]),
    judge: () => call('judge', []),
    candidates: (faceIds, limit) => call('candidates', [faceIds, limit]),
    nearest: (faceId, amongFaceIds, limit) => call('nearest', [faceId, amongFaceIds, limit]),
    identify: (embedding, sizePx) => call('identify', [embedding, sizePx]),
    async close() {
      isClosed = true
      const closing = thread
      stop(new RecognitionStoppedError('Recognition was closed.'))
      await closing?.terminate()
    },
  }

  function start(): Worker {
    const worker = new Worker(recognitionThreadFile, { workerData: settings })
    worker.on('message', (reply: ThreadReply) => {
      if (reply.type === 'log') return options.log(reply.message)
      waiting.get(reply.callId)?.resolve(reply.value)
      waiting.delete(reply.callId)
    })
    const died = (reason: string, cause?: unknown) => {
      if (thread !== worker) return
      options.log(`The recognition thread stopped: ${reason}`)
      stop(new RecognitionStoppedError(`Recognition stopped: ${reason}`, { cause }))
    }
    worker.on('error', (error) => died(error instanceof Error ? (error.stack ?? error.message) : String(error), error))
    worker.on('messageerror', (error) => died(error.message, error))
    worker.on('exit', (code) => died(`exit code ${code}`))
    return worker
  }

  function stop(error: RecognitionStoppedError): void {
    thread = null
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }

  /** @param transferred what of the parameters goes over instead of being copied */
  function call<M extends MemoryMethod>(method: M, parameters: Parameters<FaceMemory[M]>, transferred: ArrayBuffer[] = []): Promise<Answer<M>> {
    return new Promise((resolve, reject) => {
      if (!thread) {
        const reason = isClosed ? 'Recognition was closed.' : 'Recognition stopped and has not been loaded again.'
        reject(new RecognitionStoppedError(reason))
        return
      }
      const message: ThreadCall<M> = { callId: ++lastCallId, method, parameters }
      thread.postMessage(message, transferred)
      waiting.set(message.callId, { resolve: resolve as Waiting['resolve'], reject })
    })
  }
}

/** Of all faces of a large library these are hundreds of megabytes. */
const buffersOf = (rows: FaceRows | NeighbourRows): ArrayBuffer[] =>
  Object.values(rows).map(({ buffer }) => buffer as ArrayBuffer).filter(({ byteLength }) => byteLength > 0)

function readKernel({ kernelFile, log }: RecognitionOptions): Uint8Array<ArrayBuffer> | null {
  if (!kernelFile) return null
  try {
    return new Uint8Array(readFileSync(kernelFile))
  } catch (error) {
    log(`The distance kernel ${kernelFile} cannot be read, so the plain one runs, several times slower: ${String(error)}`)
    return null
  }
}
