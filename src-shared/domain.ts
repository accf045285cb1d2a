/**
 * The nouns of Kith, as they travel between the engine and a window. Ids are integers, branded so that one kind is never
 * handed over for another. Boxes are fractions 0..1 of the photo as a person sees it (orientation applied). Dates without
 * a zone are the camera's own clock, ISO 8601 without an offset; instants are ISO 8601 in UTC.
 */
import { z } from 'zod'
import { isVisible } from './visible.ts'

export const FolderId = z.int().positive().brand<'FolderId'>()
export type FolderId = z.infer<typeof FolderId>
export const PhotoId = z.int().positive().brand<'PhotoId'>()
export type PhotoId = z.infer<typeof PhotoId>
export const FaceId = z.int().positive().brand<'FaceId'>()
export type FaceId = z.infer<typeof FaceId>
export const PersonId = z.int().positive().brand<'PersonId'>()
export type PersonId = z.infer<typeof PersonId>
export const ClusterId = z.int().positive().brand<'ClusterId'>()
export type ClusterId = z.infer<typeof ClusterId>
export const JournalEntryId = z.int().positive().brand<'JournalEntryId'>()
export type JournalEntryId = z.infer<typeof JournalEntryId>

/** Control characters, and marks that turn the direction of what stands around a name: nobody sees or types them. */
const controls = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu
/** Signs of no width that mean nothing in a name: breaks and joins of lines, the mark of a file's beginning. */
const widthless = /[\u00AD\u180E\u200B\u2060\uFEFF]/gu

/** A person's name as typed: trimmed, NFC, without control characters, 1 to 200 characters, not all of them unseen. */
export const PersonName = z
  .string()
  .transform((text) => text.normalize('NFC').replace(/\s+/gu, ' ').replace(controls, '').replace(widthless, '').trim())
  .pipe(z.string().refine(isVisible, 'A name needs at least one letter.').max(200, 'A name can have 200 characters at the most.'))

/** Fractions 0..1 of the oriented photo; x and y are the top left corner. */
export const BoundingBox = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })
export type BoundingBox = z.infer<typeof BoundingBox>

/** A name the classifiers propose for a face; never shown as if it were decided. */
export const Suggestion = z.object({
  personId: PersonId,
  personName: z.string(),
  /** Calibrated, 0..1. */
  probability: z.number(),
  /** Euclidean distance to the nearest labelled face of that person, in the embedder's own space. */
  distance: z.number(),
})
export type Suggestion = z.infer<typeof Suggestion>

/** Who gave a face its name. A user's decision outranks the machine's for ever. */
export const AssignedBy = z.enum(['user', 'machine'])
export type AssignedBy = z.infer<typeof AssignedBy>

/** One face on one photo, with what is known of it. */
export const Face = z.object({
  id: FaceId,
  photoId: PhotoId,
  box: BoundingBox,
  /** The detector's own confidence, 0..1. */
  score: z.number(),
  /** Shorter side of the box in pixels of the full-size oriented photo. */
  sizePx: z.number(),
  personId: PersonId.nullable(),
  personName: z.string().nullable(),
  assignedBy: AssignedBy.nullable(),
  clusterId: ClusterId.nullable(),
  suggestion: Suggestion.nullable(),
  ignored: z.boolean(),
  /** When the photo was taken, or null where nobody knows. */
  takenAt: z.string().nullable(),
})
export type Face = z.infer<typeof Face>

export const Person = z.object({
  id: PersonId,
  name: z.string(),
  /** Faces that carry the name, given by the user or by the machine. */
  faces: z.int(),
  /** Photos the person is on. */
  photos: z.int(),
  /** Unnamed faces for which this person is suggested. */
  suggestions: z.int(),
  coverFaceId: FaceId.nullable(),
})
export type Person = z.infer<typeof Person>

/** Unnamed faces that look alike. Its id is stable only until faces are grouped again. */
export const Cluster = z.object({
  id: ClusterId,
  size: z.int(),
  /** The most typical faces first; at most the number that was asked for. */
  faceIds: z.array(FaceId),
  suggestion: Suggestion.nullable(),
})
export type Cluster = z.infer<typeof Cluster>

export const PhotoStatus = z.enum(['pending', 'indexed', 'failed'])
export type PhotoStatus = z.infer<typeof PhotoStatus>

/** Why a photo could not be indexed. A closed list: the words for people are in `failureReason`. */
export const PhotoFailureCode = z.enum([
  'empty',
  'not-an-image',
  'unsupported-format',
  'damaged',
  'too-large',
  'unreadable',
  'vanished',
  'timeout',
  'crashed',
  'no-space',
])
export type PhotoFailureCode = z.infer<typeof PhotoFailureCode>

export const Photo = z.object({
  id: PhotoId,
  folderId: FolderId,
  /** Absolute path, for people to read; nothing accepts it back. */
  path: z.string(),
  fileName: z.string(),
  /** Pixels of the oriented photo; 0 while the photo is not indexed. */
  widthPx: z.int(),
  heightPx: z.int(),
  takenAt: z.string().nullable(),
  status: PhotoStatus,
  missing: z.boolean(),
  faces: z.array(Face),
})
export type Photo = z.infer<typeof Photo>

export const PhotoFailure = z.object({
  photoId: PhotoId,
  path: z.string(),
  code: PhotoFailureCode,
  /** One sentence for people: what is wrong and what to do. */
  reason: z.string(),
  attempts: z.int(),
})
export type PhotoFailure = z.infer<typeof PhotoFailure>

export const Folder = z.object({
  id: FolderId,
  path: z.string(),
  /** offline: the folder or its drive is not there now; nothing of it was deleted. */
  state: z.enum(['online', 'offline']),
  photos: z.int(),
  indexed: z.int(),
  pending: z.int(),
  failed: z.int(),
  missing: z.int(),
  lastScannedAt: z.string().nullable(),
})
export type Folder = z.infer<typeof Folder>

/** What the engine is doing in the background right now. */
export const IndexProgress = z.object({
  state: z.enum(['idle', 'scanning', 'embedding', 'indexing', 'grouping', 'paused', 'cancelling']),
  /** Photos looked at so far, of `total`, or while embedding photos whose faces are embedded anew; while scanning, `total` is null. */
  done: z.int(),
  total: z.int().nullable(),
  failed: z.int(),
  facesFound: z.int(),
  photosPerSecond: z.number().nullable(),
  remainingSeconds: z.number().nullable(),
  /** File name of the photo in hand, for people. */
  current: z.string().nullable(),
})
export type IndexProgress = z.infer<typeof IndexProgress>

/** Numbers as base64 of their bytes, little-endian: fifty thousand of them in one answer. */
const PackedNumbers = z.base64()

/**
 * Where faces are in the plane: those that look alike near each other (UMAP: McInnes, Healy, Melville 2018). Number i of each
 * list belongs to face i.
 */
export const FaceMap = z.object({
  /** UTC. */
  madeAt: z.string(),
  faces: z.int(),
  /** Faces that were laid out themselves; all others came to stand between their neighbours. */
  laidOut: z.int(),
  /** Faces that came since the map was made; they stand between their neighbours. */
  added: z.int(),
  /** Int32: ids, which go up. */
  faceIds: PackedNumbers,
  /** Float32: x and y of each face, within 0..1 but for faces that came since. */
  positions: PackedNumbers,
  /** Int32: id of the person who the face is, or is suggested to be; 0: nobody. */
  personIds: PackedNumbers,
  /** Uint8, what the person is to the face: 0 nobody, 1 suggested, 2 named by Kith, 3 named by the user. */
  standings: PackedNumbers,
})
export type FaceMap = z.infer<typeof FaceMap>

/** How far the making of a map of faces is. */
export const MapProgress = z.object({
  state: z.enum(['idle', 'making']),
  /** Steps done, of `total`; null until there are any. */
  done: z.int(),
  total: z.int().nullable(),
  /** Faces that it is made of. */
  faces: z.int(),
  remainingSeconds: z.number().nullable(),
})
export type MapProgress = z.infer<typeof MapProgress>

export const JournalEntry = z.object({
  id: JournalEntryId,
  at: z.string(),
  /** For people, e.g. `Named 12 faces Anna`. */
  label: z.string(),
  state: z.enum(['done', 'undone']),
})
export type JournalEntry = z.infer<typeof JournalEntry>

export const ModelRole = z.enum(['detector', 'landmarks', 'embedder'])
export type ModelRole = z.infer<typeof ModelRole>

export const ModelInfo = z.object({
  id: z.string(),
  role: ModelRole,
  description: z.string(),
  source: z.string(),
  licence: z.string(),
  /** Null where it is known only once the file is here. */
  sizeBytes: z.int().nullable(),
  sha256: z.string().nullable(),
  /** built-in: in the program; installed: its file is here; absent: can be fetched; damaged: its file is not what it should be. */
  state: z.enum(['built-in', 'installed', 'absent', 'damaged']),
  inUse: z.boolean(),
})
export type ModelInfo = z.infer<typeof ModelInfo>
