/** A query's parts as chips show them. */
import type { SearchTerm } from '../../../src-shared/api.ts'
import type { PersonId } from '../../../src-shared/domain.ts'
import { spellQuery, type NamedPerson, type QueryNode } from './query-language.ts'

/** The parts that must all hold, for chips. */
export function termsOf(tree: QueryNode | null, isPartOfName: (nameKey: string) => boolean): SearchTerm[] {
  const parts = tree === null ? [] : tree.kind === 'both' ? tree.parts : [tree]
  return parts.map((part) => {
    const inner = part.kind === 'not' ? part.part : part
    const kind = inner.kind === 'either' ? 'or' : inner.kind === 'both' || inner.kind === 'not' ? 'group' : inner.kind
    return {
      kind,
      text: spellQuery(part, isPartOfName),
      negated: part.kind === 'not',
      personId: inner.kind === 'person' ? (inner.person.id as PersonId) : null,
      people: peopleOf(inner).map(({ id, name }) => ({ personId: id as PersonId, name })),
      dates: inner.kind === 'date' ? datesOf(inner.text) : null,
      folder: inner.kind === 'folder' ? inner.name : null,
    }
  })
}

/** The people that a part is about, where it is about nothing else. */
function peopleOf(node: QueryNode): NamedPerson[] {
  if (node.kind === 'person') return [node.person]
  if (node.kind === 'only') return node.people
  if (node.kind !== 'either') return []
  return node.parts.every((part) => part.kind === 'person') ? node.parts.map((part) => part.person) : []
}

/** @param text the canonical spelling */
function datesOf(text: string): SearchTerm['dates'] {
  const bound = /^(after|before):(.*)$/u.exec(text)
  if (bound) return bound[1] === 'after' ? { form: 'after', first: bound[2]!, last: null } : { form: 'before', first: null, last: bound[2]! }
  const [first, last] = text.split('..') as [string, string?]
  if (last === undefined) return { form: 'in', first, last: first }
  return { form: 'between', first: first === '' ? null : first, last: last === '' ? null : last }
}
