/**
 * The vision processes: started when first needed, given two photos each so that one decodes while the other is in the
 * networks, and replaced when they die or hang. A photo in hand at that moment is tried once more, alone; if the process
 * is lost again, that photo is the one to blame. Where somebody or something kills one process after the other, no photo is.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import { KithError } from '../../../src-shared/errors.ts'
import { chooseDetector, chooseEmbedder } from '../models/files.ts'
import type { EmbedderRow } from '../models/registry.ts'
import { visionProcessFile } from '../places.ts'
import { PhotoReadError, type VisionPort } from '../ports.ts'
import { defaultPixelLimit } from './photo-file.ts'
import type { FromProcess, Result, Results, ToProcess, WireError, Work } from './protocol.ts'

const photosPerProcess = 2
const maxProcesses = 4
const defaultPhotoTimeoutMs = 60_000
/** How long a process may take to start and load its models. */
const startTimeoutMs = 60_000
/** So many processes in a row that end before they listen mean that none ever will. */
const maxFailedStarts = 3
/** So many processes in a row that are killed before any photo is read mean that it is not the photos. */
const maxKilled = 6

export interface VisionPoolOptions {
  /** Default: the better detector where its file is, else the built-in one. */
  detectorId?: string
  /** An id, an alias, the id of a trained model or a path, as `chooseEmbedder` takes it. */
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
  /** The embedder in use. */
  readonly embedder: EmbedderRow
  /** Ids of the operating system of the processes that run now. */
  processIds(): number[]
}

interface Job {
  readonly id: number
  readonly work: Work
  resolve(value: Result): void
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

/** Somebody waits before the window for it. */
const isUrgent = ({ work }: Pick<Job, 'work'>): boolean => work.kind === 'render' || work.kind === 'describe'

/**
 * Makes the pool; no process starts before the first photo.
 * @throws KithError `invalid-input`, `model-missing`, `model-damaged` for the models asked for
 */
export function createVisionPool(options: VisionPoolOptions): VisionPool {
  const { modelsDirectories, log, photoTimeoutMs = defaultPhotoTimeoutMs, pixelLimit = defaultPixelLimit } = options
  const processCount = options.processes ?? Math.min(maxProcesses, availableParallelism())
  const detector = chooseDetector(options.detectorId, modelsDirectories)
  const embedder = chooseEmbedder(options.embedderId, modelsDirectories)
  const workers = new Set<Worker>()
  const waiting: Job[] = []
  let lastId = 0
  let failedStarts = 0
  let killedInARow = 0
  /** Photos whose process was killed though they were alone; they are to blame as soon as another photo can be read. */
  const accused: Job[] = []
  let closed = false

  function enqueue<W extends Work>(work: W, signal?: AbortSignal): Promise<Results[W['kind']]> {
    if (closed) return Promise.reject(new KithError('vision-unavailable', 'Kith is closing.'))
    if (signal?.aborted) return Promise.reject(signal.reason)
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
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
    return promise.finally(() => signal?.removeEventListener('abort', abandon)) as Promise<Results[W['kind']]>
  }

  /** Hands waiting work to processes: what a person waits for first and at once, then suspects alone, then the rest in order. */
  function dispatch(): void {
    if (closed) return
    for (const job of waiting.filter(isUrgent)) {
      give(leastBusy() ?? start(), job)
    }
    for (const job of [...waiting]) {
      const worker = freeWorker(job)
      if (worker) give(worker, job)
    }
  }

  function freeWorker(job: Job): Worker | null {
    const photos = (worker: Worker): Job[] =>
      [...worker.jobs.values()].map((entry) => entry.job).filter((job) => !isUrgent(job))
    const candidates = [...workers]
      .filter((worker) => !worker.timedOut)
      .filter((worker) => job.suspect
        ? worker.jobs.size === 0
        : photos(worker).length < photosPerProcess && photos(worker).every((other) => !other.suspect))
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
    const child = fork(visionProcessFile, [], {
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
    post(worker, { type: 'configure', configuration: { detector, embedder, modelsDirectories, pixelLimit } })
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
    killedInARow = 0
    blameAccused()
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
    // A crash of native code ends with another signal: nothing but a hand from outside, or a system short of memory, kills.
    const isKilled = worker.ready && !worker.timedOut && how === 'SIGKILL'
    if (isKilled) killedInARow++
    for (const { job } of lost.toReversed()) {
      if (job.abandoned) continue
      if (worker.ready && job.suspect) {
        if (isKilled) accused.push(job)
        else job.reject(blame(job.work.path, worker.timedOut))
      } else {
        job.suspect ||= worker.ready
        waiting.unshift(job)
      }
    }
    if (failedStarts >= maxFailedStarts) giveUp('The process that reads photos does not start. Run: kith doctor')
    else if (killedInARow >= maxKilled || (accused.length > 1 && isIdle()))
      giveUp(`The process that reads photos was killed ${killedInARow} times in a row, before it could read one. The machine may be short of memory: close other programs, then index again. What was not looked at waits, and everything else goes on.`)
    else if (isIdle()) blameAccused()
    dispatch()
  }

  const isIdle = (): boolean => waiting.length === 0 && [...workers].every(({ jobs }) => jobs.size === 0)

  function blameAccused(): void {
    for (const job of accused.splice(0)) job.reject(blame(job.work.path, false))
  }

  function giveUp(message: string): void {
    failedStarts = 0
    killedInARow = 0
    const error = new KithError('vision-unavailable', message)
    const inHand = [...workers].flatMap(({ jobs }) => [...jobs.values()].map(({ job }) => job))
    for (const job of [...accused.splice(0), ...waiting.splice(0), ...inHand]) {
      job.abandoned = true
      job.reject(error)
    }
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
    detectorId: detector.id,
    embedderId: embedder.id,
    embedder,
    concurrency: processCount * photosPerProcess,
    processIds: () => [...workers].flatMap(({ child }) => child.pid ?? []),
    analyze: (path, { embedder: asked, signal } = {}) => enqueue({ kind: 'analyze', path, embedder: asked ?? embedder }, signal),
    embed: (path, faces, { embedder: asked, signal }) => enqueue({ kind: 'embed', path, faces, embedder: asked }, signal),
    describe: (path, places, { embedder: asked }) => enqueue({ kind: 'describe', path, places, embedder: asked }),
    render: (path, longestSidePx, part) => enqueue({ kind: 'render', path, longestSidePx, part: part ?? null }),
    align: (path, { signal, ...options }) => enqueue({ kind: 'align', path, options }, signal),
    tile: (paths, sidePx, { signal } = {}) =>
      enqueue({ kind: 'tile', path: paths.find((path) => path !== null) ?? 'an empty strip', paths, sidePx }, signal),
    async close() {
      closed = true
      const open = [...waiting.splice(0), ...accused.splice(0), ...[...workers].flatMap((worker) => [...worker.jobs.values()].map((entry) => entry.job))]
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
