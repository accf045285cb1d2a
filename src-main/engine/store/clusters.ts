/** Groups of unnamed faces, derived from the faces: largest first, in pages by key. */
import type { Database } from 'better-sqlite3'
import type { Cluster, ClusterId, FaceId, PersonId } from '../../../src-shared/domain.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { createGroups, type Group } from './groups.ts'
import { createVisibility } from './visibility.ts'

interface SuggestionRow {
  clusterId: number
  faces: number
  personId: number
  personName: string
  probability: number
  distance: number
}

export function createClustersStore(db: Database) {
  const visibility = createVisibility(db)
  const statements = visibility.choose((hidden) => {
    const seen = visibility.condition(hidden)
    return {
      faces: db
        .prepare<[number, number], number>(`
          SELECT f.id FROM faces f WHERE f.cluster_id = ? AND f.person_id IS NULL AND f.ignored = 0 ${seen}
          ORDER BY f.size_px DESC, f.id LIMIT ?`)
        .pluck(),
      // Along the suggestions, which are fewer than the faces of large groups.
      suggestions: db.prepare<[string], SuggestionRow>(`
        SELECT f.cluster_id AS clusterId, count(*) AS faces, f.suggested_person_id AS personId, people.name AS personName,
          avg(f.suggestion_probability) AS probability, min(f.suggestion_distance) AS distance
        FROM faces f INDEXED BY faces_by_suggestion JOIN people ON people.id = f.suggested_person_id
        WHERE f.suggested_person_id IS NOT NULL AND f.person_id IS NULL AND f.ignored = 0
          AND f.cluster_id IN (SELECT value FROM json_each(?)) ${seen}
        GROUP BY f.cluster_id, f.suggested_person_id ORDER BY faces DESC, f.suggested_person_id`),
    }
  })
  const allGroups = createGroups(db)

  /** One name for a group: the one that at least half of its faces suggest. */
  function suggestionsFor(groups: readonly Group[]): Map<number, Cluster['suggestion']> {
    const sizes = new Map(groups.map(({ id, size }) => [id, size]))
    const found = new Map<number, Cluster['suggestion']>()
    for (const { clusterId, faces, ...suggestion } of statements().suggestions.all(JSON.stringify([...sizes.keys()])))
      if (faces * 2 >= sizes.get(clusterId)! && !found.has(clusterId)) found.set(clusterId, { ...suggestion, personId: suggestion.personId as PersonId })
    return found
  }

  return {
    /** @throws KithError invalid-input for a foreign cursor */
    list(cursor: string | null, limit: number, facesPerCluster: number): { total: number; clusters: Cluster[]; nextCursor: string | null } {
      const [size, id] = decodeCursor('clusters', cursor, 2) ?? [Number.MAX_SAFE_INTEGER, 0]
      const { faces } = statements()
      const groups = allGroups()
      const first = groups.findIndex((group) => group.size < Number(size) || (group.size === Number(size) && group.id > Number(id)))
      const rows = first < 0 ? [] : groups.slice(first, first + limit + 1)
      const suggestions = suggestionsFor(rows)
      const clusters = rows.slice(0, limit).map((row): Cluster => ({
        id: row.id as ClusterId,
        size: row.size,
        faceIds: faces.all(row.id, facesPerCluster) as FaceId[],
        suggestion: suggestions.get(row.id) ?? null,
      }))
      const last = clusters.at(-1)
      return {
        total: groups.length,
        clusters,
        nextCursor: rows.length > limit && last ? encodeCursor('clusters', [last.size, last.id]) : null,
      }
    },
  }
}
