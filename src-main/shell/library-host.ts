/**
 * The library process as its parent sees it: started, spoken to, started again when it dies, given up when that happens too
 * often, and ended. Requests that come meanwhile wait for the next process.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { ApiError } from '../../src-shared/api.ts'
import type { IndexProgress } from '../../src-shared/domain.ts'
import type { FromLibrary, LibraryOpening, ToLibrary } from '../engine/library-protocol.ts'
import { createLibraryConversation, type LibraryConversation } from './library-conversation.ts'

/** So many deaths within `deathsWithinMs` mean that another start would not help. */
const mostDeaths = 3
const deathsWithinMs = 60_000
const restartAfterMs = 300

export interface LibraryHostOptions {
  /** The Node to run it on. */
  nodeFile: string
  libraryProcessFile: string
  opening: Omit<LibraryOpening, 'wasThere'>
  /** Shows the folder dialog. */
  chooseFolder(): Promise<string | null>
  onProgress(progress: IndexProgress): void
  /** A process died, and another has taken its place. */
  onMended(): void
  /** There is no library any more: it can't be opened, or its process died again and again (null). */
  onFailed(reason: ApiError | null): void
  /** One line, never for people. */
  log(message: string): void
}

export interface LibraryHost {
  /** @throws Error where the process died before it answered, or there is none any more */
  handle(request: Request): Promise<Response>
  /** @returns one sentence for each folder that could not be added */
  addFolders(paths: readonly string[]): Promise<string[]>
  /** Its id in the operating system; null while there is none. */
  processId(): number | null
  /** Lets the photo in hand be finished, for `limitMs` at the most, and ends the process. */
  close(limitMs: number): Promise<void>
}

export function createLibraryHost(options: LibraryHostOptions): LibraryHost {
  const { log } = options
  const deathsMs: number[] = []
  let child: ChildProcess | null = null
  let conversation = Promise.withResolvers<LibraryConversation>()
  let state: 'starting' | 'open' | 'failed' | 'closing' = 'starting'
  let restart: NodeJS.Timeout | null = null
  let wasThere = false
  start()

  function start(): void {
    // What somebody set for their own Node programs is not meant for this one.
    const { NODE_OPTIONS: _, ...environment } = process.env
    const process_ = fork(options.libraryProcessFile, [], {
      execPath: options.nodeFile, execArgv: [], serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: environment,
    })
    child = process_
    const post = (message: ToLibrary) => void (process_.connected && process_.send(message, () => {}))
    const talk = createLibraryConversation(post)
    createInterface({ input: process_.stderr! }).on('line', (line) => log(`library ${process_.pid}: ${line}`))
    process_.on('message', (message: FromLibrary) => {
      if (message.type === 'opened') opened(talk)
      else if (message.type === 'refused') fail(message.error)
      else if (message.type === 'progress') options.onProgress(message.progress)
      else if (message.type === 'log') log(message.message)
      else if (message.type === 'choose') void options.chooseFolder().then((path) => post({ type: 'chosen', id: message.id, path }))
      else talk.receive(message)
    })
    let isGone = false
    const gone = (how: string) => {
      if (isGone) return
      isGone = true
      talk.breakOff()
      lose(how)
    }
    // A Node that can't be started at all says so here, and never exits.
    process_.on('error', (error) => {
      log(`library ${process_.pid ?? ''}: ${error.message}`)
      if (process_.pid === undefined) gone(error.message)
    })
    process_.on('exit', (code, signal) => gone(signal ?? `status ${code}`))
    post({ type: 'open', opening: { ...options.opening, wasThere } })
  }

  function opened(talk: LibraryConversation): void {
    if (state !== 'starting') return
    state = 'open'
    wasThere = true
    conversation.resolve(talk)
    if (deathsMs.length > 0) options.onMended()
  }

  function lose(how: string): void {
    child = null
    if (state === 'failed' || state === 'closing') return
    log(`library: ended (${how})`)
    if (state === 'open') conversation = Promise.withResolvers()
    state = 'starting'
    const nowMs = performance.now()
    deathsMs.push(nowMs)
    if (deathsMs.filter((ms) => nowMs - ms < deathsWithinMs).length >= mostDeaths) fail(null)
    else restart = setTimeout(start, restartAfterMs)
  }

  function fail(reason: ApiError | null): void {
    if (state === 'failed' || state === 'closing') return
    state = 'failed'
    refuse('The library is not open.')
    options.onFailed(reason)
  }

  function refuse(message: string): void {
    // Nobody may be waiting; that is no error.
    conversation.promise.catch(() => {})
    conversation.reject(new Error(message))
  }

  return {
    async handle(request) {
      const body = request.body ? new Uint8Array(await request.arrayBuffer()) : null
      const wire = { method: request.method, url: request.url, headers: [...request.headers] as [string, string][], body }
      const ask = async () => (await conversation.promise).request(wire, request.signal)
      try {
        return await ask()
      } catch (error) {
        // Reading twice changes nothing; whether a decision was carried out is not known.
        if (state !== 'starting' || (request.method !== 'GET' && request.method !== 'HEAD')) throw error
        return ask()
      }
    },
    addFolders: async (paths) => (await conversation.promise).addFolders(paths),
    processId: () => child?.pid ?? null,
    async close(limitMs) {
      const wasFailed = state === 'failed'
      state = 'closing'
      if (restart) clearTimeout(restart)
      if (!wasFailed) refuse('Kith is closing.')
      const ending = child
      if (!ending) return
      const ended = new Promise((resolve) => ending.once('exit', resolve))
      const timer = setTimeout(() => ending.kill('SIGKILL'), limitMs)
      if (ending.connected) ending.send({ type: 'close' } satisfies ToLibrary, () => {})
      await ended
      clearTimeout(timer)
    },
  }
}
