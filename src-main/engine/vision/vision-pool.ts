/**
 * The vision processes: started when first needed, given two photos each so that one decodes while the other is in the
 * networks, and replaced when they die or hang. A photo in hand at that moment is tried once more, alone; if the process
 * is lost again, that photo is the one to blame.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { basename, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { KithError } from '../../../src-shared/errors.ts'
import { chooseModel } from '../models/files.ts'
import { PhotoReadError, type PhotoAnalysis, type VisionPort } from '../ports.ts'
import { defaultPixelLimit } from './photo-file.ts'
import type { FromProcess, ToProcess, WireError, Work } from './protocol.ts'

const entry = resolve(import.meta.dirname, '../vision-process.ts')
const photosPerProcess = 2
const maxProcesses = 4
const defaultPhotoTimeoutMs = 60_000
/** How long a process may take to start and load its models. */
const startTimeoutMs = 60_000
/** So many processes in a row that end before they listen mean that none ever will. */
const maxFailedStarts = 3

export interface VisionPoolOptions {
  /** Default: the better detector where its file is, else the built-in one. */
  detectorId?: string
  embedderId?: string
  /** Folders that may hold fetched models. */
  modelsDirectories: string[]
  /** Default: the number of cores, 4 at the most. */
  processes?: number
  /** How long one photo may take, decode and faces together. */
  photoTimeoutMs?: number
  pixelLimit?: number
  /** One line, never for people. */
  log(message: string): void
}

export interface VisionPool extends VisionPort {
  /** Ids of the operating system of the processes that run now. */
  processIds(): number[]
}

interface Job {
  readonly id: number
  readonly work: Work
  resolve(value: PhotoAnalysis | Uint8Array): void
  reject(error: Error): void
  /** It was in hand when a process was lost, so it goes alone. */
  suspect: boolean
  /** Nobody waits any more. */
  abandoned: boolean
}

interface Worker {
  readonly child: ChildProcess
  readonly jobs: Map<number, { job: Job; timer: NodeJS.Timeout }>
  ready: boolean
  /** Set before the pool ends a process that took too long; the photo then is a `timeout`, not a `crashed`. */
  timedOut: boolean
}

/**
 * Makes the pool; no process starts before the first photo.
 * @throws KithError `invalid-input`, `model-missing`, `model-damaged` for the models asked for
 */
export function createVisionPool(options: VisionPoolOptions): VisionPool {
  const { modelsDirectories, log, photoTimeoutMs = defaultPhotoTimeoutMs, pixelLimit = defaultPixelLimit } = options
  const processCount = options.processes ?? Math.min(maxProcesses, availableParallelism())
  const detectorId = chooseModel('detector', options.detectorId, modelsDirectories)
  const embedderId = chooseModel('embedder', options.embedderId, modelsDirectories)
  const workers = new Set<Worker>()
  const waiting: Job[] = []
  let lastId = 0
  let failedStarts = 0
  let closed = false

  function enqueue(work: Work, signal?: AbortSignal): Promise<PhotoAnalysis | Uint8Array> {
    if (closed) return Promise.reject(new KithError('vision-unavailable', 'Kith is closing.'))
    if (signal?.aborted) return Promise.reject(signal.reason)
    const { promise, resolve, reject } = Promise.withResolvers<PhotoAnalysis | Uint8Array>()
    const job: Job = { id: ++lastId, work, resolve, reject, suspect: false, abandoned: false }
    const abandon = (): void => {
      job.abandoned = true
      const index = waiting.indexOf(job)
      if (index >= 0) waiting.splice(index, 1)
      reject(signal!.reason)
    }
    signal?.addEventListener('abort', abandon, { once: true })
    waiting.push(job)
    dispatch()
    return promise.finally(() => signal?.removeEventListener('abort', abandon))
  }

  /** Hands waiting work to processes: renderings first and at once, then suspects alone, then the rest in order. */
  function dispatch(): void {
    if (closed) return
    for (const job of waiting.filter(({ work }) => work.kind === 'render')) {
      give(leastBusy() ?? start(), job)
    }
    for (const job of [...waiting]) {
      const worker = freeWorker(job)
      if (worker) give(worker, job)
    }
  }

  function freeWorker(job: Job): Worker | null {
    const analyses = (worker: Worker): Job[] =>
      [...worker.jobs.values()].map((entry) => entry.job).filter(({ work }) => work.kind === 'analyze')
    const candidates = [...workers]
      .filter((worker) => !worker.timedOut)
      .filter((worker) => job.suspect
        ? worker.jobs.size === 0
        : analyses(worker).length < photosPerProcess && analyses(worker).every((other) => !other.suspect))
      .toSorted((a, b) => a.jobs.size - b.jobs.size)
    const best = candidates[0]
    if (best?.jobs.size === 0 || workers.size >= processCount) return best ?? null
    return start()
  }

  function leastBusy(): Worker | null {
    const usable = [...workers].filter((worker) => !worker.timedOut)
    return usable.toSorted((a, b) => a.jobs.size - b.jobs.size)[0] ?? null
  }

  function start(): Worker {
    const child = fork(entry, [], {
      serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [],
      // glibc's heap per thread would keep up to 60 MB more a process; elsewhere the variable means nothing.
      env: { ...process.env, MALLOC_ARENA_MAX: '2' },
    })
    const worker: Worker = { child, jobs: new Map(), ready: false, timedOut: false }
    workers.add(worker)
    createInterface({ input: child.stderr! }).on('line', (line) => log(`vision ${child.pid}: ${line}`))
    child.on('message', (message: FromProcess) => receive(worker, message))
    child.on('error', (error) => log(`vision ${child.pid}: ${error.message}`))
    child.on('exit', (code, signal) => lose(worker, signal ?? `status ${code}`))
    post(worker, { type: 'configure', configuration: { detectorId, embedderId, modelsDirectories, pixelLimit } })
    return worker
  }

  function post(worker: Worker, message: ToProcess): void {
    // A failure to send means that the process is gone; its exit is what counts.
    worker.child.send(message, () => {})
  }

  function give(worker: Worker, job: Job): void {
    waiting.splice(waiting.indexOf(job), 1)
    worker.jobs.set(job.id, { job, timer: limit(worker, job, startTimeoutMs) })
    post(worker, { type: 'work', id: job.id, work: job.work })
  }

  /** Ends the process unless the timer is cleared in time. */
  function limit(worker: Worker, job: Job, timeoutMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      log(`vision ${worker.child.pid}: ${job.work.path} took longer than ${timeoutMs} ms`)
      worker.timedOut = true
      worker.child.kill('SIGKILL')
    }, timeoutMs)
  }

  function receive(worker: Worker, message: FromProcess): void {
    if (message.type === 'ready') {
      worker.ready = true
      failedStarts = 0
      log(`vision ${worker.child.pid}: ready`)
      return
    }
    const entry = worker.jobs.get(message.id)
    if (!entry) return
    clearTimeout(entry.timer)
    if (message.type === 'started') {
      entry.timer = limit(worker, entry.job, photoTimeoutMs)
      return
    }
    worker.jobs.delete(message.id)
    if (message.type === 'done') entry.job.resolve(message.value)
    else entry.job.reject(fromWire(message.error, entry.job.work.path))
    dispatch()
  }

  /** A process is gone: its photos are tried again alone, or blamed if they were alone already. */
  function lose(worker: Worker, how: string): void {
    workers.delete(worker)
    const lost = [...worker.jobs.values()]
    for (const { timer } of lost) clearTimeout(timer)
    if (closed) return
    log(`vision ${worker.child.pid}: ended (${how}) with ${lost.length} photos in hand`)
    if (!worker.ready) failedStarts++
    for (const { job } of lost.toReversed()) {
      if (job.abandoned) continue
      if (worker.ready && job.suspect) {
        job.reject(blame(job.work.path, worker.timedOut))
      } else {
        job.suspect ||= worker.ready
        waiting.unshift(job)
      }
    }
    if (failedStarts >= maxFailedStarts) {
      failedStarts = 0
      const error = new KithError('vision-unavailable', 'The process that reads photos does not start. Run: kith doctor')
      for (const job of waiting.splice(0)) job.reject(error)
    }
    dispatch()
  }

  function blame(path: string, timedOut: boolean): PhotoReadError {
    const name = basename(path)
    return timedOut
      ? new PhotoReadError('timeout', `${name} took longer than ${Math.round(photoTimeoutMs / 1000)} seconds to read. It may be damaged.`)
      : new PhotoReadError('crashed', `${name} made the photo reader crash, twice. It may be damaged; opening and saving it again may help.`)
  }

  function fromWire(error: WireError, path: string): Error {
    if (error.kind === 'photo') return new PhotoReadError(error.code, error.message)
    if (error.kind === 'kith') return new KithError(error.code, error.message)
    log(`vision: ${path}: ${error.message}`)
    return new KithError('internal', `Reading ${basename(path)} failed in an unforeseen way.`)
  }

  return {
    detectorId,
    embedderId,
    concurrency: processCount * photosPerProcess,
    processIds: () => [...workers].flatMap(({ child }) => child.pid ?? []),
    analyze: async (path, { signal } = {}) => (await enqueue({ kind: 'analyze', path }, signal)) as PhotoAnalysis,
    render: async (path, longestSidePx) => (await enqueue({ kind: 'render', path, longestSidePx })) as Uint8Array,
    async close() {
      closed = true
      const open = [...waiting.splice(0), ...[...workers].flatMap((worker) => [...worker.jobs.values()].map((entry) => entry.job))]
      for (const job of open) job.reject(new DOMException('Kith is closing', 'AbortError'))
      await Promise.all([...workers].map(({ child }) => new Promise<void>((done) => {
        if (child.exitCode !== null || child.signalCode !== null) return done()
        child.once('exit', () => done())
        // It keeps nothing that a sudden end could harm, and may be deep in native code.
        child.kill('SIGKILL')
      })))
    },
  }
}
