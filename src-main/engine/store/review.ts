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

  const suggestedPage = (seen: string, personId: number | null, after: Key | null, limit: number): Key[] =>
    statements
      .get(`
        SELECT f.suggestion_probability, f.size_px, f.id
        FROM faces f INDEXED BY ${personId === null ? 'faces_unnamed' : 'faces_by_suggestion'}
        WHERE ${suggested} AND f.suggestion_probability <= :probability
          ${personId === null ? '' : 'AND f.suggested_person_id = :personId'}
          AND (f.suggestion_probability < :probability OR f.size_px < :sizePx OR (f.size_px = :sizePx AND f.id > :id))
          ${seen}
        ORDER BY f.suggestion_probability DESC, f.size_px DESC, f.id LIMIT :limit`)
      .raw()
      .all({
        probability: after?.[0] ?? Number.MAX_VALUE, sizePx: after?.[1] ?? Number.MAX_VALUE, id: after?.[2] ?? 0, limit,
        ...(personId === null ? {} : { personId }),
      }) as Key[]

  const unknownPage = (seen: string, after: Key | null, limit: number): Key[] =>
    statements
      .get(`
        SELECT NULL, f.size_px, f.id FROM faces f INDEXED BY faces_unknown
        WHERE ${unknown} AND f.size_px <= :sizePx AND (f.size_px < :sizePx OR f.id > :id) ${seen}
        ORDER BY f.size_px DESC, f.id LIMIT :limit`)
      .raw()
      .all({ sizePx: after?.[1] ?? Number.MAX_VALUE, id: after?.[2] ?? 0, limit }) as Key[]

  const count = (seen: string, personId: number | null): number => {
    const waiting = statements.get(`
      SELECT count(*) FROM faces f INDEXED BY faces_by_suggestion
      WHERE ${suggested} ${personId === null ? '' : 'AND f.suggested_person_id = :personId'} ${seen}`)
    if (personId !== null) return waiting.pluck().get({ personId }) as number
    const rest = statements.get(`SELECT count(*) FROM faces f INDEXED BY faces_unknown WHERE ${unknown} ${seen}`)
    return (waiting.pluck().get() as number) + (rest.pluck().get() as number)
  }

  return {
    /**
     * A page of face ids, of one person's suggestions alone where `personId` is given, and how many wait in all.
     * @throws KithError invalid-input for a foreign cursor
     */
    list(personId: number | null, cursor: string | null, limit: number): { total: number; faceIds: number[]; nextCursor: string | null } {
      const after = decodeCursor('review', cursor, 3) as Key | null
      const seen = visibility.condition(visibility.anyHidden())
      const rows = after && after[0] === null ? [] : suggestedPage(seen, personId, after, limit + 1)
      if (personId === null && rows.length <= limit)
        rows.push(...unknownPage(seen, after && after[0] === null ? after : null, limit + 1 - rows.length))
      const page = rows.slice(0, limit)
      return {
        total: count(seen, personId),
        faceIds: page.map(([, , id]) => id),
        nextCursor: rows.length > limit ? encodeCursor('review', page.at(-1)!) : null,
      }
    },
  }
}
