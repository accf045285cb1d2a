/** Embeds faces that are known and have no embedding of a model: nothing is looked for, ids, boxes and names stay. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Embedder } from '../ports.ts'
import type { WrittenFaces } from '../store/detections.ts'
import { createEmbedderStore, type PhotoToEmbed } from '../store/embedders.ts'
import { createEmbeddingStore, type StoredFace } from '../store/embeddings.ts'
import { createFolderStore } from '../store/folders.ts'
import type { FolderRow } from '../store/folders.ts'
import { createPhotoStore } from '../store/photos.ts'
import type { LibraryContext } from './context.ts'
import { failureOf, type Failure } from './photo-failure.ts'
import { workInBatches } from './work-in-batches.ts'

export interface EmbedOptions {
  signal: AbortSignal
  /** Resolves at once, or when the person lets work go on. */
  whenRunning(): Promise<void>
  /** A photo is taken in hand. */
  onStart(relativePath: string): void
  /** Photos that are kept now, for good. */
  onKept(kept: { photos: number; failed: number; written: WrittenFaces }): void
}

/** A photo whose faces were embedded; none where its file is another one now. */
interface EmbeddedPhoto {
  photoId: number
  contentHash: string
  faces: (StoredFace & { embedding: Float32Array })[] | null
}

const queuedPhotos = 256

export function createFaceEmbedding(context: LibraryContext) {
  const { vision, libraryDirectory } = context
  const { db } = context.database
  const folderStore = createFolderStore(db)
  const photoStore = createPhotoStore(db)
  const embedderStore = createEmbedderStore(db)
  const embeddingStore = createEmbeddingStore(db)

  const writeTogether = db.transaction((results: readonly (EmbeddedPhoto | Failure)[], embedderId: string): WrittenFaces => {
    const written: WrittenFaces = {
      faceIds: [], photoIds: [], sizesPx: [], embeddings: [], outdatedFaceIds: [], newFaces: 0, embedderId,
    }
    for (const result of results) {
      if ('reason' in result) photoStore.setFailed(result.photoId, result.code, result.reason)
      else if (result.faces === null) photoStore.setPending(result.photoId)
      else for (const { faceId, sizePx, embedding } of result.faces) {
        if (!embeddingStore.writeKnown(faceId, embedderId, embedding, result.contentHash)) continue
        written.faceIds.push(faceId)
        written.photoIds.push(result.photoId)
        written.sizesPx.push(sizePx)
        written.embeddings.push(embedding)
      }
    }
    return written
  })

  /** Folders that are there, removed ones too: what the user named in them goes on teaching. */
  async function reachableFolders(): Promise<FolderRow[]> {
    const folders = folderStore.all().filter(({ state }) => state === 'online')
    const areThere = await Promise.all(folders.map(({ path }) => access(path).then(() => true, () => false)))
    return folders.filter((_, i) => areThere[i])
  }

  function* photosToEmbed(folders: readonly FolderRow[], spaceId: string): Generator<PhotoToEmbed & { path: string }> {
    for (const folder of folders) {
      let after = 0
      for (;;) {
        const some = embedderStore.toEmbed(spaceId, folder.id, after, queuedPhotos)
        if (some.length === 0) break
        after = some.at(-1)!.photoId
        for (const photo of some) yield { ...photo, path: join(folder.path, photo.relativePath) }
      }
    }
  }

  return {
    /** How many photos there are to embed that can be reached now, and where. */
    async waiting(embedder: Embedder): Promise<{ photos: number; folders: FolderRow[] }> {
      const folders = await reachableFolders()
      return { folders, photos: folders.reduce((sum, { id }) => sum + embedderStore.countToEmbed(embedder.spaceId, id), 0) }
    },

    /**
     * Embeds what lacks an embedding in these folders, each photo once. A photo that can't be read is listed as failed, one
     * whose file is another by now waits to be looked at. On `signal` it keeps what is done and returns.
     * @throws KithError where no photo can be read or kept: no-space, library-read-only, model-missing, vision-unavailable …
     */
    embed(embedder: Embedder, folders: readonly FolderRow[], options: EmbedOptions): Promise<void> {
      const { spaceId } = embedder
      return workInBatches(libraryDirectory, {
        items: photosToEmbed(folders, spaceId),
        concurrency: vision.concurrency,
        signal: options.signal,
        whenRunning: options.whenRunning,
        async perform({ photoId, relativePath, path, contentHash }, signal): Promise<EmbeddedPhoto | Failure> {
          options.onStart(relativePath)
          const faces = embeddingStore.facesWithout(photoId, spaceId)
          try {
            const seen = await vision.embed(path, faces.map(({ box, landmarks }) => ({ box, landmarks })), { embedder, signal })
            if (seen.contentHash !== contentHash) return { photoId, contentHash, faces: null }
            return { photoId, contentHash, faces: faces.map((face, i) => ({ ...face, embedding: seen.embeddings[i]! })) }
          } catch (error) {
            signal.throwIfAborted()
            return failureOf(photoId, path, error, context.log)
          }
        },
        keep(results) {
          const failed = results.filter((result) => 'reason' in result).length
          options.onKept({ photos: results.length - failed, failed, written: writeTogether(results, spaceId) })
        },
      })
    },
  }
}
export type FaceEmbedding = ReturnType<typeof createFaceEmbedding>
