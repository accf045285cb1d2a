/**
 * Photos of a removed folder and photos that are missing are hidden, and with them their faces. The test costs a look at
 * the photo of every face, so statements over many faces come in two forms, and the cheap one runs while nothing is hidden.
 */
import type { Database } from 'better-sqlite3'

export function createVisibility(db: Database) {
  const anyRemovedOrMissing = db
    .prepare<[], number>(`
      SELECT EXISTS (SELECT 1 FROM folders WHERE removed_at IS NOT NULL)
        OR EXISTS (SELECT 1 FROM photos WHERE missing_since IS NOT NULL)`)
    .pluck()
  /** Whether there may be hidden photos now. */
  const anyHidden = () => anyRemovedOrMissing.get() === 1

  return {
    anyHidden,
    /** The condition on a face called `face`, to stand after others; empty where nothing can be hidden. */
    condition: (hidden: boolean, face = 'f') =>
      hidden ? `AND EXISTS (SELECT 1 FROM photos hp WHERE hp.id = ${face}.photo_id AND hp.hidden = 0)` : '',
    /** Makes each of the two forms when it is first needed, and answers the one that fits now. */
    choose<T>(make: (hidden: boolean) => T): () => T {
      const made = new Map<boolean, T>()
      return () => {
        const hidden = anyHidden()
        if (!made.has(hidden)) made.set(hidden, make(hidden))
        return made.get(hidden)!
      }
    },
  }
}
