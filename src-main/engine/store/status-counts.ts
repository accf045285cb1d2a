/** How much there is of everything, from indexes that hold just that, so that a status is cheap in a large library. */
import type { Database } from 'better-sqlite3'
import type { LibraryStatus } from '../../../src-shared/api.ts'
import { createGroups } from './groups.ts'
import { createKeptAnswers } from './kept-answers.ts'
import { createListedPeople } from './listed-people.ts'
import { createKeptUntilNoted } from './noted-writes.ts'
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
      ignored: one(`SELECT count(*) FROM faces f WHERE f.ignored = 1 ${seen}`),
    }
  })
  const listedPeople = createListedPeople(db)
  const groups = createGroups(db)
  // No decision changes these.
  const ofPhotos = createKeptUntilNoted(
    db, () => ({ photos: photos.get()!, pending: pending.get()!, failed: failed.get()!, missing: missing.get()! }), (notes) => notes.photos)
  const allFaces = createKeptUntilNoted(db, () => faces().all.get()!, (notes) => notes.faces)
  const kept = createKeptAnswers(db)
  return {
    /** Photos are those that are there; faces are the sum of the named, the suggested, the unknown and the ignored. */
    read: kept((): Counts => {
      const { photos: allPhotos, pending: waiting, failed: unread, missing: away } = ofPhotos()
      const { faces: named, suggestions: suggested } = listedPeople.all()
      const [all, ignored] = [allFaces(), faces().ignored.get()!]
      return {
        photos: allPhotos,
        indexed: allPhotos - waiting - unread,
        pending: waiting,
        failed: unread,
        missing: away,
        faces: all,
        named,
        suggested,
        unknown: all - ignored - named - suggested,
        ignored,
        people: people.get()!,
        clusters: groups().length,
      }
    }),
  }
}
export type StatusCounts = ReturnType<typeof createStatusCounts>
