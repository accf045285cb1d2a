/** Files that can be computed again, kept by what they were computed from. The folder may be emptied at any time. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { KithError } from '../../src-shared/errors.ts'

export interface ContentCache {
  /** Where the value of a key is, or would be. */
  pathOf(key: string): string
  /** Size of the value in bytes; null where there is none. */
  sizeOf(key: string): number | null
  read(key: string): Uint8Array
  /** @throws KithError no-space, library-read-only */
  write(key: string, value: Uint8Array): void
  /**
   * Notes that these values were used now, and removes those that were not used the longest until the others take no more than
   * `mostBytes`; the used ones stay in any case. What a process that was killed left half written goes, too.
   */
  prune(used: ReadonlySet<string>, mostBytes: number): void
}

/** A file half written that is older than this belongs to nobody any more. */
const abandonedMs = 3_600_000

/** @param directory is made when the first value is written */
export function createContentCache(directory: string): ContentCache {
  const pathOf = (key: string): string => join(directory, key.slice(0, 2), key)
  return {
    pathOf,
    sizeOf: (key) => statSync(pathOf(key), { throwIfNoEntry: false })?.size ?? null,
    read: (key) => readFileSync(pathOf(key)),
    write(key, value) {
      const path = pathOf(key)
      const partPath = `${path}.${process.pid}.part`
      try {
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(partPath, value)
        renameSync(partPath, path)
      } catch (error) {
        rmSync(partPath, { force: true })
        const { code } = error as NodeJS.ErrnoException
        if (code === 'ENOSPC') throw new KithError('no-space', `There is no room left in ${directory}. Make room and try again.`)
        if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
          throw new KithError('library-read-only', `${directory} can't be written: the folder is read-only.`)
        }
        throw error
      }
    },
    prune(used, mostBytes) {
      if (!existsSync(directory)) return
      const now = new Date()
      let bytes = 0
      const others: { path: string; size: number; usedMs: number }[] = []
      for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue
        const path = join(entry.parentPath, entry.name)
        const { size, mtimeMs } = statSync(path)
        // Another process may be writing it.
        if (entry.name.endsWith('.part')) {
          if (now.getTime() - mtimeMs > abandonedMs) rmSync(path, { force: true })
        } else if (used.has(entry.name)) {
          utimesSync(path, now, now)
          bytes += size
        } else others.push({ path, size, usedMs: mtimeMs })
      }
      for (const { path, size } of others.sort((a, b) => b.usedMs - a.usedMs)) {
        bytes += size
        if (bytes > mostBytes) rmSync(path, { force: true })
      }
    },
  }
}
