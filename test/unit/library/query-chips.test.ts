/** Chips and text are two forms of one query: what chips print, the engine reads as the same, and the other way round. */
import { describe, expect, it } from 'vitest'
import type { SearchTerm } from '../../../src-shared/api.ts'
import { parseQuery, type QueryNode } from '../../../src-main/engine/library/query-language.ts'
import { termsOf } from '../../../src-main/engine/library/query-terms.ts'
import {
  addTerm, anybodyElse, datesTerm, folderTerm, nobodyElse, partsOfNames, personTerm, spellTerm, spellTerms,
} from '../../../src-renderer/search-terms.ts'
import { namesOf } from '../../fixtures/query-names.ts'
import { createRandom, type Random } from '../../fixtures/random.ts'

const people = ['Anna', 'Ben', 'Maria', 'Anna Maria', 'José', 'Zoë Müller', "O'Brien", 'Anne-Marie', 'Say "hi"', 'R2:D2', '2015', '-x', 'दनह', 'Straße', 'only']
const names = namesOf(people)
const isPartOfName = partsOfNames(people)
const folders = ['holidays', 'At sea', '2016', 'Ferie\u0301s', 'home/holidays', '-old', 'in:', 'a "b"']
const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`

const read = (query: string) => parseQuery(query, names)
const termsIn = (query: string): SearchTerm[] => termsOf(read(query), names.isPartOfName)

/** What a query means: its tree without the places of its parts and the spelling of dates. */
function meaning(node: QueryNode | null): unknown {
  if (node === null) return null
  switch (node.kind) {
    case 'person': return ['person', node.person.id]
    case 'only': return ['only', node.people.map(({ id }) => id)]
    case 'date': return ['date', node.from, node.until]
    case 'folder': return ['folder', node.key]
    case 'faces': return ['faces', node.least, node.most]
    case 'is': return ['is', node.what]
    case 'not': return ['not', meaning(node.part)]
    case 'both': case 'either': return [node.kind, ...node.parts.map(meaning)]
  }
}

function randomQuery(random: Random, depth = 0): string {
  const name = () => quoted(random.pick(people))
  const part = (): string => {
    switch (random.below(depth < 2 ? 9 : 7)) {
      case 0: case 1: return name()
      case 2: return `only: ${Array.from({ length: 1 + random.below(3) }, name).join(' ')}`
      case 3: return random.pick(['2015', '2015-6', '2015-06-20', '2015..2018-06', '2014..', '..2016-05-10', 'after:2015-03', 'before:2016', '2015..2015'])
      case 4: return `in:${quoted(random.pick(folders))}`
      case 5: return random.pick(['faces:0', 'faces:2..4', 'faces:1', 'faces:3..', 'faces:..2'])
      case 6: return random.pick(['is:unknown', 'is:unnamed'])
      default: return `(${randomQuery(random, depth + 1)})`
    }
  }
  const parts = Array.from({ length: 1 + random.below(4) }, () => (random.fraction() < 0.3 ? '-' : '') + part())
  return parts.reduce((query, next) => query + random.pick([' ', ' ', ' & ', ' | ']) + next)
}

describe('chips and text', () => {
  it('are each other\'s inverse, for 3000 random queries', () => {
    const random = createRandom(20160601)
    for (let i = 0; i < 3000; i++) {
      const query = randomQuery(random)
      const terms = termsIn(query)
      const printed = spellTerms(terms, isPartOfName)
      expect({ query, printed, meaning: meaning(read(printed)) }).toEqual({ query, printed, meaning: meaning(read(query)) })
      // Printed again, it stays as it is: neither form drifts.
      const again = termsIn(printed)
      expect({ query, printed: spellTerms(again, isPartOfName) }).toEqual({ query, printed })
      expect(again.map(({ kind, negated, people: who, dates, folder }) => ({ kind, negated, who, dates, folder })))
        .toEqual(terms.map(({ kind, negated, people: who, dates, folder }) => ({ kind, negated, who, dates, folder })))
      // Each part alone, too, with its sign turned and turned back.
      for (const term of terms) {
        const turned = { ...term, negated: !term.negated }
        expect(meaning(read(`-(${spellTerm(term, isPartOfName)})`))).toEqual(meaning(read(spellTerm(turned, isPartOfName))))
        expect(meaning(read(spellTerm(term, isPartOfName)))).toEqual(meaning(read(term.text)))
      }
    }
  })

  it('change as a person means it', () => {
    const cases: [from: string, change: (terms: SearchTerm[]) => SearchTerm[], to: string][] = [
      ['anna ben 2015', nobodyElse, 'only:(anna ben) 2015'],
      ['anna -ben 2015', nobodyElse, 'only:(anna) -ben 2015'],
      ['only:(anna) maria', nobodyElse, 'only:("anna" "maria")'],
      ['2015 only:(anna ben)', (terms) => anybodyElse(terms, 1), '2015 anna ben'],
      ['only:(anna) 2015', (terms) => addTerm(terms, termsIn('ben')[0]!), 'only:(anna ben) 2015'],
      ['only:(anna) 2015', (terms) => addTerm(terms, termsIn('-ben')[0]!), 'only:(anna) 2015 -ben'],
      ['anna', (terms) => addTerm(terms, personTerm({ personId: termsIn('maria')[0]!.personId!, name: 'Maria' })), '"anna" "maria"'],
      ['anna | ben', (terms) => addTerm(terms, folderTerm('At sea', true)), '(anna | ben) -in:"At sea"'],
      ['', (terms) => addTerm(terms, datesTerm({ form: 'between', first: '2015', last: null })), '2015..'],
      ['anna 2015', (terms) => terms.slice(1), '2015'],
      ['anna', (terms) => terms.slice(1), ''],
    ]
    for (const [from, change, to] of cases)
      expect({ from, meaning: meaning(read(spellTerms(change(termsIn(from)), isPartOfName))) }).toEqual({ from, meaning: meaning(read(to)) })
  })
})
