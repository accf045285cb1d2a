/** The directories that photos lie in, read slice by slice. */
import { basename } from 'node:path'
import type { Database } from 'better-sqlite3'
import { createKeptUntilNoted } from './noted-writes.ts'

export interface DirectorySlice {
  /** Of the photos of this slice that can be seen; a directory may come again in the next. `directory` is '' for the folder's own. */
  directories: { folderId: number; directory: string; photos: number }[]
  /** Where the next slice begins; null after the last. */
  lastId: number | null
}

export function createDirectoryStore(db: Database) {
  const roots = db.prepare<[], { id: number; path: string }>('SELECT id, path FROM folders WHERE removed_at IS NULL')
  // What stands behind the last slash or backslash is cut off.
  const slice = db.prepare<[number, number], { folderId: number; directory: string; photos: number; lastId: number }>(`
    SELECT folder_id AS folderId, rtrim(relative_path, replace(replace(relative_path, '/', ''), '\\', '')) AS directory,
      count(*) FILTER (WHERE hidden = 0 AND missing_since IS NULL) AS photos, max(id) AS lastId
    FROM (SELECT id, folder_id, relative_path, hidden, missing_since FROM photos WHERE id > ? ORDER BY id LIMIT ?)
    GROUP BY 1, 2`)
  let versions = 0
  return {
    /** The names of the folders themselves, by id. */
    roots: (): Map<number, string> => new Map(roots.all().map(({ id, path }) => [id, basename(path)])),
    /** Another number once photos came, went, moved, were hidden or shown. */
    version: createKeptUntilNoted(db, () => ++versions, ({ photos }) => photos),
    slice(afterId: number, limit: number): DirectorySlice {
      const rows = slice.all(afterId, limit)
      return {
        directories: rows.filter(({ photos }) => photos > 0),
        lastId: rows.length === 0 ? null : Math.max(...rows.map(({ lastId }) => lastId)),
      }
    },
  }
}
