/** The journal of decisions: what was decided, in order, and what it takes to put it back. */
import type { Database } from 'better-sqlite3'
import type { JournalEntry, JournalEntryId } from '../../../src-shared/domain.ts'
import { changesOfText, changesToText } from './changes-text.ts'
import type { Changes } from './changes.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'

interface EntryRow {
  id: number
  at: string
  label: string
  state: 'done' | 'undone' | 'superseded'
}

/** A superseded decision is one that was undone and can't come back. */
const toEntry = ({ id, at, label, state }: EntryRow): JournalEntry => ({
  id: id as JournalEntryId,
  at,
  label,
  state: state === 'done' ? 'done' : 'undone',
})

export function createJournalStore(db: Database) {
  const insert = db.prepare<[string, string, string]>(
    "INSERT INTO journal (at, label, changes, state) VALUES (?, ?, ?, 'done')")
  const supersede = db.prepare("UPDATE journal SET state = 'superseded' WHERE state = 'undone'")
  const newestDone = db.prepare<[], EntryRow>(
    "SELECT id, at, label, state FROM journal WHERE state = 'done' ORDER BY id DESC LIMIT 1")
  const oldestUndone = db.prepare<[], EntryRow>(
    "SELECT id, at, label, state FROM journal WHERE state = 'undone' ORDER BY id LIMIT 1")
  const changesOf = db.prepare<[number], string>('SELECT changes FROM journal WHERE id = ?').pluck()
  const setState = db.prepare<[string, number]>('UPDATE journal SET state = ? WHERE id = ?')
  const byId = db.prepare<[number], EntryRow>('SELECT id, at, label, state FROM journal WHERE id = ?')
  const doneAfter = db.prepare<[number], EntryRow>(
    "SELECT id, at, label, state FROM journal WHERE state = 'done' AND id > ? ORDER BY id")
  const withChanges = (row: EntryRow) => ({ entry: toEntry(row), changes: changesOfText(changesOf.get(row.id)!) })
  const before = db.prepare<[number, number], EntryRow>(
    'SELECT id, at, label, state FROM journal WHERE id < ? ORDER BY id DESC LIMIT ?')

  const next = {
    /** The decision that undo would take back. */
    undo: () => newestDone.get() ?? null,
    /** The decision that redo would do again. */
    redo: () => oldestUndone.get() ?? null,
  }

  return {
    /** Adds a decision; those that had been undone can't be done again after it. */
    add(label: string, changes: Changes): JournalEntry {
      supersede.run()
      const at = new Date().toISOString()
      const id = Number(insert.run(at, label, changesToText(changes)).lastInsertRowid)
      return toEntry({ id, at, label, state: 'done' })
    },
    /** A decision with what it changed, or null where there is none of that id. */
    entry(id: number): { entry: JournalEntry; changes: Changes } | null {
      const row = byId.get(id)
      return row ? withChanges(row) : null
    },
    /** The decisions that stand and were taken after this one, oldest first. */
    doneSince: (id: number): { entry: JournalEntry; changes: Changes }[] => doneAfter.all(id).map(withChanges),
    newestDoneId: (): number | null => next.undo()?.id ?? null,
    /** Turns the decision that is next in this direction; answers it with what to replay, or null where there is none. */
    turn(direction: 'undo' | 'redo'): { entry: JournalEntry; changes: Changes } | null {
      const row = next[direction]()
      if (!row) return null
      const state = direction === 'undo' ? 'undone' : 'done'
      setState.run(state, row.id)
      return { entry: toEntry({ ...row, state }), changes: changesOfText(changesOf.get(row.id)!) }
    },
    /** Labels of what undo and redo would turn, for menus. */
    nextLabels: () => ({ undo: next.undo()?.label ?? null, redo: next.redo()?.label ?? null }),
    /** Newest first. @throws KithError invalid-input for a foreign cursor */
    list(cursor: string | null, limit: number): { entries: JournalEntry[]; nextCursor: string | null } {
      const from = decodeCursor('journal', cursor, 1)
      const rows = before.all(from ? Number(from[0]) : Number.MAX_SAFE_INTEGER, limit + 1)
      const entries = rows.slice(0, limit).map(toEntry)
      return { entries, nextCursor: rows.length > limit ? encodeCursor('journal', [entries.at(-1)!.id]) : null }
    },
  }
}
