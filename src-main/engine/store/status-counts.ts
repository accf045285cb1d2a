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
  const people = one('SELECT count(*) FROM people WHERE EXISTS (SELECT 1 FROM faces WHERE person_id = people.id)')
  const faces = visibility.choose((hidden) => {
    const seen = visibility.condition(hidden)
    return {
      all: one(`SELECT count(*) FROM faces f ${seen.replace(/^AND/, "WHERE")}`),
      withName: one(`SELECT count(*) FROM faces f WHERE f.person_id IS NOT NULL ${seen}`),
      suggested: one(`
        SELECT count(*) FROM faces f WHERE f.suggested_person_id IS NOT NULL AND f.person_id IS NULL AND f.ignored = 0 ${seen}`),
      ignored: one(`SELECT count(*) FROM faces f WHERE f.ignored = 1 ${seen}`),
      ignoredWithName: one(`
        SELECT count(*) FROM faces f INDEXED BY faces_ignored WHERE f.ignored = 1 AND f.person_id IS NOT NULL ${seen}`),
      clusters: one(`
        SELECT count(DISTINCT f.cluster_id) FROM faces f
        WHERE f.cluster_id IS NOT NULL AND f.person_id IS NULL AND f.ignored = 0 ${seen}`),
    }
  })
  return {
    /** Photos are those that are there; faces are the sum of the named, the suggested, the unknown and the ignored. */
    read(): Counts {
      const [allPhotos, waiting, unread] = [photos.get()!, pending.get()!, failed.get()!]
      const visible = faces()
      const [all, ignored, suggested] = [visible.all.get()!, visible.ignored.get()!, visible.suggested.get()!]
      const named = visible.withName.get()! - visible.ignoredWithName.get()!
      return {
        photos: allPhotos,
        indexed: allPhotos - waiting - unread,
        pending: waiting,
        failed: unread,
        missing: missing.get()!,
        faces: all,
        named,
        suggested,
        unknown: all - ignored - named - suggested,
        ignored,
        people: people.get()!,
        clusters: visible.clusters.get()!,
      }
    },
  }
}
export type StatusCounts = ReturnType<typeof createStatusCounts>
