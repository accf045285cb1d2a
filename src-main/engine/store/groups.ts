/** How large each group of unnamed faces is. */
import type { Database } from 'better-sqlite3'
import { createKeptRows } from './noted-writes.ts'
import { oncePerDatabase } from './per-database.ts'
import { createVisibility } from './visibility.ts'

export interface Group {
  id: number
  size: number
}

function createFor(db: Database): () => readonly Group[] {
  const visibility = createVisibility(db)
  const listing = (some: boolean) => visibility.choose((hidden) =>
    db.prepare<{ ids?: string }, Group>(`
      SELECT f.cluster_id AS id, count(*) AS size FROM faces f INDEXED BY faces_by_cluster
      WHERE f.cluster_id IS NOT NULL AND f.person_id IS NULL AND f.ignored = 0
        ${some ? 'AND f.cluster_id IN (SELECT value FROM json_each(:ids))' : ''} ${visibility.condition(hidden)}
      GROUP BY f.cluster_id`))
  const [all, some] = [listing(false), listing(true)]
  const rows = createKeptRows(db, (ids) => (ids ? some().all({ ids: JSON.stringify(ids) }) : all().all({})), ({ clusters }) => clusters)
  let kept: { rows: readonly Group[]; groups: readonly Group[] } | null = null
  return () => {
    const now = rows()
    if (kept?.rows !== now) kept = { rows: now, groups: now.toSorted((a, b) => b.size - a.size || a.id - b.id) }
    return kept.groups
  }
}

/** @returns all groups with a face to be seen, the largest first; one for each database, which keeps what it has read */
export const createGroups = oncePerDatabase(createFor)
