/** What the machine says of faces: names, suggestions and clusters. It is written beside the user's word, never over it. */
import type { Database } from 'better-sqlite3'
import { createPhotoCounts } from './photo-counts.ts'

/** Whose word a face's name is. `closed`: nothing is to be said of it (ignored, or its photo is hidden). */
export type FaceStanding = 'labelled' | 'open' | 'closed'

/** A face with what was last said of it. */
export interface JudgedFace {
  id: number
  photoId: number
  standing: FaceStanding
  personId: number | null
  clusterId: number | null
  suggestedPersonId: number | null
  probability: number | null
  distance: number | null
}

/** What the machine says of a face from now on; a face with a name has no cluster and no suggestion. */
export interface FaceVerdict {
  faceId: number
  photoId: number
  personId: number | null
  clusterId: number | null
  suggestedPersonId: number | null
  probability: number | null
  distance: number | null
  /** Whether personId differs from what stands now, so that the photo's counts do. */
  nameChanges: boolean
}

interface StoredFace extends Omit<JudgedFace, 'standing'> {
  assignedBy: 'user' | 'machine' | null
  ignored: 0 | 1
  hidden: 0 | 1
}

const lastClusterKey = 'last-cluster-id'
const judgedStateKey = 'judged-state'

export function createJudgementStore(db: Database) {
  const photoCounts = createPhotoCounts(db)
  const columns = `f.id, f.photo_id AS photoId, f.person_id AS personId, f.assigned_by AS assignedBy, f.ignored, p.hidden,
    f.cluster_id AS clusterId, f.suggested_person_id AS suggestedPersonId,
    f.suggestion_probability AS probability, f.suggestion_distance AS distance`
  const selectFaces = db.prepare<[number, number], StoredFace>(`
    SELECT ${columns} FROM faces f JOIN photos p ON p.id = f.photo_id WHERE f.id > ? ORDER BY f.id LIMIT ?`)
  const selectByIds = db.prepare<[string], StoredFace>(`
    SELECT ${columns} FROM json_each(?) asked CROSS JOIN faces f ON f.id = asked.value JOIN photos p ON p.id = f.photo_id`)
  const selectRejectionsOf = db.prepare<[string], { faceId: number; personId: number }>(`
    SELECT face_id AS faceId, person_id AS personId FROM rejections
    WHERE face_id IN (SELECT value FROM json_each(?)) ORDER BY face_id, person_id`)
  const selectRejections = db.prepare<[], { faceId: number; personId: number }>(
    'SELECT face_id AS faceId, person_id AS personId FROM rejections ORDER BY face_id, person_id')
  const selectLastCluster = db.prepare<[], { last: number }>(`
    SELECT max(
      coalesce((SELECT CAST(value AS INTEGER) FROM settings WHERE key = '${lastClusterKey}'), 0),
      coalesce((SELECT max(cluster_id) FROM faces
        WHERE cluster_id IS NOT NULL AND person_id IS NULL AND ignored = 0), 0)) AS last`)
  const writeLastCluster = db.prepare(`INSERT OR REPLACE INTO settings (key, value) VALUES ('${lastClusterKey}', ?)`)
  const selectState = db.prepare<[], { state: string }>(`
    SELECT json_array(
      (SELECT max(id) FROM faces), (SELECT count(*) FROM faces),
      (SELECT max(id) FROM journal), (SELECT count(*) FROM journal WHERE state = 'undone'),
      (SELECT count(*) FROM photos) - (SELECT count(*) FROM photos INDEXED BY photos_by_time WHERE hidden = 0),
      (SELECT max(indexed_at) FROM photos)) AS state`)
  const selectJudgedState = db.prepare<[], { value: string }>(`SELECT value FROM settings WHERE key = '${judgedStateKey}'`)
  const writeJudgedState = db.prepare(`INSERT OR REPLACE INTO settings (key, value) VALUES ('${judgedStateKey}', ?)`)
  const update = db.prepare(`
    UPDATE faces SET person_id = @personId, assigned_by = CASE WHEN @personId IS NULL THEN NULL ELSE 'machine' END,
      cluster_id = @clusterId, suggested_person_id = @suggestedPersonId, suggestion_probability = @probability,
      suggestion_distance = @distance
    WHERE id = @faceId AND assigned_by IS NOT 'user'
      AND (@personId IS NULL OR (ignored = 0
        AND EXISTS (SELECT 1 FROM people WHERE id = @personId)
        AND NOT EXISTS (SELECT 1 FROM rejections WHERE face_id = @faceId AND person_id = @personId)))`)
  const count = db.prepare<[], { faces: number; named: number; suggested: number; clusters: number }>(`
    SELECT count(*) AS faces, count(f.person_id) AS named,
      count(f.suggested_person_id) FILTER (WHERE f.person_id IS NULL) AS suggested,
      count(DISTINCT f.cluster_id) FILTER (WHERE f.person_id IS NULL) AS clusters
    FROM faces f JOIN photos p ON p.id = f.photo_id WHERE f.ignored = 0 AND p.hidden = 0`)

  const toJudged = ({ assignedBy, ignored, hidden, ...face }: StoredFace): JudgedFace => ({
    ...face,
    standing: ignored ? 'closed' : assignedBy === 'user' ? 'labelled' : hidden ? 'closed' : 'open',
  })

  return {
    /** Faces by id, `limit` at the most, behind `afterId`. */
    page: (afterId: number, limit: number): JudgedFace[] => selectFaces.all(afterId, limit).map(toJudged),

    /** Those of these faces that are there. */
    byIds: (faceIds: Iterable<number>): JudgedFace[] => selectByIds.all(JSON.stringify([...faceIds])).map(toJudged),

    rejections: (): { faceId: number; personId: number }[] => selectRejections.all(),

    /** Names refused for some faces. */
    rejectionsOf: (faceIds: Iterable<number>): { faceId: number; personId: number }[] =>
      selectRejectionsOf.all(JSON.stringify([...faceIds])),

    /** The highest number a cluster ever had: numbers are not given twice, so that an old one names no other group. */
    lastClusterId: (): number => selectLastCluster.get()!.last,

    /** What judging starts from, in short: it is another after new faces, decisions, and photos hidden or shown. */
    state: (): string => selectState.get()!.state,

    /** The state that was judged last, or null. */
    judgedState: (): string | null => selectJudgedState.get()?.value ?? null,

    /**
     * Writes verdicts. A face that the user named or refused that name for stays as it is.
     * @param lastClusterId the highest number a cluster has now, where groups were made
     * @param judgedState what all that is written comes from, where all of that was judged and grouped
     * @returns how many faces changed
     */
    write: db.transaction((verdicts: readonly FaceVerdict[], lastClusterId?: number, judgedState?: string): number => {
      const photoIds = new Set<number>()
      let changed = 0
      for (const { photoId, nameChanges, ...verdict } of verdicts) {
        const { changes } = update.run(verdict)
        changed += changes
        if (changes && nameChanges) photoIds.add(photoId)
      }
      if (lastClusterId !== undefined) writeLastCluster.run(String(lastClusterId))
      if (judgedState !== undefined) writeJudgedState.run(judgedState)
      if (photoIds.size > 0) photoCounts.refresh(photoIds)
      return changed
    }),

    /** Faces on photos that are shown; ignored ones count for nothing. */
    counts: () => count.get()!,
  }
}
export type JudgementStore = ReturnType<typeof createJudgementStore>
