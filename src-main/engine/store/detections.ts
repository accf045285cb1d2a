/** Writes what vision saw on photos: faces, crops, embeddings, thumbnail and status, one transaction for a batch. */
import type { Database } from 'better-sqlite3'
import type { BoundingBox } from '../../../src-shared/domain.ts'
import { createEmbeddingStore, toFloat32 } from './embeddings.ts'
import { matchFaces } from './match-faces.ts'
import { createPhotoCounts } from './photo-counts.ts'

export interface SeenFace {
  box: BoundingBox
  score: number
  sizePx: number
  sharpness: number
  landmarks: Float32Array
  embedding: Float32Array
  /** Name of the crop in the image store. */
  cropHash: string
}

export interface SeenPhoto {
  photoId: number
  widthPx: number
  heightPx: number
  /** The camera's clock in seconds, counted as if it were UTC; null keeps the file's date. */
  takenAt: number | null
  contentHash: string
  thumbnailHash: string
  detectorId: string
  embedderId: string
  faces: readonly SeenFace[]
}

/** What a batch changed, for whoever keeps embeddings elsewhere. Row i of the arrays belongs together. */
export interface WrittenFaces {
  /** Faces that are new, or whose embedding is. */
  faceIds: number[]
  photoIds: number[]
  sizesPx: number[]
  embeddings: Float32Array[]
  /** Faces that are gone, or whose embedding is another now. */
  outdatedFaceIds: number[]
  /** How many of `faceIds` were not known before. */
  newFaces: number
}

interface KnownFace {
  id: number
  x: number
  y: number
  width: number
  height: number
  embedding: Buffer | null
  decided: 0 | 1
}

export function createDetectionStore(db: Database) {
  const photoCounts = createPhotoCounts(db)
  const embeddings = createEmbeddingStore(db)
  const selectPhoto = db.prepare<[number], { content_hash: string | null }>('SELECT content_hash FROM photos WHERE id = ?')
  const selectFaces = db.prepare<[string, number], KnownFace>(`
    SELECT f.id, f.x, f.y, f.width, f.height, e.vector AS embedding,
      (f.assigned_by IS 'user' OR f.ignored = 1
        OR EXISTS (SELECT 1 FROM rejections r WHERE r.face_id = f.id)
        OR EXISTS (SELECT 1 FROM people p WHERE p.cover_face_id = f.id)) AS decided
    FROM faces f LEFT JOIN face_embeddings e ON e.face_id = f.id AND e.model_id = ?
    WHERE f.photo_id = ? ORDER BY f.id`)
  const insertFace = db.prepare(`
    INSERT INTO faces (photo_id, x, y, width, height, score, size_px, sharpness, landmarks, crop_hash)
    VALUES (@photoId, @x, @y, @width, @height, @score, @sizePx, @sharpness, @landmarks, @cropHash)`)
  const updateFace = db.prepare(`
    UPDATE faces SET x = @x, y = @y, width = @width, height = @height, score = @score, size_px = @sizePx,
      sharpness = @sharpness, landmarks = @landmarks, crop_hash = @cropHash
    WHERE id = @id`)
  const deleteFace = db.prepare('DELETE FROM faces WHERE id = ?')
  const updatePhoto = db.prepare(`
    UPDATE photos SET width_px = @widthPx, height_px = @heightPx, content_hash = @contentHash,
      taken_at = coalesce(@takenAt, taken_at),
      taken_at_source = CASE WHEN @takenAt IS NULL THEN taken_at_source ELSE 'camera' END,
      status = 'indexed', failure_code = NULL, failure_reason = NULL, attempts = 0, thumbnail_hash = @thumbnailHash,
      detector_id = @detectorId, embedder_id = @embedderId, indexed_at = @at
    WHERE id = @photoId`)

  function columnsOf(face: SeenFace) {
    const { landmarks } = face
    return {
      ...face.box,
      score: face.score,
      sizePx: face.sizePx,
      sharpness: face.sharpness,
      landmarks: Buffer.from(landmarks.buffer, landmarks.byteOffset, landmarks.byteLength),
      cropHash: face.cropHash,
    }
  }

  function writePhoto(photo: SeenPhoto, at: string, written: WrittenFaces): void {
    const before = selectPhoto.get(photo.photoId)
    if (!before) return
    const known = selectFaces.all(photo.embedderId, photo.photoId)
    const matches = matchFaces(
      known.map(({ embedding, ...box }) => ({ box, embedding: embedding && toFloat32(embedding) })),
      photo.faces,
      before.content_hash === null || before.content_hash === photo.contentHash)
    const kept = new Set<number>()
    photo.faces.forEach((face, index) => {
      const old = known[matches[index]!]
      const id = old
        ? old.id
        : Number(insertFace.run({ photoId: photo.photoId, ...columnsOf(face) }).lastInsertRowid)
      if (old) {
        updateFace.run({ id, ...columnsOf(face) })
        kept.add(id)
        if (old.embedding) written.outdatedFaceIds.push(id)
      } else written.newFaces++
      embeddings.write(id, photo.embedderId, face.embedding)
      written.faceIds.push(id)
      written.photoIds.push(photo.photoId)
      written.sizesPx.push(face.sizePx)
      written.embeddings.push(face.embedding)
    })
    for (const face of known) {
      if (kept.has(face.id) || face.decided) continue
      deleteFace.run(face.id)
      written.outdatedFaceIds.push(face.id)
    }
    const { photoId, widthPx, heightPx, takenAt, contentHash, thumbnailHash, detectorId, embedderId } = photo
    updatePhoto.run({ photoId, widthPx, heightPx, takenAt, contentHash, thumbnailHash, detectorId, embedderId, at })
  }

  return {
    /**
     * Marks the photos as indexed and writes their faces. A face seen again keeps its id, its name and what was refused or
     * ignored; one that is not seen any more goes, unless the user decided about it.
     */
    write: db.transaction((photos: readonly SeenPhoto[], at: string): WrittenFaces => {
      const written: WrittenFaces = {
        faceIds: [], photoIds: [], sizesPx: [], embeddings: [], outdatedFaceIds: [], newFaces: 0,
      }
      for (const photo of photos) writePhoto(photo, at, written)
      photoCounts.refresh(photos.map(({ photoId }) => photoId))
      return written
    }),
  }
}
export type DetectionStore = ReturnType<typeof createDetectionStore>
