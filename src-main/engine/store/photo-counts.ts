/** Keeps what a search walks along in step with the faces: call it in the transaction that changed them. */
import type { Database } from 'better-sqlite3'

type FaceOnPhoto = [photoId: number, takenAt: number, hidden: 0 | 1, faceCount: number, unnamedCount: number, faceId: number | null, personId: number | null]
type PersonOnPhoto = [personId: number, takenAt: number, photoId: number, faceCount: number]

/** Photos whose rows are held in memory together. */
const photosAtOnce = 5000

/** A person on a photo. */
const keyOf = (photoId: number, personId: number) => `${photoId} ${personId}`

/**
 * Brings, for each photo, its rows in person_photo and its counts of faces and of unnamed faces in step. Ignored faces count
 * for nothing. Only what differs is written: of hundreds of photos that show a few people, a decision changes one.
 */
export function createPhotoCounts(db: Database) {
  // One statement for many photos, given as a JSON array; CROSS JOIN keeps SQLite from starting at the faces.
  const facesOn = db
    .prepare<[string], FaceOnPhoto>(`
      SELECT p.id, p.taken_at, p.hidden, p.face_count, p.unnamed_count, f.id, f.person_id
      FROM json_each(?) asked CROSS JOIN photos p ON p.id = asked.value
      LEFT JOIN faces f INDEXED BY faces_by_photo ON f.photo_id = p.id AND f.ignored = 0`)
    .raw()
  const peopleOn = db
    .prepare<[string], PersonOnPhoto>(`
      SELECT pp.person_id, pp.taken_at, pp.photo_id, pp.face_count
      FROM json_each(?) asked CROSS JOIN person_photo pp INDEXED BY person_photo_by_photo ON pp.photo_id = asked.value`)
    .raw()
  const remove = db.prepare<[number, number, number]>('DELETE FROM person_photo WHERE person_id = ? AND taken_at = ? AND photo_id = ?')
  const insert = db.prepare<PersonOnPhoto>('INSERT INTO person_photo (person_id, taken_at, photo_id, face_count) VALUES (?, ?, ?, ?)')
  const setCounts = db.prepare<[number, number, number]>('UPDATE photos SET face_count = ?, unnamed_count = ? WHERE id = ?')
  const removeFolder = db.prepare(
    'DELETE FROM person_photo WHERE photo_id IN (SELECT id FROM photos WHERE folder_id = ?)')
  const insertFolder = db.prepare(`
    INSERT INTO person_photo (person_id, taken_at, photo_id, face_count)
    SELECT f.person_id, p.taken_at, p.id, count(*)
    FROM photos p JOIN faces f ON f.photo_id = p.id
    WHERE p.folder_id = ? AND p.hidden = 0 AND f.ignored = 0 AND f.person_id IS NOT NULL
    GROUP BY p.id, f.person_id`)

  function refreshSome(photoIds: readonly number[]): void {
    const asked = JSON.stringify(photoIds)
    const people = new Map<string, PersonOnPhoto>()
    const photos = new Map<number, { faces: number; unnamed: number; facesBefore: number; unnamedBefore: number }>()
    for (const [photoId, takenAt, hidden, facesBefore, unnamedBefore, faceId, personId] of facesOn.all(asked)) {
      let photo = photos.get(photoId)
      if (!photo) photos.set(photoId, (photo = { faces: 0, unnamed: 0, facesBefore, unnamedBefore }))
      if (faceId === null) continue
      photo.faces++
      if (personId === null) photo.unnamed++
      else if (!hidden) {
        const key = keyOf(photoId, personId)
        const row = people.get(key)
        if (row) row[3]++
        else people.set(key, [personId, takenAt, photoId, 1])
      }
    }
    for (const [personId, takenAt, photoId, faceCount] of peopleOn.all(asked)) {
      const key = keyOf(photoId, personId)
      const wanted = people.get(key)
      if (wanted?.[1] === takenAt && wanted[3] === faceCount) people.delete(key)
      else remove.run(personId, takenAt, photoId)
    }
    for (const row of people.values()) insert.run(...row)
    for (const [photoId, { faces, unnamed, facesBefore, unnamedBefore }] of photos)
      if (faces !== facesBefore || unnamed !== unnamedBefore) setCounts.run(faces, unnamed, photoId)
  }

  return {
    refresh(photoIds: Iterable<number>): void {
      const asked = [...new Set(photoIds)]
      for (let first = 0; first < asked.length; first += photosAtOnce) refreshSome(asked.slice(first, first + photosAtOnce))
    },
    /** Rewrites person_photo for a whole folder whose photos were hidden or shown; their counts of faces stay. */
    refreshFolder(folderId: number): void {
      removeFolder.run(folderId)
      insertFolder.run(folderId)
    },
  }
}
export type PhotoCounts = ReturnType<typeof createPhotoCounts>
