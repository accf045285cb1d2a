/**
 * Where a face lies on its photo and how it looks there: what drawing, moving and deleting changes, as the journal keeps it.
 * Everything here runs in a transaction of the caller.
 */
import type { Database } from 'better-sqlite3'
import type { BoundingBox } from '../../../src-shared/domain.ts'
import type { WrittenFaces } from './detections.ts'
import { toFloat32 } from './blobs.ts'
import { createEmbeddingStore } from './embeddings.ts'
import { isSamePlace } from './match-faces.ts'

/** Numbers are kept as base64 of little-endian Float32. */
export interface FaceLook {
  box: BoundingBox
  boxBy: 'detector' | 'user'
  score: number
  sizePx: number
  sharpness: number
  landmarks: string | null
  cropHash: string | null
  clusterId: number | null
  embeddings: { modelId: string; vector: string }[]
}

/** A face that was not there before, or is no more, has no look on that side. */
export interface LookChange {
  reason: 'drawn' | 'moved' | 'deleted'
  faceId: number
  photoId: number
  before: FaceLook | null
  after: FaceLook | null
}

export type Side = 'before' | 'after'

interface LookRow extends BoundingBox, Pick<FaceLook, 'boxBy' | 'score' | 'sizePx' | 'sharpness' | 'cropHash' | 'clusterId'> {
  landmarks: Buffer | null
}

/** True for a face `f` about which the user said something, so that it stays whatever a detector sees. */
export const decidedCondition = `(f.box_by = 'user' OR f.assigned_by IS 'user' OR f.ignored = 1
  OR EXISTS (SELECT 1 FROM rejections r WHERE r.face_id = f.id)
  OR EXISTS (SELECT 1 FROM people p WHERE p.cover_face_id = f.id))`

export const toBase64 = (numbers: Float32Array): string =>
  Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64')
const fromBase64 = (text: string): Float32Array => toFloat32(Buffer.from(text, 'base64'))

/** What the looks on one side mean for whoever keeps embeddings of that model elsewhere. */
export function writtenFacesOf(
  looks: readonly LookChange[], side: Side, modelId: string, alsoGone: readonly number[] = [],
): WrittenFaces {
  const written: WrittenFaces = {
    embedderId: modelId, faceIds: [], photoIds: [], sizesPx: [], embeddings: [], outdatedFaceIds: [...alsoGone], newFaces: 0,
  }
  for (const { faceId, photoId, [side]: look } of looks) {
    written.outdatedFaceIds.push(faceId)
    const embedding = look?.embeddings.find((one) => one.modelId === modelId)
    if (!look || !embedding) continue
    written.faceIds.push(faceId)
    written.photoIds.push(photoId)
    written.sizesPx.push(look.sizePx)
    written.embeddings.push(fromBase64(embedding.vector))
  }
  return written
}

export function createFaceLooks(db: Database) {
  const embeddings = createEmbeddingStore(db)
  const select = db.prepare<[number], LookRow>(`
    SELECT x, y, width, height, box_by AS boxBy, score, size_px AS sizePx, sharpness, landmarks, crop_hash AS cropHash,
      cluster_id AS clusterId
    FROM faces WHERE id = ?`)
  const selectEmbeddings = db.prepare<[number], { modelId: string; vector: Buffer }>(
    'SELECT model_id AS modelId, vector FROM face_embeddings WHERE face_id = ? ORDER BY model_id')
  const insert = db.prepare(`
    INSERT INTO faces (id, photo_id, x, y, width, height, box_by, score, size_px, sharpness, landmarks, crop_hash, cluster_id)
    VALUES (@id, @photoId, @x, @y, @width, @height, @boxBy, @score, @sizePx, @sharpness, @landmarks, @cropHash, @clusterId)`)
  const update = db.prepare(`
    UPDATE faces SET x = @x, y = @y, width = @width, height = @height, box_by = @boxBy, score = @score, size_px = @sizePx,
      sharpness = @sharpness, landmarks = @landmarks, crop_hash = @cropHash
    WHERE id = @id`)
  const remove = db.prepare<[number]>('DELETE FROM faces WHERE id = ?')
  const removeEmbeddings = db.prepare<[number]>('DELETE FROM face_embeddings WHERE face_id = ?')
  const removeNeighbours = db.prepare<[number]>('DELETE FROM face_neighbours WHERE face_id = ?')
  const refuse = db.prepare(`
    INSERT OR REPLACE INTO refused_boxes (face_id, reason, photo_id, x, y, width, height, model_id, vector)
    VALUES (@faceId, @reason, @photoId, @x, @y, @width, @height, @modelId, @vector)`)
  const allow = db.prepare<[number, 'deleted' | 'moved']>('DELETE FROM refused_boxes WHERE face_id = ? AND reason = ?')
  const undecidedOf = db.prepare<[number, number], BoundingBox & { id: number }>(`
    SELECT f.id, f.x, f.y, f.width, f.height FROM faces f WHERE f.photo_id = ? AND f.id > ? AND NOT ${decidedCondition}`)

  function columnsOf(look: FaceLook) {
    const { box, landmarks, embeddings: _, ...columns } = look
    return { ...box, ...columns, landmarks: landmarks === null ? null : Buffer.from(landmarks, 'base64') }
  }

  function writeEmbeddings(faceId: number, look: FaceLook): void {
    removeEmbeddings.run(faceId)
    removeNeighbours.run(faceId)
    for (const { modelId, vector } of look.embeddings) embeddings.write(faceId, modelId, fromBase64(vector))
  }

  function refuseBox(reason: 'deleted' | 'moved', { faceId, photoId }: LookChange, { box, embeddings: seen }: FaceLook): void {
    const [embedding] = seen
    refuse.run({
      faceId, photoId, reason, ...box,
      modelId: embedding?.modelId ?? null, vector: embedding ? Buffer.from(embedding.vector, 'base64') : null,
    })
  }

  const looks = {
    read(faceId: number): FaceLook | null {
      const row = select.get(faceId)
      if (!row) return null
      const { x, y, width, height, landmarks, ...columns } = row
      return {
        box: { x, y, width, height },
        ...columns,
        landmarks: landmarks?.toString('base64') ?? null,
        embeddings: selectEmbeddings.all(faceId).map(({ modelId, vector }) => ({ modelId, vector: vector.toString('base64') })),
      }
    },

    /** Adds a face without a name. @returns its id, which is the one given or a new one */
    add(photoId: number, look: FaceLook, faceId: number | null = null): number {
      const id = Number(insert.run({ id: faceId, photoId, ...columnsOf(look) }).lastInsertRowid)
      writeEmbeddings(id, look)
      return id
    },

    /**
     * Brings the face and the places that are refused for it to one side of a change; a face that comes back does so without
     * a name. Where it was drawn, one that a detector found in its place meanwhile makes room, if nobody decided about it;
     * in the place of a deleted face none is found.
     * @returns the ids of the faces that made room
     */
    apply(change: LookChange, side: Side): number[] {
      const { reason, faceId, photoId, before, after, [side]: target } = change
      const other = side === 'after' ? before : after
      const madeRoom: number[] = []
      if (!target) {
        remove.run(faceId)
      } else if (select.get(faceId)) {
        update.run({ id: faceId, ...columnsOf(target) })
        writeEmbeddings(faceId, target)
      } else {
        for (const { id, ...box } of reason === 'drawn' ? undecidedOf.all(photoId, faceId) : []) {
          if (!isSamePlace(box, target.box, true)) continue
          remove.run(id)
          madeRoom.push(id)
        }
        looks.add(photoId, target, faceId)
      }
      if (reason === 'deleted') {
        if (target) allow.run(faceId, reason)
        else if (other) refuseBox(reason, change, other)
      }
      if (reason === 'moved' && target && other && target.boxBy !== other.boxBy) {
        if (target.boxBy === 'detector') allow.run(faceId, reason)
        else refuseBox(reason, change, other)
      }
      return madeRoom
    },
  }
  return looks
}
export type FaceLooks = ReturnType<typeof createFaceLooks>
