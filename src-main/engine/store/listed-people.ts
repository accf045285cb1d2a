/** People as a window sees them: with their counts and a picture that stands for them. */
import type { Database } from 'better-sqlite3'
import type { Person, PersonId } from '../../../src-shared/domain.ts'
import { createKeptRows } from './noted-writes.ts'
import { oncePerDatabase } from './per-database.ts'
import { createVisibility } from './visibility.ts'

/** So many of a person's first faces are looked through for a cover: a few are enough, and all would take long. */
const coverCandidates = 24

/**
 * Where a person's chosen cover is gone, no longer theirs or not to be seen, one of their first faces stands in: the largest of
 * those that are alone on a photo, so that the picture shows nobody else, otherwise the largest.
 */
export const coverOf = (person: string) => `
  coalesce(
    (SELECT f.id FROM faces f JOIN photos p ON p.id = f.photo_id
     WHERE f.id = ${person}.cover_face_id AND f.person_id = ${person}.id AND f.ignored = 0 AND p.hidden = 0),
    (SELECT id FROM (
       SELECT f.id, p.face_count, f.size_px FROM faces f JOIN photos p ON p.id = f.photo_id
       WHERE f.person_id = ${person}.id AND f.ignored = 0 AND p.hidden = 0 ORDER BY f.id LIMIT ${coverCandidates})
     ORDER BY face_count = 1 DESC, size_px DESC, id LIMIT 1))`

interface ListedPerson extends Omit<Person, 'id'> {
  id: number
  /** UTF-8, by which SQLite sorts. */
  nameKey: Buffer
}

export interface ListedPeople {
  /** With a face or a suggestion to be seen, those with the most faces first. */
  people: Person[]
  /** The sums of theirs. */
  faces: number
  suggestions: number
}

const toPerson = ({ id, name, faces, photos, suggestions, coverFaceId }: ListedPerson): Person =>
  ({ id: id as PersonId, name, faces, photos, suggestions, coverFaceId })

function listOf(rows: readonly ListedPerson[]): ListedPeople {
  const sorted = rows.toSorted((a, b) => b.faces - a.faces || Buffer.compare(a.nameKey, b.nameKey))
  return {
    people: sorted.map(toPerson),
    faces: sorted.reduce((sum, { faces }) => sum + faces, 0),
    suggestions: sorted.reduce((sum, { suggestions }) => sum + suggestions, 0),
  }
}

function createFor(db: Database) {
  const visibility = createVisibility(db)
  /** One statement for all or for some: person_photo holds what may be seen; missing photos can't be found, so don't count. */
  const listing = (hidden: boolean, some: boolean) => {
    const asked = (column: string) => (some ? `${column} IN (SELECT value FROM json_each(:ids))` : '1')
    return db.prepare<{ ids?: string }, ListedPerson>(`
      WITH
        named AS (
          SELECT person_id, sum(face_count) AS faces, count(*) AS photos FROM person_photo
          WHERE ${asked('person_id')} GROUP BY person_id),
        away AS (
          SELECT pp.person_id, count(*) AS photos
          FROM photos p INDEXED BY photos_missing CROSS JOIN person_photo pp ON pp.photo_id = p.id
          WHERE p.missing_since IS NOT NULL AND ${asked('pp.person_id')} GROUP BY pp.person_id),
        suggested AS (
          SELECT suggested_person_id AS person_id, count(*) AS faces FROM faces f
          WHERE suggested_person_id IS NOT NULL AND ${asked('suggested_person_id')} AND person_id IS NULL AND ignored = 0
            ${visibility.condition(hidden)}
          GROUP BY suggested_person_id)
      SELECT people.id, people.name, CAST(people.name_key AS BLOB) AS nameKey, coalesce(named.faces, 0) AS faces,
        coalesce(named.photos, 0) - coalesce(away.photos, 0) AS photos, coalesce(suggested.faces, 0) AS suggestions,
        ${coverOf('people')} AS coverFaceId
      FROM people
      LEFT JOIN named ON named.person_id = people.id
      LEFT JOIN away ON away.person_id = people.id
      LEFT JOIN suggested ON suggested.person_id = people.id
      WHERE ${some ? asked('people.id') : 'named.faces > 0 OR suggested.faces > 0'}`)
  }
  const listAll = visibility.choose((hidden) => listing(hidden, false))
  const listSome = visibility.choose((hidden) => listing(hidden, true))
  const seen = ({ faces, suggestions }: ListedPerson) => faces > 0 || suggestions > 0
  const rows = createKeptRows(
    db,
    (ids) => (ids ? listSome().all({ ids: JSON.stringify(ids) }).filter(seen) : listAll().all({})),
    ({ people }) => people,
  )
  let kept: { rows: readonly ListedPerson[]; list: ListedPeople } | null = null
  return {
    all(): ListedPeople {
      const now = rows()
      if (kept?.rows !== now) kept = { rows: now, list: listOf(now) }
      return kept.list
    },
    one(personId: number): Person | null {
      const row = listSome().get({ ids: JSON.stringify([personId]) })
      return row ? toPerson(row) : null
    },
  }
}

/** One for each database, which keeps what it has read: whoever shows or counts people asks the same. */
export const createListedPeople = oncePerDatabase(createFor)
