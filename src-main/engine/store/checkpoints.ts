/**
 * Brings what was written from the write-ahead log over into the database, on a thread with a connection of its own: it waits
 * for the disk, which a decision must not. Writers and readers go on meanwhile (a passive checkpoint).
 */
import { Worker } from 'node:worker_threads'
import type { Database } from 'better-sqlite3'
import { checkpointThreadFile } from '../places.ts'

/** What the thread is given. `state` holds one of `connection`. */
export interface CheckpointJob {
  file: string
  state: Int32Array
}

/** Pages of the log, and those of them that are in the database. */
export interface LogState {
  log: number
  checkpointed: number
}

/** How it stands with the thread's own connection: the last one to be closed takes the log away. */
export const connection = { none: 0, open: 1, closed: 2 } as const
/** At the most, for one thread. */
export const passes = 5

const lookEveryMs = 1000
/** From so many pages on, the log is brought over when nothing has been written for a while. */
const somePages = 1000
/** From so many pages on, also while more is written. */
const manyPages = 5000
/** A drive that hangs must not keep the library from being let go of. */
const closeWithinMs = 10_000

export interface Checkpoints {
  /** Starts the thread, unless it is at work or the library is not in its place. */
  begin(): void
  /** Waits until the thread has closed its connection, so that the caller's is the last one; begins no more. */
  close(): void
}

/**
 * Looks at the log from time to time, which never keeps the process alive. What fails is tried again with what is written next:
 * until then everything is in the log.
 * @param file of the database that `db` has open for writing
 * @param isInPlace whether that file is still the one of that path
 */
export function createCheckpoints(db: Database, file: string, isInPlace: () => boolean): Checkpoints {
  const look = db.prepare<[], LogState>('PRAGMA wal_checkpoint(NOOP)')
  let state: Int32Array | null = null
  let lastLog = 0
  let triedLog = 0

  function begin(): void {
    if (state || !isInPlace()) return
    const own = (state = new Int32Array(new SharedArrayBuffer(4)))
    const job: CheckpointJob = { file, state: own }
    const thread = new Worker(checkpointThreadFile, { workerData: job })
    thread.unref()
    // The log is whole whatever stopped the thread; what is wrong with the drive, the next decision says in words.
    thread.on('error', () => {})
    thread.on('exit', () => {
      if (state === own) state = null
    })
  }

  function lookAgain(): void {
    const { log, checkpointed } = look.get()!
    const isQuiet = log === lastLog
    lastLog = log
    if (log < triedLog) triedLog = 0
    if (log - Math.max(checkpointed, triedLog) < (isQuiet ? somePages : manyPages)) return
    triedLog = log
    begin()
  }

  const timer = setInterval(() => {
    try {
      if (isInPlace()) lookAgain()
    } catch {
      // A drive that fails now fails for whoever asks next, and they say so.
    }
  }, lookEveryMs)
  timer.unref()

  return {
    begin,
    close() {
      clearInterval(timer)
      if (state && Atomics.compareExchange(state, 0, connection.none, connection.closed) === connection.open)
        Atomics.wait(state, 0, connection.open, closeWithinMs)
    },
  }
}
