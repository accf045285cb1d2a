/**
 * The queue of faces to answer: those with a suggestion, likeliest first, then the unknown, largest first. Faces of a
 * group without a suggestion are not in it: a group is named at one go.
 */
import type { Database } from 'better-sqlite3'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { createStatements } from './statements.ts'
import { createVisibility } from './visibility.ts'

type Key = [probability: number | null, sizePx: number, id: number]

export function createReviewStore(db: Database) {
  const visibility = createVisibility(db)
  const statements = createStatements(db)
  const suggested = 'f.suggested_person_id IS NOT NULL AND f.person_id IS NULL AND f.ignored = 0'
  const unknown = 'f.suggested_person_id IS NULL AND f.cluster_id IS NULL AND f.person_id IS NULL AND f.ignored = 0'

  /** Faces to leave out; the test is made only where there are any. */
  const without = (except: readonly number[]) => (except.length === 0 ? '' : 'AND f.id NOT IN (SELECT value FROM json_each(:except))')
  const exceptions = (except: readonly number[]) => (except.length === 0 ? {} : { except: JSON.stringify(except) })

  const suggestedPage = (seen: string, personId: number | null, after: Key | null, limit: number, except: readonly number[]): Key[] =>
    statements
      .get(`
        SELECT f.suggestion_probability, f.size_px, f.id
        FROM faces f INDEXED BY ${personId === null ? 'faces_unnamed' : 'faces_by_suggestion'}
        WHERE ${suggested} AND f.suggestion_probability <= :probability
          ${personId === null ? '' : 'AND f.suggested_person_id = :personId'}
          AND (f.suggestion_probability < :probability OR f.size_px < :sizePx OR (f.size_px = :sizePx AND f.id > :id))
          ${seen} ${without(except)}
        ORDER BY f.suggestion_probability DESC, f.size_px DESC, f.id LIMIT :limit`)
      .raw()
      .all({
        probability: after?.[0] ?? Number.MAX_VALUE, sizePx: after?.[1] ?? Number.MAX_VALUE, id: after?.[2] ?? 0, limit,
        ...(personId === null ? {} : { personId }), ...exceptions(except),
      }) as Key[]

  const unknownPage = (seen: string, after: Key | null, limit: number, except: readonly number[]): Key[] =>
    statements
      .get(`
        SELECT NULL, f.size_px, f.id FROM faces f INDEXED BY faces_unknown
        WHERE ${unknown} AND f.size_px <= :sizePx AND (f.size_px < :sizePx OR f.id > :id) ${seen} ${without(except)}
        ORDER BY f.size_px DESC, f.id LIMIT :limit`)
      .raw()
      .all({ sizePx: after?.[1] ?? Number.MAX_VALUE, id: after?.[2] ?? 0, limit, ...exceptions(except) }) as Key[]

  const count = (seen: string, personId: number | null, except: readonly number[]): number => {
    const waiting = statements.get(`
      SELECT count(*) FROM faces f INDEXED BY faces_by_suggestion
      WHERE ${suggested} ${personId === null ? '' : 'AND f.suggested_person_id = :personId'} ${seen} ${without(except)}`)
    if (personId !== null) return waiting.pluck().get({ personId, ...exceptions(except) }) as number
    const rest = statements.get(`SELECT count(*) FROM faces f INDEXED BY faces_unknown WHERE ${unknown} ${seen} ${without(except)}`)
    return (waiting.pluck().get(exceptions(except)) as number) + (rest.pluck().get(exceptions(except)) as number)
  }

  return {
    /** Those of the faces that are in the queue, in the order given. */
    waiting(personId: number | null, faceIds: readonly number[]): number[] {
      const scope = personId === null ? `(${suggested} OR ${unknown})` : `${suggested} AND f.suggested_person_id = :personId`
      return statements
        .get(`
          SELECT f.id FROM json_each(:faceIds) asked CROSS JOIN faces f ON f.id = asked.value
          WHERE ${scope} ${visibility.condition(visibility.anyHidden())} ORDER BY asked.key`)
        .pluck()
        .all({ faceIds: JSON.stringify(faceIds), ...(personId === null ? {} : { personId }) }) as number[]
    },
    /**
     * A page of face ids, of one person's suggestions alone where `personId` is given, and how many wait in all; `except`
     * is neither listed nor counted.
     * @throws KithError invalid-input for a foreign cursor
     */
    list(personId: number | null, cursor: string | null, limit: number, except: readonly number[] = []): { total: number; faceIds: number[]; nextCursor: string | null } {
      const after = decodeCursor('review', cursor, 3) as Key | null
      const seen = visibility.condition(visibility.anyHidden())
      const rows = after && after[0] === null ? [] : suggestedPage(seen, personId, after, limit + 1, except)
      if (personId === null && rows.length <= limit)
        rows.push(...unknownPage(seen, after && after[0] === null ? after : null, limit + 1 - rows.length, except))
      const page = rows.slice(0, limit)
      return {
        total: count(seen, personId, except),
        faceIds: page.map(([, , id]) => id),
        nextCursor: rows.length > limit ? encodeCursor('review', page.at(-1)!) : null,
      }
    },
  }
}
