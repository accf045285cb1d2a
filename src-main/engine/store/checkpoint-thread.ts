/** The checkpoint thread's entry: brings the log over into the database on a connection of its own, once, and ends. */
import { workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { connection, passes, type CheckpointJob, type LogState } from './checkpoints.ts'

const { file, state } = workerData as CheckpointJob
if (Atomics.compareExchange(state, 0, connection.none, connection.open) === connection.none) {
  try {
    const db = new Database(file, { fileMustExist: true })
    try {
      db.pragma('synchronous = NORMAL')
      // What was written during one pass is left for the next: only a log that is done to the end begins anew.
      for (let pass = 0, pages = -1; pass < passes; pass++) {
        const [{ log }] = db.pragma('wal_checkpoint(PASSIVE)') as [LogState]
        if (log === pages) break
        pages = log
      }
    } finally {
      db.close()
    }
  } finally {
    Atomics.store(state, 0, connection.closed)
    Atomics.notify(state, 0)
  }
}
