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
  const seen = db.prepare<[number], PhotoRow>(`
    SELECT p.id, p.folder_id AS folderId, folders.path AS folderPath, p.relative_path AS relativePath,
      p.width_px AS widthPx, p.height_px AS heightPx, p.taken_at AS takenAt, p.taken_at_source AS takenAtSource,
      p.status, p.missing_since IS NOT NULL AS missing, p.face_count AS faceCount
    FROM photos p JOIN folders ON folders.id = p.folder_id
    WHERE p.id = ? AND p.hidden = 0`)
  const namesOn = db
    .prepare<[number], string>(`
      SELECT people.name FROM person_photo pp JOIN people ON people.id = pp.person_id
      WHERE pp.photo_id = ? ORDER BY people.name_key`)
    .pluck()

  const rows = (photoIds: readonly number[]) => photoIds.flatMap((photoId) => seen.get(photoId) ?? [])

  return {
    /** A photo with its faces; null where there is none, or its folder was removed. */
    get(photoId: number): Photo | null {
      const row = seen.get(photoId)
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
    summaries: (photoIds: readonly number[]): Summary[] =>
      rows(photoIds).map((row) => ({
        id: row.id as PhotoId,
        fileName: basename(row.relativePath),
        takenAt: toCameraTime(row.takenAt, row.takenAtSource),
        people: namesOn.all(row.id),
        faces: row.faceCount,
        status: row.status,
        missing: row.missing === 1,
      })),
    /** What a search tells of each photo, in this order. */
    found: (photoIds: readonly number[]): Found[] =>
      rows(photoIds).map((row) => ({
        id: row.id as PhotoId,
        path: join(row.folderPath, row.relativePath),
        takenAt: toCameraTime(row.takenAt, row.takenAtSource),
        people: namesOn.all(row.id),
      })),
  }
}
