import { describe, expect, it } from 'vitest'
import { KithError } from '../../../src-shared/errors.ts'
import { parseQuery, spellQuery, type QueryNode } from '../../../src-main/engine/library/query-language.ts'
import { termsOf } from '../../../src-main/engine/library/query-terms.ts'
import { namesOf } from '../../fixtures/query-names.ts'

const names = namesOf([
  'Anna', 'Ben', 'Carl', 'Maria', 'Anna Maria', 'José', 'Zoë Müller', 'דנה', 'محمد علي', '🦊 Fox', 'Anne-Marie', "O'Brien",
  'R2:D2', 'Say "hi"', 'Straße', '2015', 'किरण', 'करण', 'Anna Maria Luisa', '-x',
])

/** A tree as one line, so that a table of cases can be read: positions left out. */
function line(node: QueryNode | null): string {
  if (node === null) return 'everything'
  switch (node.kind) {
    case 'person': return node.person.name
    case 'only': return `only[${node.people.map(({ name }) => name).join(', ')}]`
    case 'date': {
      const iso = (seconds: number | null) => (seconds === null ? '' : new Date(seconds * 1000).toISOString().slice(0, 10))
      return `[${iso(node.from)}, ${iso(node.until)})`
    }
    case 'folder': return `folder ${node.key}`
    case 'faces': return `faces ${node.least}–${node.most ?? ''}`
    case 'is': return node.what
    case 'not': return `not ${line(node.part)}`
    case 'both': return `(${node.parts.map(line).join(' and ')})`
    case 'either': return `(${node.parts.map(line).join(' or ')})`
  }
}

const understood: [query: string, meaning: string][] = [
  ['', 'everything'],
  ['   ', 'everything'],
  ['anna ben', '(Anna and Ben)'],
  ['anna & ben', '(Anna and Ben)'],
  ['anna&ben', '(Anna and Ben)'],
  ['anna | ben', '(Anna or Ben)'],
  ['anna|ben', '(Anna or Ben)'],
  ['anna ben | carl maria', '((Anna and Ben) or (Carl and Maria))'],
  ['anna & ben | carl', '((Anna and Ben) or Carl)'],
  ['anna (ben | carl)', '(Anna and (Ben or Carl))'],
  ['((anna))', 'Anna'],
  ['(anna ben) carl', '(Anna and Ben and Carl)'],
  ['-carl', 'not Carl'],
  ['anna -carl', '(Anna and not Carl)'],
  ['anna - carl', '(Anna and not Carl)'],
  ['anna -(ben | carl)', '(Anna and not (Ben or Carl))'],
  ['--anna', 'Anna'],
  ['only: anna ben', 'only[Anna, Ben]'],
  ['only:anna', 'only[Anna]'],
  ['only: anna & ben', 'only[Anna, Ben]'],
  ['only:(anna ben) carl', '(only[Anna, Ben] and Carl)'],
  ['only: anna anna', 'only[Anna]'],
  ['only: anna ben 2016', '(only[Anna, Ben] and [2016-01-01, 2017-01-01))'],
  ['only: anna -carl', '(only[Anna] and not Carl)'],
  ['only: anna | ben', '(only[Anna] or Ben)'],
  ['-only: anna maria', 'not only[Anna Maria]'],
  ['"Anna Maria"', 'Anna Maria'],
  ['anna maria', 'Anna Maria'],
  ['ANNA  MARIA', 'Anna Maria'],
  ['anna maria luisa', 'Anna Maria Luisa'],
  ['anna & maria', '(Anna and Maria)'],
  ['anna "maria"', '(Anna and Maria)'],
  ['-anna maria', 'not Anna Maria'],
  ['ben anna maria', '(Ben and Anna Maria)'],
  ['maria anna', '(Maria and Anna)'],
  ['jose', 'José'],
  ['JOSÉ', 'José'],
  ['Jose\u0301', 'José'],
  ['zoe muller', 'Zoë Müller'],
  ['“Zoë Müller”', 'Zoë Müller'],
  ['„Zoë Müller“', 'Zoë Müller'],
  ['«anna maria»', 'Anna Maria'],
  ['דָּנָה', 'דנה'],
  ['\u200Fדנה', 'דנה'],
  ['محمد علي', 'محمد علي'],
  ['مُحَمَّد علي', 'محمد علي'],
  ['🦊 fox anna', '(🦊 Fox and Anna)'],
  ['anne-marie', 'Anne-Marie'],
  ['-anne-marie', 'not Anne-Marie'],
  ['o’brien', "O'Brien"],
  ['r2:d2', 'R2:D2'],
  ['"say \\"hi\\""', 'Say "hi"'],
  ['STRASSE', 'Straße'],
  ['किरण', 'किरण'],
  ['करण', 'करण'],
  ['"2015"', '2015'],
  ['"-x"', '-x'],
  ['2015', '[2015-01-01, 2016-01-01)'],
  ['2015-06', '[2015-06-01, 2015-07-01)'],
  ['2015-12', '[2015-12-01, 2016-01-01)'],
  ['2016-02-29', '[2016-02-29, 2016-03-01)'],
  ['2015..2018-06', '[2015-01-01, 2018-07-01)'],
  ['2015-6..2015-06-20', '[2015-06-01, 2015-06-21)'],
  ['2015..', '[2015-01-01, )'],
  ['..2015', '[, 2016-01-01)'],
  ['after:2015-06', '[2015-07-01, )'],
  ['before:2015-06', '[, 2015-06-01)'],
  ['AFTER: 2015', '[2016-01-01, )'],
  ['-2015', 'not [2015-01-01, 2016-01-01)'],
  ['in:holidays', 'folder holidays'],
  ['in:"Summer Holidays"', 'folder summer holidays'],
  ['in: Férias', 'folder ferias'],
  ['in:2015/Holidays/', 'folder 2015/holidays'],
  ['in:-old', 'folder -old'],
  ['in:is:it', 'folder is:it'],
  ['-in:holidays', 'not folder holidays'],
  ['faces:0', 'faces 0–0'],
  ['faces:2..4', 'faces 2–4'],
  ['faces:2..', 'faces 2–'],
  ['faces:..3', 'faces 0–3'],
  ['is:unknown', 'unknown'],
  ['IS:Unnamed', 'unnamed'],
  ['anna 2015 in:holidays -is:unknown', '(Anna and [2015-01-01, 2016-01-01) and folder holidays and not unknown)'],
]

const refused: [query: string, position: number][] = [
  ['anna |', 6],
  ['| anna', 0],
  ['anna & & ben', 7],
  ['anna &', 6],
  ['(anna', 0],
  ['anna)', 4],
  ['()', 0],
  ['anna ()', 5],
  ['"anna', 0],
  ['ben “anna', 4],
  ['anna”', 4],
  ['""', 0],
  ['anna -', 5],
  ['-)', 0],
  ['2015-13', 0],
  ['2015-02-29', 0],
  ['2018..2015', 0],
  ['2018..2015-13', 0],
  ['after:', 6],
  ['after:yesterday', 6],
  ['before: (2015)', 8],
  ['faces:many', 6],
  ['faces:4..2', 6],
  ['faces:..', 6],
  ['faces:-1', 6],
  ['is:lost', 3],
  ['in:/', 3],
  ['in:', 3],
  ['only:', 5],
  ['only: 2015', 6],
  ['only:(anna | ben)', 11],
  ['colour:red', 0],
  ['🦊 fox (', 8],
  [`${'('.repeat(40)}anna${')'.repeat(40)}`, 30],
  [Array.from({ length: 200 }, () => 'anna').join(' '), 500],
]

function failure(query: string): KithError {
  try {
    parseQuery(query, names)
  } catch (error) {
    if (error instanceof KithError) return error
    throw error
  }
  throw new Error(`${query} was understood`)
}

describe('query language', () => {
  it.each(understood)('understands %j as %s', (query, meaning) => {
    expect(line(parseQuery(query, names))).toBe(meaning)
  })

  it.each(refused)('refuses %j at %i', (query, position) => {
    const error = failure(query)
    expect({ code: error.code, position: error.details?.position }).toEqual({ code: 'query-syntax', position })
    expect(error.message).toMatch(/\.$/u)
  })

  it.each([
    ['ana', ['Anna']],
    ['bne', ['Ben']],
    ['zo', ['Zoë Müller']],
    ['mull', ['Zoë Müller']],
    ['jsoe', ['José']],
    ['xyzzyx', []],
  ])('names nobody by %j, but knows %j', (query, some) => {
    const error = failure(`ben ${query}`)
    expect(error.code).toBe('unknown-name')
    expect(error.details?.position).toBe(4)
    expect(error.details?.nearestNames).toEqual(expect.arrayContaining(some))
    if (some.length === 0) expect(error.details?.nearestNames).toEqual([])
    else expect(error.details?.nearestNames?.[0]).toMatch(new RegExp(`^${some[0]}`, 'u'))
    expect(error.message).toContain(`“${query}”`)
  })

  it('keeps the place of every part', () => {
    const tree = parseQuery('  anna (ben | -2015)', names)
    expect(tree).toMatchObject({
      position: 2,
      parts: [{ position: 2 }, { kind: 'either', position: 8, parts: [{ position: 8 }, { kind: 'not', position: 14 }] }],
    })
  })

  it.each(understood.filter(([query]) => query.trim() !== ''))('spells %j so that it is read the same again, in any order', (query) => {
    const strip = (_key: string, value: unknown) => (_key === 'position' ? undefined : value)
    const tree = parseQuery(query, names)!
    const spelt = spellQuery(tree, names.isPartOfName)
    expect(JSON.parse(JSON.stringify(parseQuery(spelt, names), strip))).toEqual(
      // The folder's own spelling is kept; everything else is canonical already.
      JSON.parse(JSON.stringify(tree, strip)),
    )
    const texts = termsOf(tree, names.isPartOfName).map(({ text }) => text)
    const parts = tree.kind === 'both' ? tree.parts : [tree]
    const backwards = parseQuery([...texts].reverse().join(' '), names)!
    expect((backwards.kind === 'both' ? backwards.parts : [backwards]).map(line).reverse()).toEqual(parts.map(line))
  })

  it('says what each chip is', () => {
    const none = { personId: null, people: [], dates: null, folder: null, negated: false }
    const [anna, ben, carl, maria] = ['Anna', 'Ben', 'Carl', 'Maria'].map((name, at) => ({ personId: at + 1, name }))
    expect(termsOf(parseQuery('anna -ben (carl | maria) -(carl maria) only: carl 2015..2016 in:X faces:2..4 is:unknown', names), names.isPartOfName)).toEqual([
      { ...none, kind: 'person', text: '"Anna"', personId: 1, people: [anna] },
      { ...none, kind: 'person', text: '-Ben', negated: true, personId: 2, people: [ben] },
      { ...none, kind: 'or', text: '(Carl | "Maria")', people: [carl, maria] },
      { ...none, kind: 'group', text: '-(Carl "Maria")', negated: true },
      { ...none, kind: 'only', text: 'only:(Carl)', people: [carl] },
      { ...none, kind: 'date', text: '2015..2016', dates: { form: 'between', first: '2015', last: '2016' } },
      { ...none, kind: 'folder', text: 'in:X', folder: 'X' },
      { ...none, kind: 'faces', text: 'faces:2..4' },
      { ...none, kind: 'is', text: 'is:unknown' },
    ])
  })
})
