/** LayoutPort on a thread of its own, one for each job. */
import { Worker } from 'node:worker_threads'
import type { FaceLayout, LayoutPort } from '../layout-port.ts'
import { layoutThreadFile } from '../places.ts'
import type { LayoutMessage } from './layout-thread.ts'

/** @param log one line, never for people */
export function createLayout(log: (message: string) => void): LayoutPort {
  return {
    async layOut(job, { signal, onProgress }) {
      signal.throwIfAborted()
      const { embeddings, neighbours, distances, faceIds } = job
      const transferList = [embeddings, neighbours, distances, faceIds].map(({ buffer }) => buffer as ArrayBuffer)
      const worker = new Worker(layoutThreadFile, { workerData: job, transferList })
      try {
        return await new Promise<FaceLayout>((done, fail) => {
          signal.addEventListener('abort', () => fail(signal.reason), { once: true })
          worker.on('message', (message: LayoutMessage) => {
            if (message.type === 'progress') onProgress(message.done, message.total)
            else done(message.layout)
          })
          worker.on('error', (error) => {
            log(`layout: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
            fail(error)
          })
          worker.on('exit', (code) => fail(new Error(`The layout thread ended with ${code}.`)))
        })
      } finally {
        await worker.terminate()
      }
    },
  }
}
