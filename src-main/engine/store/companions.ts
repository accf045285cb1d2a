/** Who is on most photos with a person. */
import type { Database } from 'better-sqlite3'
import type { FaceId, PersonId } from '../../../src-shared/domain.ts'
import { coverOf } from './listed-people.ts'
import { createNotedWrites } from './noted-writes.ts'
import { createVisibility } from './visibility.ts'

export interface Companion {
  personId: PersonId
  name: string
  photos: number
  coverFaceId: FaceId | null
}

interface Counted {
  id: number
  photos: number
}

/** Of so many people the answer is kept: of one it takes a walk over all their photos. */
const keptPeople = 20

/** @returns asks for the companions of a person, `limit` at the most, most photos first */
export function createCompanions(db: Database): (personId: number, limit: number) => Companion[] {
  const visibility = createVisibility(db)
  /** Along the person's photos, and of each along the people on it; missing photos can't be found, so don't count. */
  const together = visibility.choose((missing) =>
    db.prepare<[number, number, number], Counted>(`
      SELECT o.person_id AS id, count(*) AS photos
      FROM person_photo d CROSS JOIN person_photo o INDEXED BY person_photo_by_photo ON o.photo_id = d.photo_id
      WHERE d.person_id = ? AND o.person_id <> ?
        ${missing ? 'AND NOT EXISTS (SELECT 1 FROM photos p WHERE p.id = d.photo_id AND p.missing_since IS NOT NULL)' : ''}
      GROUP BY o.person_id ORDER BY photos DESC, o.person_id LIMIT ?`))
  const shown = db.prepare<[string], Companion>(`
    SELECT people.id AS personId, people.name, asked.value ->> 'photos' AS photos, ${coverOf('people')} AS coverFaceId
    FROM json_each(?) asked CROSS JOIN people ON people.id = asked.value ->> 'id'
    ORDER BY asked.key`)
  const noted = createNotedWrites(db)
  const kept = new Map<number, { limit: number; counted: Counted[] }>()

  function countedFor(personId: number, limit: number): Counted[] {
    const count = () => together().all(personId, personId, limit)
    if (db.inTransaction) return count()
    const { everything, company } = noted()
    if (everything) kept.clear()
    for (const id of company) kept.delete(id)
    const known = kept.get(personId)
    if (known?.limit === limit) return known.counted
    const counted = count()
    if (kept.size >= keptPeople) kept.delete(kept.keys().next().value!)
    kept.set(personId, { limit, counted })
    return counted
  }

  return (personId, limit) => shown.all(JSON.stringify(countedFor(personId, limit)))
}
