/**
 * What the library asks of its neighbours, as types alone: the vision process (pixels in, faces out) and the recognition
 * thread (embeddings in; neighbours, groups and names out). The library knows neither sharp nor ONNX Runtime nor threads.
 */
import type { BoundingBox, PhotoFailureCode } from '../../src-shared/domain.ts'

/** One face as the pipeline saw it. */
export interface DetectedFace {
  box: BoundingBox
  /** Detector confidence, 0..1. */
  score: number
  /** Shorter side of the box in pixels of the full-size oriented photo. */
  sizePx: number
  /** Variance of the Laplacian of the aligned chip's luma, 0..255 scale; small is blurred. */
  sharpness: number
  /** 68 points, x0, y0, x1, y1 …, fractions 0..1 of the oriented photo. */
  landmarks: Float32Array
  /** As the embedder gives it; length is the model's dimension. */
  embedding: Float32Array
  /** JPEG, square, the face with a margin. */
  crop: Uint8Array
}

/** All that one decode of a photo yields. */
export interface PhotoAnalysis {
  /** Pixels of the full-size oriented photo. */
  widthPx: number
  heightPx: number
  /** The camera's clock, `YYYY-MM-DDTHH:MM:SS`, or null where the file does not say. */
  takenAt: string | null
  /** SHA-256 of the whole file, hex. */
  contentHash: string
  /** JPEG, longest side 512 px. */
  thumbnail: Uint8Array
  faces: DetectedFace[]
}

/** Why the vision process could not read a photo; `message` is one sentence for people. */
export class PhotoReadError extends Error {
  readonly code: PhotoFailureCode
  constructor(code: PhotoFailureCode, message: string) {
    super(message)
    this.name = 'PhotoReadError'
    this.code = code
  }
}

/** Pixels in, faces out; runs in processes of its own that may die and come back. */
export interface VisionPort {
  readonly detectorId: string
  readonly embedderId: string
  /** How many photos it can work on at once; the indexer keeps this many in hand. */
  readonly concurrency: number
  /** @throws PhotoReadError, also when the photo killed the process or ran out of time; AbortError on `signal`. */
  analyze(path: string, options?: { signal?: AbortSignal }): Promise<PhotoAnalysis>
  /** A JPEG of the oriented photo, `longestSidePx` at the most; goes ahead of waiting photos. @throws PhotoReadError */
  render(path: string, longestSidePx: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** Faces for the recognition thread; row i of each array belongs to faceIds[i]. */
export interface FaceRows {
  faceIds: Int32Array
  photoIds: Int32Array
  /** Shorter side of the box in pixels. */
  sizesPx: Float32Array
  /** faceIds.length × dimension. */
  embeddings: Float32Array
}

/** `neighbourCount` nearest faces of each face, nearest first; -1 and Infinity where there are fewer. */
export interface NeighbourRows {
  faceIds: Int32Array
  /** faceIds.length × neighbourCount face ids. */
  neighbourIds: Int32Array
  /** faceIds.length × neighbourCount Euclidean distances. */
  distances: Float32Array
}

/** What is known for sure, and what may be judged. Row i of a pair of arrays belongs together. */
export interface Knowledge {
  /** Faces the user named, and whom. These alone teach. */
  labelledFaceIds: Int32Array
  labelledPersonIds: Int32Array
  /** Faces without a user's name that are not ignored: to be judged, and the background negatives of the SVM. */
  openFaceIds: Int32Array
  /** Names that the user refused: never proposed again for that face. */
  rejectedFaceIds: Int32Array
  rejectedPersonIds: Int32Array
}

/** The verdict on one open face. `name`: sure enough to say it alone; `suggest`: to be confirmed. */
export interface Judgement {
  faceId: number
  verdict: 'name' | 'suggest' | 'unknown'
  personId: number
  probability: number
  distance: number
}

/** A person a face may be. */
export interface Candidate {
  personId: number
  probability: number
  distance: number
}

/** The thread died. Nothing it knew is left: `load` everything from the store again, which starts a new one. */
export class RecognitionStoppedError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'RecognitionStoppedError'
  }
}

/**
 * Embeddings in; neighbours, groups and names out. One model's embeddings only. Calls are answered in their order.
 * @throws RecognitionStoppedError from every call that was waiting when the thread died, and from every call after that
 *   until `load`
 */
export interface RecognitionPort {
  readonly neighbourCount: number
  /**
   * Forgets everything and takes faces whose neighbours are known (from the store, at start or after a crash). Lists that
   * are missing, or that name a face which is not among `faces`, are made anew and answered, to be kept.
   */
  load(faces: FaceRows, neighbours: NeighbourRows): Promise<NeighbourRows>
  /** Adds new faces (a face that is there already is replaced); answers every neighbour list that came to be or changed. */
  add(faces: FaceRows): Promise<NeighbourRows>
  /** Forgets faces; answers the lists that lost a neighbour, as they are now. */
  remove(faceIds: Int32Array): Promise<NeighbourRows>
  /** Groups the given unnamed faces. group[i] is 0 for none, else a number that is the same for faces of one group. */
  group(openFaceIds: Int32Array): Promise<{ faceIds: Int32Array; group: Int32Array }>
  /** Learns from what is known and judges every open face; faces left unknown are not listed. */
  judge(knowledge: Knowledge): Promise<Judgement[]>
  /**
   * The likeliest people for given faces, by what `judge` learnt last; best first, `limit` at the most, without the names
   * refused for that face. People are listed however unlikely they are.
   */
  candidates(faceIds: Int32Array, limit: number): Promise<Candidate[][]>
  /** The people an embedding that is not in the library would be given as a name or a suggestion; none: unknown. */
  identify(embedding: Float32Array, sizePx: number): Promise<Candidate[]>
  close(): Promise<void>
}
