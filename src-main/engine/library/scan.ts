/** Brings the photo rows in step with the files of the folders: new, changed, moved, missing, back again. */
import { constants } from 'node:fs'
import { access, readdir, realpath } from 'node:fs/promises'
import { basename, join, sep } from 'node:path'
import { createFolderStore } from '../store/folders.ts'
import type { FolderRow } from '../store/folders.ts'
import { createPhotoStore } from '../store/photos.ts'
import type { NewPhoto, PhotoMove, PhotoRow } from '../store/photos.ts'
import type { LibraryContext } from './context.ts'
import { hashFile, isMountPoint, localClockSeconds } from './file-facts.ts'
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

interface FoundFile {
  folder: FolderRow
  file: WalkedFile
  failure: NewPhoto['failure']
}

interface ChangedFile extends FoundFile {
  row: PhotoRow
}

/** What the walk of all folders found out; nothing of it is written yet. */
interface Findings {
  folders: FolderRow[]
  fresh: FoundFile[]
  changed: ChangedFile[]
  returned: number[]
  again: number[]
  /** Rows whose file is where it was. */
  seen: Set<number>
  unreadablePaths: Map<number, string[]>
}

const rowsAtOnce = 500
/** Failures that have to do with reaching the file, not with what is in it. */
const passingFailures = new Set(['vanished', 'unreadable'])

const pause = () => new Promise<void>((resolve) => setImmediate(resolve))

export function createScanner(context: LibraryContext) {
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

  async function walkAll(folders: readonly FolderRow[], options: ScanOptions, result: ScanResult): Promise<Findings> {
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

  /** Rows of the walked folders whose file was not seen; a directory that could not be listed says nothing of its own. */
  async function unseenRows({ folders, seen, changed, unreadablePaths }: Findings): Promise<PhotoRow[]> {
    const present = new Set(changed.map(({ row }) => row.id))
    const unseen: PhotoRow[] = []
    for (const folder of folders) {
      const hidden = unreadablePaths.get(folder.id)!
      let after = ''
      for (;;) {
        const rows = photoStore.page(folder.id, after, rowsAtOnce)
        if (rows.length === 0) break
        after = rows.at(-1)!.relativePath
        for (const row of rows)
          if (!seen.has(row.id) && !present.has(row.id) && !hidden.some((path) => row.relativePath.startsWith(path)))
            unseen.push(row)
        await pause()
      }
    }
    return unseen
  }

  /** Read photos of other folders (offline, removed, not scanned now) whose file is gone and may be one of these. */
  async function goneElsewhere({ folders, fresh, changed }: Findings): Promise<PhotoRow[]> {
    const sizes = [...new Set([...fresh, ...changed].map(({ file }) => file.sizeBytes))]
    if (sizes.length === 0) return []
    const pathOf = new Map(folderStore.all().map(({ id, path }) => [id, path]))
    const gone: PhotoRow[] = []
    for (const row of photoStore.elsewhere(folders.map(({ id }) => id), sizes)) {
      const isThere = await access(join(pathOf.get(row.folderId)!, row.relativePath)).then(() => true, () => false)
      if (!isThere) gone.push(row)
    }
    return gone
  }

  /** Hashes a file that may be a known photo; null where it can't be read, which indexing will report. */
  const hashOrNull = (path: string, signal: AbortSignal) =>
    hashFile(path, signal).catch((error: unknown) => {
      signal.throwIfAborted()
      context.log(`scan: ${path} could not be hashed: ${String(error)}`)
      return null
    })

  /** Writes what was found: first who is where, by content, then what is new, changed and gone. */
  async function settle(findings: Findings, options: ScanOptions, result: ScanResult): Promise<void> {
    const { signal } = options
    const unseen = await unseenRows(findings)
    const displaced = new Map<string, PhotoRow[]>()
    const displace = (row: PhotoRow) => {
      if (row.contentHash !== null) displaced.set(row.contentHash, [...(displaced.get(row.contentHash) ?? []), row])
    }
    for (const row of [...unseen, ...(await goneElsewhere(findings))]) displace(row)

    const edited: { found: ChangedFile; hash: string | null }[] = []
    for (const found of findings.changed) {
      await options.whenRunning()
      const mayBeSame = !found.failure && found.row.contentHash !== null
      const hash = mayBeSame ? await hashOrNull(found.file.path, signal) : null
      if (hash !== null && hash === found.row.contentHash) {
        photoStore.setFile(found.row.id, found.file)
        findings.seen.add(found.row.id)
        if (found.row.missingSince !== null) findings.returned.push(found.row.id)
      } else {
        edited.push({ found, hash })
        displace(found.row)
      }
    }

    const displacedSizes = new Set([...displaced.values()].flat().map(({ sizeBytes }) => sizeBytes))
    const takeRow = (hash: string, folder: FolderRow, file: WalkedFile): PhotoRow | undefined => {
      const rows = displaced.get(hash) ?? []
      const nearness = (row: PhotoRow) =>
        Number(basename(row.relativePath) === basename(file.path)) * 2 + Number(row.folderId === folder.id)
      const [best] = rows.sort((a, b) => nearness(b) - nearness(a) || a.id - b.id)
      if (best) displaced.set(hash, rows.filter((row) => row !== best))
      return best
    }
    const moves: PhotoMove[] = []
    const moveTo = (row: PhotoRow, { folder, file }: FoundFile) =>
      moves.push({
        photoId: row.id, folderId: folder.id, relativePath: file.relativePath, sizeBytes: file.sizeBytes, modifiedMs: file.modifiedMs,
      })
    const replacedRows: ChangedFile[] = []
    const rewritten: ChangedFile[] = []
    for (const { found, hash } of edited) {
      const row = hash === null ? undefined : takeRow(hash, found.folder, found.file)
      if (row) {
        moveTo(row, found)
        replacedRows.push(found)
      } else rewritten.push(found)
    }
    const added: FoundFile[] = []
    for (const found of findings.fresh) {
      await options.whenRunning()
      const mayBeKnown = !found.failure && displacedSizes.has(found.file.sizeBytes)
      const hash = mayBeKnown ? await hashOrNull(found.file.path, signal) : null
      const row = hash === null ? undefined : takeRow(hash, found.folder, found.file)
      if (row) moveTo(row, found)
      else added.push(found)
    }

    signal.throwIfAborted()
    const at = new Date().toISOString()
    const movedIds = new Set(moves.map(({ photoId }) => photoId))
    photoStore.move(moves, replacedRows.map(({ row }) => row.id).filter((id) => !movedIds.has(id)), at)
    for (const id of movedIds) result.movedPhotoIds.add(id)
    // A file that was changed by a move of its row elsewhere is a photo of its own now.
    for (const found of rewritten)
      if (movedIds.has(found.row.id)) added.push(found)
      else {
        photoStore.setChanged(found.row.id, found.file, found.failure)
        if (found.row.missingSince !== null) findings.returned.push(found.row.id)
      }
    await inGroups(added, (group) =>
      photoStore.add(group.map(({ folder, file, failure }) => ({
        folderId: folder.id,
        relativePath: file.relativePath,
        sizeBytes: file.sizeBytes,
        modifiedMs: file.modifiedMs,
        takenAt: localClockSeconds(file.modifiedMs),
        failure,
      }))))
    await inGroups(findings.returned, photoStore.setFound)
    for (const id of findings.again) photoStore.setPending(id)
    const gone = unseen.filter((row) => row.missingSince === null && !movedIds.has(row.id))
    await inGroups(gone.map(({ id }) => id), (group) => photoStore.setMissing(group, at))
    for (const folder of findings.folders) folderStore.setScanned(folder.id, at, await isMountPoint(folder.path).catch(() => false))
  }

  async function inGroups<T>(items: readonly T[], write: (group: T[]) => unknown): Promise<void> {
    for (let first = 0; first < items.length; first += rowsAtOnce) {
      write(items.slice(first, first + rowsAtOnce))
      await pause()
    }
  }

  return {
    /**
     * Scans folders together, so that a file that went from one to another is seen as moved. Size and time of
     * modification decide whether a file is looked at, its content whether it is another.
     * @throws KithError no-space, library-read-only; AbortError
     */
    async scan(folders: readonly FolderRow[], options: ScanOptions): Promise<ScanResult> {
      const result: ScanResult = { found: 0, movedPhotoIds: new Set(), offline: [], unreadable: [] }
      await settle(await walkAll(folders, options, result), options, result)
      return result
    },
  }
}
