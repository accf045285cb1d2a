/** The photo files of the folders: where they lie, what state they are in, what went wrong with them. */
import type { Database } from 'better-sqlite3'
import type { PhotoFailureCode, PhotoStatus } from '../../../src-shared/domain.ts'
import { createPhotoCounts } from './photo-counts.ts'

/** What a directory says of a file. */
export interface FileFacts {
  sizeBytes: number
  /** Last modification, whole milliseconds since 1970. */
  modifiedMs: number
}

export interface PhotoRow extends FileFacts {
  id: number
  folderId: number
  /** Inside the folder, with the platform's separators. */
  relativePath: string
  /** SHA-256 of the file, hex; null until it was read. */
  contentHash: string | null
  status: PhotoStatus
  failureCode: PhotoFailureCode | null
  missingSince: string | null
}

export interface NewPhoto extends FileFacts {
  folderId: number
  relativePath: string
  /** The file's own date as camera clock, in seconds: stands in until the camera's date is read. */
  takenAt: number
  /** Why it can't be indexed, where its name or size already says so. */
  failure: { code: PhotoFailureCode; reason: string } | null
}

/** A file that is another row's photo at a new place. */
export interface PhotoMove extends FileFacts {
  photoId: number
  folderId: number
  relativePath: string
}

export interface FailureRow {
  photoId: number
  folderPath: string
  relativePath: string
  code: PhotoFailureCode
  reason: string
  attempts: number
}

/** A path that no file can have, for a photo whose place another one took: paths are unique, and no name contains NUL. */
const placeless = (photoId: number) => `\0replaced/${photoId}`

export function createPhotoStore(db: Database) {
  const photoCounts = createPhotoCounts(db)
  const columns = `id, folder_id AS folderId, relative_path AS relativePath, size_bytes AS sizeBytes,
    modified_ms AS modifiedMs, content_hash AS contentHash, status, failure_code AS failureCode,
    missing_since AS missingSince`
  const selectOne = db.prepare<[number, string], PhotoRow>(
    `SELECT ${columns} FROM photos WHERE folder_id = ? AND relative_path = ?`)
  const selectById = db.prepare<[number], PhotoRow>(`SELECT ${columns} FROM photos WHERE id = ?`)
  const selectByPath = db.prepare<[number, string, number], PhotoRow>(
    `SELECT ${columns} FROM photos WHERE folder_id = ? AND relative_path > ? ORDER BY relative_path LIMIT ?`)
  const selectElsewhere = db.prepare<{ folderIds: string; sizes: string }, PhotoRow>(`
    SELECT ${columns} FROM photos
    WHERE content_hash IS NOT NULL
      AND folder_id NOT IN (SELECT value FROM json_each(@folderIds))
      AND size_bytes IN (SELECT value FROM json_each(@sizes))
    ORDER BY id`)
  const insert = db.prepare(`
    INSERT INTO photos (folder_id, relative_path, size_bytes, modified_ms, taken_at, taken_at_source, status,
      failure_code, failure_reason, attempts)
    VALUES (@folderId, @relativePath, @sizeBytes, @modifiedMs, @takenAt, 'file', @status, @code, @reason, @attempts)`)
  const updateFile = db.prepare('UPDATE photos SET size_bytes = @sizeBytes, modified_ms = @modifiedMs WHERE id = @id')
  const updateChanged = db.prepare(`
    UPDATE photos SET size_bytes = @sizeBytes, modified_ms = @modifiedMs, status = @status, failure_code = @code,
      failure_reason = @reason, attempts = @attempts
    WHERE id = @id`)
  const updatePath = db.prepare('UPDATE photos SET relative_path = ? WHERE id = ?')
  const updatePlace = db.prepare(`
    UPDATE photos SET folder_id = @folderId, relative_path = @relativePath, size_bytes = @sizeBytes,
      modified_ms = @modifiedMs, missing_since = NULL, hidden = 0
    WHERE id = @photoId`)
  const updateMissing = db.prepare('UPDATE photos SET missing_since = ?, hidden = 1 WHERE id = ? AND missing_since IS NULL')
  const updateFound = db.prepare(`
    UPDATE photos SET missing_since = NULL,
      hidden = (SELECT removed_at IS NOT NULL FROM folders WHERE id = photos.folder_id)
    WHERE id = ?`)
  const selectPending = db.prepare<[number, number, number], { id: number; relativePath: string }>(`
    SELECT id, relative_path AS relativePath FROM photos
    WHERE status = 'pending' AND folder_id = ? AND id > ? AND missing_since IS NULL ORDER BY id LIMIT ?`)
  const countPending = db.prepare<[number], { pending: number }>(`
    SELECT count(*) AS pending FROM photos WHERE status = 'pending' AND folder_id = ? AND missing_since IS NULL`)
  const updateFailed = db.prepare(`
    UPDATE photos SET status = 'failed', failure_code = ?, failure_reason = ?, attempts = attempts + 1 WHERE id = ?`)
  const updatePending = db.prepare("UPDATE photos SET status = 'pending' WHERE id = ?")
  const retryAll = db.prepare("UPDATE photos SET status = 'pending' WHERE status = 'failed' AND hidden = 0")
  const retryOne = db.prepare("UPDATE photos SET status = 'pending' WHERE id = ? AND status = 'failed' AND hidden = 0")
  const failedWhere = `p.status = 'failed' AND p.hidden = 0
    AND (@folderIds IS NULL OR p.folder_id IN (SELECT value FROM json_each(@folderIds)))`
  const selectFailures = db.prepare<{ folderIds: string | null; after: number; limit: number }, FailureRow>(`
    SELECT p.id AS photoId, f.path AS folderPath, p.relative_path AS relativePath, p.failure_code AS code,
      p.failure_reason AS reason, p.attempts
    FROM photos p JOIN folders f ON f.id = p.folder_id
    WHERE ${failedWhere} AND p.id > @after ORDER BY p.id LIMIT @limit`)
  const countFailures = db.prepare<{ folderIds: string | null }, { total: number }>(
    `SELECT count(*) AS total FROM photos p WHERE ${failedWhere}`)

  return {
    find: (folderId: number, relativePath: string): PhotoRow | undefined => selectOne.get(folderId, relativePath),

    byId: (photoId: number): PhotoRow | undefined => selectById.get(photoId),

    /** The photos of a folder in the order of their paths, `limit` at the most, behind `afterPath`. */
    page: (folderId: number, afterPath: string, limit: number): PhotoRow[] => selectByPath.all(folderId, afterPath, limit),

    /** Read photos outside these folders that have one of these sizes: what may have been moved here. */
    elsewhere: (folderIds: readonly number[], sizesBytes: readonly number[]): PhotoRow[] =>
      selectElsewhere.all({ folderIds: JSON.stringify(folderIds), sizes: JSON.stringify(sizesBytes) }),

    /** @returns the ids, in the order given */
    add: db.transaction((photos: readonly NewPhoto[]): number[] =>
      photos.map(({ failure, ...photo }) =>
        Number(insert.run({
          ...photo,
          status: failure ? 'failed' : 'pending',
          code: failure?.code ?? null,
          reason: failure?.reason ?? null,
          attempts: failure ? 1 : 0,
        }).lastInsertRowid))),

    /** The same content with another date or size on disk. */
    setFile: (photoId: number, { sizeBytes, modifiedMs }: FileFacts): void =>
      void updateFile.run({ id: photoId, sizeBytes, modifiedMs }),

    /** New content: the photo is looked at again, its faces stay until then. */
    setChanged: (photoId: number, { sizeBytes, modifiedMs }: FileFacts, failure: NewPhoto['failure']): void =>
      void updateChanged.run({
        id: photoId,
        sizeBytes,
        modifiedMs,
        status: failure ? 'failed' : 'pending',
        code: failure?.code ?? null,
        reason: failure?.reason ?? null,
        attempts: failure ? 1 : 0,
      }),

    /** Gives rows their new places; rows in `displaced` lose theirs to one of these and are missing from now on. */
    move: db.transaction((moves: readonly PhotoMove[], displaced: readonly number[], at: string): void => {
      for (const photoId of displaced) {
        updatePath.run(placeless(photoId), photoId)
        updateMissing.run(at, photoId)
      }
      for (const { photoId } of moves) updatePath.run(placeless(photoId), photoId)
      for (const move of moves) updatePlace.run(move)
      photoCounts.refresh([...displaced, ...moves.map(({ photoId }) => photoId)])
    }),

    /** Files that are gone from a folder that is there: hidden, with all that is known of them. */
    setMissing: db.transaction((photoIds: readonly number[], at: string): void => {
      for (const photoId of photoIds) updateMissing.run(at, photoId)
      photoCounts.refresh(photoIds)
    }),

    /** Files that came back. */
    setFound: db.transaction((photoIds: readonly number[]): void => {
      for (const photoId of photoIds) updateFound.run(photoId)
      photoCounts.refresh(photoIds)
    }),

    /** Photos of a folder that wait to be indexed, in the order of their ids, behind `afterId`. */
    pending: (folderId: number, afterId: number, limit: number) => selectPending.all(folderId, afterId, limit),

    countPending: (folderId: number): number => countPending.get(folderId)!.pending,

    setFailed: (photoId: number, code: PhotoFailureCode, reason: string): void =>
      void updateFailed.run(code, reason, photoId),

    setPending: (photoId: number): void => void updatePending.run(photoId),

    /** Failed photos wait again; all of them where `photoIds` is empty. @returns how many */
    retry: db.transaction((photoIds: readonly number[]): number =>
      photoIds.length === 0
        ? retryAll.run().changes
        : photoIds.reduce((changes, photoId) => changes + retryOne.run(photoId).changes, 0)),

    /** Failed photos that are there, by id; of all folders where `folderIds` is null. */
    failures: (folderIds: readonly number[] | null, afterId: number, limit: number): FailureRow[] =>
      selectFailures.all({ folderIds: folderIds && JSON.stringify(folderIds), after: afterId, limit }),

    countFailures: (folderIds: readonly number[] | null): number =>
      countFailures.get({ folderIds: folderIds && JSON.stringify(folderIds) })!.total,
  }
}
export type PhotoStore = ReturnType<typeof createPhotoStore>
