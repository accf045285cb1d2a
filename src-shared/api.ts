/**
 * The contract between the engine and every window, script and test: method -> input and output, events, error codes.
 *
 * A call is `POST /rpc/<method>` with a JSON body; the answer is `{ "value": output }` or `{ "error": ApiError }` with the
 * HTTP status of `httpStatusOf`. News is `GET /events`, a text/event-stream of `ApiEvent`. Pictures are
 * `GET /media/face/<id>` (a square crop) and `GET /media/photo/<id>?size=<longest side in px>`.
 */
import { z } from 'zod'
import {
  Cluster, ClusterId, Face, FaceId, Folder, FolderId, IndexProgress, JournalEntry, JournalEntryId, ModelInfo,
  Person, PersonId, PersonName, Photo, PhotoFailure, PhotoId, Suggestion,
} from './domain.ts'

export const ErrorCode = z.enum([
  'invalid-input',
  'not-found',
  'name-taken',
  'unknown-name',
  'query-syntax',
  'nothing-to-undo',
  'library-locked',
  'library-newer',
  'library-damaged',
  'library-read-only',
  'no-space',
  'folder-unreadable',
  'busy',
  'model-missing',
  'model-damaged',
  'picture-unreadable',
  'no-face',
  'vision-unavailable',
  'forbidden',
  'internal',
])
export type ErrorCode = z.infer<typeof ErrorCode>

export const ApiError = z.object({
  code: ErrorCode,
  /** One or two sentences for people: what went wrong, by name, and what to do. */
  message: z.string(),
  details: z
    .object({
      /** unknown-name: the names that come nearest. */
      nearestNames: z.array(z.string()).optional(),
      /** name-taken: who has the name. */
      personId: PersonId.optional(),
      /** query-syntax: where in the query, in characters from 0. */
      position: z.int().optional(),
      /** invalid-input: which field. */
      field: z.string().optional(),
    })
    .optional(),
})
export type ApiError = z.infer<typeof ApiError>

/** What a page asks for at a time, and where it goes on: a cursor is opaque and comes from the page before. */
const page = { cursor: z.string().nullable().default(null), limit: z.int().min(1).max(500).default(100) }
const nextCursor = z.string().nullable()
const nothing = z.object({})

/** What a decision names: single faces, or all unnamed faces of a cluster as it stands now. */
export const Target = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('face'), id: FaceId }),
  z.object({ kind: z.literal('cluster'), id: ClusterId }),
])
export type Target = z.infer<typeof Target>
const targets = z.array(Target).min(1).max(10_000)
const faceIds = z.array(FaceId).min(1).max(10_000)

/** What a decision did. `journalEntryId` is null where there was nothing to change. */
export const Decision = z.object({
  journalEntryId: JournalEntryId.nullable(),
  label: z.string(),
  faces: z.int(),
  personId: PersonId.nullable(),
})
export type Decision = z.infer<typeof Decision>

/** One part of a search, as understood, for chips. `text` is its canonical spelling in the query language. */
export const SearchTerm = z.object({
  kind: z.enum(['person', 'date', 'folder', 'faces', 'is', 'only', 'or', 'group']),
  text: z.string(),
  negated: z.boolean(),
  personId: PersonId.nullable(),
})
export type SearchTerm = z.infer<typeof SearchTerm>

export const LibraryStatus = z.object({
  libraryDirectory: z.string(),
  folders: z.array(Folder),
  counts: z.object({
    photos: z.int(),
    indexed: z.int(),
    pending: z.int(),
    failed: z.int(),
    missing: z.int(),
    faces: z.int(),
    named: z.int(),
    suggested: z.int(),
    unknown: z.int(),
    ignored: z.int(),
    people: z.int(),
    clusters: z.int(),
  }),
  models: z.object({ detector: z.string(), embedder: z.string() }),
  progress: IndexProgress,
  undo: z.string().nullable(),
  redo: z.string().nullable(),
  /** Whether this host can open the system's folder dialog. */
  canChooseFolder: z.boolean(),
  readOnly: z.boolean(),
})
export type LibraryStatus = z.infer<typeof LibraryStatus>

export const FaceFilter = z.object({
  personId: PersonId.optional(),
  suggestedPersonId: PersonId.optional(),
  clusterId: ClusterId.optional(),
  photoId: PhotoId.optional(),
  /** Faces without a name that are not ignored. */
  unnamed: z.boolean().optional(),
  ignored: z.boolean().optional(),
})
export type FaceFilter = z.infer<typeof FaceFilter>

export const ReviewItem = z.object({
  face: Face,
  /** The likeliest people, best first, at most nine; names rejected for this face are not among them. */
  candidates: z.array(Suggestion),
})
export type ReviewItem = z.infer<typeof ReviewItem>

export const DirectoryEntry = z.object({
  /** A capability handed out by this engine; the only way for a window to speak of a directory. */
  directoryId: z.string(),
  name: z.string(),
  /** Picture files directly inside, counted up to 999. */
  pictures: z.int(),
})

export const methods = {
  'library.status': { input: nothing, output: LibraryStatus },

  /** Opens the host's folder dialog; null when the person cancels it. */
  'folders.choose': { input: nothing, output: z.object({ folder: Folder.nullable() }) },
  /** The directories inside one, or, with null, the places to start from. */
  'folders.browse': {
    input: z.object({ directoryId: z.string().nullable() }),
    output: z.object({ path: z.string().nullable(), parentId: z.string().nullable(), entries: z.array(DirectoryEntry) }),
  },
  'folders.add': { input: z.object({ directoryId: z.string() }), output: z.object({ folder: Folder }) },
  /** Hides the folder's photos; names are kept and come back when the folder is added again. */
  'folders.remove': { input: z.object({ folderId: FolderId }), output: nothing },

  /** Scans and indexes all folders, or one; returns at once. Progress comes as events. */
  'index.start': { input: z.object({ folderId: FolderId.nullable().default(null) }), output: IndexProgress },
  'index.pause': { input: nothing, output: IndexProgress },
  'index.resume': { input: nothing, output: IndexProgress },
  'index.cancel': { input: nothing, output: IndexProgress },
  'index.failures': {
    input: z.object({ ...page, folderId: FolderId.nullable().default(null) }),
    output: z.object({ total: z.int(), failures: z.array(PhotoFailure), nextCursor }),
  },
  'index.retry': { input: z.object({ photoIds: z.array(PhotoId).max(10_000) }), output: IndexProgress },

  'people.list': { input: nothing, output: z.object({ people: z.array(Person) }) },
  'people.get': { input: z.object({ personId: PersonId }), output: z.object({ person: Person }) },
  /** Renames; a name that another person has is the error name-taken unless `merge` is true. */
  'people.rename': {
    input: z.object({ personId: PersonId, name: PersonName, merge: z.boolean().default(false) }),
    output: Decision,
  },
  'people.merge': { input: z.object({ fromPersonId: PersonId, intoPersonId: PersonId }), output: Decision },
  'people.setCover': { input: z.object({ personId: PersonId, faceId: FaceId }), output: Decision },

  'faces.list': {
    input: z.object({ ...page, filter: FaceFilter.default({}) }),
    output: z.object({ total: z.int(), faces: z.array(Face), nextCursor }),
  },
  /** Gives the faces a name; a person of that name is made where there is none. */
  'faces.name': { input: z.object({ targets, name: PersonName }), output: Decision },
  /** Accepts the suggestion, or the machine's name, of each face. */
  'faces.confirm': { input: z.object({ faceIds }), output: Decision },
  /** Says that the faces are not this person (null: not the one suggested or named). That name never comes back for them. */
  'faces.reject': { input: z.object({ faceIds, personId: PersonId.nullable().default(null) }), output: Decision },
  'faces.ignore': { input: z.object({ targets }), output: Decision },
  'faces.unignore': { input: z.object({ faceIds }), output: Decision },

  'clusters.list': {
    input: z.object({ ...page, facesPerCluster: z.int().min(1).max(50).default(8) }),
    output: z.object({ total: z.int(), clusters: z.array(Cluster), nextCursor }),
  },

  /** Faces to answer: those with a suggestion first, likeliest first, then the unknown, largest first. */
  'review.list': {
    input: z.object({ ...page, personId: PersonId.nullable().default(null) }),
    output: z.object({ total: z.int(), items: z.array(ReviewItem), nextCursor }),
  },

  /** Every photo that the query finds, newest first, as bare ids: what a grid scrolls over. */
  'photos.grid': {
    input: z.object({ query: z.string().max(2000).default('') }),
    output: z.object({
      total: z.int(),
      photoIds: z.array(PhotoId),
      /** In the order of photoIds; month is YYYY-MM. */
      months: z.array(z.object({ month: z.string(), count: z.int() })),
      terms: z.array(SearchTerm),
    }),
  },
  'photos.search': {
    input: z.object({ ...page, query: z.string().max(2000) }),
    output: z.object({
      total: z.int(),
      photos: z.array(
        z.object({ id: PhotoId, path: z.string(), takenAt: z.string().nullable(), people: z.array(z.string()) }),
      ),
      nextCursor,
    }),
  },
  /** A few words about each photo, for labels in a grid. Unknown ids are left out. */
  'photos.summaries': {
    input: z.object({ photoIds: z.array(PhotoId).max(500) }),
    output: z.object({
      photos: z.array(
        z.object({
          id: PhotoId,
          fileName: z.string(),
          takenAt: z.string().nullable(),
          people: z.array(z.string()),
          faces: z.int(),
          status: z.string(),
          missing: z.boolean(),
        }),
      ),
    }),
  },
  'photos.get': { input: z.object({ photoId: PhotoId }), output: z.object({ photo: Photo }) },

  'journal.list': {
    input: z.object(page),
    output: z.object({ entries: z.array(JournalEntry), nextCursor }),
  },
  'journal.undo': { input: nothing, output: JournalEntry },
  'journal.redo': { input: nothing, output: JournalEntry },

  'models.list': { input: nothing, output: z.object({ models: z.array(ModelInfo) }) },
} as const

export type Method = keyof typeof methods
/** What a caller sends: fields with a default may be left out. */
export type MethodInput<M extends Method> = z.input<(typeof methods)[M]['input']>
/** What the engine receives after validation. */
export type MethodParsedInput<M extends Method> = z.output<(typeof methods)[M]['input']>
export type MethodOutput<M extends Method> = z.output<(typeof methods)[M]['output']>

/** What a `changed` event speaks of: whoever shows it asks again. */
export const ChangeTopic = z.enum(['folders', 'photos', 'faces', 'people', 'clusters', 'journal', 'models'])
export type ChangeTopic = z.infer<typeof ChangeTopic>

export const ApiEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: IndexProgress }),
  z.object({ type: z.literal('changed'), topics: z.array(ChangeTopic) }),
  z.object({ type: z.literal('notice'), level: z.enum(['info', 'warning', 'error']), message: z.string() }),
])
export type ApiEvent = z.infer<typeof ApiEvent>

/** HTTP status that goes with an error code. */
export function httpStatusOf(code: ErrorCode): number {
  switch (code) {
    case 'not-found': return 404
    case 'forbidden': return 403
    case 'name-taken': case 'busy': case 'library-locked': case 'nothing-to-undo': return 409
    case 'internal': case 'library-damaged': case 'vision-unavailable': return 500
    case 'no-space': return 507
    default: return 400
  }
}
