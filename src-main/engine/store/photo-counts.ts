/** Keeps what a search walks along in step with the faces: call it in the transaction that changed them. */
import type { Database } from 'better-sqlite3'

/**
 * Rewrites, for each photo, its rows in person_photo and its counts of faces and of unnamed faces. Ignored faces count
 * for nothing.
 */
export function createPhotoCounts(db: Database) {
  // One statement for all photos, given as a JSON array; CROSS JOIN keeps SQLite from starting at the faces.
  const remove = db.prepare('DELETE FROM person_photo WHERE photo_id IN (SELECT value FROM json_each(?))')
  const insert = db.prepare(`
    INSERT INTO person_photo (person_id, taken_at, photo_id, face_count)
    SELECT f.person_id, p.taken_at, p.id, count(*)
    FROM json_each(?) asked CROSS JOIN photos p ON p.id = asked.value
    CROSS JOIN faces f INDEXED BY faces_by_photo ON f.photo_id = p.id
    WHERE p.hidden = 0 AND f.ignored = 0 AND f.person_id IS NOT NULL
    GROUP BY p.id, f.person_id`)
  const count = db.prepare(`
    UPDATE photos SET (face_count, unnamed_count) = (
      SELECT count(*), count(*) FILTER (WHERE f.person_id IS NULL) FROM faces f INDEXED BY faces_by_photo
      WHERE f.photo_id = photos.id AND f.ignored = 0)
    WHERE id IN (SELECT value FROM json_each(?))`)
  const removeFolder = db.prepare(
    'DELETE FROM person_photo WHERE photo_id IN (SELECT id FROM photos WHERE folder_id = ?)')
  const insertFolder = db.prepare(`
    INSERT INTO person_photo (person_id, taken_at, photo_id, face_count)
    SELECT f.person_id, p.taken_at, p.id, count(*)
    FROM photos p JOIN faces f ON f.photo_id = p.id
    WHERE p.folder_id = ? AND p.hidden = 0 AND f.ignored = 0 AND f.person_id IS NOT NULL
    GROUP BY p.id, f.person_id`)
  return {
    refresh(photoIds: Iterable<number>): void {
      const asked = JSON.stringify([...new Set(photoIds)])
      for (const statement of [remove, insert, count]) statement.run(asked)
    },
    /** Rewrites person_photo for a whole folder whose photos were hidden or shown; their counts of faces stay. */
    refreshFolder(folderId: number): void {
      removeFolder.run(folderId)
      insertFolder.run(folderId)
    },
  }
}
export type PhotoCounts = ReturnType<typeof createPhotoCounts>
