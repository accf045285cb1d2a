/** What goes between recognition.ts and its thread. */
import type { RecognitionThresholds } from '../math/thresholds.ts'
import type { FaceMemory } from './face-memory.ts'

export interface ThreadSettings {
  thresholds: RecognitionThresholds
  dimension: number
  /** Bytes of distances.wasm; null where it is not there. */
  wasm: Uint8Array<ArrayBuffer> | null
}

export type MemoryMethod = keyof FaceMemory

/** What a method comes to in the end, where it works in steps. */
export type Answer<M extends MemoryMethod = MemoryMethod> =
  ReturnType<FaceMemory[M]> extends Generator<void, infer Result> ? Result : ReturnType<FaceMemory[M]>

export interface ThreadCall<M extends MemoryMethod = MemoryMethod> {
  callId: number
  method: M
  parameters: Parameters<FaceMemory[M]>
}

export type ThreadReply =
  | { type: 'answer'; callId: number; value: Answer }
  | { type: 'log'; message: string }
