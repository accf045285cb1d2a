/** What there is one of for each open database. */
import type { Database } from 'better-sqlite3'

/** @returns gives what `create` made for a database, always the same; it goes when the database does */
export function oncePerDatabase<Made>(create: (db: Database) => Made): (db: Database) => Made {
  const made = new WeakMap<Database, { value: Made }>()
  return (db) => {
    const known = made.get(db)
    if (known) return known.value
    const value = create(db)
    made.set(db, { value })
    return value
  }
}
