/**
 * The recognition thread's entry. One call after the other; a call that throws ends the thread, so that a memory left
 * half changed is never asked again.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { createPlainKernel } from '../math/distance-kernel.ts'
import type { DistanceKernel } from '../math/distance-kernel.ts'
import { createSimdKernel } from '../math/simd-kernel.ts'
import { createFaceMemory } from './face-memory.ts'
import type { FaceMemory } from './face-memory.ts'
import type { MemoryMethod, ThreadCall, ThreadReply, ThreadSettings } from './messages.ts'

const port = parentPort
if (!port) throw new Error('recognition-thread.ts runs as a worker thread only.')
const settings = workerData as ThreadSettings
let memory = createFaceMemory(createKernel(), settings.thresholds)

port.on('message', (call: ThreadCall) => {
  if (call.method === 'load') memory = createFaceMemory(createKernel(), settings.thresholds)
  const value = answer(memory, call)
  const reply: ThreadReply = { type: 'answer', callId: call.callId, value }
  port.postMessage(reply, buffersOf(value))
})

function answer<M extends MemoryMethod>(faces: FaceMemory, { method, parameters }: ThreadCall<M>) {
  const call = faces[method] as (...parameters: Parameters<FaceMemory[M]>) => ReturnType<FaceMemory[M]>
  return call(...parameters)
}

function createKernel(): DistanceKernel {
  const { dimension, wasm } = settings
  if (dimension === 128 && wasm) {
    try {
      return createSimdKernel(wasm)
    } catch (error) {
      log(`The SIMD distance kernel cannot run here, so the plain one does, several times slower: ${String(error)}`)
    }
  }
  return createPlainKernel(dimension)
}

function log(message: string): void {
  const reply: ThreadReply = { type: 'log', message }
  port?.postMessage(reply)
}

/** Typed arrays' memory goes over instead of being copied. */
function buffersOf(value: object): ArrayBuffer[] {
  return Object.values(value).flatMap((part) => (ArrayBuffer.isView(part) && part.buffer instanceof ArrayBuffer ? [part.buffer] : []))
}
