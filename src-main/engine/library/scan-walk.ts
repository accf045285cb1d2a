/** The first half of a scan: walks the folders and holds each file against its row. Nothing of photos is written yet. */
import { constants } from 'node:fs'
import { access, readdir, realpath } from 'node:fs/promises'
import { basename, sep } from 'node:path'
import { setImmediate as pause } from 'node:timers/promises'
import { createFolderStore } from '../store/folders.ts'
import type { FolderRow } from '../store/folders.ts'
import { createPhotoStore } from '../store/photos.ts'
import type { NewPhoto, PhotoRow } from '../store/photos.ts'
import type { LibraryContext } from './context.ts'
import { isMountPoint } from './file-facts.ts'
import { pictureOrReason } from './picture-kind.ts'
import { sniffFile, unreadableReason, walkFolder } from './walk.ts'
import type { WalkedFile } from './walk.ts'

export interface ScanOptions {
  signal: AbortSignal
  /** Resolves at once, or when the person lets work go on. */
  whenRunning(): Promise<void>
  /** Called as pictures are found. */
  onFound(found: number, fileName: string): void
}

export interface ScanResult {
  /** Picture files in the folders, those that can't be indexed too. */
  found: number
  /** Photos that were found at another place than before. */
  movedPhotoIds: Set<number>
  /** Folders that are not there now; nothing of them was touched. */
  offline: { path: string; reason: string }[]
  /** Directories that could not be listed; the photos in them stay as they are. */
  unreadable: { path: string; reason: string }[]
}

export interface FoundFile {
  folder: FolderRow
  file: WalkedFile
  failure: NewPhoto['failure']
}

export interface ChangedFile extends FoundFile {
  row: PhotoRow
}

/** What the walk of all folders found out; nothing of it is written yet. */
export interface Findings {
  folders: FolderRow[]
  fresh: FoundFile[]
  changed: ChangedFile[]
  returned: number[]
  again: number[]
  /** Rows whose file is where it was. */
  seen: Set<number>
  unreadablePaths: Map<number, string[]>
}

/** Failures that have to do with reaching the file, not with what is in it. */
const passingFailures = new Set(['vanished', 'unreadable'])

/** @returns a function that walks folders, counts pictures in the result, and says what it found */
export function createScanWalk(context: LibraryContext) {
  const { db } = context.database
  const folderStore = createFolderStore(db)
  const photoStore = createPhotoStore(db)

  /** Why a folder counts as offline, or null while it is there. */
  async function offlineReason(folder: FolderRow): Promise<string | null> {
    try {
      await readdir(folder.path)
      if (folder.isMountPoint && !(await isMountPoint(folder.path))) return 'Its drive is not mounted.'
      return null
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      return code === 'ENOENT' || code === 'ENOTDIR' ? 'It is not there now.' : unreadableReason(error)
    }
  }

  async function failureOf(file: WalkedFile): Promise<NewPhoto['failure'] | undefined> {
    if (file.unreadable !== null) return { code: 'unreadable', reason: file.unreadable }
    const name = basename(file.path)
    if (file.sizeBytes === 0 && file.kind === 'unknown') return undefined
    if (file.sizeBytes === 0)
      return { code: 'empty', reason: `${name} is empty: 0 bytes. Copy it again from the camera or a backup.` }
    if (file.kind === 'picture') return null
    const verdict = pictureOrReason(name, await sniffFile(file.path))
    if (verdict === null) return undefined
    return 'picture' in verdict ? null : { code: 'unsupported-format', reason: verdict.reason }
  }

  /** Compares one file with its row. @returns whether it is a picture */
  async function compare(folder: FolderRow, file: WalkedFile, findings: Findings): Promise<boolean> {
    const row = photoStore.find(folder.id, file.relativePath)
    if (row) {
      const unchanged = file.unreadable === null && row.sizeBytes === file.sizeBytes && row.modifiedMs === file.modifiedMs
      if (unchanged || (file.unreadable !== null && row.status !== 'pending')) {
        findings.seen.add(row.id)
        if (row.missingSince !== null) findings.returned.push(row.id)
        if (unchanged && row.status === 'failed' && passingFailures.has(row.failureCode ?? ''))
          await access(file.path, constants.R_OK).then(() => findings.again.push(row.id), () => {})
        return true
      }
    }
    const failure = await failureOf(file)
    if (failure === undefined) return false
    if (row) findings.changed.push({ folder, file, failure, row })
    else findings.fresh.push({ folder, file, failure })
    return true
  }

  return async function walkAll(folders: readonly FolderRow[], options: ScanOptions, result: ScanResult): Promise<Findings> {
    const findings: Findings = {
      folders: [], fresh: [], changed: [], returned: [], again: [], seen: new Set(), unreadablePaths: new Map(),
    }
    const everyFolder = folderStore.all()
    for (const folder of folders) {
      const reason = await offlineReason(folder)
      if (reason !== null) {
        folderStore.setState(folder.id, 'offline')
        result.offline.push({ path: folder.path, reason })
        continue
      }
      const unreadablePaths: string[] = []
      const skip = new Set(everyFolder.filter(({ id }) => id !== folder.id).map(({ path }) => path))
      skip.add(await realpath(context.libraryDirectory))
      const walk = walkFolder(folder.path, {
        skip,
        signal: options.signal,
        onUnreadableDirectory(directory) {
          unreadablePaths.push(directory.relativePath + sep)
          result.unreadable.push({ path: directory.path, reason: directory.reason })
        },
      })
      try {
        for await (const files of walk) {
          await options.whenRunning()
          for (const file of files) {
            if (!(await compare(folder, file, findings))) continue
            result.found++
            options.onFound(result.found, basename(file.path))
          }
          await pause()
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).syscall !== 'scandir') throw error
        folderStore.setState(folder.id, 'offline')
        result.offline.push({ path: folder.path, reason: unreadableReason(error) })
        continue
      }
      findings.folders.push(folder)
      findings.unreadablePaths.set(folder.id, unreadablePaths)
    }
    return findings
  }
}
