/** Photos as a window sees them: whole with their faces, in a few words, and as the rows of a search. */
import { basename, join } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { MethodOutput } from '../../../src-shared/api.ts'
import type { FolderId, Photo, PhotoId, PhotoStatus } from '../../../src-shared/domain.ts'
import { toCameraTime } from './camera-time.ts'
import { createFacesStore } from './faces.ts'

type Summary = MethodOutput<'photos.summaries'>['photos'][number]
type Found = MethodOutput<'photos.search'>['photos'][number]

interface PhotoRow {
  id: number
  folderId: number
  folderPath: string
  relativePath: string
  widthPx: number
  heightPx: number
  takenAt: number
  takenAtSource: 'camera' | 'file'
  status: PhotoStatus
  missing: 0 | 1
  faceCount: number
}

export function createPhotoViews(db: Database) {
  const faces = createFacesStore(db)
  // One statement for all ids, in their order: calling into SQLite for each costs more than looking each up.
  const seen = db.prepare<[string], PhotoRow>(`
    SELECT p.id, p.folder_id AS folderId, folders.path AS folderPath, p.relative_path AS relativePath,
      p.width_px AS widthPx, p.height_px AS heightPx, p.taken_at AS takenAt, p.taken_at_source AS takenAtSource,
      p.status, p.missing_since IS NOT NULL AS missing, p.face_count AS faceCount
    FROM json_each(?) asked CROSS JOIN photos p ON p.id = asked.value CROSS JOIN folders ON folders.id = p.folder_id
    WHERE p.hidden = 0 ORDER BY asked.id`)
  const located = db
    .prepare<[string]>(`
      SELECT p.id, folders.path, p.relative_path, p.taken_at, p.taken_at_source
      FROM json_each(?) asked CROSS JOIN photos p ON p.id = asked.value CROSS JOIN folders ON folders.id = p.folder_id
      WHERE p.hidden = 0 ORDER BY asked.id`)
    .raw()
  const namesOn = db
    .prepare<[string]>(`
      SELECT pp.photo_id, people.name
      FROM json_each(?) asked CROSS JOIN person_photo pp ON pp.photo_id = asked.value
      CROSS JOIN people ON people.id = pp.person_id
      ORDER BY people.name_key`)
    .raw()

  /** Names by photo id, each photo's in alphabetical order. */
  const namesByPhoto = (asked: string): Map<number, string[]> => {
    const names = new Map<number, string[]>()
    for (const [photoId, name] of namesOn.all(asked) as [number, string][]) {
      const known = names.get(photoId)
      if (known) known.push(name)
      else names.set(photoId, [name])
    }
    return names
  }

  return {
    /** A photo with its faces; null where there is none, or its folder was removed. */
    get(photoId: number): Photo | null {
      const row = seen.get(JSON.stringify([photoId]))
      if (!row) return null
      return {
        id: row.id as PhotoId,
        folderId: row.folderId as FolderId,
        path: join(row.folderPath, row.relativePath),
        fileName: basename(row.relativePath),
        widthPx: row.widthPx,
        heightPx: row.heightPx,
        takenAt: toCameraTime(row.takenAt, row.takenAtSource),
        status: row.status,
        missing: row.missing === 1,
        faces: faces.ofPhoto(photoId),
      }
    },
    /** A few words about each, in this order; those that can't be seen are left out. */
    summaries(photoIds: readonly number[]): Summary[] {
      const asked = JSON.stringify(photoIds)
      const names = namesByPhoto(asked)
      return seen.all(asked).map((row) => ({
        id: row.id as PhotoId,
        fileName: basename(row.relativePath),
        takenAt: toCameraTime(row.takenAt, row.takenAtSource),
        people: names.get(row.id) ?? [],
        faces: row.faceCount,
        status: row.status,
        missing: row.missing === 1,
      }))
    },
    /** What a search tells of each photo, in this order. */
    found(photoIds: readonly number[]): Found[] {
      const asked = JSON.stringify(photoIds)
      const names = namesByPhoto(asked)
      const rows = located.all(asked) as [number, string, string, number, 'camera' | 'file'][]
      return rows.map(([id, folderPath, relativePath, takenAt, source]) => ({
        id: id as PhotoId,
        path: join(folderPath, relativePath),
        takenAt: toCameraTime(takenAt, source),
        people: names.get(id) ?? [],
      }))
    },
  }
}
