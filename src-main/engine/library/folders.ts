/** The folders that a person chose: adding, removing, and what is said of them. */
import { realpathSync } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import type { Folder, FolderId } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { createFolderStore } from '../store/folders.ts'
import type { FolderRow } from '../store/folders.ts'
import type { LibraryContext } from './context.ts'
import { isInside } from './walk.ts'

function unreadable(path: string, error: unknown): KithError {
  const code = (error as NodeJS.ErrnoException).code
  const why =
    code === 'ENOENT' ? 'does not exist. Check the spelling, or connect the drive it is on.'
    : code === 'ENOTDIR' ? 'is a file. Choose the folder it lies in.'
    : code === 'EACCES' || code === 'EPERM' ? 'may not be read by you. Change its permissions, or choose another folder.'
    : code === 'ELOOP' ? 'is a link that leads back to itself. Choose the folder it should lead to.'
    : `can't be read (${code ?? String(error)}). Check the drive it is on.`
  return new KithError('folder-unreadable', `The folder ${path} ${why}`, undefined, { cause: error })
}

export function createFolders(context: LibraryContext) {
  const folderStore = createFolderStore(context.database.db)

  const toFolder = (row: FolderRow): Folder => ({
    id: row.id as FolderId,
    path: row.path,
    state: row.state,
    ...folderStore.counts(row.id),
    lastScannedAt: row.lastScannedAt,
  })

  const chosen = () => folderStore.all().filter(({ removedAt }) => removedAt === null)

  function announce(): void {
    context.emit({ type: 'changed', topics: ['folders', 'photos', 'people', 'faces', 'clusters'] })
  }

  /** Gives photos of removed folders inside this one to it. */
  function adoptRemovedInside(folder: FolderRow): void {
    for (const inner of folderStore.all())
      if (inner.removedAt !== null && inner.id !== folder.id && isInside(inner.path, folder.path))
        folderStore.adopt(inner.id, folder.id, relative(folder.path, inner.path) + sep)
  }

  return {
    /** The chosen folders, by path. */
    list: (): Folder[] => chosen().map(toFolder),

    /** The rows of the chosen folders, or of one. @throws KithError not-found */
    rows(folderId: number | null): FolderRow[] {
      if (folderId === null) return chosen()
      const row = folderStore.byId(folderId)
      if (!row || row.removedAt !== null)
        throw new KithError('not-found', `There is no folder ${folderId} in the library. Add it first.`)
      return [row]
    },

    /**
     * Chooses a folder. One that is chosen already, or lies in one that is, is answered as it stands; one that was removed
     * comes back with all that was known.
     * @param path relative to the working directory, or absolute; links are followed
     * @throws KithError folder-unreadable, library-read-only
     */
    async add(path: string): Promise<Folder> {
      if (context.database.readOnly)
        throw new KithError('library-read-only', `The library ${context.libraryDirectory} is open for reading only, so no folder can be added.`)
      let realPath: string
      try {
        realPath = await realpath(path)
        if (!(await stat(realPath)).isDirectory()) throw Object.assign(new Error(path), { code: 'ENOTDIR' })
        await readdir(realPath)
      } catch (error) {
        throw unreadable(path, error)
      }
      if (isInside(realPath, realpathSync(context.libraryDirectory)))
        throw new KithError('folder-unreadable', `The folder ${realPath} is where this library keeps its own data. Choose a folder with photos.`)
      const known = folderStore.byPath(realPath)
      if (known?.removedAt === null) return toFolder(known)
      if (known) {
        folderStore.restore(known.id)
      } else {
        const outer = chosen().find((folder) => isInside(realPath, folder.path))
        if (outer) return toFolder(outer)
      }
      const folderId = known?.id ?? folderStore.add(realPath, new Date().toISOString())
      adoptRemovedInside(folderStore.byId(folderId)!)
      announce()
      return toFolder(folderStore.byId(folderId)!)
    },

    /** Hides a folder and its photos; names stay and come back when it is added again. @throws KithError not-found */
    remove(folderId: number): void {
      const row = folderStore.byId(folderId)
      if (!row || row.removedAt !== null) throw new KithError('not-found', `There is no folder ${folderId} in the library.`)
      folderStore.remove(folderId, new Date().toISOString())
      announce()
    },
  }
}
export type Folders = ReturnType<typeof createFolders>
