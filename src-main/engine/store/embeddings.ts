/** Embeddings and kept neighbours, by model: what different models say of a face never meets. */
import { setImmediate as pause } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { bytesOf, toFloat32, toInt32 } from './blobs.ts'

/** Faces read from the store; row i of each array belongs to faceIds[i]. */
export interface StoredEmbeddings {
  faceIds: Int32Array
  photoIds: Int32Array
  /** Shorter side of the box in pixels of the full-size photo. */
  sizesPx: Float32Array
  /** Numbers of one embedding; 0 where there is none. */
  dimension: number
  /** faceIds.length × dimension. */
  embeddings: Float32Array
}

/** Neighbour lists; each `neighbourCount` long, nearest first, -1 and Infinity where there are fewer. */
export interface StoredNeighbours {
  faceIds: Int32Array
  neighbourIds: Int32Array
  distances: Float32Array
}

/** Rows that one query takes together: one call into SQLite for many vectors is what makes reading fast. */
const blockRows = 1024
/** Between pauses. */
const blocksAtOnce = 4

/** A face as it was seen, to be embedded again. */
export interface StoredFace {
  faceId: number
  /** Shorter side of the box in pixels of the full-size photo. */
  sizePx: number
  box: { x: number; y: number; width: number; height: number }
  /** 68 points, x0, y0, x1, y1 …, fractions of the photo. */
  landmarks: Float32Array
}

interface FaceToEmbed {
  faceId: number
  sizePx: number
  x: number
  y: number
  width: number
  height: number
  landmarks: Buffer
}

interface Block {
  rows: number
  faceIds: string
  photoIds: string
  sizesPx: string
  vectors: Buffer
}

interface NeighbourBlock {
  rows: number
  faceIds: string
  neighbourIds: Buffer
  distances: Buffer
}

export function createEmbeddingStore(db: Database) {
  const write = db.prepare('INSERT OR REPLACE INTO face_embeddings (face_id, model_id, vector) VALUES (?, ?, ?)')
  const forgetNeighbours = db.prepare('DELETE FROM face_neighbours WHERE model_id = ? AND face_id = ?')
  const writeNeighbours = db.prepare(`
    INSERT OR REPLACE INTO face_neighbours (face_id, model_id, neighbour_ids, distances)
    SELECT face_id, model_id, @neighbourIds, @distances FROM face_embeddings
    WHERE model_id = @modelId AND face_id = @faceId`)
  const forgetOthers = db.prepare('DELETE FROM face_embeddings WHERE face_id = ? AND model_id <> ?')
  const selectFacesWithout = db.prepare<{ photoId: number; modelId: string }, FaceToEmbed>(`
    SELECT f.id AS faceId, f.size_px AS sizePx, f.x, f.y, f.width, f.height, f.landmarks FROM faces f
    WHERE f.photo_id = @photoId AND f.landmarks IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM face_embeddings e WHERE e.face_id = f.id AND e.model_id = @modelId)
    ORDER BY f.id`)
  // The photo may have been looked at again meanwhile: then the embedding is of another face, or of none.
  const writeKnown = db.prepare(`
    INSERT OR REPLACE INTO face_embeddings (face_id, model_id, vector)
    SELECT f.id, @modelId, @vector FROM faces f JOIN photos p ON p.id = f.photo_id
    WHERE f.id = @faceId AND p.content_hash = @contentHash`)
  const selectLabelled = db.prepare<[string], { faceId: number; personId: number; vector: Buffer }>(`
    SELECT f.id AS faceId, f.person_id AS personId, e.vector FROM faces f JOIN face_embeddings e ON e.face_id = f.id
    WHERE e.model_id = ? AND f.assigned_by = 'user' AND f.ignored = 0 ORDER BY f.id`)
  const countFaces = db.prepare<[], { rows: number }>('SELECT count(*) AS rows FROM faces')
  const measure = db.prepare<[string], { bytes: number }>(
    'SELECT length(vector) AS bytes FROM face_embeddings WHERE model_id = ? LIMIT 1')
  const selectBlock = db.prepare<[string, number, number], Block>(`
    SELECT count(*) AS rows, json_group_array(face_id) AS faceIds, json_group_array(photo_id) AS photoIds,
      json_group_array(size_px) AS sizesPx, CAST(group_concat(vector, '') AS BLOB) AS vectors
    FROM (
      SELECT e.face_id, f.photo_id, f.size_px, e.vector
      FROM face_embeddings e JOIN faces f ON f.id = e.face_id
      WHERE e.model_id = ? AND e.face_id > ? ORDER BY e.face_id LIMIT ?)`)
  const selectNeighbourBlock = db.prepare<[string, number, number, number], NeighbourBlock>(`
    SELECT count(*) AS rows, json_group_array(face_id) AS faceIds,
      CAST(group_concat(neighbour_ids, '') AS BLOB) AS neighbourIds,
      CAST(group_concat(distances, '') AS BLOB) AS distances
    FROM (
      SELECT face_id, neighbour_ids, distances FROM face_neighbours
      WHERE model_id = ? AND length(neighbour_ids) = ? AND face_id > ? ORDER BY face_id LIMIT ?)`)

  const selectNeighboursOf = db.prepare<{ modelId: string; listBytes: number; faceIds: string }, NeighbourBlock>(`
    SELECT count(*) AS rows, json_group_array(face_id) AS faceIds,
      CAST(group_concat(neighbour_ids, '') AS BLOB) AS neighbourIds,
      CAST(group_concat(distances, '') AS BLOB) AS distances
    FROM (
      SELECT n.face_id, n.neighbour_ids, n.distances
      FROM json_each(:faceIds) asked CROSS JOIN face_neighbours n ON n.model_id = :modelId AND n.face_id = asked.value
      WHERE length(n.neighbour_ids) = :listBytes)`)

  return {
    /** Writes one face's embedding; its kept neighbours, if any, are of the old one and go. */
    write(faceId: number, modelId: string, embedding: Float32Array): void {
      write.run(faceId, modelId, bytesOf(embedding))
      forgetNeighbours.run(modelId, faceId)
    },

    /** The face is of other pixels now: what other models said of it holds no more. */
    forgetOtherModels: (faceId: number, modelId: string): void => void forgetOthers.run(faceId, modelId),

    /** The faces of a photo that have no embedding of the model, but for those that it does not show any more. */
    facesWithout: (photoId: number, modelId: string): StoredFace[] =>
      selectFacesWithout.all({ photoId, modelId }).map(({ faceId, sizePx, landmarks, ...box }) => ({
        faceId, sizePx, box, landmarks: toFloat32(landmarks),
      })),

    /**
     * Writes the embedding of a face that is known already.
     * @param contentHash of the file it comes from
     * @returns whether it was written: the face is still there, and the photo is that file
     */
    writeKnown: (faceId: number, modelId: string, embedding: Float32Array, contentHash: string): boolean =>
      writeKnown.run({ faceId, modelId, vector: bytesOf(embedding), contentHash }).changes > 0,

    /** Embeddings of the faces that the user named, by face id. */
    readLabelled: (modelId: string): { faceId: number; personId: number; embedding: Float32Array }[] =>
      selectLabelled.all(modelId).map(({ faceId, personId, vector }) => ({ faceId, personId, embedding: toFloat32(vector) })),

    /** Reads every embedding of a model, by face id, with pauses between blocks so that others get their turn. */
    async readAll(modelId: string): Promise<StoredEmbeddings> {
      const { rows } = countFaces.get()!
      const dimension = (measure.get(modelId)?.bytes ?? 0) / 4
      const all: StoredEmbeddings = {
        faceIds: new Int32Array(rows),
        photoIds: new Int32Array(rows),
        sizesPx: new Float32Array(rows),
        dimension,
        embeddings: new Float32Array(rows * dimension),
      }
      const vectorBytes = new Uint8Array(all.embeddings.buffer)
      let done = 0
      while (done < rows) {
        const block = selectBlock.get(modelId, done === 0 ? 0 : all.faceIds[done - 1]!, Math.min(blockRows, rows - done))!
        if (block.rows === 0) break
        if (block.vectors.byteLength !== block.rows * dimension * 4)
          throw new Error(`The library holds embeddings of ${modelId} that differ in length`)
        all.faceIds.set(JSON.parse(block.faceIds) as number[], done)
        all.photoIds.set(JSON.parse(block.photoIds) as number[], done)
        all.sizesPx.set(JSON.parse(block.sizesPx) as number[], done)
        vectorBytes.set(block.vectors, done * dimension * 4)
        done += block.rows
        if ((done / blockRows) % blocksAtOnce === 0) await pause()
      }
      return done === rows ? all : {
        faceIds: all.faceIds.slice(0, done),
        photoIds: all.photoIds.slice(0, done),
        sizesPx: all.sizesPx.slice(0, done),
        dimension,
        embeddings: all.embeddings.slice(0, done * dimension),
      }
    },

    /** Keeps neighbour lists; those of faces that are gone by now are left out. */
    writeNeighbours: db.transaction((modelId: string, lists: StoredNeighbours, neighbourCount: number): void => {
      lists.faceIds.forEach((faceId, row) => {
        const from = row * neighbourCount
        writeNeighbours.run({
          faceId,
          modelId,
          neighbourIds: bytesOf(lists.neighbourIds.subarray(from, from + neighbourCount)),
          distances: bytesOf(lists.distances.subarray(from, from + neighbourCount)),
        })
      })
    }),

    /** Reads the kept lists of some faces, as `readNeighbours` does. */
    async readNeighboursOf(modelId: string, neighbourCount: number, someIds: readonly number[]): Promise<StoredNeighbours> {
      const faceIds: number[] = [], ids: Buffer[] = [], distances: Buffer[] = []
      for (let first = 0; first < someIds.length; first += blockRows) {
        const some = JSON.stringify(someIds.slice(first, first + blockRows))
        const block = selectNeighboursOf.get({ modelId, listBytes: neighbourCount * 4, faceIds: some })!
        if (block.rows > 0) {
          faceIds.push(...(JSON.parse(block.faceIds) as number[]))
          ids.push(block.neighbourIds)
          distances.push(block.distances)
        }
        await pause()
      }
      return { faceIds: Int32Array.from(faceIds), neighbourIds: toInt32(Buffer.concat(ids)), distances: toFloat32(Buffer.concat(distances)) }
    },

    /** Reads the kept lists of a model that are `neighbourCount` long, by face id. */
    async readNeighbours(modelId: string, neighbourCount: number): Promise<StoredNeighbours> {
      const listBytes = neighbourCount * 4
      const { rows } = countFaces.get()!
      const faceIds = new Int32Array(rows)
      const neighbourIds = new Int32Array(rows * neighbourCount)
      const distances = new Float32Array(rows * neighbourCount)
      const idBytes = new Uint8Array(neighbourIds.buffer)
      const distanceBytes = new Uint8Array(distances.buffer)
      let done = 0
      while (done < rows) {
        const block = selectNeighbourBlock.get(
          modelId, listBytes, done === 0 ? 0 : faceIds[done - 1]!, Math.min(blockRows, rows - done))!
        if (block.rows === 0) break
        faceIds.set(JSON.parse(block.faceIds) as number[], done)
        idBytes.set(block.neighbourIds, done * listBytes)
        distanceBytes.set(block.distances, done * listBytes)
        done += block.rows
        if ((done / blockRows) % blocksAtOnce === 0) await pause()
      }
      return done === rows ? { faceIds, neighbourIds, distances } : {
        faceIds: faceIds.slice(0, done),
        neighbourIds: neighbourIds.slice(0, done * neighbourCount),
        distances: distances.slice(0, done * neighbourCount),
      }
    },
  }
}
export type EmbeddingStore = ReturnType<typeof createEmbeddingStore>
