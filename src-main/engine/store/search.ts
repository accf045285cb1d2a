/**
 * From a condition on photos to one SQL statement. Where the condition demands a person, the statement walks along that
 * person's photos in person_photo, newest first, and only looks up the rest; of several, the one with the fewest photos
 * leads. Missing photos and those of removed folders are never found.
 */
import type { Database } from 'better-sqlite3'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { anyPart, asksPhoto, joined, peopleAlone, predicate, type PhotoCondition, type Sql } from './photo-condition.ts'
import { createStatements } from './statements.ts'

/** A stretch of the camera's clock in seconds: from its first second up to, but without, `until`. */
export interface Span {
  from: number
  until: number
}

/** How far people's photos are counted to find who has the fewest: on only while nobody has come to an end. */
const countedPhotos = [1000, 10_000, 100_000]
/** People who all have so many photos are counted together by merging their rows, which stand in one order. */
const mergedFromPhotos = 10_000

/** A condition without its bounds of time, and the stretch that these leave. */
function splitTaken(condition: PhotoCondition | null): { parts: PhotoCondition[]; span: Span } {
  const all = condition === null ? [] : condition.kind === 'all' ? condition.conditions : [condition]
  const span = { from: -Number.MAX_SAFE_INTEGER, until: Number.MAX_SAFE_INTEGER }
  const parts = all.filter((part) => {
    if (part.kind !== 'taken') return true
    span.from = Math.max(span.from, part.from ?? span.from)
    span.until = Math.min(span.until, part.until ?? span.until)
    return false
  })
  return { parts, span }
}

/** How many of the rows, newest first, fall into each of the spans, newest first too. */
function countInSpans(rows: readonly [takenAt: number, photoId: number][], spans: readonly Span[]): number[] {
  let at = 0
  return spans.map(({ from, until }) => {
    while (at < rows.length && rows[at]![0] >= until) at++
    const first = at
    while (at < rows.length && rows[at]![0] >= from) at++
    return at - first
  })
}

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

  const reach = db
    .prepare(`
      SELECT (SELECT taken_at FROM photos INDEXED BY photos_by_time WHERE hidden = 0 ORDER BY taken_at ASC LIMIT 1),
        (SELECT taken_at FROM photos INDEXED BY photos_by_time WHERE hidden = 0 ORDER BY taken_at DESC LIMIT 1)`)
    .raw()
  const takenAtOf = db.prepare<[number], number>('SELECT taken_at FROM photos WHERE id = ? AND hidden = 0').pluck()

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

  /** FROM and WHERE of the statement, and its columns of id and time; with a span, of the photos taken in it alone. */
  const compile = (condition: PhotoCondition | null, span: Span | null = null) => {
    const together = peopleAlone(condition)
    const parts = condition === null ? [] : condition.kind === 'all' ? condition.conditions : [condition]
    let lead: ReturnType<typeof leading> = null
    for (const counted of countedPhotos) {
      lead = condition && leading(condition, counted)
      if (!lead || lead.photos < counted || (together && counted >= mergedFromPhotos)) break
    }
    const missing = anyMissing.get() === 1
    const inSpan = (takenAt: string): Sql[] =>
      span ? [{ text: `${takenAt} >= ? AND ${takenAt} < ?`, values: [span.from, span.until] }] : []
    if (!lead) {
      const where = [...inSpan('p.taken_at'), ...parts.map((part) => predicate(part, 'p.id', 'p.taken_at', span !== null))]
      where.unshift({ text: `p.hidden = 0${missing ? ' AND p.missing_since IS NULL' : ''}`, values: [] })
      // Paths stand in the table alone: then it is read once from end to end, and what was found is sorted.
      const whole = span === null && condition !== null && anyPart(condition, (kind) => kind === 'folder')
      return {
        photoId: 'p.id',
        takenAt: 'p.taken_at',
        from: { text: `photos p ${whole ? 'NOT INDEXED' : 'INDEXED BY photos_by_time'}`, values: [] },
        where: joined(where, ' AND '),
        whole,
        ordered: !whole,
        led: false,
        merged: null,
      }
    }
    const alone = lead.personIds.length === 1
    const rest = parts.filter((part) => !(alone && part.kind === 'person' && part.personId === lead.personIds[0]))
    const where = rest.map((part) => predicate(part, 'd.photo_id', 'd.taken_at', true))
    if (alone) where.unshift({ text: 'd.person_id = ?', values: lead.personIds }, ...inSpan('d.taken_at'))
    if (missing) where.push({ text: 'p.missing_since IS NULL', values: [] })
    const led: Sql = alone
      ? { text: 'person_photo d', values: [] }
      : {
          text: `(SELECT DISTINCT taken_at, photo_id FROM person_photo
            WHERE person_id IN (${lead.personIds.map(() => '?').join(', ')})${inSpan('taken_at').map(({ text }) => ` AND ${text}`).join('')}) d`,
          values: [...lead.personIds, ...inSpan('taken_at').flatMap(({ values }) => values)],
        }
    const photos = missing || rest.some(asksPhoto) ? ' CROSS JOIN photos p ON p.id = d.photo_id' : ''
    return {
      photoId: 'd.photo_id',
      takenAt: 'd.taken_at',
      from: { text: led.text + photos, values: led.values },
      where: where.length > 0 ? joined(where, ' AND ') : { text: '1', values: [] },
      whole: false,
      ordered: alone,
      led: true,
      merged: !missing && lead.photos >= mergedFromPhotos ? together : null,
    }
  }

  const all = ({ photoId, takenAt, from, where }: ReturnType<typeof compile>) =>
    statements
      .get(`SELECT ${takenAt}, ${photoId} FROM ${from.text} WHERE ${where.text} ORDER BY ${takenAt} DESC, ${photoId} DESC`)
      .raw()
      .all(...from.values, ...where.values) as [takenAt: number, photoId: number][]

  /**
   * Photos of one span stand together in the index that leads: counting them is one statement that reads entries and hands
   * over none. Where a leader's photos are few, or lie in another order, those found are handed over and counted here.
   */
  const countIn = (condition: PhotoCondition | null, spans: readonly Span[]): number[] => {
    const { parts, span } = splitTaken(condition)
    const asked = spans.map(({ from, until }) => ({ from: Math.max(from, span.from), until: Math.min(until, span.until) }))
    const rest: PhotoCondition | null = parts.length === 0 ? null : { kind: 'all', conditions: parts }
    const compiled = compile(rest)
    if (!compiled.ordered || (compiled.led && parts.length > 1)) return countInSpans(all(compile(condition)), asked)
    // Most photos are without most people: so all are counted, and those with them, along their own rows, taken off.
    const without = compiled.led ? undefined : parts.find((part) => part.kind === 'not' && part.condition.kind === 'person')
    if (without?.kind === 'not') {
      const others = parts.filter((part) => part !== without)
      const withThem = countIn({ kind: 'all', conditions: [...others, without.condition] }, asked)
      return countIn({ kind: 'all', conditions: others }, asked).map((photos, i) => photos - withThem[i]!)
    }
    const { takenAt, from, where } = compiled
    return statements
      .get(`SELECT (SELECT count(*) FROM ${from.text} WHERE ${where.text}
          AND ${takenAt} >= (asked.value ->> 0) AND ${takenAt} < (asked.value ->> 1))
        FROM json_each(?) asked ORDER BY asked.id`)
      .pluck()
      .all(...from.values, ...where.values, JSON.stringify(asked.map((each) => [each.from, each.until]))) as number[]
  }

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
    /** How many photos are found in each of the spans, which are given newest first and do not overlap. */
    counts(condition: PhotoCondition | null, spans: readonly Span[]): number[] {
      readFolders()
      return countIn(condition, spans)
    },
    /** When the first and the last photo were taken that can be seen, in seconds; null where there is none. */
    reach(): { first: number; last: number } | null {
      const [first, last] = reach.get() as [number | null, number | null]
      return first === null || last === null ? null : { first, last }
    },
    /** Ids of photos of one span, newest first, from the `offset`th on. */
    idsIn(condition: PhotoCondition | null, span: Span, offset: number, limit: number): number[] {
      readFolders()
      const { photoId, takenAt, from, where } = compile(condition, span)
      return statements
        .get(`SELECT ${photoId} FROM ${from.text} WHERE ${where.text} ORDER BY ${takenAt} DESC, ${photoId} DESC LIMIT ? OFFSET ?`)
        .pluck()
        .all(...from.values, ...where.values, limit, offset) as number[]
    },
    /** How many of the photos found lie before this one, newest first; null where it is not among them. */
    placeOf(condition: PhotoCondition | null, askedId: number): number | null {
      const seconds = takenAtOf.get(askedId)
      if (seconds === undefined) return null
      readFolders()
      const within = compile(condition, { from: seconds, until: seconds + 1 })
      const found = statements
        .get(`SELECT EXISTS (SELECT 1 FROM ${within.from.text} WHERE ${within.where.text} AND ${within.photoId} = ?)`)
        .pluck()
      if (found.get(...within.from.values, ...within.where.values, askedId) !== 1) return null
      const compiled = compile(condition)
      const { photoId, takenAt, from, where, ordered } = compiled
      if (!ordered) return all(compiled).findIndex(([, id]) => id === askedId)
      return statements
        .get(`SELECT count(*) FROM ${from.text} WHERE ${where.text} AND (${takenAt}, ${photoId}) > (?, ?)`)
        .pluck()
        .get(...from.values, ...where.values, seconds, askedId) as number
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
