/**
 * The contract between the engine and every window, script and test: method -> input and output, events, error codes.
 *
 * A call is `POST /rpc/<method>` with a JSON body; the answer is `{ "value": output }` or `{ "error": ApiError }` with the
 * HTTP status of `httpStatusOf`. News is `GET /events`, a text/event-stream of `ApiEvent`. Pictures are
 * `GET /media/face/<id>?size=<side in px>` (a square crop) and `GET /media/photo/<id>?size=<longest side in px>`.
 */
import { z } from 'zod'
import {
  BoundingBox, Cluster, Face, FaceId, FaceMap, Folder, FolderId, IndexProgress, JournalEntry, JournalEntryId, MapProgress,
  ModelInfo, Person, PersonId, PersonName, Photo, PhotoFailure, PhotoId, Suggestion,
} from './domain.ts'
import { aboutFaces, FaceFilter, manyFaceIds, Target } from './chosen-faces.ts'

export { FaceFilter, Target }

export { ApiError, ErrorCode, httpStatusOf } from './error-codes.ts'

/** What a page asks for at a time, and where it goes on: a cursor is opaque and comes from the page before. */
const page = { cursor: z.string().nullable().default(null), limit: z.int().min(1).max(500).default(100) }
const nextCursor = z.string().nullable()
const nothing = z.object({})

/** Sums of fractions may miss 1 by so much. */
const roundingError = 1e-9

/** What a decision did. `journalEntryId` is null where there was nothing to change. */
export const Decision = z.object({
  journalEntryId: JournalEntryId.nullable(),
  label: z.string(),
  faces: z.int(),
  personId: PersonId.nullable(),
})
export type Decision = z.infer<typeof Decision>

/** A box as a person draws it: inside the photo, with an area. */
export const DrawnBox = BoundingBox
  .refine(({ width, height }) => width > 0 && height > 0, 'The box has no area. Draw it larger.')
  .refine(
    ({ x, y, width, height }) => x >= 0 && y >= 0 && x + width <= 1 + roundingError && y + height <= 1 + roundingError,
    'The box reaches over the edge of the photo. Draw it inside.')

/** What drawing or moving a face did. */
export const DrawnFace = Decision.extend({
  faceId: FaceId,
  /** False: it is too small to be recognised, so that it can have a name but teaches nothing. */
  teaches: z.boolean(),
})
export type DrawnFace = z.infer<typeof DrawnFace>

/** What a distance between two faces means, in the space of the embedder in use. */
export const FaceCloseness = z.enum(['very-close', 'close', 'alike', 'a-little-alike', 'hardly-alike'])
export type FaceCloseness = z.infer<typeof FaceCloseness>

/** One part of a search, as understood, for chips. `text` is its canonical spelling in the query language. */
export const SearchTerm = z.object({
  kind: z.enum(['person', 'date', 'folder', 'faces', 'is', 'only', 'or', 'group']),
  text: z.string(),
  negated: z.boolean(),
  personId: PersonId.nullable(),
  /** person: this one; only: all of them; or: those of whom one is enough, where it is about people alone. Else none. */
  people: z.array(z.object({ personId: PersonId, name: z.string() })),
  /** date: YYYY, YYYY-MM or YYYY-MM-DD. `in` has the same twice; `after` begins behind `first`, `before` ends before `last`. */
  dates: z.object({ form: z.enum(['in', 'between', 'after', 'before']), first: z.string().nullable(), last: z.string().nullable() }).nullable(),
  /** folder: its name, or several joined by slashes, as typed. */
  folder: z.string().nullable(),
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
  models: z.object({
    detector: z.string(),
    embedder: z.string(),
    /** A change of the embedder that has not come to its end; it goes on with the next run, unless one is going on. */
    change: z.object({ embedder: z.string(), facesDone: z.int(), facesTotal: z.int() }).nullable(),
  }),
  progress: IndexProgress,
  undo: z.string().nullable(),
  redo: z.string().nullable(),
  /** Whether this host can open the system's folder dialog. */
  canChooseFolder: z.boolean(),
  readOnly: z.boolean(),
})
export type LibraryStatus = z.infer<typeof LibraryStatus>

/** How much two people look alike, in three words. */
export const Likeness = z.enum(['very', 'somewhat', 'little'])
export type Likeness = z.infer<typeof Likeness>

/** How alike faces must be to make a group, from 0, as unnamed faces are grouped, to 4, the closest. */
export const Closeness = z.int().min(0).max(4)
export type Closeness = z.infer<typeof Closeness>

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

  /** Names of directories that `in:` finds photos by and that begin with the text, or have a word that does: likeliest first. */
  'folders.complete': {
    input: z.object({ text: z.string().max(200), limit: z.int().min(1).max(50).default(6) }),
    output: z.object({ folders: z.array(z.object({ name: z.string(), photos: z.int() })) }),
  },

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
  /** Who is most often on photos with this person, most often first. */
  'people.oftenWith': {
    input: z.object({ personId: PersonId, limit: z.int().min(1).max(500).default(12) }),
    output: z.object({
      companions: z.array(z.object({ personId: PersonId, name: z.string(), coverFaceId: FaceId.nullable(), photos: z.int() })),
    }),
  },
  /** How much two people look alike, for somebody about to merge them; nothing is changed. */
  'people.compare': {
    input: z.object({ personId: PersonId, otherPersonId: PersonId }),
    output: z.object({
      /** Typical distance from a face of one to the nearest of the other; null where one has no embedding yet. */
      distance: z.number().nullable(),
      likeness: Likeness.nullable(),
      /** Photos that show both: two faces on one photo are rarely one person. */
      photosTogether: z.int(),
    }),
  },
  /** A person's faces grouped anew, largest group first; `rest` fits no group. Nothing is changed. */
  'people.splitPreview': {
    input: z.object({ personId: PersonId, closeness: Closeness.nullable().default(null) }),
    output: z.object({
      /** What was asked for, or, with null, the loosest that gives more than one group. */
      closeness: Closeness,
      groups: z.array(z.object({ faceIds: z.array(FaceId) })),
      rest: z.array(FaceId),
    }),
  },
  /**
   * Takes groups of faces away from a person, each to the person of a name, or, with null, to nobody: then they are never
   * given to that person again by the machine. Faces that are not the person's any more are left alone.
   */
  'people.split': {
    input: z.object({
      personId: PersonId,
      groups: z.array(z.object({ faceIds: manyFaceIds.min(1), name: PersonName.nullable() })).min(1).max(1000),
    }),
    output: Decision,
  },
  'people.setCover': { input: z.object({ personId: PersonId, faceId: FaceId }), output: Decision },

  'faces.list': {
    input: z.object({ ...page, filter: FaceFilter.default({}) }),
    output: z.object({ total: z.int(), faces: z.array(Face), nextCursor }),
  },
  /** Gives the faces a name; a person of that name is made where there is none. */
  'faces.name': { input: aboutFaces({ name: PersonName }), output: Decision },
  /** Accepts the suggestion, or the machine's name, of each face. */
  'faces.confirm': { input: aboutFaces({}), output: Decision },
  /** Says that the faces are not this person (null: not the one suggested or named). That name never comes back for them. */
  'faces.reject': { input: aboutFaces({ personId: PersonId.nullable().default(null) }), output: Decision },
  'faces.ignore': { input: aboutFaces({}), output: Decision },
  'faces.unignore': { input: aboutFaces({}), output: Decision },
  /** Faces that are very likely of passers-by, as docs/recognition.md says; nothing is changed. */
  'faces.bystanders': { input: nothing, output: z.object({ total: z.int(), photos: z.int(), faceIds: manyFaceIds }) },
  /** Ignores, of these faces, those that still are bystanders by the same rule. */
  'faces.foldAway': { input: z.object({ faceIds: manyFaceIds.min(1) }), output: Decision },
  /** Adds a face that was missed: it is looked at in its box, and teaches like any other. Null: without a name. */
  'faces.draw': {
    input: z.object({ photoId: PhotoId, box: DrawnBox, name: PersonName.nullable().default(null) }),
    output: DrawnFace,
  },
  /** Gives a face another box, where it is looked at anew. */
  'faces.move': { input: z.object({ faceId: FaceId, box: DrawnBox }), output: DrawnFace },
  /** Takes away what is no face; it is not found there again. */
  'faces.delete': { input: z.object({ faceIds: manyFaceIds.min(1) }), output: Decision },
  /** Why a face may be a person: the nearest faces that the user confirmed as that person, at most three. */
  'faces.why': {
    input: z.object({ faceId: FaceId, personId: PersonId }),
    output: z.object({
      /** How many confirmed faces it was compared with. */
      confirmed: z.int(),
      neighbours: z.array(
        z.object({ faceId: FaceId, photoId: PhotoId, distance: z.number(), closeness: FaceCloseness, takenAt: z.string().nullable() }),
      ),
    }),
  },

  /**
   * Named faces that look like somebody else: most of the confirmed faces that they look like are one other person's. Those of
   * one pair of people together, the largest part first. Nothing is changed; `faces.reject` with that other person says that a
   * face is right as it is.
   */
  'faces.doubtful': {
    input: nothing,
    output: z.object({ faces: z.array(z.object({ faceId: FaceId, personId: PersonId, likePersonId: PersonId })) }),
  },

  /** The kept map of faces, with who they are now, in one answer. A first map is made, and an old one made anew, by itself. */
  'map.get': {
    input: nothing,
    output: z.object({
      /** Null where none has been made. */
      map: FaceMap.nullable(),
      /** Faces that can be on a map: embedded, seen and not put aside. */
      faces: z.int(),
      progress: MapProgress,
    }),
  },
  /** Makes the map anew in the background; progress comes as events. Fewer faces than a map needs are invalid-input. */
  'map.make': { input: nothing, output: MapProgress },
  /** Stops making it; the map before stays. */
  'map.cancel': { input: nothing, output: MapProgress },

  'clusters.list': {
    input: z.object({ ...page, facesPerCluster: z.int().min(1).max(50).default(8) }),
    output: z.object({ total: z.int(), clusters: z.array(Cluster), nextCursor }),
  },

  /** Faces to answer: those with a suggestion first, likeliest first, then the unknown, largest first. */
  'review.list': {
    input: z.object({
      ...page,
      personId: PersonId.nullable().default(null),
      /** Faces that are known already: neither listed nor counted. */
      except: manyFaceIds.optional(),
    }),
    output: z.object({ total: z.int(), items: z.array(ReviewItem), nextCursor }),
  },
  /** Those of the faces that still wait for an answer, in the same order, as they stand now. */
  'review.items': {
    input: z.object({ faceIds: z.array(FaceId).max(500), personId: PersonId.nullable().default(null) }),
    output: z.object({ items: z.array(ReviewItem) }),
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
  /** What a timeline is laid out by: how many photos of those found fall into each month or day, newest first; none is empty. */
  'photos.timeline': {
    input: z.object({
      query: z.string().max(2000).default(''),
      by: z.enum(['month', 'day']).default('month'),
      /** So many of the newest photos come along, for a window to begin with. */
      first: z.int().min(0).max(1000).default(0),
    }),
    output: z.object({
      total: z.int(),
      /** Newest first. */
      firstIds: z.array(PhotoId),
      /** YYYY-MM or YYYY-MM-DD. */
      periods: z.array(z.object({ period: z.string(), photos: z.int() })),
      terms: z.array(SearchTerm),
    }),
  },
  /** The photos of a year, month or day (YYYY, YYYY-MM, YYYY-MM-DD), newest first, from the `offset`th on. */
  'photos.ids': {
    input: z.object({
      query: z.string().max(2000).default(''),
      period: z.string().max(20),
      offset: z.int().min(0).default(0),
      limit: z.int().min(1).max(1000).default(500),
    }),
    output: z.object({ photoIds: z.array(PhotoId) }),
  },
  /** How many of the photos found lie before this one; null where it is not among them. */
  'photos.locate': {
    input: z.object({ query: z.string().max(2000).default(''), photoId: PhotoId }),
    output: z.object({ index: z.int().nullable() }),
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

  /** Reads a query without asking it; errors are those of a search. */
  'query.parse': { input: z.object({ query: z.string().max(2000) }), output: z.object({ terms: z.array(SearchTerm) }) },

  'journal.list': {
    input: z.object(page),
    output: z.object({ entries: z.array(JournalEntry), nextCursor }),
  },
  /**
   * Takes the newest decision back, or the given one: where others were taken since, its opposite is decided and answered.
   * A decision about faces or people that others have touched since is the error changed-meanwhile.
   */
  'journal.undo': { input: z.object({ entryId: JournalEntryId.nullable().default(null) }), output: JournalEntry },
  'journal.redo': { input: nothing, output: JournalEntry },

  'models.list': { input: nothing, output: z.object({ models: z.array(ModelInfo) }) },
  /**
   * Changes the embedder in the background, as a run of indexing that can be paused and stopped: known faces are embedded
   * anew, and then it takes over. The one in use gives a change up. `force`: take it whatever speaks against it.
   */
  'models.use': { input: z.object({ modelId: z.string().max(200), force: z.boolean().default(false) }), output: IndexProgress },
} as const

export type Method = keyof typeof methods
/** What a caller sends: fields with a default may be left out. */
export type MethodInput<M extends Method> = z.input<(typeof methods)[M]['input']>
/** What the engine receives after validation. */
export type MethodParsedInput<M extends Method> = z.output<(typeof methods)[M]['input']>
export type MethodOutput<M extends Method> = z.output<(typeof methods)[M]['output']>

/** What a `changed` event speaks of: whoever shows it asks again. */
export const ChangeTopic = z.enum(['folders', 'photos', 'faces', 'people', 'clusters', 'journal', 'models', 'map'])
export type ChangeTopic = z.infer<typeof ChangeTopic>

export const ApiEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: IndexProgress }),
  z.object({ type: z.literal('map-progress'), progress: MapProgress }),
  z.object({ type: z.literal('changed'), topics: z.array(ChangeTopic) }),
  z.object({ type: z.literal('notice'), level: z.enum(['info', 'warning', 'error']), message: z.string() }),
])
export type ApiEvent = z.infer<typeof ApiEvent>
