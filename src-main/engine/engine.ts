/** Composition root: joins the rooms to one engine. A host makes one, gives it requests, and closes it. */
import type { ApiEvent, Method, MethodInput, MethodOutput } from '../../src-shared/api.ts'
import { callMethod } from './call.ts'
import { createEventStreams } from './event-streams.ts'
import { createHandler } from './handler.ts'
import { createContext } from './library/context.ts'
import type { IndexReport } from './library/indexer.ts'
import { createLibrary, type LibraryPaths } from './library/library.ts'
import { listModels } from './models/files.ts'
import { allModelsDirectories, modelsInUse, openRecognition } from './parts.ts'
import { readPageFiles } from './page-files.ts'
import { createLazyRecognition } from './recognition/lazy-recognition.ts'
import { openDatabase, toLibraryError } from './store/database.ts'
import { isHeldForWriting } from './store/integrity.ts'
import { createVisionPool } from './vision/vision-pool.ts'

export type { IndexReport }

export interface EngineOptions {
  libraryDirectory: string
  /** Folders that may hold model files; the library's own comes last. */
  modelsDirectories: readonly string[]
  /** Default: the better detector where its file is, else the built-in one. */
  detectorId?: string
  embedderId?: string
  /** Reads only, so that it works beside a Kith that has the library open. */
  readOnly?: boolean
  /** The built page; without it the engine answers no page. */
  pageDirectory?: string
  /** Opens the host's folder dialog; null when the person cancels it. */
  chooseFolder?(): Promise<string | null>
  /** Vision processes; default: the number of cores, 4 at the most. */
  processes?: number
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
    ...(options.embedderId ? { embedderId: options.embedderId } : {}),
    ...(options.processes ? { processes: options.processes } : {}),
    log,
  })
  const database = openDatabase(libraryDirectory, { readOnly: options.readOnly ?? false })
  const recognition = createLazyRecognition(() => openRecognition(vision.embedderId, log))
  const onEvent = (listener: (event: ApiEvent) => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  const context = createContext({
    libraryDirectory, database, vision, recognition, log,
    emit: (event) => listeners.forEach((listener) => listener(event)),
  })
  const library = createLibrary(context, {
    listModels: () => listModels(modelsDirectories, modelsInUse(vision.detectorId, vision.embedderId)),
    ...(options.chooseFolder ? { chooseFolder: options.chooseFolder } : {}),
  })
  const events = createEventStreams(onEvent)
  /** What SQLite and the disk throw, a person understands. */
  const call = async <M extends Method>(method: M, input: unknown) => {
    try {
      return await callMethod(library.methods, method, input)
    } catch (error) {
      throw toLibraryError(error, libraryDirectory)
    }
  }
  const handle = createHandler({ call, pictures: library.pictures, events, pageFiles: readPageFiles(options.pageDirectory), log })
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
    async close() {
      events.close()
      await library.close()
      await vision.close()
      database.close()
    },
  }
}
