/** Keeps what a search walks along in step with the faces: call it in the transaction that changed them. */
import type { Database } from 'better-sqlite3'

/**
 * Rewrites, for each photo, its rows in person_photo and its counts of faces and of unnamed faces. Ignored faces count
 * for nothing.
 */
export function createPhotoCounts(db: Database) {
  const remove = db.prepare('DELETE FROM person_photo WHERE photo_id = ?')
  const insert = db.prepare(`
    INSERT INTO person_photo (person_id, taken_at, photo_id, face_count)
    SELECT f.person_id, p.taken_at, p.id, count(*)
    FROM photos p JOIN faces f ON f.photo_id = p.id
    WHERE p.id = ? AND p.hidden = 0 AND f.ignored = 0 AND f.person_id IS NOT NULL
    GROUP BY f.person_id`)
  const count = db.prepare(`
    UPDATE photos SET
      face_count = (SELECT count(*) FROM faces WHERE photo_id = photos.id AND ignored = 0),
      unnamed_count = (SELECT count(*) FROM faces WHERE photo_id = photos.id AND ignored = 0 AND person_id IS NULL)
    WHERE id = ?`)
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
      for (const photoId of photoIds) {
        remove.run(photoId)
        insert.run(photoId)
        count.run(photoId)
      }
    },
    /** Rewrites person_photo for a whole folder whose photos were hidden or shown; their counts of faces stay. */
    refreshFolder(folderId: number): void {
      removeFolder.run(folderId)
      insertFolder.run(folderId)
    },
  }
}
export type PhotoCounts = ReturnType<typeof createPhotoCounts>
