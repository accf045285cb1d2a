/** Parts of a search in words, for chips. */
import type { SearchTerm } from '../src-shared/api.ts'
import { formatPeriod } from './format.ts'
import type { TermDates } from './search-terms.ts'
import { texts } from './texts.ts'

function labelOfDates({ form, first, last }: TermDates): string {
  const [from, to] = [first && formatPeriod(first), last && formatPeriod(last)]
  if (form === 'after') return texts.search.after(from!)
  if (form === 'before') return texts.search.before(to!)
  if (form === 'in' || from === to) return from!
  if (!to) return texts.search.since(from!)
  return from ? texts.search.between(from, to) : texts.search.until(to)
}

function labelOfContent(term: SearchTerm): string {
  const names = term.people.map(({ name }) => name)
  if (term.kind === 'person') return names[0]!
  if (term.kind === 'only') return texts.search.only(texts.search.and(names))
  if (term.kind === 'or' && names.length > 0) return texts.search.or(names)
  if (term.dates) return labelOfDates(term.dates)
  if (term.folder !== null) return texts.search.inFolder(term.folder)
  const text = term.text.replace(/^-/, '')
  const [, least, , most] = /^faces:(\d*)(\.\.)?(\d*)$/.exec(text) ?? []
  const state = texts.search.states.find((each) => each.text === text)
  if (state) return state.label
  if (least !== undefined) return texts.search.facesOnPhoto(Number(least || 0), text.includes('..') ? (most ? Number(most) : null) : Number(least))
  return text.replace(/^\(([^()]*)\)$/, '$1')
}

/** A part of a search as a person says it. */
export function labelOfTerm(term: SearchTerm): string {
  const label = labelOfContent(term)
  return term.negated ? texts.search.without(label) : label
}
