/** Composition root: joins the rooms to one engine. A host makes one, gives it requests, and closes it. */
import type { ApiEvent, Method, MethodInput, MethodOutput } from '../../src-shared/api.ts'
import { KithError } from '../../src-shared/errors.ts'
import { callMethod } from './call.ts'
import { findLibraryEmbedder, openEmbedder, restoreEmbedder } from './embedders.ts'
import { createEventStreams } from './event-streams.ts'
import { createHandler } from './handler.ts'
import { compareEmbedders } from './library/compare-embedders.ts'
import { createContext } from './library/context.ts'
import type { IndexReport } from './library/indexer.ts'
import { createLibrary, type LibraryPaths } from './library/library.ts'
import { createLayout } from './layout/start-layout.ts'
import { listModels } from './models/files.ts'
import { allModelsDirectories, modelsInUse, openRecognition } from './parts.ts'
import { readPageFiles } from './page-files.ts'
import { createLazyRecognition } from './recognition/lazy-recognition.ts'
import type { Pictures } from './library/pictures.ts'
import type { ModelComparison } from './ports.ts'
import { libraryAway, openDatabase, toLibraryError } from './store/database.ts'
import { isHeldForWriting } from './store/integrity.ts'
import { createVisionPool } from './vision/vision-pool.ts'

export type { IndexReport, ModelComparison }

export interface EngineOptions {
  libraryDirectory: string
  /** Folders that may hold model files; the library's own comes last. */
  modelsDirectories: readonly string[]
  /** Default: the better detector where its file is, else the built-in one. */
  detectorId?: string
  /**
   * The embedder of a new library: an id, an alias, the id of a trained model in one of the folders, or the path of one. A
   * library that has one keeps it until it is changed (`models.use`, `paths.index`).
   */
  embedderId?: string
  /** Reads only, so that it works beside a Kith that has the library open. */
  readOnly?: boolean
  /** The built page; without it the engine answers no page. */
  pageDirectory?: string
  /** Opens the host's folder dialog; null when the person cancels it. */
  chooseFolder?(): Promise<string | null>
  /** Vision processes; default: the number of cores, 4 at the most. */
  processes?: number
  /** Called where something turns out to be impossible because the library's drive is gone. */
  onAway?(): void
  /** One line for the log, never for people. */
  log(message: string): void
}

export interface Engine {
  handle(request: Request): Promise<Response>
  /** Calls a method of the contract as a window would. @throws KithError */
  call<M extends Method>(method: M, input: MethodInput<M>): Promise<MethodOutput<M>>
  /** @returns ends the subscription */
  onEvent(listener: (event: ApiEvent) => void): () => void
  /** What only a host may do, because it speaks of paths. A window never reaches these. */
  readonly paths: EnginePaths
  /** Whether the library is still where it was opened. */
  isInPlace(): boolean
  close(): Promise<void>
}

export interface EnginePaths extends LibraryPaths {
  /** Whether another Kith holds the library for writing. */
  isOpenElsewhere(): boolean
}

/**
 * Opens a library and everything that works on it. Vision and recognition start when they are first needed.
 * @throws KithError library-locked, library-newer, library-damaged, library-read-only, not-found, no-space, model-missing
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { libraryDirectory, log } = options
  const listeners = new Set<(event: ApiEvent) => void>()
  const modelsDirectories = allModelsDirectories(options)
  const vision = createVisionPool({
    modelsDirectories,
    ...(options.detectorId ? { detectorId: options.detectorId } : {}),
    ...(options.processes ? { processes: options.processes } : {}),
    log,
  })
  // Before the library is opened, or made: an unknown one must leave no trace.
  const asked = options.embedderId === undefined ? null : findLibraryEmbedder(options.embedderId, modelsDirectories)
  const database = openDatabase(libraryDirectory, { readOnly: options.readOnly ?? false })
  const embedder = openEmbedder(database, asked, modelsDirectories)
  const onEvent = (listener: (event: ApiEvent) => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  const context = createContext({
    libraryDirectory, database, vision, embedder, log,
    openRecognition: (row) => createLazyRecognition(() => openRecognition(row, log)),
    emit: (event) => listeners.forEach((listener) => listener(event)),
  })
  const library = createLibrary(context, {
    listModels: (embedderId) => listModels(modelsDirectories, modelsInUse(vision.detectorId, embedderId)),
    embedders: {
      find: (name) => findLibraryEmbedder(name, modelsDirectories),
      restore: (stored) => restoreEmbedder(stored, modelsDirectories),
      compare: compareEmbedders,
    },
    layout: createLayout(log),
    ...(options.chooseFolder ? { chooseFolder: options.chooseFolder } : {}),
  })
  const events = createEventStreams(onEvent)
  /** What SQLite and the disk throw, a person understands; also where the library is let go of before there is an answer. */
  const understood = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      if (!database.isInPlace()) throw libraryAway(libraryDirectory)
      return await work()
    } catch (error) {
      const known = toLibraryError(error, libraryDirectory)
      if (known instanceof KithError && known.code !== 'library-away') throw known
      if (!(known instanceof KithError) && database.db.open && database.isInPlace()) throw known
      options.onAway?.()
      throw known instanceof KithError ? known : libraryAway(libraryDirectory, error)
    }
  }
  const call = <M extends Method>(method: M, input: unknown) => understood(() => callMethod(library.methods, method, input))
  const pictures: Pictures = {
    face: (faceId, sizePx) => understood(() => library.pictures.face(faceId, sizePx)),
    photo: (photoId, sizePx) => understood(() => library.pictures.photo(photoId, sizePx)),
  }
  const handle = createHandler({ call, pictures, events, pageFiles: readPageFiles(options.pageDirectory), log })
  let isAwake = false
  return {
    handle(request) {
      if (!isAwake) library.wake()
      isAwake = true
      return handle(request)
    },
    call,
    onEvent,
    paths: {
      ...library.paths,
      isOpenElsewhere: () => database.readOnly && isHeldForWriting(libraryDirectory),
    },
    isInPlace: () => database.isInPlace(),
    async close() {
      events.close()
      await library.close()
      await vision.close()
      database.close()
    },
  }
}
