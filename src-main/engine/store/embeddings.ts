/** Embeddings and kept neighbours, by model: what different models say of a face never meets. */
import type { Database } from 'better-sqlite3'

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

/** A blob as the numbers in it, little-endian; copied where it is not aligned. */
export function toFloat32(blob: Buffer): Float32Array {
  return blob.byteOffset % 4 === 0
    ? new Float32Array(blob.buffer, blob.byteOffset, blob.byteLength / 4)
    : new Float32Array(Uint8Array.from(blob).buffer)
}

const bytesOf = (numbers: Float32Array | Int32Array) =>
  Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength)

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

  return {
    /** Writes one face's embedding; its kept neighbours, if any, are of the old one and go. */
    write(faceId: number, modelId: string, embedding: Float32Array): void {
      write.run(faceId, modelId, bytesOf(embedding))
      forgetNeighbours.run(modelId, faceId)
    },

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
        if ((done / blockRows) % 16 === 0) await new Promise(setImmediate)
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
        if ((done / blockRows) % 16 === 0) await new Promise(setImmediate)
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
