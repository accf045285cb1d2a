/** Conditions on photos, as a search puts them together, and each as part of an SQL statement. */

export type PhotoCondition =
  | { kind: 'person'; personId: number }
  /** These people and nobody else, named or not. */
  | { kind: 'only'; personIds: number[] }
  /** Taken at or after `from` and before `until`, in seconds of the camera's clock. */
  | { kind: 'taken'; from: number | null; until: number | null }
  /** `key` is a folded folder name, or several joined by slashes, found whole in the path. */
  | { kind: 'folder'; key: string }
  | { kind: 'faces'; least: number; most: number | null }
  | { kind: 'unnamed' }
  | { kind: 'unknown' }
  | { kind: 'not'; condition: PhotoCondition }
  | { kind: 'all'; conditions: PhotoCondition[] }
  | { kind: 'any'; conditions: PhotoCondition[] }

/** Part of a statement with the values of its question marks, in order. */
export interface Sql {
  text: string
  values: (number | string)[]
}

/** Parts in parentheses, each of which may itself be joined of others. */
export const joined = (parts: Sql[], by: string): Sql => ({
  text: `(${parts.map(({ text }) => text).join(by)})`,
  values: parts.flatMap(({ values }) => values),
})

/**
 * The condition on a photo whose id and time are the columns `photoId` and `takenAt`; further columns come from `p`. `led`
 * says that a person leads, so that few photos are asked.
 */
export function predicate(condition: PhotoCondition, photoId: string, takenAt: string, led: boolean): Sql {
  // Along the primary key (the plus keeps the other index out): its order is the leader's own, so neighbours are at hand.
  const has = (personId: number): Sql => ({
    text: `EXISTS (SELECT 1 FROM person_photo x WHERE x.person_id = ? AND x.taken_at = ${takenAt} AND +x.photo_id = ${photoId})`,
    values: [personId],
  })
  switch (condition.kind) {
    case 'person':
      return has(condition.personId)
    case 'only': {
      const nobodyElse: Sql = {
        text: `p.unnamed_count = 0 AND NOT EXISTS (SELECT 1 FROM person_photo x
          WHERE x.photo_id = ${photoId} AND x.person_id NOT IN (${condition.personIds.map(() => '?').join(', ')}))`,
        values: condition.personIds,
      }
      return joined([...condition.personIds.map(has), nobodyElse], ' AND ')
    }
    case 'taken': {
      const { from, until } = condition
      const bounds: Sql[] = []
      if (from !== null) bounds.push({ text: `${takenAt} >= ?`, values: [from] })
      if (until !== null) bounds.push({ text: `${takenAt} < ?`, values: [until] })
      return joined(bounds, ' AND ')
    }
    case 'folder':
      return { text: 'kith_in_folder(p.folder_id, p.relative_path, ?)', values: [condition.key] }
    case 'faces':
      // What has not been looked at has no count yet.
      return condition.most === null
        ? { text: "(p.status = 'indexed' AND p.face_count >= ?)", values: [condition.least] }
        : { text: "(p.status = 'indexed' AND p.face_count BETWEEN ? AND ?)", values: [condition.least, condition.most] }
    case 'unnamed':
      return { text: 'p.unnamed_count > 0', values: [] }
    case 'unknown': {
      const unknown = 'u.person_id IS NULL AND u.ignored = 0 AND u.suggested_person_id IS NULL AND u.cluster_id IS NULL'
      // Few photos are looked at one by one; for all photos the unknown faces are gathered once.
      const among = led
        ? `EXISTS (SELECT 1 FROM faces u INDEXED BY faces_by_photo WHERE u.photo_id = ${photoId} AND ${unknown})`
        : `${photoId} IN (SELECT u.photo_id FROM faces u INDEXED BY faces_unknown WHERE ${unknown})`
      return { text: `(p.unnamed_count > 0 AND ${among})`, values: [] }
    }
    case 'not': {
      const { text, values } = predicate(condition.condition, photoId, takenAt, led)
      return { text: `NOT ${text}`, values }
    }
    case 'all':
    case 'any': {
      const parts = condition.conditions.map((part) => predicate(part, photoId, takenAt, led))
      return joined(parts, condition.kind === 'all' ? ' AND ' : ' OR ')
    }
  }
}

/** Whether any part of the condition, however deep, is so. */
export function anyPart(condition: PhotoCondition, test: (kind: PhotoCondition['kind']) => boolean): boolean {
  if (condition.kind === 'not') return anyPart(condition.condition, test)
  if (condition.kind === 'all' || condition.kind === 'any') return condition.conditions.some((part) => anyPart(part, test))
  return test(condition.kind)
}
/** The people who are all that a condition asks for, two at least; null where it asks for anything else. */
export function peopleAlone(condition: PhotoCondition | null): number[] | null {
  if (condition?.kind !== 'all') return null
  const personIds = new Set<number>()
  for (const part of condition.conditions) {
    if (part.kind !== 'person') return null
    personIds.add(part.personId)
  }
  return personIds.size > 1 ? [...personIds] : null
}
/** Whether the condition needs columns of the photo itself. */
export const asksPhoto = (condition: PhotoCondition) => anyPart(condition, (kind) => kind !== 'person' && kind !== 'taken')
