/** From ids to the hashes and paths that pictures are made from. What lies in a removed folder is not shown. */
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { BoundingBox } from '../../../src-shared/domain.ts'

export interface PhotoPictureRow {
  /** Absolute. */
  path: string
  contentHash: string | null
  thumbnailHash: string | null
}

export interface FacePictureRow {
  cropHash: string | null
  photoId: number
  box: BoundingBox
  /** Pixels of the oriented photo; 0 while it is not indexed. */
  widthPx: number
  heightPx: number
}

export function createPictureLookup(db: Database) {
  const face = db.prepare<[number], Omit<FacePictureRow, 'box'> & BoundingBox>(`
    SELECT faces.crop_hash AS cropHash, faces.photo_id AS photoId, faces.x, faces.y, faces.width, faces.height,
      photos.width_px AS widthPx, photos.height_px AS heightPx
    FROM faces JOIN photos ON photos.id = faces.photo_id JOIN folders ON folders.id = photos.folder_id
    WHERE faces.id = ? AND folders.removed_at IS NULL`)
  const photo = db.prepare<[number], Omit<PhotoPictureRow, 'path'> & { folderPath: string; relativePath: string }>(`
    SELECT folders.path AS folderPath, photos.relative_path AS relativePath,
      photos.content_hash AS contentHash, photos.thumbnail_hash AS thumbnailHash
    FROM photos JOIN folders ON folders.id = photos.folder_id
    WHERE photos.id = ? AND folders.removed_at IS NULL`)
  return {
    /** SHA-256 of the face's crop, null while there is none; undefined for a face that nobody may see. */
    face(faceId: number): FacePictureRow | undefined {
      const row = face.get(faceId)
      if (!row) return undefined
      const { x, y, width, height, ...columns } = row
      return { ...columns, box: { x, y, width, height } }
    },
    /** Undefined for a photo that nobody may see. */
    photo(photoId: number): PhotoPictureRow | undefined {
      const row = photo.get(photoId)
      return row && { path: join(row.folderPath, row.relativePath), contentHash: row.contentHash, thumbnailHash: row.thumbnailHash }
    },
  }
}
export type PictureLookup = ReturnType<typeof createPictureLookup>
