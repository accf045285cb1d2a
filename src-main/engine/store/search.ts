/**
 * From a condition on photos to one SQL statement. Where the condition demands a person, the statement walks along that
 * person's photos in person_photo, newest first, and only looks up the rest; of several, the one with the fewest photos
 * leads. Missing photos and those of removed folders are never found.
 */
import type { Database } from 'better-sqlite3'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { createStatements } from './statements.ts'

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
interface Sql {
  text: string
  values: (number | string)[]
}

/** How far people's photos are counted to find who has the fewest: on only while nobody has come to an end. */
const countedPhotos = [1000, 10_000, 100_000]
/** People who all have so many photos are counted together by merging their rows, which stand in one order. */
const mergedFromPhotos = 10_000

const joined = (parts: Sql[], by: string): Sql => ({
  text: `(${parts.map(({ text }) => text).join(by)})`,
  values: parts.flatMap(({ values }) => values),
})

/**
 * The condition on a photo whose id and time are the columns `photoId` and `takenAt`; further columns come from `p`. `led`
 * says that a person leads, so that few photos are asked.
 */
function predicate(condition: PhotoCondition, photoId: string, takenAt: string, led: boolean): Sql {
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
function anyPart(condition: PhotoCondition, test: (kind: PhotoCondition['kind']) => boolean): boolean {
  if (condition.kind === 'not') return anyPart(condition.condition, test)
  if (condition.kind === 'all' || condition.kind === 'any') return condition.conditions.some((part) => anyPart(part, test))
  return test(condition.kind)
}
/** The people who are all that a condition asks for, two at least; null where it asks for anything else. */
function peopleAlone(condition: PhotoCondition | null): number[] | null {
  if (condition?.kind !== 'all') return null
  const personIds = new Set<number>()
  for (const part of condition.conditions) {
    if (part.kind !== 'person') return null
    personIds.add(part.personId)
  }
  return personIds.size > 1 ? [...personIds] : null
}
const asksPhoto = (condition: PhotoCondition) => anyPart(condition, (kind) => kind !== 'person' && kind !== 'taken')

/**
 * `fold` makes folder names comparable, as the caller has made those in conditions.
 */
export function createSearchStore(db: Database, fold: (text: string) => string) {
  const statements = createStatements(db)
  const photosOf = db
    .prepare<[number, number], number>('SELECT count(*) FROM (SELECT 1 FROM person_photo WHERE person_id = ? LIMIT ?)')
    .pluck()
  const anyMissing = db
    .prepare<[], number>('SELECT EXISTS (SELECT 1 FROM photos INDEXED BY photos_missing WHERE missing_since IS NOT NULL)')
    .pluck()
  const folderPaths = db.prepare<[], { id: number; path: string }>('SELECT id, path FROM folders')

  /** Each directory is compared once a search; mostly the next photo is of the same as the last. */
  let foldedFolders = new Map<number, string>()
  const answers = new Map<string, 0 | 1>()
  const last = { folderId: 0, directory: '', key: '', answer: 0 as 0 | 1 }
  const foldPath = (path: string) => path.split(/[\\/]/u).filter(Boolean).map(fold).join('/')
  const directoryOf = (path: string) => path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  const inFolder = (folderId: number, relativePath: string, key: string): 0 | 1 => {
    const directory = directoryOf(relativePath)
    if (directory === last.directory && folderId === last.folderId && key === last.key) return last.answer
    const asked = `${folderId}\n${key}\n${directory}`
    let answer = answers.get(asked)
    if (answer === undefined) {
      answer = `/${foldedFolders.get(folderId) ?? ''}/${foldPath(directory)}/`.includes(`/${key}/`) ? 1 : 0
      answers.set(asked, answer)
    }
    Object.assign(last, { folderId, directory, key, answer })
    return answer
  }
  db.function('kith_in_folder', { deterministic: true }, (folderId, relativePath, key) =>
    inFolder(Number(folderId), String(relativePath), String(key)))
  const readFolders = () => {
    answers.clear()
    last.folderId = 0
    foldedFolders = new Map(folderPaths.all().map(({ id, path }) => [id, foldPath(path)]))
  }

  /** People of whom every photo found must show at least one, the fewest photos that can be; null where there are none. */
  const leading = (condition: PhotoCondition, counted: number): { personIds: number[]; photos: number } | null => {
    const fewest = (some: ({ personIds: number[]; photos: number } | null)[]) =>
      some.reduce((best, next) => (next && (!best || next.photos < best.photos) ? next : best), null)
    const one = (personId: number) => ({ personIds: [personId], photos: photosOf.get(personId, counted)! })
    switch (condition.kind) {
      case 'person': return one(condition.personId)
      case 'only': return fewest(condition.personIds.map(one))
      case 'all': return fewest(condition.conditions.map((part) => leading(part, counted)))
      case 'any': {
        const each = condition.conditions.map((part) => leading(part, counted))
        if (each.some((part) => part === null)) return null
        const personIds = [...new Set(each.flatMap((part) => part!.personIds))]
        return { personIds, photos: each.reduce((sum, part) => sum + part!.photos, 0) }
      }
      default: return null
    }
  }

  /** FROM and WHERE of the statement, and its columns of id and time. */
  const compile = (condition: PhotoCondition | null) => {
    const together = peopleAlone(condition)
    const parts = condition === null ? [] : condition.kind === 'all' ? condition.conditions : [condition]
    let lead: ReturnType<typeof leading> = null
    for (const counted of countedPhotos) {
      lead = condition && leading(condition, counted)
      if (!lead || lead.photos < counted || (together && counted >= mergedFromPhotos)) break
    }
    const missing = anyMissing.get() === 1
    if (!lead) {
      const where = parts.map((part) => predicate(part, 'p.id', 'p.taken_at', false))
      where.unshift({ text: `p.hidden = 0${missing ? ' AND p.missing_since IS NULL' : ''}`, values: [] })
      // Paths stand in the table alone: then it is read once from end to end, and what was found is sorted.
      const whole = condition !== null && anyPart(condition, (kind) => kind === 'folder')
      return {
        photoId: 'p.id',
        takenAt: 'p.taken_at',
        from: { text: `photos p ${whole ? 'NOT INDEXED' : 'INDEXED BY photos_by_time'}`, values: [] },
        where: joined(where, ' AND '),
        whole,
        merged: null,
      }
    }
    const alone = lead.personIds.length === 1
    const rest = parts.filter((part) => !(alone && part.kind === 'person' && part.personId === lead.personIds[0]))
    const where = rest.map((part) => predicate(part, 'd.photo_id', 'd.taken_at', true))
    if (alone) where.unshift({ text: 'd.person_id = ?', values: lead.personIds })
    if (missing) where.push({ text: 'p.missing_since IS NULL', values: [] })
    const led: Sql = alone
      ? { text: 'person_photo d', values: [] }
      : {
          text: `(SELECT DISTINCT taken_at, photo_id FROM person_photo
            WHERE person_id IN (${lead.personIds.map(() => '?').join(', ')})) d`,
          values: lead.personIds,
        }
    const photos = missing || rest.some(asksPhoto) ? ' CROSS JOIN photos p ON p.id = d.photo_id' : ''
    return {
      photoId: 'd.photo_id',
      takenAt: 'd.taken_at',
      from: { text: led.text + photos, values: led.values },
      where: where.length > 0 ? joined(where, ' AND ') : { text: '1', values: [] },
      whole: false,
      merged: !missing && lead.photos >= mergedFromPhotos ? together : null,
    }
  }

  const all = ({ photoId, takenAt, from, where }: ReturnType<typeof compile>) =>
    statements
      .get(`SELECT ${takenAt}, ${photoId} FROM ${from.text} WHERE ${where.text} ORDER BY ${takenAt} DESC, ${photoId} DESC`)
      .raw()
      .all(...from.values, ...where.values) as [takenAt: number, photoId: number][]

  /** How many photos show all these people. The order is what makes SQLite merge, several times as fast as looking each up. */
  const countTogether = (personIds: readonly number[]) =>
    statements
      .get(`SELECT count(*) FROM (
        ${personIds.map(() => 'SELECT taken_at, photo_id FROM person_photo WHERE person_id = ?').join(' INTERSECT ')}
        ORDER BY taken_at DESC, photo_id DESC LIMIT -1)`)
      .pluck()
      .get(...personIds) as number

  return {
    /**
     * A page of photo ids, newest first, and how many photos there are. The page stops at its limit; the total walks the
     * leading person's photos to their end.
     * @throws KithError invalid-input for a foreign cursor
     */
    page(condition: PhotoCondition | null, cursor: string | null, limit: number): { total: number; photoIds: number[]; nextCursor: string | null } {
      const after = decodeCursor('search', cursor, 2) as [takenAt: number, photoId: number] | null
      readFolders()
      const compiled = compile(condition)
      const { photoId, takenAt, from, where, whole, merged } = compiled
      const values = [...from.values, ...where.values]
      const pageOf = (rows: [takenAt: number, photoId: number][], total: number) => {
        const page = rows.slice(0, limit)
        const nextCursor = rows.length > limit ? encodeCursor('search', page.at(-1)!) : null
        return { total, photoIds: page.map(([, id]) => id), nextCursor }
      }
      if (whole) {
        const rows = all(compiled)
        const start = after ? rows.findIndex(([time, id]) => time < after[0] || (time === after[0] && id < after[1])) : 0
        return pageOf(start < 0 ? [] : rows.slice(start, start + limit + 1), rows.length)
      }
      const rows = statements
        .get(`SELECT ${takenAt}, ${photoId} FROM ${from.text} WHERE ${where.text}
          ${after ? `AND (${takenAt}, ${photoId}) < (?, ?)` : ''} ORDER BY ${takenAt} DESC, ${photoId} DESC LIMIT ?`)
        .raw()
        .all(...values, ...(after ?? []), limit + 1) as [number, number][]
      if (after === null && rows.length <= limit) return pageOf(rows, rows.length)
      if (merged) return pageOf(rows, countTogether(merged))
      const count = statements.get(`SELECT count(*) FROM ${from.text} WHERE ${where.text}`).pluck()
      return pageOf(rows, count.get(...values) as number)
    },
    /** Ids and times (seconds) of every photo that is found, newest first. */
    all(condition: PhotoCondition | null): { photoIds: number[]; takenAt: number[] } {
      readFolders()
      const rows = all(compile(condition))
      return { photoIds: rows.map(([, id]) => id), takenAt: rows.map(([time]) => time) }
    },
  }
}
export type SearchStore = ReturnType<typeof createSearchStore>
