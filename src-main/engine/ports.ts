/**
 * What the library asks of its neighbours, as types alone: the vision process (pixels in, faces out) and the recognition
 * thread (embeddings in; neighbours, groups and names out). The library knows neither sharp nor ONNX Runtime nor threads.
 */
import type { BoundingBox, PhotoFailureCode } from '../../src-shared/domain.ts'
import type { FaceAlignment } from './math/align.ts'
import type { EmbedderRow } from './models/registry.ts'

/** An embedder as a library knows it. The library keeps it as JSON, so that it can go on without the model's file. */
export interface Embedder extends EmbedderRow {
  /** What its embeddings are kept under: no two sets of weights share it, whatever their ids. */
  readonly spaceId: string
  /** Somebody's own weights, none that Kith knows: they take over a library only where they do better in it. */
  readonly isTrained: boolean
}

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

/** Where a face is known to be on a photo, whatever a detector says. */
export interface FacePlace {
  box: BoundingBox
  /** 68 points as fractions of the oriented photo, where they are known; null: found inside the box. */
  landmarks: Float32Array | null
}

/** What the vision process says of places it was sent to; faces in the order of the places. */
export interface PhotoDescription {
  /** Pixels of the full-size oriented photo. */
  widthPx: number
  heightPx: number
  /** SHA-256 of the whole file, hex. */
  contentHash: string
  faces: DetectedFace[]
}

/** A face that is known, to be embedded without being looked for. */
export interface KnownFace {
  box: BoundingBox
  /** As `DetectedFace` has them. */
  landmarks: Float32Array
}

/** What another embedder says of the known faces of a photo. */
export interface PhotoEmbeddings {
  /** SHA-256 of the file that they come from, hex: of another content the landmarks mean nothing. */
  contentHash: string
  /** One for each face, in their order. */
  embeddings: Float32Array[]
}

/** How a face is cut out of its photo. */
export interface AlignmentOptions {
  alignment: FaceAlignment
  /** Side of the square in pixels. */
  sidePx: number
  /** A PNG, which is the default, or the bare pixels: side × side × RGB, 0..255. */
  format?: 'png' | 'pixels'
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

/** One embedder's view of some faces. */
export interface EmbeddedSet {
  embedder: Embedder
  /** One for each face, as the embedder gives it. */
  embeddings: readonly Float32Array[]
}

/** Two embedders on the same faces. */
export interface ModelComparison {
  /** Whether the second does better, by more than chance allows where there are enough faces to say so. */
  wins: boolean
  /** Faces and people that could be compared. */
  faces: number
  people: number
  /** What was measured, larger is better, 0..1. */
  figures: { name: string; current: number; next: number }[]
}

/** Compares two embedders on faces whose person is known. @param personIds of each face */
export type CompareEmbedders = (personIds: readonly number[], current: EmbeddedSet, next: EmbeddedSet) => ModelComparison

/** Pixels in, faces out; runs in processes of its own that may die and come back. */
export interface VisionPort {
  readonly detectorId: string
  /** The embedder of analyses that name none. */
  readonly embedderId: string
  /** How many photos it can work on at once; the indexer keeps this many in hand. */
  readonly concurrency: number
  /**
   * @throws PhotoReadError, also when the photo killed the process or ran out of time; AbortError on `signal`; KithError
   *   model-missing, model-damaged, vision-unavailable
   */
  analyze(path: string, options?: { embedder?: Embedder; signal?: AbortSignal }): Promise<PhotoAnalysis>
  /** Embeds faces that are known, in the pixels that `analyze` would take them from. @throws as `analyze` */
  embed(path: string, faces: readonly KnownFace[], options: { embedder: Embedder; signal?: AbortSignal }): Promise<PhotoEmbeddings>
  /**
   * Looks at places of a photo without looking for faces: each is embedded as a face, with score 1. Goes ahead of waiting
   * photos. @throws as `analyze`
   */
  describe(path: string, places: readonly FacePlace[], options: { embedder: Embedder }): Promise<PhotoDescription>
  /**
   * The main face of a photo, turned and cut out: a PNG or pixels, or null where there is no face.
   * @throws PhotoReadError, AbortError on `signal`
   */
  align(path: string, options: AlignmentOptions & { signal?: AbortSignal }): Promise<Uint8Array | null>
  /**
   * A JPEG of the oriented photo, or of a part of it (in fractions), `longestSidePx` at the most; never enlarged. Goes ahead
   * of waiting photos. @throws PhotoReadError
   */
  render(path: string, longestSidePx: number, part?: BoundingBox): Promise<Uint8Array>
  /**
   * Square tiles of picture files side by side, as one strip: RGB, sidePx rows of paths.length × sidePx pixels. Grey where a
   * path is null or can't be read. @throws AbortError on `signal`
   */
  tile(paths: readonly (string | null)[], sidePx: number, options?: { signal?: AbortSignal }): Promise<Uint8Array>
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

/** What became known or changed of some faces, as it is now. Row i of a pair of arrays belongs together. */
export interface KnowledgeChange {
  faceIds: Int32Array
  /** Whom the user named the face; 0: it is open; -1: nothing is to be said of it. */
  personIds: Int32Array
  /** All names that the user refused for these faces. */
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

/** Verdicts on the faces that were judged again. */
export interface Verdicts {
  faceIds: Int32Array
  /** Those left unknown are not listed. */
  judgements: Judgement[]
}

/** A person a face may be. */
export interface Candidate {
  personId: number
  probability: number
  distance: number
}

/** How far another face is. */
export interface FaceDistance {
  faceId: number
  /** Euclidean, in the embedder's own space. */
  distance: number
}

/** How much two people look alike. */
export interface Comparison {
  /** Typical distance from a face of one to the nearest of the other. */
  distance: number
  likeness: 'very' | 'somewhat' | 'little'
}

/** What the distances of neighbours mean, in the embedder's own space. */
export interface NeighbourLimits {
  /** Up to here a neighbour may be the same person: less where there are many labelled faces to be near by chance. */
  mayBe: number
  /** Up to here two single faces are taken for the same person. */
  same: number
}

/** The thread died. Nothing it knew is left: `load` everything from the store again, which starts a new one. */
export class RecognitionStoppedError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'RecognitionStoppedError'
  }
}

/**
 * Embeddings in; neighbours, groups and names out. One model's embeddings only. Calls are answered in their order, save that
 * `know`, `learn`, `candidates` and `identify` need not wait until a long `judge` is done: it goes on with what is known then.
 * @throws RecognitionStoppedError from every call that was waiting when the thread died, and from every call after that
 *   until `load`
 */
export interface RecognitionPort {
  readonly neighbourCount: number
  /**
   * Forgets everything and takes faces whose neighbours are known (from the store, at start or after a crash). Lists that
   * are missing, or that name a face which is not among `faces`, are made anew and answered, to be kept.
   * Both are handed over: their arrays are the thread's from now on, and each has its memory for itself.
   */
  load(faces: FaceRows, neighbours: NeighbourRows): Promise<NeighbourRows>
  /** Adds new faces (a face that is there already is replaced); answers every neighbour list that came to be or changed. */
  add(faces: FaceRows): Promise<NeighbourRows>
  /** Forgets faces; answers the lists that lost a neighbour, as they are now. */
  remove(faceIds: Int32Array): Promise<NeighbourRows>
  /**
   * Groups the given faces. group[i] is 0 for none, else a number that is the same for faces of one group.
   * @param closeness multiplies the distances at which faces are grouped: less than 1 makes more groups, of more likeness
   */
  group(faceIds: Int32Array, closeness?: number): Promise<{ faceIds: Int32Array; group: Int32Array }>
  /** How much two people look alike, of whom these are faces; null where the embeddings of one are not here. */
  compare(faceIds: Int32Array, otherFaceIds: Int32Array): Promise<Comparison | null>
  /** The kept neighbours of faces, up to the distance at which a name is suggested. */
  neighbours(faceIds: Int32Array): Promise<NeighbourRows & { limits: NeighbourLimits }>
  /** Takes the whole of what is known. @param areJudged whether the verdicts that follow from it are known already */
  know(knowledge: Knowledge, areJudged: boolean): Promise<void>
  /**
   * Takes what changed since, trains those whom it concerns, and judges again whatever may be another verdict for it, as
   * `judge` would; only what follows from everybody's having changed a little waits for the next `judge`.
   */
  learn(change: KnowledgeChange): Promise<Verdicts>
  /** Judges every open face whose verdict may be another one since it was judged; trains everybody where much has changed. */
  judge(): Promise<Verdicts>
  /**
   * The likeliest people for given faces, by what is known now; best first, `limit` at the most, without the names
   * refused for that face. People are listed however unlikely they are.
   */
  candidates(faceIds: Int32Array, limit: number): Promise<Candidate[][]>
  /**
   * The nearest to a face among given faces, nearest first, `limit` at the most; itself and faces that are not known here are
   * left out. Null where the face itself is not known here.
   */
  nearest(faceId: number, amongFaceIds: Int32Array, limit: number): Promise<FaceDistance[] | null>
  /** The people an embedding that is not in the library would be given as a name or a suggestion; none: unknown. */
  identify(embedding: Float32Array, sizePx: number): Promise<Candidate[]>
  close(): Promise<void>
}
