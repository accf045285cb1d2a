/** Which embedder a library works with, which one it is changing to, and the change itself. */
import type { Database } from 'better-sqlite3'

export interface StoredEmbedder {
  /** What its embeddings are kept under. */
  spaceId: string
  /** JSON of all that is known of it, so that the library goes on without the model's file; null in libraries from before. */
  description: string | null
}

/** A change that was asked for and has not come to its end. */
export interface StoredChange extends StoredEmbedder {
  /** Whether it is made whatever speaks against it. */
  forced: boolean
}

/** How many faces have an embedding of a model, and how many there are. */
export interface EmbeddedFaces {
  embedded: number
  faces: number
}

/** A photo with known faces that lack an embedding. */
export interface PhotoToEmbed {
  photoId: number
  relativePath: string
  contentHash: string
}

const currentKey = 'embedder'
const changeKey = 'embedder-change'
const formerKey = 'embedder-before'
const rowsAtOnce = 2000

export function createEmbedderStore(db: Database) {
  const select = db.prepare<[string], string>('SELECT value FROM settings WHERE key = ?').pluck()
  const write = db.prepare('INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)')
  const remove = db.prepare('DELETE FROM settings WHERE key = ?')
  const countFaces = db.prepare<[], number>('SELECT count(*) FROM faces').pluck()
  const countEmbedded = db
    .prepare<[string], number>('SELECT count(*) FROM face_embeddings INDEXED BY face_embeddings_by_face WHERE model_id = ?')
    .pluck()
  const lacks = `NOT EXISTS (
    SELECT 1 FROM face_embeddings e INDEXED BY face_embeddings_by_face WHERE e.face_id = f.id AND e.model_id = @spaceId)`
  const reachable = "p.status = 'indexed' AND p.missing_since IS NULL AND p.content_hash IS NOT NULL AND p.folder_id = @folderId"
  const selectToEmbed = db.prepare<{ spaceId: string; folderId: number; after: number; limit: number }, PhotoToEmbed>(`
    SELECT p.id AS photoId, p.relative_path AS relativePath, p.content_hash AS contentHash FROM photos p
    WHERE p.id > @after AND ${reachable} AND EXISTS (SELECT 1 FROM faces f WHERE f.photo_id = p.id AND f.landmarks IS NOT NULL AND ${lacks})
    ORDER BY p.id LIMIT @limit`)
  const countToEmbed = db
    .prepare<{ spaceId: string; folderId: number }, number>(`
      SELECT count(*) FROM photos p
      WHERE ${reachable} AND EXISTS (SELECT 1 FROM faces f WHERE f.photo_id = p.id AND f.landmarks IS NOT NULL AND ${lacks})`)
    .pluck()
  const forgetVerdicts = db.prepare(`
    UPDATE faces SET cluster_id = NULL, suggested_person_id = NULL, suggestion_probability = NULL, suggestion_distance = NULL
    WHERE person_id IS NULL AND (cluster_id IS NOT NULL OR suggested_person_id IS NOT NULL)`)
  const forgetNeighbours = db.prepare('DELETE FROM face_neighbours')
  const forgetEmbeddings = db.prepare(`
    DELETE FROM face_embeddings WHERE (model_id, face_id) IN (
      SELECT model_id, face_id FROM face_embeddings INDEXED BY face_embeddings_by_face
      WHERE model_id NOT IN (SELECT value FROM json_each(?)) LIMIT ${rowsAtOnce})`)

  function read(key: string): unknown {
    const value = select.get(key)
    return value === undefined ? null : JSON.parse(value)
  }

  const put = (key: string, value: StoredEmbedder | StoredChange) => void write.run(key, JSON.stringify(value))

  return {
    /** The embedder that names and groups work with; null where there is none yet. */
    current: () => read(currentKey) as StoredEmbedder | null,

    /** The one that worked before: its embeddings are kept, so that going back is quick. */
    former: () => read(formerKey) as StoredEmbedder | null,

    change: () => read(changeKey) as StoredChange | null,

    /** Gives a library that has no faces its embedder, or writes down what is known of the one it has. */
    setCurrent: (embedder: StoredEmbedder): void => put(currentKey, embedder),

    /** Writes down that the library is to change; null: that it stays as it is. */
    setChange: (change: StoredChange | null): void => void (change ? put(changeKey, change) : remove.run(changeKey)),

    /** @param spaceId of the embedder whose embeddings are counted */
    embeddedFaces: (spaceId: string): EmbeddedFaces => ({ embedded: countEmbedded.get(spaceId)!, faces: countFaces.get()! }),

    /** Photos of a folder that are there and have faces without an embedding of the model, by id. */
    toEmbed: (spaceId: string, folderId: number, after: number, limit: number): PhotoToEmbed[] =>
      selectToEmbed.all({ spaceId, folderId, after, limit }),

    countToEmbed: (spaceId: string, folderId: number): number => countToEmbed.get({ spaceId, folderId })!,

    /**
     * Lets the library work with another embedder from now on. What the machine said by the old one is forgotten, suggestions
     * and groups; names stay, and so does all that the user decided. Neighbours are kept for one model at a time: those of
     * a model that rests would not hear of the faces that come and go.
     */
    switchTo: db.transaction((embedder: StoredEmbedder): void => {
      const before = read(currentKey) as StoredEmbedder | null
      if (before && before.spaceId !== embedder.spaceId) put(formerKey, before)
      put(currentKey, embedder)
      remove.run(changeKey)
      forgetVerdicts.run()
      forgetNeighbours.run()
    }),

    /**
     * Drops embeddings of all models but these, some at a time: each takes 512 bytes a face, and made anew they are the same.
     * @returns whether there may be more
     */
    forgetOthers: (spaceIds: readonly string[]): boolean => forgetEmbeddings.run(JSON.stringify(spaceIds)).changes === rowsAtOnce,
  }
}
export type EmbedderStore = ReturnType<typeof createEmbedderStore>
