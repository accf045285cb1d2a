/** Walks a folder for files that may be pictures. */
import type { Dirent } from 'node:fs'
import { lstat, open, readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { namedKind, sniff, sniffedBytes } from './picture-kind.ts'
import type { NamedKind, SniffedKind } from './picture-kind.ts'

/** A file whose name does not rule out that it is a picture. */
export interface WalkedFile {
  path: string
  /** Inside the folder that is walked, with the platform's separators. */
  relativePath: string
  kind: Exclude<NamedKind, 'other'>
  sizeBytes: number
  modifiedMs: number
  /** One sentence for people where the file is there but nothing more is known of it; else null. */
  unreadable: string | null
}

export interface WalkOptions {
  /** Real paths of directories that are not entered, whatever leads there. */
  skip: ReadonlySet<string>
  signal?: AbortSignal | undefined
  /** A directory that can't be listed; nothing is known of what is in it. */
  onUnreadableDirectory(directory: { path: string; relativePath: string; reason: string }): void
}

/** Directories of systems and programs: caches, bins, indexes. */
const systemDirectories = new Set([
  '@eadir', '@recycle', '#recycle', '#snapshot', '$recycle.bin', 'system volume information', 'lost+found', 'node_modules', '__macosx',
])
const isSystemDirectory = (name: string) => name.startsWith('.') || systemDirectories.has(name.toLowerCase())

const filesAtOnce = 32

const errorCodeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? 'unknown error'
const isGone = (error: unknown) => ['ENOENT', 'ENOTDIR'].includes(errorCodeOf(error))
const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

/** Whether `path` is `directory` or lies in it. */
export function isInside(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep)
}

/** Why a file or directory can't be read, for people. */
export function unreadableReason(error: unknown): string {
  const code = errorCodeOf(error)
  if (code === 'EACCES' || code === 'EPERM') return 'You are not allowed to read it. Change its permissions and index again.'
  if (code === 'ENAMETOOLONG') return 'Its path is too long for this system. Shorten it and index again.'
  return `The disk could not read it (${code}). Check the drive and index again.`
}

/** The first bytes of a file, for `sniff`; null where they can't be read. */
export async function sniffFile(path: string): Promise<SniffedKind> {
  const file = await open(path, 'r').catch(() => null)
  if (!file) return null
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(sniffedBytes), 0, sniffedBytes, 0)
    return sniff(buffer.subarray(0, bytesRead))
  } catch {
    return null
  } finally {
    await file.close()
  }
}

interface Place {
  /** As the person sees it, through links. */
  path: string
  relativePath: string
  realPath: string
}

type EntryType = 'file' | 'directory' | 'link' | 'none'

async function typeOf(entry: Dirent, path: string): Promise<EntryType> {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'directory'
  if (entry.isSymbolicLink()) return 'link'
  if (entry.isFIFO() || entry.isSocket() || entry.isCharacterDevice() || entry.isBlockDevice()) return 'none'
  // Some file systems don't say what an entry is.
  const facts = await lstat(path).catch(() => null)
  return facts?.isFile() ? 'file' : facts?.isDirectory() ? 'directory' : facts?.isSymbolicLink() ? 'link' : 'none'
}

async function lookAt(path: string, relativePath: string, name: string): Promise<WalkedFile | null> {
  const kind = namedKind(name)
  if (kind === 'other') return null
  const file = { path, relativePath, kind }
  try {
    const facts = await stat(path)
    if (!facts.isFile()) return null
    return { ...file, sizeBytes: facts.size, modifiedMs: Math.floor(facts.mtimeMs), unreadable: null }
  } catch (error) {
    if (kind === 'unknown') return null
    const unreadable = !isGone(error)
      ? unreadableReason(error)
      : name.includes('\ufffd') ? 'Its name is not valid text (UTF-8). Rename it and index again.' : null
    return unreadable === null ? null : { ...file, sizeBytes: 0, modifiedMs: 0, unreadable }
  }
}

/**
 * Yields the files that may be pictures, in small groups and always in the same order: a directory's own files by name,
 * then its directories; what lies behind symbolic links comes last, unless it was seen already.
 * @param rootPath absolute real path of a directory
 * @throws the system's error where the root itself can't be listed; AbortError
 */
export async function* walkFolder(rootPath: string, options: WalkOptions): AsyncGenerator<WalkedFile[]> {
  const { skip, signal, onUnreadableDirectory } = options
  const entered = new Set<string>()
  const links: Place[] = []
  const isSkipped = (realPath: string) => [...skip].some((directory) => isInside(realPath, directory))

  async function* enter(start: Place): AsyncGenerator<WalkedFile[]> {
    const waiting = [start]
    for (let place = waiting.pop(); place; place = waiting.pop()) {
      if (entered.has(place.realPath)) continue
      entered.add(place.realPath)
      signal?.throwIfAborted()
      let entries: Dirent[]
      try {
        entries = (await readdir(place.path, { withFileTypes: true })).sort(byName)
      } catch (error) {
        if (place.realPath === rootPath) throw error
        if (!isGone(error))
          onUnreadableDirectory({ path: place.path, relativePath: place.relativePath, reason: unreadableReason(error) })
        continue
      }
      const files: { path: string; relativePath: string; name: string }[] = []
      const directories: Place[] = []
      for (const entry of entries) {
        const { name } = entry
        const path = join(place.path, name)
        const relativePath = place.relativePath === '' ? name : place.relativePath + sep + name
        const realPath = join(place.realPath, name)
        const type = await typeOf(entry, path)
        if (type === 'file') files.push({ path, relativePath, name })
        else if (type === 'directory' && !isSystemDirectory(name) && !skip.has(realPath))
          directories.push({ path, relativePath, realPath })
        else if (type === 'link' && !isSystemDirectory(name)) links.push({ path, relativePath, realPath })
      }
      for (let first = 0; first < files.length; first += filesAtOnce) {
        signal?.throwIfAborted()
        const group = files.slice(first, first + filesAtOnce)
        const looked = await Promise.all(group.map(({ path, relativePath, name }) => lookAt(path, relativePath, name)))
        yield looked.filter((file) => file !== null)
      }
      waiting.push(...directories.reverse())
    }
  }

  yield* enter({ path: rootPath, relativePath: '', realPath: rootPath })
  const linksToFiles: (Place & { target: string })[] = []
  for (let link = links.shift(); link; link = links.shift()) {
    const target = await realpath(link.path).catch(() => null)
    const facts = target === null ? null : await stat(target).catch(() => null)
    if (target === null || facts === null || isSkipped(target)) continue
    const leadsUp = isInside(dirname(link.realPath), target) || isInside(rootPath, target)
    if (facts.isFile()) linksToFiles.push({ ...link, target })
    else if (facts.isDirectory() && !leadsUp) yield* enter({ ...link, realPath: target })
  }
  const seen = new Set<string>()
  for (const { path, relativePath, target } of linksToFiles) {
    if (entered.has(dirname(target)) || seen.has(target)) continue
    seen.add(target)
    const file = await lookAt(path, relativePath, basename(path))
    if (file) yield [file]
  }
}
