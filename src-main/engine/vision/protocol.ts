/** What the pool and a vision process say to each other, over the fork channel (structured clone). */
import type { PhotoFailureCode } from '../../../src-shared/domain.ts'
import type { ErrorCode } from '../../../src-shared/api.ts'
import type { PhotoAnalysis } from '../ports.ts'

/** First message to a process. */
export interface Configuration {
  detectorId: string
  embedderId: string
  modelsDirectories: string[]
  pixelLimit: number
}

export type Work =
  | { kind: 'analyze'; path: string }
  | { kind: 'render'; path: string; longestSidePx: number }

export type ToProcess =
  | { type: 'configure'; configuration: Configuration }
  | { type: 'work'; id: number; work: Work }

/** An error as it crosses: `photo` becomes a PhotoReadError again, `kith` a KithError. */
export type WireError =
  | { kind: 'photo'; code: PhotoFailureCode; message: string }
  | { kind: 'kith'; code: ErrorCode; message: string }
  | { kind: 'internal'; message: string }

export type FromProcess =
  /** The process listens. */
  | { type: 'ready' }
  /** The models are loaded and the work begins now: its time runs from here. */
  | { type: 'started'; id: number }
  | { type: 'done'; id: number; value: PhotoAnalysis | Uint8Array }
  | { type: 'failed'; id: number; error: WireError }
