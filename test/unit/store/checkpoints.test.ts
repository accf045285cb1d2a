/** What was written comes from the log into the database beside the writer, and a closed library is one file. */
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createCheckpoints, type LogState } from '../../../src-main/engine/store/checkpoints.ts'
import { databaseFileName, openDatabase, type LibraryDatabase } from '../../../src-main/engine/store/database.ts'

let directory: string
let library: LibraryDatabase
const file = () => join(directory, databaseFileName)
const logNow = () => library.db.prepare<[], LogState>('PRAGMA wal_checkpoint(NOOP)').get()!

/** Writes about so many pages in one transaction. */
function write(pages: number): void {
  const insert = library.db.prepare("INSERT INTO settings (key, value) VALUES (hex(randomblob(8)), hex(randomblob(2000)))")
  library.db.transaction(() => {
    for (let page = 0; page < pages; page++) insert.run()
  })()
}
const rowsWritten = () => library.db.prepare('SELECT count(*) FROM settings').pluck().get()

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kith-checkpoints-'))
  library = openDatabase(directory)
})
afterEach(() => {
  library.close()
  rmSync(directory, { recursive: true, force: true })
})

it('happens some time after much was written, and the log begins anew', async () => {
  write(1500)
  const { log } = logNow()
  expect(log).toBeGreaterThan(1500)
  await vi.waitFor(() => expect(logNow().checkpointed).toBe(log), { timeout: 20_000, interval: 50 })
  write(1)
  expect(logNow().log).toBeLessThan(log)
}, 30_000)

it('keeps the log from growing without end while more is written all the time', async () => {
  let most = 0, written = 0
  await vi.waitFor(() => {
    write(100)
    written += 100
    const { log } = logNow()
    most = Math.max(most, log)
    expect(log).toBeLessThan(most)
  }, { timeout: 60_000, interval: 20 })
  expect(rowsWritten()).toBe(written)
}, 70_000)

it('leaves one whole file where the library is closed, be it while the thread begins, works or has ended', () => {
  for (const waitMs of [0, 20, 40, 60, 80, 100, 150, 300]) {
    write(800)
    const rows = rowsWritten()
    const checkpoints = createCheckpoints(library.db, file(), library.isInPlace)
    checkpoints.begin()
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMs)
    checkpoints.close()
    library.close()
    expect([`${file()}-wal`, `${file()}-shm`].filter((path) => existsSync(path))).toEqual([])
    library = openDatabase(directory)
    expect(library.db.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(rowsWritten()).toBe(rows)
  }
}, 30_000)

it('does not begin where the library is not in its place, and makes nothing there', () => {
  const away = `${directory}-away`
  write(800)
  renameSync(directory, away)
  const checkpoints = createCheckpoints(library.db, file(), library.isInPlace)
  checkpoints.begin()
  checkpoints.close()
  expect(existsSync(directory)).toBe(false)
  renameSync(away, directory)
})
