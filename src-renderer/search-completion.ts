/** What somebody who types these letters into the search line is likely to mean. */
import type { SearchTerm } from '../src-shared/api.ts'
import type { FaceId, Person } from '../src-shared/domain.ts'
import type { IconName } from './components/Icon.svelte'
import { foldName, matchPeople } from './completion.ts'
import { formatPeriod } from './format.ts'
import { quoteName } from './query-text.ts'
import { datesTerm, folderTerm, onlyTerm, personTerm, type TermDates } from './search-terms.ts'
import { texts } from './texts.ts'
import { joinPeriods, type PeriodCount } from './timeline.ts'

type Keyword = 'only' | 'after' | 'before' | 'in'

export interface Completion {
  key: string
  label: string
  hint: string
  icon: IconName
  faceId: FaceId | null
  /** What is searched for then; or the letters that stand in the line instead, to be typed on. */
  does: { term: SearchTerm } | { query: string } | { typed: string }
}

export interface Known {
  people: readonly Person[]
  /** Newest first. */
  months: readonly PeriodCount[]
  /** Those that begin with what was typed, from the engine. */
  folders: readonly { name: string; photos: number }[]
}

interface Draft {
  negated: boolean
  keyword: Keyword | null
  /** What follows. */
  rest: string
}

const mostCompletions = 8

/** Takes the small words at the beginning apart: without, only, after, before, in. */
export function readDraft(typed: string): Draft {
  let rest = typed.trimStart()
  const take = (words: readonly string[]): boolean => {
    const word = words.find((each) => new RegExp(`^${each}(:|\\s)`, 'iu').test(rest))
    if (word === undefined) return false
    rest = rest.slice(word.length + 1).trimStart()
    return true
  }
  const negated = take(texts.search.words.without) || rest.startsWith('-')
  if (rest.startsWith('-')) rest = rest.slice(1)
  const keyword = (['only', 'after', 'before', 'in'] as const).find((each) => take(texts.search.words[each])) ?? null
  return { negated, keyword, rest }
}

/** What was typed as a query: small words as signs of the query language, everything else as it is. */
export function queryOfDraft(typed: string): string {
  const { negated, keyword, rest } = readDraft(typed)
  if (!negated && keyword === null) return typed.trim()
  const value = keyword === 'in' ? quoteName(rest.trim().replace(/^"|"$/g, '')) : rest.trim()
  return `${negated ? '-' : ''}${keyword === null ? '' : keyword === 'only' ? 'only: ' : `${keyword}:`}${value}`
}

const isDate = (text: string) => /^\d{4}(-\d{1,2}){0,2}$/.test(text)

/** Dates that the letters name: typed as such, or years and months that photos were taken in. */
function datesOf(rest: string, months: readonly PeriodCount[]): { first: string; last: string; label: string }[] {
  const typed = rest.trim()
  const span = /^(\S+?)\s*(?:\.\.|–|\bto\b)\s*(\S+)$/u.exec(typed)
  if (span && isDate(span[1]!) && isDate(span[2]!)) return [{ first: span[1]!, last: span[2]!, label: texts.search.between(formatPeriod(span[1]!), formatPeriod(span[2]!)) }]
  const folded = foldName(typed)
  const fits = (period: string) => period.startsWith(folded) || foldName(formatPeriod(period)).startsWith(folded) || (folded.length > 2 && foldName(formatPeriod(period)).includes(` ${folded}`))
  const years = joinPeriods(months, 'year').map(({ period }) => period).filter((year) => year.startsWith(folded)).slice(0, 4)
  const fitting = /^\d{1,3}$/.test(folded) ? [] : months.map(({ period }) => period).filter(fits).slice(0, 5)
  const exact = isDate(typed) && !years.includes(typed) && !fitting.includes(typed) ? [typed] : []
  return [...exact, ...years, ...fitting].map((period) => ({ first: period, last: period, label: formatPeriod(period) }))
}

/** The engine's answer may be that to fewer letters. */
function fitsFolder(name: string, typed: string): boolean {
  const [folded, begins] = [foldName(name), foldName(typed)]
  return folded.startsWith(begins) || folded.includes(` ${begins}`)
}

/** @param typed all that stands in the line */
export function completeSearch(typed: string, { people, months, folders }: Known): Completion[] {
  const { negated, keyword, rest } = readDraft(typed)
  const bare = rest.replace(/^"/, '').replace(/"$/, '').trim()
  const withSign = (label: string) => (negated ? texts.search.without(label) : label)
  const found: Completion[] = []

  if (bare !== '' && (keyword === null || keyword === 'only'))
    for (const { person, closeness } of matchPeople(bare, people, 6)) {
      if (closeness > 2) continue
      const who = { personId: person.id, name: person.name }
      found.push({
        key: `person ${person.id}`, icon: 'face', faceId: person.coverFaceId, hint: texts.counts.photos(person.photos),
        label: withSign(keyword === 'only' ? texts.search.only(person.name) : person.name),
        does: { term: keyword === 'only' ? { ...onlyTerm([who]), negated } : personTerm(who, negated) },
      })
    }
  if (keyword === null && !negated) found.push(...completeWord(typed))
  if (bare !== '' && keyword !== 'only' && keyword !== 'in')
    for (const { first, last, label } of datesOf(bare, months)) {
      const dates: TermDates = keyword === 'after' ? { form: 'after', first, last: null } : keyword === 'before' ? { form: 'before', first: null, last } : { form: first === last ? 'in' : 'between', first, last }
      const said = keyword === 'after' ? texts.search.after(label) : keyword === 'before' ? texts.search.before(label) : label
      found.push({ key: `date ${first} ${last}`, icon: 'photos', faceId: null, hint: texts.search.dates, label: withSign(said), does: { term: datesTerm(dates, negated) } })
    }
  if (keyword === 'in' || (keyword === null && bare !== ''))
    for (const { name, photos } of folders.filter((folder) => fitsFolder(folder.name, bare)))
      found.push({ key: `folder ${name}`, icon: 'folders', faceId: null, hint: texts.counts.photos(photos), label: withSign(texts.search.inFolder(name)), does: { term: folderTerm(name, negated) } })
  if (keyword === null)
    for (const { text, label } of texts.search.states)
      if (bare !== '' && (text.startsWith(bare.toLowerCase()) || foldName(label).startsWith(foldName(bare))))
        found.push({ key: text, icon: 'search', faceId: null, hint: text, label: withSign(label), does: { query: `${negated ? '-' : ''}${text}` } })
  return found.slice(0, mostCompletions)
}

/** The small words that can begin a part of a search: those that the letters begin, or all for an empty line. */
function completeWord(typed: string): Completion[] {
  const folded = foldName(typed)
  return texts.search.wordHelp
    .filter(({ word }) => word.startsWith(folded) && word !== folded)
    .map(({ word, label, example }) => ({ key: `word ${word}`, icon: 'search', faceId: null, label, hint: example, does: { typed: `${word} ` } }))
}
