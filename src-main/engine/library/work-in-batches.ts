/** Photos through vision, as many at once as it can work on, and what comes of them kept a few photos at a time. */
import { toLibraryError } from '../store/database.ts'

export interface BatchWork<Item, Result> {
  items: Iterator<Item>
  /** How many are in hand at once. */
  concurrency: number
  signal: AbortSignal
  /** Resolves at once, or when the person lets work go on. */
  whenRunning(): Promise<void>
  /** Does one. What it throws ends the work, unless `signal` is aborted by then. */
  perform(item: Item, signal: AbortSignal): Promise<Result>
  /** Keeps some results for good, in one transaction. */
  keep(results: Result[]): void
}

const itemsPerWrite = 16
/** A result waits no longer than this to be kept. */
const keepWithinMs = 300

/**
 * Does all of it. On `signal` it keeps what is done and returns; the rest is left.
 * @throws what `perform` or `keep` throws; SQLite's and the disk's errors as KithError
 */
export async function workInBatches<Item, Result>(libraryDirectory: string, work: BatchWork<Item, Result>): Promise<void> {
  const stop = new AbortController()
  const signal = AbortSignal.any([work.signal, stop.signal])
  let results: Result[] = []
  let timer: NodeJS.Timeout | null = null

  function write(): void {
    if (timer) clearTimeout(timer)
    timer = null
    if (results.length === 0) return
    const kept = results
    results = []
    try {
      work.keep(kept)
    } catch (error) {
      throw toLibraryError(error, libraryDirectory)
    }
  }

  function writeSoon(): void {
    if (results.length >= itemsPerWrite) write()
    else timer ??= setTimeout(() => {
      try {
        write()
      } catch (error) {
        stop.abort(error)
      }
    }, keepWithinMs)
  }

  async function workOn(): Promise<void> {
    for (;;) {
      await work.whenRunning()
      if (signal.aborted) return
      const next = work.items.next()
      if (next.done) return
      let result: Result
      try {
        result = await work.perform(next.value, signal)
      } catch (error) {
        if (signal.aborted) return
        throw error
      }
      results.push(result)
      writeSoon()
    }
  }

  await Promise.all(Array.from({ length: Math.max(1, work.concurrency) }, () =>
    workOn().catch((error: unknown) => stop.abort(error))))
  try {
    write()
  } catch (error) {
    stop.abort(error)
  }
  if (stop.signal.aborted) throw stop.signal.reason
}
