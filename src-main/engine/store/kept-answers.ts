/** Answers that take a walk over all faces or photos, kept until something is written: windows ask for them again and again. */
import type { Database } from 'better-sqlite3'

/** @returns tells a state of the database from others: another text once this connection has written a row, or another one has */
export function createWriteMark(db: Database): () => string {
  const rowsWritten = db.prepare<[], number>('SELECT total_changes()').pluck()
  const othersVersion = db.prepare<[], number>('PRAGMA data_version').pluck()
  return () => `${rowsWritten.get()!} ${othersVersion.get()!}`
}

/**
 * @returns wraps a question to the database, whose answer must not be changed by whoever gets it. It is asked again when
 * something was written since; an answer that comes later and fails is not kept.
 */
export function createKeptAnswers(db: Database): <T>(ask: () => T) => () => T {
  const markNow = createWriteMark(db)
  return (ask) => {
    let kept: { mark: string; answer: ReturnType<typeof ask> } | null = null
    return () => {
      // What is written in a transaction may be taken back, and the count of rows does not go back then.
      if (db.inTransaction) return ask()
      const mark = markNow()
      if (kept?.mark === mark) return kept.answer
      const asked = { mark, answer: ask() }
      kept = asked
      if (asked.answer instanceof Promise) asked.answer.catch(() => { if (kept === asked) kept = null })
      return asked.answer
    }
  }
}
