/** Completion of names: what somebody who types these letters is likely to mean. */
import type { Person } from '../src-shared/domain.ts'

export type NameOption = { kind: 'person'; person: Person } | { kind: 'new'; name: string }

/** A name as it is compared: without case, accents and double spaces. */
export function foldName(name: string): string {
  return name.normalize('NFKD').replace(/\p{M}/gu, '').replace(/\s+/gu, ' ').trim().toLowerCase()
}

/** 0 the name itself, 1 how the name begins, 2 how a later word of it begins, 3 somewhere inside; null not at all. */
function closeness(folded: string, typed: string): number | null {
  if (folded === typed) return 0
  const at = folded.indexOf(typed)
  if (at === 0) return 1
  if (at < 0) return null
  return folded.includes(` ${typed}`) ? 2 : 3
}

/** The people that the letters fit, closest first, then those with most faces. */
export function matchPeople(typed: string, people: readonly Person[], limit: number): { person: Person; closeness: number }[] {
  const folded = foldName(typed)
  if (!folded) return []
  return people
    .flatMap((person) => {
      const close = closeness(foldName(person.name), folded)
      return close === null ? [] : [{ person, closeness: close }]
    })
    .sort((a, b) => a.closeness - b.closeness || b.person.faces - a.person.faces)
    .slice(0, limit)
}

/** What a name field offers where only people who have a name already count. */
export function completeKnownName(typed: string, people: readonly Person[], limit = 7): NameOption[] {
  return matchPeople(typed, people, limit).map(({ person }) => ({ kind: 'person', person }))
}

/** What the new name of a person may be: what is typed, then others whose name it may become, unless one has just this name. */
export function completeNewName(typed: string, person: Person, people: readonly Person[]): NameOption[] {
  const others = people.filter(({ id }) => id !== person.id)
  const options = completeName(typed, others)
  return options.toSorted((a, b) => Number(b.kind === 'new') - Number(a.kind === 'new'))
}

/**
 * What a name field offers; the first is what Enter takes. A new person comes last while a known name begins with the
 * letters, first where the letters only lie inside names, and not at all where somebody has just this name.
 */
export function completeName(typed: string, people: readonly Person[], limit = 7): NameOption[] {
  const name = typed.replace(/\s+/gu, ' ').trim()
  if (!name) return []
  const matches = matchPeople(name, people, limit)
  const known: NameOption[] = matches.map(({ person }) => ({ kind: 'person', person }))
  const best = matches[0]?.closeness ?? 3
  if (best === 0) return known
  const fresh: NameOption = { kind: 'new', name }
  return best <= 2 ? [...known, fresh] : [fresh, ...known]
}
