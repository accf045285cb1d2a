/** Photos by people, dates, folders and numbers of faces: the query language over one SQL statement. */
import { stat } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import type { MethodOutput, MethodParsedInput, SearchTerm } from '../../../src-shared/api.ts'
import type { PhotoId } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { createPeopleStore } from '../store/people.ts'
import { createPhotoViews } from '../store/photo-views.ts'
import type { PhotoCondition } from '../store/photo-condition.ts'
import { createSearchStore } from '../store/search.ts'
import type { LibraryContext } from './context.ts'
import { nearestNames } from './nearest-names.ts'
import { foldText } from './people.ts'
import { periodsBetween, timelinePeriodOf, type NamedPeriod } from './query-dates.ts'
import { parseQuery, type QueryNode } from './query-language.ts'
import { termsOf } from './query-terms.ts'

function conditionOf(node: QueryNode): PhotoCondition {
  switch (node.kind) {
    case 'person': return { kind: 'person', personId: node.person.id }
    case 'only': return { kind: 'only', personIds: node.people.map(({ id }) => id) }
    case 'date': return { kind: 'taken', from: node.from, until: node.until }
    case 'folder': return { kind: 'folder', key: node.key }
    case 'faces': return { kind: 'faces', least: node.least, most: node.most }
    case 'is': return { kind: node.what }
    case 'not': return { kind: 'not', condition: conditionOf(node.part) }
    case 'both': return { kind: 'all', conditions: node.parts.map(conditionOf) }
    case 'either': return { kind: 'any', conditions: node.parts.map(conditionOf) }
  }
}

/** YYYY-MM: without the day and the time of day. */
const monthOf = (takenAtSeconds: number) => new Date(takenAtSeconds * 1000).toISOString().slice(0, -'-DDTHH:MM:SS.sssZ'.length)

/** How many of the times, newest first, fall into each month. */
function countMonths(takenAt: readonly number[]): { month: string; count: number }[] {
  const months: { month: string; count: number }[] = []
  let monthBegan = Infinity
  for (const seconds of takenAt) {
    if (seconds < monthBegan) {
      const date = new Date(seconds * 1000)
      date.setUTCDate(1)
      monthBegan = date.setUTCHours(0, 0, 0, 0) / 1000
      months.push({ month: monthOf(seconds), count: 0 })
    }
    months.at(-1)!.count++
  }
  return months
}

/** Forty years. */
const mostSecondsByDay = 40 * 365.25 * 86_400

/** A drive that does not answer must not keep anybody waiting: what is not known to be gone is there. */
const answerWithinMs = 500

async function isGone(path: string): Promise<boolean> {
  const gone = stat(path).then(() => false, (error: NodeJS.ErrnoException) => error.code === 'ENOENT' || error.code === 'ENOTDIR')
  return Promise.race([gone, setTimeout(answerWithinMs, false, { ref: false })])
}

export function createSearch(context: LibraryContext) {
  const people = createPeopleStore(context.database.db)
  const photos = createPhotoViews(context.database.db)
  const store = createSearchStore(context.database.db, foldText)

  const read = (query: string): { condition: PhotoCondition | null; terms: SearchTerm[] } => {
    const tree = parseQuery(query, {
      byKey: (nameKey) => people.rowByNameKey(nameKey),
      nearest: (text) => nearestNames(text, people.names()),
    })
    return { condition: tree && conditionOf(tree), terms: termsOf(tree, (nameKey) => people.isPartOfName(nameKey)) }
  }

  return {
    /** @throws KithError query-syntax, unknown-name */
    grid({ query }: MethodParsedInput<'photos.grid'>): MethodOutput<'photos.grid'> {
      const { condition, terms } = read(query)
      const { photoIds, takenAt } = store.all(condition)
      return { total: photoIds.length, photoIds: photoIds as PhotoId[], months: countMonths(takenAt), terms }
    },
    /** @throws KithError query-syntax, unknown-name */
    timeline({ query, by, first }: MethodParsedInput<'photos.timeline'>): MethodOutput<'photos.timeline'> {
      const { condition, terms } = read(query)
      const reach = store.reach()
      const counted = (spans: NamedPeriod[]) => {
        const counts = store.counts(condition, spans)
        return spans.map((span, i) => ({ ...span, photos: counts[i]! })).filter(({ photos }) => photos > 0)
      }
      // One wrong date can make very many days to ask for: then those of the months that have photos.
      const far = reach !== null && reach.last - reach.first > mostSecondsByDay
      let found = reach ? counted(periodsBetween(reach.first, reach.last, far ? 'month' : by)) : []
      if (far && by === 'day') found = counted(found.flatMap(({ from, until }) => periodsBetween(from, until - 1, 'day')))
      return {
        total: found.reduce((sum, { photos }) => sum + photos, 0),
        firstIds: (first > 0 && reach ? store.idsIn(condition, { from: reach.first, until: reach.last + 1 }, 0, first) : []) as PhotoId[],
        periods: found.map(({ name, photos }) => ({ period: name, photos })),
        terms,
      }
    },
    /** @throws KithError query-syntax, unknown-name, invalid-input for what is no period */
    ids({ query, period, offset, limit }: MethodParsedInput<'photos.ids'>): MethodOutput<'photos.ids'> {
      const span = timelinePeriodOf(period)
      if (!span) throw new KithError('invalid-input', `${period} is no year, month or day. Write 2015, 2015-06 or 2015-06-20.`, { field: 'period' })
      return { photoIds: store.idsIn(read(query).condition, span, offset, limit) as PhotoId[] }
    },
    /** @throws KithError query-syntax, unknown-name */
    locate: ({ query, photoId }: MethodParsedInput<'photos.locate'>): MethodOutput<'photos.locate'> => ({
      index: store.placeOf(read(query).condition, photoId),
    }),
    /** @throws KithError query-syntax, unknown-name */
    parse: ({ query }: MethodParsedInput<'query.parse'>): MethodOutput<'query.parse'> => ({ terms: read(query).terms }),
    /** @throws KithError query-syntax, unknown-name, invalid-input for a foreign cursor */
    search({ query, cursor, limit }: MethodParsedInput<'photos.search'>): MethodOutput<'photos.search'> {
      const { total, photoIds, nextCursor } = store.page(read(query).condition, cursor, limit)
      return { total, photos: photos.found(photoIds), nextCursor }
    },
    summaries: ({ photoIds }: MethodParsedInput<'photos.summaries'>): MethodOutput<'photos.summaries'> => ({
      photos: photos.summaries(photoIds),
    }),
    /** A file that went since the folder was scanned is missing, too. @throws KithError not-found */
    async get({ photoId }: MethodParsedInput<'photos.get'>): Promise<MethodOutput<'photos.get'>> {
      const photo = photos.get(photoId)
      if (!photo) throw new KithError('not-found', 'That photo is not in the library any more.')
      return { photo: photo.missing || !(await isGone(photo.path)) ? photo : { ...photo, missing: true } }
    },
  }
}
export type Search = ReturnType<typeof createSearch>
