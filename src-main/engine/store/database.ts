/** Opens the library's database: one writer, write-ahead log, forward-only migrations. */
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { KithError } from '../../../src-shared/errors.ts'
import { createCheckpoints } from './checkpoints.ts'
import { sql as first } from './migrations/0001-first.ts'
import { sql as embedders } from './migrations/0002-embedders.ts'
import { sql as drawnFaces } from './migrations/0003-drawn-faces.ts'
import { sql as faceMaps } from './migrations/0004-face-maps.ts'

/** In the order they are applied; `user_version` is how many have been. Never change one that has shipped. */
export const migrations: readonly string[] = [first, embedders, drawnFaces, faceMaps]

export const databaseFileName = 'kith.sqlite'

export interface LibraryDatabase {
  readonly db: Database.Database
  readonly readOnly: boolean
  /** Whether the file that is open is still the one in the library's folder: what is written is kept where it is looked for. */
  isInPlace(): boolean
  close(): void
}

/** Whether there is a library in that folder. */
export const hasLibrary = (libraryDirectory: string): boolean => existsSync(join(libraryDirectory, databaseFileName))

/** The library's drive was pulled out, or its folder was moved or deleted. */
export function libraryAway(libraryDirectory: string, cause?: unknown): KithError {
  return new KithError('library-away', `The library ${libraryDirectory} can't be reached: its drive was pulled out or fails, or the folder was moved. Put it back and Kith goes on by itself. What you decided before is in it; nothing can be decided meanwhile.`, undefined, { cause })
}

/** What the file system says where a drive is gone or fails. */
const driveFailures = new Set(['EIO', 'ENODEV', 'ENXIO', 'ESTALE', 'ENOTCONN', 'ETIMEDOUT', 'EHOSTDOWN'])

function sqliteCode(error: unknown): string {
  return error instanceof Database.SqliteError ? error.code : ((error as NodeJS.ErrnoException)?.code ?? '')
}

/** Turns what SQLite and the file system throw into an error that a person understands; others pass through. */
export function toLibraryError(error: unknown, libraryDirectory: string): unknown {
  if (error instanceof KithError) return error
  const code = sqliteCode(error)
  const known = (kind: KithError['code'], message: string) => new KithError(kind, message, undefined, { cause: error })
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT')
    return known('no-space', `The disk with the library ${libraryDirectory} is full. Make room and try again; nothing was lost.`)
  if (code.startsWith('SQLITE_READONLY') || code === 'EROFS' || code === 'EACCES' || code === 'EPERM' || code === 'SQLITE_CANTOPEN')
    return known('library-read-only', `The library ${libraryDirectory} can't be written to. Check its permissions, or choose another place with --library.`)
  if (code.startsWith('SQLITE_BUSY'))
    return known('library-locked', `The library ${libraryDirectory} is in use by another Kith. Close that one first.`)
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT'))
    return known('library-damaged', `The library's database in ${libraryDirectory} is damaged. Restore ${databaseFileName} from a backup, or choose another place with --library; the photos themselves are untouched.`)
  if (code.startsWith('SQLITE_IOERR') || driveFailures.has(code)) return libraryAway(libraryDirectory, error)
  return error
}

/** What tells a file from another of the same path; null where there is none. */
function identityOf(file: string): string | null {
  try {
    const { dev, ino } = statSync(file, { bigint: true })
    return `${dev} ${ino}`
  } catch {
    return null
  }
}

/**
 * Holds the library for this process: a lock of the operating system that ends with the process, however it ends.
 * @throws KithError library-locked
 */
function lockLibrary(libraryDirectory: string): Database.Database {
  const lock = new Database(join(libraryDirectory, 'kith.lock'), { timeout: 0 })
  try {
    lock.pragma('journal_mode = DELETE')
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock.close()
    throw error
  }
}

/** @throws KithError library-read-only, also where Node speaks of ENOENT because nothing may be made there */
function makeDirectory(libraryDirectory: string): void {
  try {
    mkdirSync(libraryDirectory, { recursive: true })
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EEXIST'].includes(sqliteCode(error)))
      throw new KithError('library-read-only', `The library ${libraryDirectory} can't be made there. Choose another place with --library.`, undefined, { cause: error })
    throw error
  }
}

function migrate(db: Database.Database, libraryDirectory: string): void {
  const version = db.pragma('user_version', { simple: true }) as number
  if (version > migrations.length)
    throw new KithError('library-newer', `The library ${libraryDirectory} was written by a newer Kith (schema ${version}, this one knows ${migrations.length}). Update Kith; nothing was changed.`)
  for (let next = version; next < migrations.length; next++)
    db.transaction(() => {
      db.exec(migrations[next]!)
      db.pragma(`user_version = ${next + 1}`)
    })()
}

/**
 * Opens (and makes, unless read-only) the database in `libraryDirectory`.
 * @throws KithError library-locked, library-newer, library-damaged, library-read-only, no-space, not-found
 */
export function openDatabase(libraryDirectory: string, options: { readOnly?: boolean } = {}): LibraryDatabase {
  const readOnly = options.readOnly ?? false
  const file = join(libraryDirectory, databaseFileName)
  let lock: Database.Database | undefined
  let db: Database.Database | undefined
  try {
    if (readOnly && !existsSync(file))
      throw new KithError('not-found', `There is no library in ${libraryDirectory} yet. Make one with: kith index FOLDER`)
    if (!readOnly) {
      makeDirectory(libraryDirectory)
      lock = lockLibrary(libraryDirectory)
    }
    db = new Database(file, { readonly: readOnly, timeout: 5000 })
    if (!readOnly) {
      db.pragma('journal_mode = WAL')
      db.pragma('synchronous = NORMAL')
      // For the case that checkpoints.ts fails: a decision that does this waits for the disk.
      db.pragma('wal_autocheckpoint = 50000')
    }
    db.pragma('foreign_keys = ON')
    db.pragma('cache_size = -65536')
    db.pragma('mmap_size = 1073741824')
    if (readOnly) {
      const version = db.pragma('user_version', { simple: true }) as number
      if (version !== migrations.length)
        throw new KithError(version > migrations.length ? 'library-newer' : 'busy', `The library ${libraryDirectory} has schema ${version}, this Kith has ${migrations.length}. ${version > migrations.length ? 'Update Kith.' : 'Open it once with: kith index'}`)
    } else migrate(db, libraryDirectory)
    const opened = db
    const identity = identityOf(file)
    const isInPlace = () => identityOf(file) === identity
    const checkpoints = readOnly ? null : createCheckpoints(db, file, isInPlace)
    return {
      db,
      readOnly,
      isInPlace,
      close() {
        checkpoints?.close()
        opened.close()
        lock?.close()
      },
    }
  } catch (error) {
    db?.close()
    lock?.close()
    throw toLibraryError(error, libraryDirectory)
  }
}
