/** The folders a person chose. A removed one keeps its row and its photos, hidden, so that adding it again loses nothing. */
import type { Database } from 'better-sqlite3'
import { createKeptUntilNoted } from './noted-writes.ts'
import { createPhotoCounts } from './photo-counts.ts'

export interface FolderRow {
  id: number
  /** Absolute real path. */
  path: string
  removedAt: string | null
  state: 'online' | 'offline'
  lastScannedAt: string | null
  /** Whether the folder was the root of a mounted drive when it was last scanned. */
  isMountPoint: boolean
}

/** Photos of a folder; missing ones are counted apart and in no other number. */
export interface FolderCounts {
  photos: number
  indexed: number
  pending: number
  failed: number
  missing: number
}

interface StoredFolder {
  id: number
  path: string
  removed_at: string | null
  state: 'online' | 'offline'
  last_scanned_at: string | null
}

const mountPointKey = (folderId: number) => `folder-is-mount-point:${folderId}`

export function createFolderStore(db: Database) {
  const photoCounts = createPhotoCounts(db)
  const columns = 'id, path, removed_at, state, last_scanned_at'
  const selectAll = db.prepare<[], StoredFolder>(`SELECT ${columns} FROM folders ORDER BY path`)
  const selectById = db.prepare<[number], StoredFolder>(`SELECT ${columns} FROM folders WHERE id = ?`)
  const selectByPath = db.prepare<[string], StoredFolder>(`SELECT ${columns} FROM folders WHERE path = ?`)
  const insert = db.prepare('INSERT INTO folders (path, added_at) VALUES (?, ?)')
  const updateRemoved = db.prepare('UPDATE folders SET removed_at = ? WHERE id = ?')
  const updateState = db.prepare('UPDATE folders SET state = ? WHERE id = ?')
  const updateScanned = db.prepare("UPDATE folders SET state = 'online', last_scanned_at = ? WHERE id = ?")
  const deleteFolder = db.prepare('DELETE FROM folders WHERE id = ?')
  const hidePhotos = db.prepare('UPDATE photos SET hidden = 1 WHERE folder_id = ?')
  const showPhotos = db.prepare('UPDATE photos SET hidden = (missing_since IS NOT NULL) WHERE folder_id = ?')
  const adoptPhotos = db.prepare(`
    UPDATE OR IGNORE photos SET folder_id = @into, relative_path = @prefix || relative_path,
      hidden = (missing_since IS NOT NULL)
    WHERE folder_id = @from`)
  const countLeft = db.prepare<[number], { left: number }>('SELECT count(*) AS left FROM photos WHERE folder_id = ?')
  // Few photos are missing, wait or failed: each has an index of its own, and the others are the rest.
  const countAll = db.prepare<[], { folderId: number; photos: number }>('SELECT folder_id AS folderId, count(*) AS photos FROM photos GROUP BY folder_id')
  const count = db.prepare<{ folderId: number }, { missing: number; pending: number; failed: number }>(`
    SELECT
      (SELECT count(*) FROM photos INDEXED BY photos_missing WHERE missing_since IS NOT NULL AND folder_id = :folderId) AS missing,
      (SELECT count(*) FROM photos INDEXED BY photos_waiting WHERE status = 'pending' AND missing_since IS NULL AND folder_id = :folderId) AS pending,
      (SELECT count(*) FROM photos INDEXED BY photos_failed WHERE status = 'failed' AND missing_since IS NULL AND folder_id = :folderId) AS failed`)
  const allCounts = createKeptUntilNoted(db, () => new Map(countAll.all().map(({ folderId, photos }): [number, FolderCounts] => {
    const { missing, pending, failed } = count.get({ folderId })!
    return [folderId, { photos: photos - missing, indexed: photos - missing - pending - failed, pending, failed, missing }]
  })), (notes) => notes.photos)
  const selectSetting = db.prepare<[string], { value: string }>('SELECT value FROM settings WHERE key = ?')
  const writeSetting = db.prepare('INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)')

  const toRow = (stored: StoredFolder): FolderRow => ({
    id: stored.id,
    path: stored.path,
    removedAt: stored.removed_at,
    state: stored.state,
    lastScannedAt: stored.last_scanned_at,
    isMountPoint: selectSetting.get(mountPointKey(stored.id))?.value === '1',
  })

  return {
    /** Every folder ever chosen and not adopted by another, by path; removed ones too. */
    all: (): FolderRow[] => selectAll.all().map(toRow),

    byId(folderId: number): FolderRow | undefined {
      const stored = selectById.get(folderId)
      return stored && toRow(stored)
    },

    byPath(path: string): FolderRow | undefined {
      const stored = selectByPath.get(path)
      return stored && toRow(stored)
    },

    counts: (folderId: number): FolderCounts => ({ ...(allCounts().get(folderId) ?? { photos: 0, indexed: 0, pending: 0, failed: 0, missing: 0 }) }),

    /** @returns the new folder's id */
    add: (path: string, at: string): number => Number(insert.run(path, at).lastInsertRowid),

    /** Hides the folder and its photos. */
    remove: db.transaction((folderId: number, at: string): void => {
      updateRemoved.run(at, folderId)
      hidePhotos.run(folderId)
      photoCounts.refreshFolder(folderId)
    }),

    /** Brings a removed folder and its photos back. */
    restore: db.transaction((folderId: number): void => {
      updateRemoved.run(null, folderId)
      showPhotos.run(folderId)
      photoCounts.refreshFolder(folderId)
    }),

    /**
     * Gives the photos of a folder to the one that contains it. A photo whose place is taken there stays where it was, and
     * the folder with it.
     * @param prefix path of `from` inside `into`, with a separator at its end
     */
    adopt: db.transaction((from: number, into: number, prefix: string): void => {
      adoptPhotos.run({ from, into, prefix })
      photoCounts.refreshFolder(into)
      if (countLeft.get(from)!.left === 0) deleteFolder.run(from)
    }),

    setState: (folderId: number, state: 'online' | 'offline'): void => void updateState.run(state, folderId),

    /** Marks the folder as online and scanned. */
    setScanned: db.transaction((folderId: number, at: string, isMountPoint: boolean): void => {
      updateScanned.run(at, folderId)
      writeSetting.run(mountPointKey(folderId), isMountPoint ? '1' : '0')
    }),
  }
}
export type FolderStore = ReturnType<typeof createFolderStore>
