/** How much there is of everything, from indexes that hold just that, so that a status is cheap in a large library. */
import type { Database } from 'better-sqlite3'
import type { LibraryStatus } from '../../../src-shared/api.ts'
import { createVisibility } from './visibility.ts'

type Counts = LibraryStatus['counts']

export function createStatusCounts(db: Database) {
  const visibility = createVisibility(db)
  const one = (sql: string) => db.prepare<[], number>(sql).pluck()
  const photos = one('SELECT count(*) FROM photos WHERE hidden = 0')
  const pending = one("SELECT count(*) FROM photos WHERE status = 'pending' AND hidden = 0")
  const failed = one("SELECT count(*) FROM photos WHERE status = 'failed' AND hidden = 0")
  const missing = one(`
    SELECT count(*) FROM photos JOIN folders ON folders.id = photos.folder_id
    WHERE photos.missing_since IS NOT NULL AND folders.removed_at IS NULL`)
  const people = one('SELECT count(DISTINCT person_id) FROM faces WHERE person_id IS NOT NULL')
  const faces = visibility.choose((hidden) => {
    const count = (condition: string) => one(`SELECT count(*) FROM faces f WHERE ${condition} ${visibility.condition(hidden)}`)
    return {
      named: count('f.person_id IS NOT NULL AND f.ignored = 0'),
      suggested: count('f.suggested_person_id IS NOT NULL AND f.person_id IS NULL AND f.ignored = 0'),
      unnamed: count('f.person_id IS NULL AND f.ignored = 0'),
      ignored: count('f.ignored = 1'),
      clusters: one(`
        SELECT count(DISTINCT f.cluster_id) FROM faces f
        WHERE f.cluster_id IS NOT NULL AND f.person_id IS NULL AND f.ignored = 0 ${visibility.condition(hidden)}`),
    }
  })
  return {
    /** Photos are those that are there; faces are the sum of the named, the suggested, the unknown and the ignored. */
    read(): Counts {
      const visible = faces()
      const [all, waiting, unread] = [photos.get()!, pending.get()!, failed.get()!]
      const [named, suggested, unnamed, ignored] = [visible.named.get()!, visible.suggested.get()!, visible.unnamed.get()!, visible.ignored.get()!]
      return {
        photos: all,
        indexed: all - waiting - unread,
        pending: waiting,
        failed: unread,
        missing: missing.get()!,
        faces: named + unnamed + ignored,
        named,
        suggested,
        unknown: unnamed - suggested,
        ignored,
        people: people.get()!,
        clusters: visible.clusters.get()!,
      }
    },
  }
}
export type StatusCounts = ReturnType<typeof createStatusCounts>
