/** Groups of unnamed faces, derived from the faces: largest first, in pages by key. */
import type { Database } from 'better-sqlite3'
import type { Cluster, ClusterId, FaceId, PersonId } from '../../../src-shared/domain.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { createVisibility } from './visibility.ts'

interface SuggestionRow {
  personId: number
  personName: string
  probability: number
  distance: number
}

export function createClustersStore(db: Database) {
  const visibility = createVisibility(db)
  const open = 'f.cluster_id IS NOT NULL AND f.person_id IS NULL AND f.ignored = 0'
  const statements = visibility.choose((hidden) => {
    const seen = visibility.condition(hidden)
    return {
      total: db
        .prepare<[], number>(`SELECT count(DISTINCT f.cluster_id) FROM faces f INDEXED BY faces_by_cluster WHERE ${open} ${seen}`)
        .pluck(),
      page: db.prepare<{ size: number; id: number; limit: number }, { id: number; size: number }>(`
        SELECT id, size FROM (
          SELECT f.cluster_id AS id, count(*) AS size FROM faces f INDEXED BY faces_by_cluster
          WHERE ${open} ${seen} GROUP BY f.cluster_id)
        WHERE size < :size OR (size = :size AND id > :id)
        ORDER BY size DESC, id LIMIT :limit`),
      faces: db
        .prepare<[number, number], number>(`
          SELECT f.id FROM faces f WHERE f.cluster_id = ? AND f.person_id IS NULL AND f.ignored = 0 ${seen}
          ORDER BY f.size_px DESC, f.id LIMIT ?`)
        .pluck(),
      // One name for a group: the one that at least half of its faces suggest.
      suggestion: db.prepare<[number, number], SuggestionRow>(`
        SELECT f.suggested_person_id AS personId, people.name AS personName,
          avg(f.suggestion_probability) AS probability, min(f.suggestion_distance) AS distance
        FROM faces f JOIN people ON people.id = f.suggested_person_id
        WHERE f.cluster_id = ? AND f.person_id IS NULL AND f.ignored = 0 ${seen}
        GROUP BY f.suggested_person_id HAVING count(*) * 2 >= ?
        ORDER BY count(*) DESC, f.suggested_person_id LIMIT 1`),
    }
  })

  return {
    /** @throws KithError invalid-input for a foreign cursor */
    list(cursor: string | null, limit: number, facesPerCluster: number): { total: number; clusters: Cluster[]; nextCursor: string | null } {
      const [size, id] = decodeCursor('clusters', cursor, 2) ?? [Number.MAX_SAFE_INTEGER, 0]
      const { total, page, faces, suggestion } = statements()
      const rows = page.all({ size: Number(size), id: Number(id), limit: limit + 1 })
      const clusters = rows.slice(0, limit).map((row): Cluster => {
        const suggested = suggestion.get(row.id, row.size)
        return {
          id: row.id as ClusterId,
          size: row.size,
          faceIds: faces.all(row.id, facesPerCluster) as FaceId[],
          suggestion: suggested ? { ...suggested, personId: suggested.personId as PersonId } : null,
        }
      })
      const last = clusters.at(-1)
      return {
        total: total.get()!,
        clusters,
        nextCursor: rows.length > limit && last ? encodeCursor('clusters', [last.size, last.id]) : null,
      }
    },
  }
}
