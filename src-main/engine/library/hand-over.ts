/** Hands faces to recognition and keeps the neighbours that it finds for them. */
import { setImmediate as pause } from 'node:timers/promises'
import type { NeighbourRows, RecognitionPort } from '../ports.ts'
import type { WrittenFaces } from '../store/detections.ts'
import type { EmbeddingStore } from '../store/embeddings.ts'

const listsAtOnce = 1000
const facesAtOnce = 50_000

/** Faces that recognition has, and the model whose embeddings they have. */
export interface HandedFaces {
  readonly recognition: RecognitionPort
  readonly modelId: string
  readonly faceIds: Set<number>
}

/** @param isClosed asked between pieces: what is left is found again when the library is opened */
export function createHandOver(store: EmbeddingStore, isClosed: () => boolean) {
  async function keep({ recognition: { neighbourCount }, modelId }: HandedFaces, lists: NeighbourRows): Promise<void> {
    for (let first = 0; first < lists.faceIds.length && !isClosed(); first += listsAtOnce) {
      const end = first + listsAtOnce
      store.writeNeighbours(modelId, {
        faceIds: lists.faceIds.subarray(first, end),
        neighbourIds: lists.neighbourIds.subarray(first * neighbourCount, end * neighbourCount),
        distances: lists.distances.subarray(first * neighbourCount, end * neighbourCount),
      }, neighbourCount)
      await pause()
    }
  }

  return {
    /** All faces of a model, and the neighbours that are known, into a recognition that has none. */
    async load(recognition: RecognitionPort, modelId: string): Promise<HandedFaces> {
      const { faceIds, photoIds, sizesPx, embeddings } = await store.readAll(modelId)
      const neighbours = await store.readNeighbours(modelId, recognition.neighbourCount)
      const handed = { recognition, modelId, faceIds: new Set<number>() }
      for (const [row, faceId] of faceIds.entries()) {
        handed.faceIds.add(faceId)
        if (row % facesAtOnce === facesAtOnce - 1) await pause()
      }
      await keep(handed, await recognition.load({ faceIds, photoIds, sizesPx, embeddings }, neighbours))
      return handed
    },

    /** Faces that were just written, less those that went. */
    async take(handed: HandedFaces, { faceIds, photoIds, sizesPx, embeddings, outdatedFaceIds }: WrittenFaces): Promise<void> {
      const { recognition } = handed
      const replaced = new Set(faceIds)
      const gone = outdatedFaceIds.filter((faceId) => !replaced.has(faceId))
      if (gone.length > 0) {
        for (const faceId of gone) handed.faceIds.delete(faceId)
        await keep(handed, await recognition.remove(Int32Array.from(gone)))
      }
      if (faceIds.length === 0) return
      const dimension = embeddings[0]!.length
      const rows = new Float32Array(faceIds.length * dimension)
      embeddings.forEach((embedding, row) => rows.set(embedding, row * dimension))
      for (const faceId of faceIds) handed.faceIds.add(faceId)
      await keep(handed, await recognition.add({
        faceIds: Int32Array.from(faceIds),
        photoIds: Int32Array.from(photoIds),
        sizesPx: Float32Array.from(sizesPx),
        embeddings: rows,
      }))
    },
  }
}
