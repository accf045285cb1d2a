/** Prepared statements for SQL that is put together from few parts: each text is prepared once and kept. */
import type { Database, Statement } from 'better-sqlite3'

const kept = 100

export function createStatements(db: Database) {
  const bySql = new Map<string, Statement>()
  return {
    get(sql: string): Statement {
      const known = bySql.get(sql)
      if (known) return known
      if (bySql.size >= kept) bySql.delete(bySql.keys().next().value!)
      const statement = db.prepare(sql)
      bySql.set(sql, statement)
      return statement
    },
  }
}
