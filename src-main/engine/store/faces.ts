/** Faces as a window sees them: one by one, and in filtered pages by key. */
import type { Database } from 'better-sqlite3'
import type { FaceFilter } from '../../../src-shared/api.ts'
import type { AssignedBy, ClusterId, Face, FaceId, PersonId, PhotoId } from '../../../src-shared/domain.ts'
import type { z } from 'zod'
import { toCameraTime } from './camera-time.ts'
import { decodeCursor, encodeCursor, type CursorValue } from './cursor.ts'
import { createStatements } from './statements.ts'
import { createVisibility } from './visibility.ts'

interface FaceViewRow {
  id: number
  photoId: number
  x: number
  y: number
  width: number
  height: number
  score: number
  sizePx: number
  personId: number | null
  personName: string | null
  assignedBy: AssignedBy | null
  ignored: 0 | 1
  clusterId: number | null
  suggestedPersonId: number | null
  suggestedPersonName: string | null
  suggestionProbability: number
  suggestionDistance: number
  takenAt: number
  takenAtSource: 'camera' | 'file'
}

/** A group and a suggestion are for faces without a name; on others they are what the machine left behind. */
function toFace(row: FaceViewRow): Face {
  const open = row.personId === null && row.ignored === 0
  return {
    id: row.id as FaceId,
    photoId: row.photoId as PhotoId,
    box: { x: row.x, y: row.y, width: row.width, height: row.height },
    score: row.score,
    sizePx: row.sizePx,
    personId: row.personId as PersonId | null,
    personName: row.personName,
    assignedBy: row.assignedBy,
    clusterId: open ? (row.clusterId as ClusterId | null) : null,
    suggestion:
      open && row.suggestedPersonName !== null
        ? {
            personId: row.suggestedPersonId as PersonId,
            personName: row.suggestedPersonName,
            probability: row.suggestionProbability,
            distance: row.suggestionDistance,
          }
        : null,
    ignored: row.ignored === 1,
    takenAt: toCameraTime(row.takenAt, row.takenAtSource),
  }
}

/** How one kind of filter walks along its index: where its rows are, their sort key, and where a page goes on. */
interface Walk {
  name: string
  from: string
  /** Columns of the sort key; the face's id is the last. */
  key: readonly string[]
  order: string
  /** True for rows after the key `:k0, :k1 …`. */
  after: string
  conditions: string[]
  /** Counts all rows without looking at each, where that can be. */
  count?: string
}

type Filter = z.infer<typeof FaceFilter>

function walkFor(filter: Filter, hidden: boolean): Walk {
  const visibility = hidden ? ['EXISTS (SELECT 1 FROM photos hp WHERE hp.id = f.photo_id AND hp.hidden = 0)'] : []
  const open = 'f.person_id IS NULL AND f.ignored = 0'
  const conditions = [
    ...(filter.photoId === undefined ? [] : ['f.photo_id = :photoId']),
    ...(filter.unnamed === undefined ? [] : [filter.unnamed ? `(${open})` : 'f.person_id IS NOT NULL']),
    ...(filter.ignored === undefined ? [] : [`f.ignored = ${filter.ignored ? 1 : 0}`]),
    ...(filter.faceIds === undefined ? [] : ['f.id IN (SELECT value FROM json_each(:faceIds))']),
  ]
  const more = conditions.length > 0
  const suggested = filter.suggestedPersonId === undefined ? [] : [`f.suggested_person_id = :suggestedPersonId AND ${open}`]
  const grouped = filter.clusterId === undefined ? [] : [`f.cluster_id = :clusterId AND ${open}`]
  const named = filter.personId === undefined ? [] : ['f.person_id = :personId']

  if (filter.personId !== undefined && !filter.ignored)
    return {
      name: 'person',
      from: `person_photo pp CROSS JOIN faces f
        ON f.photo_id = pp.photo_id AND f.person_id = pp.person_id AND f.ignored = 0`,
      key: ['pp.taken_at', 'pp.photo_id', 'f.id'],
      order: 'pp.taken_at DESC, pp.photo_id DESC, f.id',
      after: '(pp.taken_at, pp.photo_id) <= (:k0, :k1) AND ((pp.taken_at, pp.photo_id) < (:k0, :k1) OR f.id > :k2)',
      conditions: ['pp.person_id = :personId', ...conditions, ...suggested, ...grouped],
      ...(more || suggested.length > 0 || grouped.length > 0
        ? {}
        : { count: 'SELECT coalesce(sum(face_count), 0) FROM person_photo WHERE person_id = :personId' }),
    }
  if (filter.clusterId !== undefined)
    return {
      name: 'cluster',
      from: 'faces f',
      key: ['f.size_px', 'f.id'],
      order: 'f.size_px DESC, f.id',
      after: 'f.size_px <= :k0 AND (f.size_px < :k0 OR f.id > :k1)',
      conditions: [...grouped, ...suggested, ...named, ...conditions, ...visibility],
    }
  if (filter.suggestedPersonId !== undefined)
    return {
      name: 'suggestion',
      from: 'faces f',
      key: ['f.suggestion_probability', 'f.id'],
      order: 'f.suggestion_probability DESC, f.id',
      after: 'f.suggestion_probability <= :k0 AND (f.suggestion_probability < :k0 OR f.id > :k1)',
      conditions: [...suggested, ...named, ...conditions, ...visibility],
    }
  return {
    name: 'all',
    from: 'faces f',
    key: ['f.id'],
    order: 'f.id',
    after: 'f.id > :k0',
    conditions: [...named, ...conditions, ...visibility],
  }
}

/** The values that a filter's statement asks for. */
const valuesOf = ({ personId, suggestedPersonId, clusterId, photoId, faceIds }: Filter) =>
  Object.fromEntries(
    Object.entries({ personId, suggestedPersonId, clusterId, photoId, faceIds: faceIds && JSON.stringify(faceIds) })
      .filter(([, value]) => value !== undefined),
  )

export function createFacesStore(db: Database) {
  const visibility = createVisibility(db)
  const statements = createStatements(db)
  const view = db.prepare<[number], FaceViewRow>(`
    SELECT f.id, f.photo_id AS photoId, f.x, f.y, f.width, f.height, f.score, f.size_px AS sizePx,
      f.person_id AS personId, named.name AS personName, f.assigned_by AS assignedBy, f.ignored,
      f.cluster_id AS clusterId, f.suggested_person_id AS suggestedPersonId, suggested.name AS suggestedPersonName,
      f.suggestion_probability AS suggestionProbability, f.suggestion_distance AS suggestionDistance,
      p.taken_at AS takenAt, p.taken_at_source AS takenAtSource
    FROM faces f
    JOIN photos p ON p.id = f.photo_id
    LEFT JOIN people named ON named.id = f.person_id
    LEFT JOIN people suggested ON suggested.id = f.suggested_person_id
    WHERE f.id = ?`)
  const ofPhoto = db.prepare<[number], number>('SELECT id FROM faces WHERE photo_id = ? ORDER BY x, id').pluck()
  const facesOfCluster = visibility.choose((hidden) => db.prepare<[number], number>(`
    SELECT f.id FROM faces f WHERE f.cluster_id = ? AND f.person_id IS NULL AND f.ignored = 0
      ${visibility.condition(hidden)}
    ORDER BY f.size_px DESC, f.id`).pluck())
  const largestFacesOf = db.prepare<[number, number], number>(`
    SELECT id FROM (SELECT id, size_px FROM faces WHERE person_id = ? AND ignored = 0 LIMIT ?)
    ORDER BY size_px DESC, id LIMIT 1`).pluck()
  const rejectedOf = db.prepare<[number], number>('SELECT person_id FROM rejections WHERE face_id = ?').pluck()
  const rejectionsOf = db.prepare<[number], number>('SELECT face_id FROM rejections WHERE person_id = ?').pluck()
  const namedFacesOf = db.prepare<[number], number>('SELECT id FROM faces WHERE person_id = ? ORDER BY id').pluck()
  const confirmedFacesOf = visibility.choose((hidden) => db.prepare<[number, number], number>(`
    SELECT f.id FROM faces f WHERE f.person_id = ? AND f.assigned_by = 'user' AND f.ignored = 0 AND f.size_px >= ?
      ${visibility.condition(hidden)}`).pluck())
  const suggestedFacesOf = db.prepare<[number], number>(`
    SELECT id FROM faces WHERE suggested_person_id = ? AND person_id IS NULL AND ignored = 0 ORDER BY id`).pluck()

  const byIds = (faceIds: readonly number[]): Face[] =>
    faceIds.flatMap((faceId) => {
      const row = view.get(faceId)
      return row ? [toFace(row)] : []
    })

  return {
    /** The faces in this order; ids that are no more are left out. */
    byIds,
    /** All faces of a photo, ignored ones too, from left to right. */
    ofPhoto: (photoId: number): Face[] => byIds(ofPhoto.all(photoId)),
    /** Ids of the faces of a group that have no name, are not ignored and can be seen; the largest first. */
    unnamedOfCluster: (clusterId: number): number[] => facesOfCluster().all(clusterId),
    /** Every face that carries the name, seen or not. */
    namedIds: (personId: number): number[] => namedFacesOf.all(personId),
    /** Faces that the user named so, that can be seen and are at least that large. */
    confirmedIds: (personId: number, minimumPx: number): number[] => confirmedFacesOf().all(personId, minimumPx),
    /** Every unnamed face for which the person is suggested. */
    suggestedIds: (personId: number): number[] => suggestedFacesOf.all(personId),
    /** The face to stand for a person: the largest of some hundreds. */
    bestFaceOf: (personId: number): number | null => largestFacesOf.get(personId, 500) ?? null,
    /** People refused for a face. */
    rejectedPeople: (faceId: number): number[] => rejectedOf.all(faceId),
    /** Faces a person was refused for. */
    rejectedFaces: (personId: number): number[] => rejectionsOf.all(personId),
    /** Every face that passes the filter and can be seen, in the order of `list`. */
    idsOf(filter: Filter): number[] {
      const { from, conditions, order } = walkFor(filter, visibility.anyHidden())
      return statements.get(`SELECT f.id FROM ${from} WHERE ${conditions.join(' AND ') || '1'} ORDER BY ${order}`).pluck().all(valuesOf(filter)) as number[]
    },
    /**
     * A page of the faces that pass the filter, and how many there are. A person's faces come newest first, those of a
     * group largest first, suggestions likeliest first, others by id.
     * @throws KithError invalid-input for a foreign cursor
     */
    list(filter: Filter, cursor: string | null, limit: number): { total: number; faces: Face[]; nextCursor: string | null } {
      const walk = walkFor(filter, visibility.anyHidden())
      const list = `faces-${walk.name}`
      const after = decodeCursor(list, cursor, walk.key.length)
      const where = walk.conditions.length > 0 ? walk.conditions.join(' AND ') : '1'
      const given = valuesOf(filter)
      const total = statements
        .get(walk.count ?? `SELECT count(*) FROM ${walk.from} WHERE ${where}`)
        .pluck()
        .get(given) as number
      const rows = statements
        .get(`SELECT ${walk.key.join(', ')} FROM ${walk.from}
          WHERE ${where} ${after ? `AND ${walk.after}` : ''} ORDER BY ${walk.order} LIMIT :limit`)
        .raw()
        .all({ ...given, ...Object.fromEntries((after ?? []).map((value, i) => [`k${i}`, value])), limit: limit + 1 }) as CursorValue[][]
      const page = rows.slice(0, limit)
      return {
        total,
        faces: byIds(page.map((row) => row.at(-1) as number)),
        nextCursor: rows.length > limit ? encodeCursor(list, page.at(-1)!) : null,
      }
    },
  }
}
export type FacesStore = ReturnType<typeof createFacesStore>
