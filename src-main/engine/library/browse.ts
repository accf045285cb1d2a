/** Directories of this machine for choosing a folder in a window that may not name a path: it speaks of them by id. */
import { randomBytes } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { opendir, readdir, realpath, stat } from 'node:fs/promises'
import { homedir, userInfo } from 'node:os'
import { basename, dirname, join, parse } from 'node:path'
import type { MethodOutput } from '../../../src-shared/api.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { namedKind } from './picture-kind.ts'
import { unreadableReason } from './walk.ts'

export interface DirectoryBrowser {
  /** The directories inside one, by name; the places to start from for null. @throws KithError not-found, folder-unreadable */
  browse(directoryId: string | null): Promise<MethodOutput<'folders.browse'>>
  /** The path behind an id. @throws KithError not-found */
  resolve(directoryId: string): string
}

const picturesCountedTo = 999
const directoriesAtOnce = 16

/** Where the system mounts drives: each directory in one of these is a drive. */
function mountDirectories(): string[] {
  if (process.platform === 'darwin') return ['/Volumes']
  if (process.platform === 'win32') return []
  const { username } = userInfo()
  return [`/media/${username}`, `/run/media/${username}`, '/media', '/mnt']
}

async function defaultStartPaths(): Promise<string[]> {
  const drives =
    process.platform === 'win32'
      ? Array.from({ length: 26 }, (_, index) => `${String.fromCharCode(65 + index)}:\\`)
      : (await Promise.all(mountDirectories().map((directory) =>
          readdir(directory).then((names) => names.sort().map((name) => join(directory, name)), () => [])))).flat()
  return [homedir(), ...drives, parse(homedir()).root]
}

async function countPictures(path: string): Promise<number> {
  let pictures = 0
  try {
    for await (const entry of await opendir(path)) {
      if (entry.isDirectory() || !['picture', 'unsupported'].includes(namedKind(entry.name))) continue
      if (++pictures === picturesCountedTo) break
    }
  } catch {
    return pictures
  }
  return pictures
}

/** @param startPaths where to start from; by default the home folder, mounted drives and the root */
export function createDirectoryBrowser(startPaths?: readonly string[]): DirectoryBrowser {
  const pathOfId = new Map<string, string>()
  const idOfPath = new Map<string, string>()

  function idOf(path: string): string {
    const known = idOfPath.get(path)
    if (known) return known
    const id = randomBytes(16).toString('base64url')
    idOfPath.set(path, id)
    pathOfId.set(id, path)
    return id
  }

  function resolve(directoryId: string): string {
    const path = pathOfId.get(directoryId)
    if (path === undefined) throw new KithError('not-found', 'That list of folders is out of date. Open the folder list again.')
    return path
  }

  const isDirectory = (path: string) => stat(path).then((facts) => facts.isDirectory(), () => false)

  async function directoriesIn(path: string): Promise<string[]> {
    let entries: Dirent[]
    try {
      entries = await readdir(path, { withFileTypes: true })
    } catch (error) {
      throw new KithError('folder-unreadable', `The folder ${path} can't be opened. ${unreadableReason(error)}`, undefined, { cause: error })
    }
    const paths: string[] = []
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue
      const inside = join(path, entry.name)
      if (entry.isDirectory() || (entry.isSymbolicLink() && (await isDirectory(inside)))) paths.push(inside)
    }
    const order = new Intl.Collator(undefined, { numeric: true })
    return paths.sort((a, b) => order.compare(basename(a), basename(b)))
  }

  async function describe(paths: readonly string[], nameOf: (path: string) => string) {
    const entries: MethodOutput<'folders.browse'>['entries'] = []
    for (let first = 0; first < paths.length; first += directoriesAtOnce)
      entries.push(...(await Promise.all(paths.slice(first, first + directoriesAtOnce).map(async (path) =>
        ({ directoryId: idOf(path), name: nameOf(path), pictures: await countPictures(path) })))))
    return entries
  }

  return {
    async browse(directoryId) {
      if (directoryId === null) {
        const candidates = [...(startPaths ?? (await defaultStartPaths()))]
        const real = await Promise.all(candidates.map((path) => realpath(path).catch(() => null)))
        const paths = [...new Set(real.filter((path) => path !== null))]
        const there = await Promise.all(paths.map(isDirectory))
        const name = (path: string) => (path === homedir() ? 'Home' : basename(path) || path)
        return { path: null, parentId: null, entries: await describe(paths.filter((_, index) => there[index]), name) }
      }
      const path = resolve(directoryId)
      const parent = dirname(path)
      const entries = await describe(await directoriesIn(path), basename)
      return { path, parentId: parent === path ? null : idOf(parent), entries }
    },
    resolve,
  }
}
