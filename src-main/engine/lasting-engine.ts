/**
 * The engine of a host that stays open: where the library's drive is pulled out, it lets go of the library, says so to whoever
 * asks, and opens it again when it is back. Nothing is written into a file that nobody would find again.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { ApiEvent } from '../../src-shared/api.ts'
import { KithError } from '../../src-shared/errors.ts'
import { createEngine, type Engine, type EngineOptions } from './engine.ts'
import { createHandler } from './handler.ts'
import { readPageFiles } from './page-files.ts'
import { hasLibrary, libraryAway } from './store/database.ts'

/** How often it is looked whether the library is there. */
const lookEveryMs = 1000
/** What holds a library that is gone may take so long to end; then the library is opened again all the same. */
const partingMs = 15_000

export interface LastingEngineOptions extends EngineOptions {
  /** There was a library: where there is none now it is waited for, none is made. */
  wasThere?: boolean
}

/**
 * Opens a library for as long as the host runs. While the library is away, calls and pictures end in `library-away`, and the
 * page is served all the same.
 * @throws KithError as createEngine; not `library-away`: that is waited out
 */
export async function createLastingEngine(options: LastingEngineOptions): Promise<Engine> {
  const { libraryDirectory, log } = options
  const listeners = new Set<(event: ApiEvent) => void>()
  const ending = new AbortController()
  let engine: Engine | null = null
  /** Why there is none. */
  let refusal = libraryAway(libraryDirectory)
  let returning = Promise.resolve()

  const refuse = () => {
    throw refusal
  }
  const refuseLater = async () => refuse()
  const handleAway = createHandler({
    call: refuseLater, pictures: { face: refuseLater, photo: refuseLater }, events: { open: refuse, close: () => {} },
    pageFiles: readPageFiles(options.pageDirectory), log,
  })

  async function open(): Promise<Engine> {
    const opened = await createEngine({ ...options, onAway: () => leave(opened) })
    opened.onEvent((event) => listeners.forEach((listener) => listener(event)))
    return (engine = opened)
  }

  /** Lets go of a library that is gone, and waits for it. */
  function leave(gone: Engine): void {
    if (engine !== gone || ending.signal.aborted) return
    engine = null
    refusal = libraryAway(libraryDirectory)
    log(`the library ${libraryDirectory} is gone`)
    const parted = gone.close().catch((error: unknown) => log(`the library that is gone did not close: ${String(error)}`))
    returning = waitForReturn(Promise.race([parted, delay(partingMs, undefined, { ref: false })]))
  }

  async function waitForReturn(parted: Promise<unknown>): Promise<void> {
    await parted
    while (!engine && !ending.signal.aborted) {
      try {
        if (hasLibrary(libraryDirectory)) {
          const opened = await open()
          log(`the library ${libraryDirectory} is back`)
          // What was being indexed goes on. A library that can only be read stays as it is.
          await opened.call('index.start', {}).catch(() => {})
          return
        }
        refusal = libraryAway(libraryDirectory)
      } catch (error) {
        if (error instanceof KithError) refusal = error
        log(`the library ${libraryDirectory} is back and can't be opened: ${String(error)}`)
      }
      await delay(lookEveryMs, undefined, { signal: ending.signal }).catch(() => {})
    }
  }

  const here = (): Engine => {
    if (engine && !engine.isInPlace()) leave(engine)
    return engine ?? refuse()
  }

  if (options.wasThere && !hasLibrary(libraryDirectory)) returning = waitForReturn(Promise.resolve())
  else await open()
  const looking = setInterval(() => {
    if (engine && !engine.isInPlace()) leave(engine)
  }, lookEveryMs)
  looking.unref()

  return {
    async handle(request) {
      if (engine && !engine.isInPlace()) leave(engine)
      return (engine?.handle ?? handleAway)(request)
    },
    call: async (method, input) => here().call(method, input),
    onEvent(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    get paths() {
      return here().paths
    },
    isInPlace: () => engine?.isInPlace() ?? false,
    async close() {
      ending.abort()
      clearInterval(looking)
      await returning
      await engine?.close()
    },
  }
}
