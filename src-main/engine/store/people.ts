/** People as rows, and as a window sees them: with their counts and a picture that stands for them. */
import type { Database } from 'better-sqlite3'
import type { Person, PersonId } from '../../../src-shared/domain.ts'
import { createVisibility } from './visibility.ts'

export interface PersonRow {
  id: number
  name: string
  /** What makes two names the same; see personNameKey. */
  nameKey: string
  coverFaceId: number | null
  createdAt: string
}

/** Where a person's chosen cover is gone, no longer theirs or not to be seen, the first of their faces stands in. */
const coverOf = (person: string) => `
  coalesce(
    (SELECT f.id FROM faces f JOIN photos p ON p.id = f.photo_id
     WHERE f.id = ${person}.cover_face_id AND f.person_id = ${person}.id AND f.ignored = 0 AND p.hidden = 0),
    (SELECT f.id FROM faces f JOIN photos p ON p.id = f.photo_id
     WHERE f.person_id = ${person}.id AND f.ignored = 0 AND p.hidden = 0 ORDER BY f.id LIMIT 1))`

export function createPeopleStore(db: Database) {
  const visibility = createVisibility(db)
  const rowColumns = 'id, name, name_key AS nameKey, cover_face_id AS coverFaceId, created_at AS createdAt'
  const byId = db.prepare<[number], PersonRow>(`SELECT ${rowColumns} FROM people WHERE id = ?`)
  const byNameKey = db.prepare<[string], PersonRow>(`SELECT ${rowColumns} FROM people WHERE name_key = ?`)
  const names = db.prepare<[], { id: number; name: string; nameKey: string }>(
    'SELECT id, name, name_key AS nameKey FROM people ORDER BY id')
  const namesOf = db.prepare<[string], { id: number; name: string }>(
    'SELECT id, name FROM people WHERE id IN (SELECT value FROM json_each(?))')
  const partOfName = db
    .prepare<[string], number>(
      "SELECT EXISTS (SELECT 1 FROM people WHERE name_key LIKE '% %' AND instr(' ' || name_key || ' ', ' ' || ? || ' ') > 0)")
    .pluck()
  const hasFaces = db.prepare<[number], number>('SELECT EXISTS (SELECT 1 FROM faces WHERE person_id = ?)').pluck()

  /** One statement for all or for one: person_photo holds what may be seen; missing photos can't be found, so don't count. */
  const listing = (hidden: boolean, one: boolean) => db.prepare<{ id?: number }, Omit<Person, 'id'> & { id: number }>(`
    WITH
      named AS (
        SELECT person_id, sum(face_count) AS faces, count(*) AS photos FROM person_photo
        ${one ? 'WHERE person_id = :id' : ''} GROUP BY person_id),
      away AS (
        SELECT pp.person_id, count(*) AS photos
        FROM photos p INDEXED BY photos_missing CROSS JOIN person_photo pp ON pp.photo_id = p.id
        WHERE p.missing_since IS NOT NULL ${one ? 'AND pp.person_id = :id' : ''} GROUP BY pp.person_id),
      suggested AS (
        SELECT suggested_person_id AS person_id, count(*) AS faces FROM faces f
        WHERE suggested_person_id ${one ? '= :id' : 'IS NOT NULL'} AND person_id IS NULL AND ignored = 0
          ${visibility.condition(hidden)}
        GROUP BY suggested_person_id)
    SELECT people.id, people.name, coalesce(named.faces, 0) AS faces,
      coalesce(named.photos, 0) - coalesce(away.photos, 0) AS photos, coalesce(suggested.faces, 0) AS suggestions,
      ${coverOf('people')} AS coverFaceId
    FROM people
    LEFT JOIN named ON named.person_id = people.id
    LEFT JOIN away ON away.person_id = people.id
    LEFT JOIN suggested ON suggested.person_id = people.id
    WHERE ${one ? 'people.id = :id' : 'named.faces > 0 OR suggested.faces > 0'}
    ORDER BY faces DESC, people.name_key`)
  const listAll = visibility.choose((hidden) => listing(hidden, false))
  const listOne = visibility.choose((hidden) => listing(hidden, true))
  const toPerson = (row: Omit<Person, 'id'> & { id: number }): Person => ({ ...row, id: row.id as PersonId })

  return {
    row: (personId: number): PersonRow | null => byId.get(personId) ?? null,
    rowByNameKey: (nameKey: string): PersonRow | null => byNameKey.get(nameKey) ?? null,
    /** Every name there is, also of people without a face left. */
    names: () => names.all(),
    /** Whether the words of this key stand within a name of several words. */
    isPartOfName: (nameKey: string): boolean => partOfName.get(nameKey) === 1,
    /** The names of these people; ids that nobody has are left out. */
    namesOf: (personIds: readonly number[]): Map<number, string> =>
      new Map(namesOf.all(JSON.stringify([...new Set(personIds)])).map(({ id, name }) => [id, name])),
    /** Whether any face carries the name, seen or not. */
    hasFaces: (personId: number): boolean => hasFaces.get(personId) === 1,
    /** People with a face or a suggestion to be seen, those with the most faces first. */
    list: (): Person[] => listAll().all({}).map(toPerson),
    get(personId: number): Person | null {
      const row = listOne().get({ id: personId })
      return row ? toPerson(row) : null
    },
  }
}
export type PeopleStore = ReturnType<typeof createPeopleStore>
