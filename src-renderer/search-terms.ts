/** Parts of a search as chips change them, each printed back into the query language. The engine alone reads that language. */
import type { SearchTerm } from '../src-shared/api.ts'
import { foldName } from './completion.ts'
import { joinTerms, quoteName } from './query-text.ts'

export type TermPerson = SearchTerm['people'][number]
export type TermDates = NonNullable<SearchTerm['dates']>

/** What has to be known of names to print them: whether a bare name could be read as part of somebody's longer one. */
export type IsPartOfName = (name: string) => boolean

/** Tells names that stand within another of these names. */
export function partsOfNames(names: readonly string[]): IsPartOfName {
  const longer = names.map((name) => ` ${foldName(name)} `).filter((name) => name.trim().includes(' '))
  return (name) => longer.some((other) => other.includes(` ${foldName(name)} `))
}

function spellName(name: string, isPartOfName: IsPartOfName): string {
  return isPartOfName(name) ? `"${name.replace(/["\\]/g, '\\$&')}"` : quoteName(name)
}

export function spellDates({ form, first, last }: TermDates): string {
  switch (form) {
    case 'in': return first ?? ''
    case 'between': return `${first ?? ''}..${last ?? ''}`
    case 'after': return `after:${first ?? ''}`
    case 'before': return `before:${last ?? ''}`
  }
}

/** A part in the query language, out of what it is about; what chips do not change keeps the engine's own spelling. */
export function spellTerm(term: SearchTerm, isPartOfName: IsPartOfName): string {
  const sign = term.negated ? '-' : ''
  const names = term.people.map(({ name }) => spellName(name, isPartOfName))
  if (term.kind === 'person') return sign + names[0]!
  if (term.kind === 'only') return `${sign}only:(${names.join(' ')})`
  if (term.kind === 'or' && names.length > 0) return `${sign}(${names.join(' | ')})`
  if (term.dates) return sign + spellDates(term.dates)
  if (term.folder !== null) return `${sign}in:${quoteName(term.folder)}`
  return sign + term.text.replace(/^-/, '')
}

/** All parts as one query. */
export function spellTerms(terms: readonly SearchTerm[], isPartOfName: IsPartOfName): string {
  return joinTerms(terms.map((term) => spellTerm(term, isPartOfName)))
}

const nothing = { text: '', negated: false, personId: null, people: [], dates: null, folder: null }

export const personTerm = (person: TermPerson, negated = false): SearchTerm =>
  ({ ...nothing, kind: 'person', negated, personId: person.personId, people: [person] })
export const onlyTerm = (people: TermPerson[]): SearchTerm => ({ ...nothing, kind: 'only', people })
export const datesTerm = (dates: TermDates, negated = false): SearchTerm => ({ ...nothing, kind: 'date', negated, dates })
export const folderTerm = (folder: string, negated = false): SearchTerm => ({ ...nothing, kind: 'folder', negated, folder })

const uniquePeople = (people: readonly TermPerson[]) =>
  people.filter(({ personId }, at) => people.findIndex((other) => other.personId === personId) === at)

export const replaceTerm = (terms: readonly SearchTerm[], index: number, by: readonly SearchTerm[]): SearchTerm[] =>
  terms.flatMap((term, at) => (at === index ? by : [term]))

const isWanted = (term: SearchTerm) => !term.negated && (term.kind === 'person' || term.kind === 'only')

/** Everybody who is wanted, and nobody else: one part in the place of the first. */
export function nobodyElse(terms: readonly SearchTerm[]): SearchTerm[] {
  const people = uniquePeople(terms.filter(isWanted).flatMap((term) => term.people))
  const first = terms.findIndex(isWanted)
  return terms.flatMap((term, at) => (at === first ? [onlyTerm(people)] : isWanted(term) ? [] : [term]))
}

/** The people of an `only`, with whoever else there is. */
export function anybodyElse(terms: readonly SearchTerm[], index: number): SearchTerm[] {
  return replaceTerm(terms, index, terms[index]!.people.map((person) => personTerm(person)))
}

/** One more part. A person joins those who are to be alone: beside them there would be no photo. */
export function addTerm(terms: readonly SearchTerm[], term: SearchTerm): SearchTerm[] {
  const only = terms.findIndex((each) => each.kind === 'only' && !each.negated)
  if (only < 0 || term.negated || (term.kind !== 'person' && term.kind !== 'only')) return [...terms, term]
  return replaceTerm(terms, only, [onlyTerm(uniquePeople([...terms[only]!.people, ...term.people]))])
}
