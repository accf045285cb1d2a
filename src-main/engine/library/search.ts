/** Photos by people, dates, folders and numbers of faces: the query language over one SQL statement. */
import type { MethodOutput, MethodParsedInput, SearchTerm } from '../../../src-shared/api.ts'
import type { PhotoId } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { createPeopleStore } from '../store/people.ts'
import { createPhotoViews } from '../store/photo-views.ts'
import { createSearchStore, type PhotoCondition } from '../store/search.ts'
import type { LibraryContext } from './context.ts'
import { nearestNames } from './nearest-names.ts'
import { foldText } from './people.ts'
import { parseQuery, termsOf, type QueryNode } from './query-language.ts'

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
    /** @throws KithError query-syntax, unknown-name, invalid-input for a foreign cursor */
    search({ query, cursor, limit }: MethodParsedInput<'photos.search'>): MethodOutput<'photos.search'> {
      const { total, photoIds, nextCursor } = store.page(read(query).condition, cursor, limit)
      return { total, photos: photos.found(photoIds), nextCursor }
    },
    summaries: ({ photoIds }: MethodParsedInput<'photos.summaries'>): MethodOutput<'photos.summaries'> => ({
      photos: photos.summaries(photoIds),
    }),
    /** @throws KithError not-found */
    get({ photoId }: MethodParsedInput<'photos.get'>): MethodOutput<'photos.get'> {
      const photo = photos.get(photoId)
      if (!photo) throw new KithError('not-found', 'That photo is not in the library any more.')
      return { photo }
    },
  }
}
export type Search = ReturnType<typeof createSearch>
