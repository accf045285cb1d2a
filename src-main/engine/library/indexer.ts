/** From folders to faces with names: scans, looks at waiting photos, lets recognition catch up; one run at a time. */
import { join } from 'node:path'
import type { Folder, FolderId, IndexProgress, PhotoFailure, PhotoId } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { decodeCursor, encodeCursor } from '../store/cursor.ts'
import { toLibraryError } from '../store/database.ts'
import { createFolderStore } from '../store/folders.ts'
import type { FolderRow } from '../store/folders.ts'
import { createPhotoStore } from '../store/photos.ts'
import type { LibraryContext } from './context.ts'
import { createFolders } from './folders.ts'
import { createIndexRun, toFailure } from './index-run.ts'
import { createModelChange } from './model-change.ts'
import type { EmbedderChoice, ModelChange } from './model-change.ts'
import type { IndexReport, RunControl } from './index-run.ts'
import { createProgressMeter } from './progress-meter.ts'
import type { Recogniser } from './recognise.ts'
import { createPhotoSight } from './see-photos.ts'

export type { IndexReport }

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
  /**
   * Asks for another embedder and begins the change, in the background; a run that is going on ends first. Asking for the one
   * in use gives a change up.
   * @param name id, or where a host asks also a path
   * @throws KithError library-read-only, invalid-input, model-missing, model-damaged: then nothing has changed
   */
  useModel(name: string, force: boolean): IndexProgress
  modelChange(): ReturnType<ModelChange['status']>
  failures(page: { cursor: string | null; limit: number; folderId: FolderId | null }): {
    total: number; failures: PhotoFailure[]; nextCursor: string | null
  }
  /**
   * One run, start to end; on `signal` it stops cleanly and reports what is done.
   * @throws KithError busy while another run goes on; no-space, library-read-only, model-missing, vision-unavailable; as
   *   `useModel` for the model
   */
  runToEnd(options?: {
    folderIds?: readonly FolderId[] | null
    /** The embedder to change to first. */
    model?: { name: string; force: boolean } | null
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
  state: 'scanning' | 'embedding' | 'indexing' | 'grouping'
  ended: Promise<void>
}

const announceEveryMs = 1000

export function createIndexer(context: LibraryContext, recogniser: Recogniser, embedders: EmbedderChoice): Indexer {
  const { db } = context.database
  const folders = createFolders(context)
  const folderStore = createFolderStore(db)
  const photoStore = createPhotoStore(db)
  const sight = createPhotoSight(context)
  const listeners = new Set<(progress: IndexProgress) => void>()
  const meter = createProgressMeter((progress) => {
    context.emit({ type: 'progress', progress })
    for (const listener of listeners) listener(progress)
  })
  const modelChange = createModelChange(context, recogniser, meter, embedders)
  const perform = createIndexRun(context, recogniser, sight, modelChange, meter)
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

  function controlOf(run: Run): RunControl {
    const { signal } = run.stop
    return {
      signal,
      announce,
      async whenRunning() {
        while (run.resting && !signal.aborted) await run.resting.promise
      },
      enter(state) {
        run.state = state
        if (!run.resting && !signal.aborted) meter.set({ state })
      },
    }
  }

  /** Begins a run. The report's promise rejects as `perform` does; `ended` never does. */
  function begin(rows: readonly FolderRow[]): Promise<IndexReport> {
    const run: Run = { stop: new AbortController(), resting: null, state: 'scanning', ended: Promise.resolve() }
    current = run
    meter.begin('scanning')
    const report = perform(rows, controlOf(run))
      .catch((error: unknown) => {
        throw toLibraryError(error, context.libraryDirectory)
      })
      .finally(() => {
        current = null
        meter.set({ state: 'idle', current: null })
        announce(true)
        const next = wanted
        wanted = []
        if (next.length > 0) startBehind(next)
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

    useModel(name, force) {
      const changes = modelChange.ask(name, force)
      // A run that embeds for another change comes to its end.
      if (changes || current?.state === 'embedding') indexer.cancel()
      return changes ? indexer.start(null) : meter.now()
    },

    modelChange: modelChange.status,

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

    async runToEnd({ folderIds = null, model = null, signal, onProgress } = {}) {
      requireWritable()
      if (current) throw new KithError('busy', 'Photos are being indexed already. Wait for that to end, or cancel it.')
      if (model) modelChange.ask(model.name, model.force)
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
