/** Faces of strangers: those on photos with no named person, and what is known of the faces they look like. */
import type { Database } from 'better-sqlite3'

interface StrangerRow {
  id: number
  photoId: number
  sizePx: number
  share: number
  sharpness: number
  day: number | null
  clusterId: number | null
}

interface DescribedRow {
  id: number
  photoId: number
  known: 0 | 1
  day: number | null
}

/** The day by the camera's clock; what only the file says is no date. */
const day = "CASE p.taken_at_source WHEN 'camera' THEN p.taken_at / 86400 END"

export function createBystanderStore(db: Database) {
  const anyNamed = db.prepare<[], number>('SELECT EXISTS (SELECT 1 FROM person_photo)').pluck()
  const unnamedPage = db.prepare<[number, number], { id: number }>(`
    SELECT id FROM faces WHERE id > ? AND person_id IS NULL AND ignored = 0 ORDER BY id LIMIT ?`)
  const strangersUpTo = db.prepare<[number, number], StrangerRow>(`
    SELECT f.id, f.photo_id AS photoId, f.size_px AS sizePx, f.size_px / max(1, min(p.width_px, p.height_px)) AS share,
      f.sharpness, ${day} AS day, f.cluster_id AS clusterId
    FROM faces f JOIN photos p ON p.id = f.photo_id
    WHERE f.id > ? AND f.id <= ? AND f.person_id IS NULL AND f.ignored = 0 AND f.suggested_person_id IS NULL AND p.hidden = 0
      AND NOT EXISTS (SELECT 1 FROM faces n INDEXED BY faces_by_photo
        WHERE n.photo_id = f.photo_id AND n.person_id IS NOT NULL AND n.ignored = 0)
    ORDER BY f.id`)
  const described = db.prepare<[string], DescribedRow>(`
    SELECT f.id, f.photo_id AS photoId, f.person_id IS NOT NULL OR f.suggested_person_id IS NOT NULL AS known, ${day} AS day
    FROM json_each(?) asked CROSS JOIN faces f ON f.id = asked.value JOIN photos p ON p.id = f.photo_id
    WHERE p.hidden = 0`)
  const sizes = db
    .prepare<[], [number, number]>(`
      SELECT cluster_id, count(*) FROM faces INDEXED BY faces_by_cluster
      WHERE cluster_id IS NOT NULL AND person_id IS NULL AND ignored = 0 GROUP BY cluster_id`)
    .raw()

  return {
    anyNamed: (): boolean => anyNamed.get() === 1,
    /**
     * Unnamed, shown faces without a suggestion, on photos with no named person: of the next `limit` unnamed faces behind
     * `afterId`. `lastId` is where to go on, null at the end.
     */
    strangers(afterId: number, limit: number): { faces: StrangerRow[]; lastId: number | null } {
      const page = unnamedPage.all(afterId, limit)
      const lastId = page.at(-1)?.id ?? null
      return { faces: lastId === null ? [] : strangersUpTo.all(afterId, lastId), lastId: page.length < limit ? null : lastId }
    },
    /** Who the faces are and when they were seen; those that can't be seen are left out. */
    describe: (faceIds: readonly number[]): Map<number, { photoId: number; known: boolean; day: number | null }> =>
      new Map(described.all(JSON.stringify(faceIds)).map(({ id, known, ...face }) => [id, { ...face, known: known === 1 }])),
    /** How many unnamed faces each group has, seen or not. */
    clusterSizes: (): Map<number, number> => new Map(sizes.all()),
  }
}
