/** Brings the photo rows in step with the files of the folders: new, changed, moved, missing, back again. */
import { access } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setImmediate as pause } from 'node:timers/promises'
import { createFolderStore } from '../store/folders.ts'
import type { FolderRow } from '../store/folders.ts'
import { createPhotoStore } from '../store/photos.ts'
import type { PhotoMove, PhotoRow } from '../store/photos.ts'
import type { LibraryContext } from './context.ts'
import { hashFile, isMountPoint, localClockSeconds } from './file-facts.ts'
import { createScanWalk } from './scan-walk.ts'
import type { ChangedFile, Findings, FoundFile, ScanOptions, ScanResult } from './scan-walk.ts'
import type { WalkedFile } from './walk.ts'

export type { ScanOptions, ScanResult }

const rowsAtOnce = 500
export function createScanner(context: LibraryContext) {
  const { db } = context.database
  const folderStore = createFolderStore(db)
  const photoStore = createPhotoStore(db)
  const walkAll = createScanWalk(context)

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
        // It was read once, so what failed since had to do with another content.
        if (found.row.status === 'failed') findings.again.push(found.row.id)
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
