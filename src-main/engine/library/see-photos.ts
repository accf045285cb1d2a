/** Hands waiting photos to vision, as many as it can work on at once, and keeps what it saw, a few photos at a time. */
import { join } from 'node:path'
import type { DetectedFace, PhotoAnalysis } from '../ports.ts'
import { toLibraryError } from '../store/database.ts'
import { createDetectionStore } from '../store/detections.ts'
import type { DrawnPlace, SeenPhoto, WrittenFaces } from '../store/detections.ts'
import type { FolderRow } from '../store/folders.ts'
import { createImageStore } from '../store/images.ts'
import { createPhotoStore } from '../store/photos.ts'
import type { LibraryContext } from './context.ts'
import { cameraClockSeconds } from './file-facts.ts'
import { failureOf, type Failure } from './photo-failure.ts'
import { workInBatches } from './work-in-batches.ts'

export interface SeeOptions {
  signal: AbortSignal
  /** Resolves at once, or when the person lets work go on. */
  whenRunning(): Promise<void>
  /** A photo is taken in hand. */
  onStart(relativePath: string): void
  /** Photos that are kept now, for good. */
  onKept(kept: { photoIds: number[]; failedPhotoIds: number[]; written: WrittenFaces }): void
}

/** What vision saw on a photo, and at the places where the user drew faces. */
interface Sight {
  analysis: PhotoAnalysis
  drawn: { place: DrawnPlace; face: DetectedFace }[]
  embedderId: string
}

const queuedPhotos = 256

export function createPhotoSight(context: LibraryContext) {
  const { vision, libraryDirectory } = context
  const { db } = context.database
  const photoStore = createPhotoStore(db)
  const detectionStore = createDetectionStore(db)
  const images = createImageStore(libraryDirectory)

  const writeTogether = db.transaction((seen: readonly SeenPhoto[], failures: readonly Failure[]): WrittenFaces => {
    for (const { photoId, code, reason } of failures) photoStore.setFailed(photoId, code, reason)
    return detectionStore.write(seen, new Date().toISOString())
  })

  /** @throws PhotoReadError, KithError */
  async function lookAt(photoId: number, path: string, signal?: AbortSignal): Promise<Sight> {
    const { embedder } = context
    const analysis = await vision.analyze(path, { embedder, ...(signal ? { signal } : {}) })
    const places = detectionStore.drawnPlaces(photoId)
    const faces = places.length > 0 ? (await vision.describe(path, places, { embedder })).faces : []
    return { analysis, drawn: faces.map((face, i) => ({ place: places[i]!, face })), embedderId: embedder.spaceId }
  }

  const keepCrop = async ({ crop, ...face }: DetectedFace) => ({ ...face, cropHash: await images.put(crop) })

  async function keepImages(photoId: number, { analysis, drawn, embedderId }: Sight): Promise<SeenPhoto> {
    const thumbnailHash = await images.put(analysis.thumbnail)
    const faces = await Promise.all(analysis.faces.map(keepCrop))
    const drawnFaces = await Promise.all(drawn.map(async ({ place: { faceId, box }, face }) => ({ ...(await keepCrop(face)), faceId, box })))
    return {
      photoId,
      widthPx: analysis.widthPx,
      heightPx: analysis.heightPx,
      takenAt: cameraClockSeconds(analysis.takenAt),
      contentHash: analysis.contentHash,
      thumbnailHash,
      detectorId: vision.detectorId,
      embedderId,
      faces,
      drawnFaces,
    }
  }

  /** The waiting photos of the folders, in order; each once. */
  function* waitingPhotos(folders: readonly FolderRow[]) {
    for (const folder of folders) {
      let afterId = 0
      for (;;) {
        const some = photoStore.pending(folder.id, afterId, queuedPhotos)
        if (some.length === 0) break
        afterId = some.at(-1)!.id
        for (const { id, relativePath } of some) yield { id, relativePath, path: join(folder.path, relativePath) }
      }
    }
  }

  return {
    /**
     * Looks at every waiting photo of the folders. On `signal` it keeps what is done and returns; the rest waits on.
     * @throws KithError where no photo can be read or kept: no-space, library-read-only, model-missing, vision-unavailable …
     */
    async seeWaiting(folders: readonly FolderRow[], options: SeeOptions): Promise<void> {
      await workInBatches(libraryDirectory, {
        items: waitingPhotos(folders),
        concurrency: vision.concurrency,
        signal: options.signal,
        whenRunning: options.whenRunning,
        async perform({ id, relativePath, path }, signal): Promise<SeenPhoto | Failure> {
          options.onStart(relativePath)
          let sight: Sight
          try {
            sight = await lookAt(id, path, signal)
          } catch (error) {
            signal.throwIfAborted()
            return failureOf(id, path, error, context.log)
          }
          return keepImages(id, sight)
        },
        keep(results) {
          const seen = results.filter((result): result is SeenPhoto => 'faces' in result)
          const failures = results.filter((result): result is Failure => 'reason' in result)
          options.onKept({
            photoIds: seen.map(({ photoId }) => photoId), failedPhotoIds: failures.map(({ photoId }) => photoId),
            written: writeTogether(seen, failures),
          })
        },
      })
    },

    /** Looks at one photo again, whatever its status, and keeps what it sees. @throws PhotoReadError, KithError */
    async see(photoId: number, path: string): Promise<WrittenFaces> {
      const seen = await keepImages(photoId, await lookAt(photoId, path))
      try {
        return writeTogether([seen], [])
      } catch (error) {
        throw toLibraryError(error, libraryDirectory)
      }
    },
  }
}
export type PhotoSight = ReturnType<typeof createPhotoSight>
