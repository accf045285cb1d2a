/** People as rows; listed-people.ts and companions.ts have them as a window sees them. */
import type { Database } from 'better-sqlite3'
import type { Person } from '../../../src-shared/domain.ts'
import { createCompanions } from './companions.ts'
import { createListedPeople } from './listed-people.ts'

export interface PersonRow {
  id: number
  name: string
  /** What makes two names the same; see personNameKey. */
  nameKey: string
  coverFaceId: number | null
  createdAt: string
}

export function createPeopleStore(db: Database) {
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
  const together = db
    .prepare<[number, number], number>(`
      SELECT count(*) FROM person_photo a JOIN person_photo b ON b.photo_id = a.photo_id AND b.person_id = ?
      WHERE a.person_id = ?`)
    .pluck()
  const companions = createCompanions(db)
  const hasFaces = db.prepare<[number], number>('SELECT EXISTS (SELECT 1 FROM faces WHERE person_id = ?)').pluck()

  const { all: listed, one: listOne } = createListedPeople(db)
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
    /** How many photos show both. */
    photosTogether: (personId: number, otherPersonId: number): number => together.get(otherPersonId, personId)!,
    /** Who is on most photos with this person, most first. */
    companions,
    /** People with a face or a suggestion to be seen, those with the most faces first. */
    list: (): Person[] => listed().people,
    get: (personId: number): Person | null => listOne(personId),
  }
}
export type PeopleStore = ReturnType<typeof createPeopleStore>
