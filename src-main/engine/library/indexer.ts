/** From folders to faces with names: scans, looks at waiting photos, lets recognition catch up; one run at a time. */
import { join } from 'node:path'
import type { Folder, FolderId, IndexProgress, PhotoFailure, PhotoFailureCode, PhotoId } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { decodeCursor, encodeCursor } from '../store/cursor.ts'
import { toLibraryError } from '../store/database.ts'
import { createFolderStore } from '../store/folders.ts'
import type { FolderRow } from '../store/folders.ts'
import { createJudgementStore } from '../store/judgements.ts'
import { createPhotoStore } from '../store/photos.ts'
import type { FailureRow } from '../store/photos.ts'
import type { LibraryContext } from './context.ts'
import { createFolders } from './folders.ts'
import { createProgressMeter } from './progress-meter.ts'
import type { Recogniser } from './recognise.ts'
import { createScanner } from './scan.ts'
import type { ScanResult } from './scan.ts'
import { createPhotoSight } from './see-photos.ts'

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
}

export interface Indexer {
  /** @throws KithError folder-unreadable, library-read-only */
  addFolder(path: string): Promise<Folder>
  /** Hides the folder's photos. @throws KithError not-found */
  removeFolder(folderId: FolderId): void
  folders(): Folder[]
  /**
   * Scans and indexes one folder, or all for null, in the background; a run that is going on is followed by another one.
   * @throws KithError not-found, library-read-only
   */
  start(folderId: FolderId | null): IndexProgress
  pause(): IndexProgress
  resume(): IndexProgress
  /** Stops and keeps what is done; photos in hand and the rest wait for the next run. */
  cancel(): IndexProgress
  /** Tries failed photos again, all of them for an empty list. */
  retry(photoIds: readonly PhotoId[]): IndexProgress
  progress(): IndexProgress
  failures(page: { cursor: string | null; limit: number; folderId: FolderId | null }): {
    total: number; failures: PhotoFailure[]; nextCursor: string | null
  }
  /**
   * One run, start to end; on `signal` it stops cleanly and reports what is done.
   * @throws KithError busy while another run goes on; no-space, library-read-only, model-missing, vision-unavailable
   */
  runToEnd(options?: {
    folderIds?: readonly FolderId[] | null
    signal?: AbortSignal
    onProgress?(progress: IndexProgress): void
  }): Promise<IndexReport>
  /** Looks at a photo again because an image of it is lost. @throws KithError not-found; PhotoReadError */
  remakeImages(photoId: PhotoId): Promise<void>
  /** Waits until no run is going on. */
  idle(): Promise<void>
  /** Stops cleanly. */
  close(): Promise<void>
}

interface Run {
  stop: AbortController
  /** Set while the person lets work rest: resolves when it goes on. */
  resting: PromiseWithResolvers<void> | null
  /** What it does when it does not rest. */
  state: 'scanning' | 'indexing' | 'grouping'
  ended: Promise<void>
}

const announceEveryMs = 1000

export function createIndexer(context: LibraryContext, recogniser: Recogniser): Indexer {
  const { db } = context.database
  const folders = createFolders(context)
  const folderStore = createFolderStore(db)
  const photoStore = createPhotoStore(db)
  const judgementStore = createJudgementStore(db)
  const scanner = createScanner(context)
  const sight = createPhotoSight(context)
  const listeners = new Set<(progress: IndexProgress) => void>()
  const meter = createProgressMeter((progress) => {
    context.emit({ type: 'progress', progress })
    for (const listener of listeners) listener(progress)
  })
  const remakes = new Map<number, Promise<void>>()
  let current: Run | null = null
  /** Folders that a run was asked for while another went on; null stands for all. */
  let wanted: (FolderId | null)[] = []
  let announcedAtMs = -Infinity

  function requireWritable(): void {
    if (context.database.readOnly)
      throw new KithError('library-read-only', `The library ${context.libraryDirectory} is open for reading only, so nothing can be indexed.`)
  }

  function announce(now: boolean): void {
    if (!now && performance.now() - announcedAtMs < announceEveryMs) return
    announcedAtMs = performance.now()
    context.emit({ type: 'changed', topics: ['folders', 'photos', 'faces'] })
  }

  function enter(run: Run, state: Run['state']): void {
    run.state = state
    if (!run.resting && !run.stop.signal.aborted) meter.set({ state })
  }

  function toFailure(row: FailureRow): PhotoFailure {
    const { photoId, code, reason, attempts } = row
    return { photoId: photoId as PhotoId, path: join(row.folderPath, row.relativePath), code, reason, attempts }
  }

  async function perform(run: Run, rows: readonly FolderRow[]): Promise<IndexReport> {
    const startedAt = performance.now()
    const { signal } = run.stop
    const whenRunning = async () => {
      while (run.resting && !signal.aborted) await run.resting.promise
    }
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
    for (const { id } of online) photoStore.setPendingForModel(id, context.vision.embedderId)
    announce(true)

    const total = online.reduce((sum, { id }) => sum + photoStore.countPending(id), 0)
    const indexed = new Set<number>()
    let failed = 0
    let facesFound = 0
    let newFaces = 0
    if (total > 0) recogniser.start()
    meter.set({ done: 0, total, current: null })
    enter(run, 'indexing')
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

    enter(run, 'grouping')
    meter.set({ current: null })
    recogniser.refresh()
    if (!signal.aborted) await untilAborted(recogniser.settled(), signal)

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
      models: { detector: context.vision.detectorId, embedder: context.vision.embedderId },
    }
  }

  /** Begins a run. The report's promise rejects as `perform` does; `ended` never does. */
  function begin(rows: readonly FolderRow[]): Promise<IndexReport> {
    const run: Run = { stop: new AbortController(), resting: null, state: 'scanning', ended: Promise.resolve() }
    current = run
    meter.begin('scanning')
    const report = perform(run, rows)
      .catch((error: unknown) => {
        throw toLibraryError(error, context.libraryDirectory)
      })
      .finally(() => {
        current = null
        meter.set({ state: 'idle', current: null })
        announce(true)
        const next = wanted
        wanted = []
        if (next.length > 0 && !run.stop.signal.aborted) startBehind(next)
      })
    run.ended = report.then(() => {}, () => {})
    return report
  }

  function startBehind(folderIds: readonly (FolderId | null)[]): void {
    const rows = folders.rows(null).filter(({ id }) => folderIds.some((wantedId) => wantedId === null || wantedId === id))
    begin(rows).catch((error: unknown) => {
      context.log(`index: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
      const why = error instanceof KithError ? error.message : 'Indexing stopped for a reason Kith does not know. Start it again; nothing was lost.'
      context.emit({ type: 'notice', level: 'error', message: why })
    })
  }

  function letGoOn(run: Run): void {
    const { resting } = run
    run.resting = null
    resting?.resolve()
  }

  const indexer: Indexer = {
    async addFolder(path) {
      const folder = await folders.add(path)
      recogniser.refresh()
      return folder
    },

    removeFolder(folderId) {
      requireWritable()
      folders.remove(folderId)
      recogniser.refresh()
    },

    folders: folders.list,

    start(folderId) {
      requireWritable()
      folders.rows(folderId)
      if (current) {
        wanted.push(folderId)
        return indexer.resume()
      }
      startBehind([folderId])
      return meter.now()
    },

    pause() {
      if (current && !current.resting && !current.stop.signal.aborted) {
        current.resting = Promise.withResolvers()
        meter.set({ state: 'paused' })
      }
      return meter.now()
    },

    resume() {
      if (current?.resting) {
        letGoOn(current)
        meter.set({ state: current.state })
      }
      return meter.now()
    },

    cancel() {
      wanted = []
      if (current && !current.stop.signal.aborted) {
        meter.set({ state: 'cancelling' })
        current.stop.abort()
        letGoOn(current)
      }
      return meter.now()
    },

    retry(photoIds) {
      requireWritable()
      return photoStore.retry(photoIds) > 0 ? indexer.start(null) : meter.now()
    },

    progress: () => meter.now(),

    failures({ cursor, limit, folderId }) {
      const [after] = decodeCursor('failures', cursor, 1) ?? [0]
      const folderIds = folderId === null ? null : [folderId]
      const rows = photoStore.failures(folderIds, Number(after), limit + 1)
      const shown = rows.slice(0, limit)
      return {
        total: photoStore.countFailures(folderIds),
        failures: shown.map(toFailure),
        nextCursor: rows.length > limit ? encodeCursor('failures', [shown.at(-1)!.photoId]) : null,
      }
    },

    async runToEnd({ folderIds = null, signal, onProgress } = {}) {
      requireWritable()
      if (current) throw new KithError('busy', 'Photos are being indexed already. Wait for that to end, or cancel it.')
      const rows = folderIds ? [...new Set(folderIds)].flatMap((id) => folders.rows(id)) : folders.rows(null)
      const stop = () => void indexer.cancel()
      if (onProgress) listeners.add(onProgress)
      const report = begin(rows)
      if (signal?.aborted) stop()
      signal?.addEventListener('abort', stop, { once: true })
      try {
        return await report
      } finally {
        signal?.removeEventListener('abort', stop)
        if (onProgress) listeners.delete(onProgress)
      }
    },

    remakeImages(photoId) {
      const running = remakes.get(photoId)
      if (running) return running
      const row = photoStore.byId(photoId)
      const folder = row && folderStore.byId(row.folderId)
      if (!folder) return Promise.reject(new KithError('not-found', `There is no photo ${photoId}.`))
      const remake = sight
        .see(photoId, join(folder.path, row.relativePath))
        .then((written) => recogniser.take(written))
        .finally(() => remakes.delete(photoId))
      remakes.set(photoId, remake)
      return remake
    },

    async idle() {
      while (current) await current.ended
    },

    async close() {
      indexer.cancel()
      await indexer.idle()
    },
  }
  return indexer
}

/** Waits for a promise, or until `signal`; what is waited for goes on. */
function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, resolve } = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => resolve(), { once: true })
  return Promise.race([promise, aborted])
}
