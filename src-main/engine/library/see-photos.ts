/** Hands waiting photos to vision, as many as it can work on at once, and keeps what it saw, a few photos at a time. */
import { join } from 'node:path'
import { KithError } from '../../../src-shared/errors.ts'
import type { PhotoFailureCode } from '../../../src-shared/domain.ts'
import { PhotoReadError } from '../ports.ts'
import type { PhotoAnalysis } from '../ports.ts'
import { toLibraryError } from '../store/database.ts'
import { createDetectionStore } from '../store/detections.ts'
import type { SeenPhoto, WrittenFaces } from '../store/detections.ts'
import type { FolderRow } from '../store/folders.ts'
import { createImageStore } from '../store/images.ts'
import { createPhotoStore } from '../store/photos.ts'
import type { LibraryContext } from './context.ts'
import { cameraClockSeconds } from './file-facts.ts'

export interface SeeOptions {
  signal: AbortSignal
  /** Resolves at once, or when the person lets work go on. */
  whenRunning(): Promise<void>
  /** A photo is taken in hand. */
  onStart(relativePath: string): void
  /** Photos that are kept now, for good. */
  onKept(kept: { photoIds: number[]; failedPhotoIds: number[]; written: WrittenFaces }): void
}

interface Failure {
  photoId: number
  code: PhotoFailureCode
  reason: string
}

const photosPerWrite = 16
/** A photo waits no longer than this to be kept. */
const keepWithinMs = 300
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

  async function keepImages(photoId: number, analysis: PhotoAnalysis): Promise<SeenPhoto> {
    const thumbnailHash = await images.put(analysis.thumbnail)
    const faces = await Promise.all(analysis.faces.map(async ({ crop, ...face }) => ({ ...face, cropHash: await images.put(crop) })))
    return {
      photoId,
      widthPx: analysis.widthPx,
      heightPx: analysis.heightPx,
      takenAt: cameraClockSeconds(analysis.takenAt),
      contentHash: analysis.contentHash,
      thumbnailHash,
      detectorId: vision.detectorId,
      embedderId: vision.embedderId,
      faces,
    }
  }

  /** What is wrong with one photo; what is wrong with everything is thrown on. */
  function failureOf(photoId: number, path: string, error: unknown): Failure {
    if (error instanceof PhotoReadError && error.code === 'no-space')
      throw new KithError('no-space', `The disk is full: ${error.message} Make room and index again; nothing was lost.`, undefined, { cause: error })
    if (error instanceof PhotoReadError) return { photoId, code: error.code, reason: error.message }
    if (error instanceof KithError) throw error
    context.log(`index: ${path}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    return { photoId, code: 'crashed', reason: 'Looking at it failed for a reason Kith does not know. The other photos are not affected.' }
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
      const stop = new AbortController()
      const signal = AbortSignal.any([options.signal, stop.signal])
      const photos = waitingPhotos(folders)
      let seen: SeenPhoto[] = []
      let failures: Failure[] = []
      let timer: NodeJS.Timeout | null = null

      function write(): void {
        if (timer) clearTimeout(timer)
        timer = null
        if (seen.length + failures.length === 0) return
        const [keptSeen, keptFailures] = [seen, failures]
        seen = []
        failures = []
        try {
          const written = writeTogether(keptSeen, keptFailures)
          options.onKept({
            photoIds: keptSeen.map(({ photoId }) => photoId), failedPhotoIds: keptFailures.map(({ photoId }) => photoId), written,
          })
        } catch (error) {
          throw toLibraryError(error, libraryDirectory)
        }
      }

      function writeSoon(): void {
        if (seen.length + failures.length >= photosPerWrite) write()
        else timer ??= setTimeout(() => {
          try {
            write()
          } catch (error) {
            stop.abort(error)
          }
        }, keepWithinMs)
      }

      async function work(): Promise<void> {
        for (;;) {
          await options.whenRunning()
          if (signal.aborted) return
          const { value: photo, done } = photos.next()
          if (done) return
          options.onStart(photo.relativePath)
          let analysis: PhotoAnalysis
          try {
            analysis = await vision.analyze(photo.path, { signal })
          } catch (error) {
            if (signal.aborted) return
            failures.push(failureOf(photo.id, photo.path, error))
            writeSoon()
            continue
          }
          // `seen` is another list after each write, so it is named only once the images are there.
          const kept = await keepImages(photo.id, analysis)
          seen.push(kept)
          writeSoon()
        }
      }

      const workers = Array.from({ length: Math.max(1, vision.concurrency) }, () =>
        work().catch((error: unknown) => stop.abort(error)))
      await Promise.all(workers)
      try {
        write()
      } catch (error) {
        stop.abort(error)
      }
      if (stop.signal.aborted) throw stop.signal.reason
    },

    /** Looks at one photo again, whatever its status, and keeps what it sees. @throws PhotoReadError, KithError */
    async see(photoId: number, path: string): Promise<WrittenFaces> {
      const seen = await keepImages(photoId, await vision.analyze(path))
      try {
        return writeTogether([seen], [])
      } catch (error) {
        throw toLibraryError(error, libraryDirectory)
      }
    },
  }
}
export type PhotoSight = ReturnType<typeof createPhotoSight>
