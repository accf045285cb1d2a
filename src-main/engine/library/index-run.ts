/** One run of indexing, from the files to the numbers: scan, change the embedder, look at waiting photos, let recognition catch up. */
import { join } from 'node:path'
import type { PhotoFailure, PhotoFailureCode, PhotoId } from '../../../src-shared/domain.ts'
import { createFolderStore } from '../store/folders.ts'
import type { FolderRow } from '../store/folders.ts'
import { createJudgementStore } from '../store/judgements.ts'
import { createPhotoStore } from '../store/photos.ts'
import type { FailureRow } from '../store/photos.ts'
import type { ModelComparison } from '../ports.ts'
import type { LibraryContext } from './context.ts'
import type { ModelChange, ModelChangeReport } from './model-change.ts'
import type { ProgressMeter } from './progress-meter.ts'
import type { Recogniser } from './recognise.ts'
import { createScanner } from './scan.ts'
import type { ScanResult } from './scan.ts'
import type { PhotoSight } from './see-photos.ts'

/** What a run came to. Of the photos found each is in exactly one of the other numbers, but for `missing`. */
export interface IndexReport {
  photos: {
    found: number
    indexed: number
    unchanged: number
    moved: number
    /** Photos of these folders that are known and not there now. */
    missing: number
    failed: number
    /** Found, and not looked at before the run was stopped. */
    pending: number
  }
  /** Faces in the library, and how many of them this run found for the first time. */
  faces: number
  newFaces: number
  clusters: number
  named: number
  suggested: number
  failed: { path: string; code: PhotoFailureCode; reason: string }[]
  /** Folders that are not there now, and directories that could not be listed; photos in them stay as they are. */
  unreadableFolders: { path: string; reason: string }[]
  seconds: number
  /** Of the photos looked at, while they were. */
  photosPerSecond: number
  models: { detector: string; embedder: string }
  /** What was done for a change of the embedder; null where none was asked for. */
  modelChange: ModelChangeReport | null
  /** Old and new embedder on the library's own faces, where the new one is somebody's own. */
  comparison: ModelComparison | null
}

/** How a run is steered from outside. */
export interface RunControl {
  signal: AbortSignal
  /** Resolves at once, or when the person lets work go on. */
  whenRunning(): Promise<void>
  /** The run comes to its next part. */
  enter(state: 'embedding' | 'indexing' | 'grouping'): void
  /** Tells windows that photos changed: now, or with the next of many. */
  announce(now: boolean): void
}

/** A failed photo as people are told of it. */
export function toFailure(row: FailureRow): PhotoFailure {
  const { photoId, code, reason, attempts } = row
  return { photoId: photoId as PhotoId, path: join(row.folderPath, row.relativePath), code, reason, attempts }
}

/**
 * @returns a function that performs a run over folders. When stopped by the signal it reports what is done; it throws
 *   KithError no-space, library-read-only, model-missing, vision-unavailable.
 */
export function createIndexRun(
  context: LibraryContext, recogniser: Recogniser, sight: PhotoSight, modelChange: ModelChange, meter: ProgressMeter,
) {
  const { db } = context.database
  const folderStore = createFolderStore(db)
  const photoStore = createPhotoStore(db)
  const judgementStore = createJudgementStore(db)
  const scanner = createScanner(context)

  return async function perform(rows: readonly FolderRow[], control: RunControl): Promise<IndexReport> {
    const startedAt = performance.now()
    const { signal, whenRunning, enter, announce } = control
    const nothing: ScanResult = { found: 0, movedPhotoIds: new Set(), offline: [], unreadable: [] }
    const scan = await scanner
      .scan(rows, { signal, whenRunning, onFound: (found, fileName) => meter.set({ done: found, current: fileName }) })
      .catch((error: unknown) => {
        if (!signal.aborted) throw error
        return nothing
      })
    for (const { path, reason } of [...scan.offline, ...scan.unreadable])
      context.emit({ type: 'notice', level: 'warning', message: `${path} was left out. ${reason}` })
    const online = rows.filter(({ id }) => folderStore.byId(id)?.state === 'online')
    announce(true)
    // First, so that new photos are looked at by the new embedder alone.
    const change = signal.aborted ? null : await modelChange.perform(control)

    const total = online.reduce((sum, { id }) => sum + photoStore.countPending(id), 0)
    const indexed = new Set<number>()
    let failed = 0
    let facesFound = 0
    let newFaces = 0
    if (total > 0) recogniser.start()
    meter.set({ done: 0, total, failed: 0, facesFound: 0, current: null })
    enter('indexing')
    const seeingSince = performance.now()
    await sight.seeWaiting(online, {
      signal,
      whenRunning,
      onStart: (relativePath) => meter.set({ current: relativePath }),
      onKept({ photoIds, failedPhotoIds, written }) {
        for (const photoId of photoIds) indexed.add(photoId)
        failed += failedPhotoIds.length
        facesFound += written.faceIds.length
        newFaces += written.newFaces
        recogniser.take(written)
        meter.set({ done: indexed.size + failed, failed, facesFound })
        announce(false)
      },
    })
    const seeingSeconds = (performance.now() - seeingSince) / 1000

    enter('grouping')
    meter.set({ current: null })
    recogniser.refresh()
    if (!signal.aborted) await untilAborted(recogniser.caughtUp(), signal)

    const folderIds = rows.map(({ id }) => id)
    const counts = folderIds.map((id) => folderStore.counts(id))
    const failures = photoStore.failures(folderIds, 0, -1).map(toFailure)
    const onlineIds = online.map(({ id }) => id)
    const failedOnline = photoStore.countFailures(onlineIds)
    const pending = onlineIds.reduce((sum, id) => sum + photoStore.countPending(id), 0)
    const moved = [...scan.movedPhotoIds].filter((id) => !indexed.has(id) && photoStore.byId(id)?.status === 'indexed').length
    const library = judgementStore.counts()
    return {
      photos: {
        found: scan.found,
        indexed: indexed.size,
        unchanged: Math.max(0, scan.found - indexed.size - moved - failedOnline - pending),
        moved,
        missing: counts.reduce((sum, { missing }) => sum + missing, 0),
        failed: failedOnline,
        pending,
      },
      faces: library.faces,
      newFaces,
      clusters: library.clusters,
      named: library.named,
      suggested: library.suggested,
      failed: failures.map(({ path, code, reason }) => ({ path, code, reason })),
      unreadableFolders: [...scan.offline, ...scan.unreadable],
      seconds: (performance.now() - startedAt) / 1000,
      photosPerSecond: indexed.size + failed === 0 ? 0 : (indexed.size + failed) / seeingSeconds,
      models: { detector: context.vision.detectorId, embedder: context.embedder.id },
      modelChange: change,
      comparison: change?.comparison ?? null,
    }
  }
}

/** Waits for a promise, or until `signal`; what is waited for goes on. */
function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, resolve } = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => resolve(), { once: true })
  return Promise.race([promise, aborted])
}
