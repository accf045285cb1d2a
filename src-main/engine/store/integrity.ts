/** Whether a library's database is whole, and whether another Kith has it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { LibraryDatabase } from './database.ts'

/** What SQLite finds wrong with the database; nothing where it is whole. */
export function findDamage({ db }: LibraryDatabase): string[] {
  const findings = db.pragma('quick_check') as { quick_check: string }[]
  return findings.map((row) => row.quick_check).filter((finding) => finding !== 'ok')
}

/** Whether a Kith holds the library for writing now: this one or another. */
export function isHeldForWriting(libraryDirectory: string): boolean {
  const file = join(libraryDirectory, 'kith.lock')
  if (!existsSync(file)) return false
  const lock = new Database(file, { readonly: true, timeout: 0 })
  try {
    lock.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return true
    throw error
  } finally {
    lock.close()
  }
}
