/** What the pool and a vision process say to each other, over the fork channel (structured clone). */
import type { BoundingBox, PhotoFailureCode } from '../../../src-shared/domain.ts'
import type { ErrorCode } from '../../../src-shared/api.ts'
import type { DetectorRow, EmbedderRow } from '../models/registry.ts'
import type { AlignmentOptions, FacePlace, KnownFace, PhotoAnalysis, PhotoDescription, PhotoEmbeddings } from '../ports.ts'

/** First message to a process. */
export interface Configuration {
  detector: DetectorRow
  embedder: EmbedderRow
  modelsDirectories: string[]
  pixelLimit: number
}

export type Work =
  | { kind: 'analyze'; path: string; embedder: EmbedderRow }
  | { kind: 'embed'; path: string; faces: readonly KnownFace[]; embedder: EmbedderRow }
  | { kind: 'describe'; path: string; places: readonly FacePlace[]; embedder: EmbedderRow }
  | { kind: 'align'; path: string; options: AlignmentOptions }
  | { kind: 'render'; path: string; longestSidePx: number; part: BoundingBox | null }
  /** `path` stands for the strip in messages. */
  | { kind: 'tile'; path: string; paths: readonly (string | null)[]; sidePx: number }

/** What comes of a kind of work. */
export interface Results {
  analyze: PhotoAnalysis
  embed: PhotoEmbeddings
  describe: PhotoDescription
  /** Null where there is no face to align. */
  align: Uint8Array | null
  render: Uint8Array
  tile: Uint8Array
}
export type Result = Results[Work['kind']]

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
  | { type: 'done'; id: number; value: Result }
  | { type: 'failed'; id: number; error: WireError }
