/** Writes what vision saw on photos: faces, crops, embeddings, thumbnail and status, one transaction for a batch. */
import type { Database } from 'better-sqlite3'
import type { BoundingBox } from '../../../src-shared/domain.ts'
import { toFloat32 } from './blobs.ts'
import { createEmbeddingStore } from './embeddings.ts'
import { decidedCondition } from './face-looks.ts'
import { isSamePlace, matchFaces } from './match-faces.ts'
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

/** A face that the user drew, looked at again where it was drawn. */
export interface SeenDrawnFace extends SeenFace {
  faceId: number
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
  drawnFaces?: readonly SeenDrawnFace[]
}

/** A face that the user drew or moved. */
export interface DrawnPlace {
  faceId: number
  box: BoundingBox
  landmarks: Float32Array | null
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
  /** The model that the embeddings are of. */
  embedderId: string
}

interface KnownFace {
  id: number
  x: number
  y: number
  width: number
  height: number
  embedding: Buffer | null
  boxBy: 'detector' | 'user'
  decided: 0 | 1
}

interface RefusedBox extends BoundingBox {
  embedding: Buffer | null
}

const isEqual = (a: BoundingBox, b: BoundingBox) =>
  a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height

export function createDetectionStore(db: Database) {
  const photoCounts = createPhotoCounts(db)
  const embeddings = createEmbeddingStore(db)
  const selectPhoto = db.prepare<[number], { content_hash: string | null }>('SELECT content_hash FROM photos WHERE id = ?')
  const selectFaces = db.prepare<[string, number], KnownFace>(`
    SELECT f.id, f.x, f.y, f.width, f.height, e.vector AS embedding, f.box_by AS boxBy, ${decidedCondition} AS decided
    FROM faces f LEFT JOIN face_embeddings e ON e.face_id = f.id AND e.model_id = ?
    WHERE f.photo_id = ? ORDER BY f.id`)
  const selectRefused = db.prepare<[string, number], RefusedBox>(`
    SELECT x, y, width, height, CASE model_id WHEN ? THEN vector END AS embedding FROM refused_boxes WHERE photo_id = ?`)
  const selectDrawn = db.prepare<[number], BoundingBox & { faceId: number; landmarks: Buffer | null }>(`
    SELECT id AS faceId, x, y, width, height, landmarks FROM faces WHERE photo_id = ? AND box_by = 'user' ORDER BY id`)
  const insertFace = db.prepare(`
    INSERT INTO faces (photo_id, x, y, width, height, score, size_px, sharpness, landmarks, crop_hash)
    VALUES (@photoId, @x, @y, @width, @height, @score, @sizePx, @sharpness, @landmarks, @cropHash)`)
  const updateFace = db.prepare(`
    UPDATE faces SET x = @x, y = @y, width = @width, height = @height, score = @score, size_px = @sizePx,
      sharpness = @sharpness, landmarks = @landmarks, crop_hash = @cropHash
    WHERE id = @id`)
  const loseFace = db.prepare('UPDATE faces SET landmarks = NULL WHERE id = ?')
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

  function writeEmbedding(faceId: number, photo: SeenPhoto, face: SeenFace, written: WrittenFaces): void {
    embeddings.write(faceId, photo.embedderId, face.embedding)
    written.faceIds.push(faceId)
    written.photoIds.push(photo.photoId)
    written.sizesPx.push(face.sizePx)
    written.embeddings.push(face.embedding)
  }

  function writePhoto(photo: SeenPhoto, at: string, written: WrittenFaces): void {
    const before = selectPhoto.get(photo.photoId)
    if (!before) return
    const known = selectFaces.all(photo.embedderId, photo.photoId)
    const sameContent = before.content_hash === null || before.content_hash === photo.contentHash
    const matches = matchFaces(
      known.map(({ embedding, boxBy, ...box }) => ({ box, embedding: embedding && toFloat32(embedding), isDrawn: boxBy === 'user' })),
      photo.faces, sameContent)
    const refused = selectRefused.all(photo.embedderId, photo.photoId)
    const refusals = matchFaces(
      refused.map(({ embedding, ...box }) => ({ box, embedding: embedding && toFloat32(embedding) })), photo.faces, sameContent)
    const kept = new Set<number>()
    photo.faces.forEach((face, index) => {
      const old = known[matches[index]!]
      if (old?.boxBy === 'user' && isSamePlace(old, face.box, true)) {
        kept.add(old.id)
        return
      }
      if (!old && refusals[index] !== -1) return
      const id = old
        ? old.id
        : Number(insertFace.run({ photoId: photo.photoId, ...columnsOf(face) }).lastInsertRowid)
      if (old) {
        updateFace.run({ id, ...columnsOf(face) })
        if (before.content_hash !== photo.contentHash) embeddings.forgetOtherModels(id, photo.embedderId)
        kept.add(id)
        if (old.embedding) written.outdatedFaceIds.push(id)
      } else written.newFaces++
      writeEmbedding(id, photo, face, written)
    })
    for (const face of photo.drawnFaces ?? []) {
      const old = known.find(({ id }) => id === face.faceId)
      const isWhereItWas = old?.boxBy === 'user' && isEqual(old, face.box)
      if (!sameContent || !isWhereItWas) continue
      updateFace.run({ id: old.id, ...columnsOf(face) })
      if (old.embedding) written.outdatedFaceIds.push(old.id)
      writeEmbedding(old.id, photo, face, written)
    }
    for (const face of known) {
      if (kept.has(face.id)) continue
      if (face.decided) {
        // It keeps its embeddings; where it was on the old content says nothing of the new.
        if (before.content_hash !== photo.contentHash) loseFace.run(face.id)
        continue
      }
      deleteFace.run(face.id)
      written.outdatedFaceIds.push(face.id)
    }
    const { photoId, widthPx, heightPx, takenAt, contentHash, thumbnailHash, detectorId, embedderId } = photo
    updatePhoto.run({ photoId, widthPx, heightPx, takenAt, contentHash, thumbnailHash, detectorId, embedderId, at })
  }

  return {
    /** The faces that the user drew or moved on a photo, to be looked at where they are. */
    drawnPlaces: (photoId: number): DrawnPlace[] =>
      selectDrawn.all(photoId).map(({ faceId, landmarks, ...box }) => ({ faceId, box, landmarks: landmarks && toFloat32(landmarks) })),

    /**
     * Marks the photos as indexed and writes their faces. A face seen again keeps its id, its name and what was refused or
     * ignored; one that is not seen any more goes, unless the user decided about it. A box that the user drew stays as it is,
     * and one that the user took away does not come back. All photos are of one embedder.
     */
    write: db.transaction((photos: readonly SeenPhoto[], at: string): WrittenFaces => {
      const written: WrittenFaces = {
        faceIds: [], photoIds: [], sizesPx: [], embeddings: [], outdatedFaceIds: [], newFaces: 0, embedderId: photos[0]?.embedderId ?? '',
      }
      for (const photo of photos) writePhoto(photo, at, written)
      photoCounts.refresh(photos.map(({ photoId }) => photoId))
      return written
    }),
  }
}
export type DetectionStore = ReturnType<typeof createDetectionStore>
