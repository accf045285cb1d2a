/**
 * The query language: text to a tree with the place of every part, and back to its canonical spelling.
 *
 *     either  = both ('|' both)*                     binds loosest
 *     both    = part ('&'? part)*
 *     part    = '-' part | '(' either ')' | 'only:' names | keyword ':' value | dates | name
 *     dates   = 2015 | 2015-06 | 2015-06-20 | dates? '..' dates?
 *     name    = "in quotation marks" | as many words as make the longest name that somebody has
 *     names   = name ('&'? name)* | '(' names ')'
 */
import { KithError } from '../../../src-shared/errors.ts'
import { foldText, personNameKey } from './people.ts'
import { looksLikeDate, looksLikeDates, periodOf } from './query-dates.ts'
import { keywords, syntaxError, wordsOf, type Keyword, type Word } from './query-words.ts'

export interface NamedPerson {
  id: number
  name: string
}

export type QueryNode =
  | { kind: 'person'; person: NamedPerson; position: number }
  | { kind: 'only'; people: NamedPerson[]; position: number }
  /** `text` is the canonical spelling; from and until (exclusive) are seconds of the camera's clock. */
  | { kind: 'date'; text: string; from: number | null; until: number | null; position: number }
  /** `key` is the folded name, or several joined by slashes. */
  | { kind: 'folder'; name: string; key: string; position: number }
  | { kind: 'faces'; least: number; most: number | null; position: number }
  | { kind: 'is'; what: 'unknown' | 'unnamed'; position: number }
  | { kind: 'not'; part: QueryNode; position: number }
  | { kind: 'both' | 'either'; parts: QueryNode[]; position: number }

/** What the language has to know of the people. Keys are those of personNameKey. */
export interface Names {
  byKey(nameKey: string): NamedPerson | null
  /** Names that somebody who typed `text` may have meant, nearest first. */
  nearest(text: string): string[]
}

/** More than anybody types, and less than the database can nest. */
const mostParts = 100
const deepestNesting = 30
const mostWordsOfName = 10

/**
 * Reads a query; null for an empty one, which finds everything.
 * @throws KithError query-syntax with the position, unknown-name with the position and the nearest names
 */
export function parseQuery(query: string, names: Names): QueryNode | null {
  const words = wordsOf(query)
  let next = 0
  let parts = 0
  let depth = 0

  const word = (): Word => words[next]!
  const isMark = (text: string, at = next) => words[at]!.kind === 'mark' && words[at]!.text === text
  const nested = <T>(position: number, read: () => T): T => {
    if (++depth > deepestNesting) throw syntaxError('This is nested too deeply. Use fewer parentheses.', position)
    const result = read()
    depth--
    return result
  }

  const unknownName = (text: string, position: number): KithError => {
    const nearestNames = names.nearest(text)
    const hint =
      nearestNames.length > 0
        ? `Did you mean ${nearestNames.length === 1 ? '' : `${nearestNames.slice(0, -1).join(', ')} or `}${nearestNames.at(-1)}?`
        : 'Look at the people for the names there are.'
    return new KithError('unknown-name', `Nobody is called “${text}”. ${hint}`, { nearestNames, position })
  }

  /** The person of the longest name that begins here, and how many words it takes; null where nobody is called so. */
  const personHere = (): { person: NamedPerson; words: number } | null => {
    if (word().kind === 'quoted') {
      const person = names.byKey(personNameKey(word().text))
      return person && { person, words: 1 }
    }
    let count = 0
    while (count < mostWordsOfName && words[next + count]!.kind === 'plain') count++
    for (; count > 0; count--) {
      const text = words.slice(next, next + count).map((each) => each.text).join(' ')
      const person = names.byKey(personNameKey(text))
      if (person) return { person, words: count }
    }
    return null
  }

  const readPerson = (): NamedPerson => {
    const { text, position } = word()
    if (text.trim() === '') throw syntaxError('There is no name between these quotation marks.', position)
    const found = personHere()
    if (!found) {
      if (word().kind === 'plain' && text.includes(':'))
        throw syntaxError(`Nothing is searched by “${text}”. There are ${keywords.map((each) => `${each}:`).join(', ')}; put a name with a colon in quotation marks.`, position)
      throw unknownName(text, position)
    }
    next += found.words
    return found.person
  }

  const startsName = (at: number): boolean => {
    const { kind, text } = words[at]!
    return kind === 'quoted' || (kind === 'plain' && !looksLikeDates(text))
  }

  const readOnly = (position: number): QueryNode => {
    const enclosed = isMark('(')
    if (enclosed) next++
    const people: NamedPerson[] = []
    while (startsName(next)) {
      people.push(readPerson())
      if (isMark('&') && startsName(next + 1)) next++
    }
    if (people.length === 0) throw syntaxError('After only: comes who is on the photo, e.g. only: anna ben.', word().position)
    if (enclosed) {
      if (!isMark(')')) throw syntaxError('Within only:( ) stand names alone.', word().position)
      next++
    }
    return { kind: 'only', people: people.filter(({ id }, i) => people.findIndex((other) => other.id === id) === i), position }
  }

  /** A date where one is wanted. `text` is written out with all its zeros. */
  const readDate = (text: string, position: number) => {
    const period = periodOf(text)
    if (!period) throw syntaxError(`${text} is no date. Write 2015, 2015-06 or 2015-06-20.`, position)
    return { ...period, text: text.split('-').map((each) => each.padStart(2, '0')).join('-') }
  }

  const readDates = (text: string, position: number): QueryNode => {
    const [first, last] = text.split('..') as [string, string?]
    const from = first === '' ? null : readDate(first, position)
    if (last === undefined) return { kind: 'date', text: from!.text, from: from!.from, until: from!.until, position }
    const until = last === '' ? null : readDate(last, position)
    if (from && until && from.from >= until.until)
      throw syntaxError(`${text} ends before it begins. Write the earlier date first.`, position)
    return {
      kind: 'date', text: `${from?.text ?? ''}..${until?.text ?? ''}`, from: from?.from ?? null, until: until?.until ?? null, position,
    }
  }

  const readKeyword = (keyword: Exclude<Keyword, 'only'>, position: number): QueryNode => {
    const value = word()
    if (value.kind !== 'plain' && value.kind !== 'quoted')
      throw syntaxError(`After ${keyword}: something is missing, e.g. ${examples[keyword]}.`, value.position)
    next++
    const text = value.text
    switch (keyword) {
      case 'after':
      case 'before': {
        const date = readDate(text, value.position)
        const bounds = keyword === 'after' ? { from: date.until, until: null } : { from: null, until: date.from }
        return { kind: 'date', text: `${keyword}:${date.text}`, ...bounds, position }
      }
      case 'in': {
        const key = text.split(/[\\/]/u).map(foldText).filter(Boolean).join('/')
        if (key === '') throw syntaxError(`After in: comes the name of a folder, e.g. ${examples.in}.`, value.position)
        return { kind: 'folder', name: text, key, position }
      }
      case 'faces': {
        const match = /^(\d{1,6})$|^(\d{0,6})\.\.(\d{0,6})$/u.exec(text)
        if (!match || text === '..') throw syntaxError(`${text} is no number of faces. Write ${examples.faces}.`, value.position)
        const [, exactly, from, to] = match
        const least = Number(exactly ?? (from || '0'))
        const most = exactly !== undefined ? least : to === '' ? null : Number(to)
        if (most !== null && most < least)
          throw syntaxError(`faces:${text} ends before it begins. Write the smaller number first.`, value.position)
        return { kind: 'faces', least, most, position }
      }
      case 'is': {
        const what = text.toLowerCase()
        if (what !== 'unknown' && what !== 'unnamed')
          throw syntaxError(`There is no is:${text}. There are is:unknown and is:unnamed.`, value.position)
        return { kind: 'is', what, position }
      }
    }
  }

  const readPart = (): QueryNode => {
    const start = word()
    if (++parts > mostParts) throw syntaxError(`A search has ${mostParts} parts at the most.`, start.position)
    if (start.kind === 'keyword') {
      next++
      return start.text === 'only' ? readOnly(start.position) : readKeyword(start.text, start.position)
    }
    if (start.kind === 'plain' && looksLikeDates(start.text)) {
      next++
      return readDates(start.text, start.position)
    }
    if (start.kind === 'plain' || start.kind === 'quoted')
      return { kind: 'person', person: readPerson(), position: start.position }
    if (isMark('-')) {
      next++
      if (!startsPart()) throw syntaxError('After the minus comes what is not to be on the photo.', start.position)
      const part = nested(start.position, readPart)
      return part.kind === 'not' ? part.part : { kind: 'not', part, position: start.position }
    }
    if (isMark('(')) {
      next++
      if (isMark(')')) throw syntaxError('There is nothing between these parentheses.', start.position)
      const inside = nested(start.position, readEither)
      if (!isMark(')')) throw syntaxError('This parenthesis has no other half. Close it with ).', start.position)
      next++
      return inside
    }
    if (isMark(')')) throw syntaxError('This parenthesis closes nothing.', start.position)
    if (start.kind === 'end') throw syntaxError('Something is missing at the end.', start.position)
    throw syntaxError(`Before ${start.text} something is missing.`, start.position)
  }

  const startsPart = () => word().kind !== 'end' && !isMark(')') && !isMark('&') && !isMark('|')

  const readBoth = (): QueryNode => {
    const { position } = word()
    const found = [readPart()]
    for (;;) {
      if (isMark('&')) next++
      else if (!startsPart()) break
      found.push(readPart())
    }
    return joinParts('both', found, position)
  }

  const readEither = (): QueryNode => {
    const { position } = word()
    const found = [readBoth()]
    while (isMark('|')) {
      next++
      found.push(readBoth())
    }
    return joinParts('either', found, position)
  }

  if (word().kind === 'end') return null
  const tree = readEither()
  if (word().kind !== 'end') throw syntaxError('This parenthesis closes nothing.', word().position)
  return tree
}

const examples = { in: 'in:holidays', after: 'after:2015-06', before: 'before:2015', faces: 'faces:2..4', is: 'is:unknown' }

function joinParts(kind: 'both' | 'either', parts: QueryNode[], position: number): QueryNode {
  const flat = parts.flatMap((part) => (part.kind === kind ? part.parts : [part]))
  return flat.length === 1 ? flat[0]! : { kind, parts: flat, position }
}

/** Quotation marks where the bare word would be read as something else. */
function spellText(text: string, mustQuote: boolean): string {
  return mustQuote || !/^[^\s()&|"“”„«»\\:-][^\s()&|"“”„«»\\:]*$/u.test(text) ? `"${text.replace(/["\\]/gu, '\\$&')}"` : text
}

/**
 * The canonical spelling of a part. Alone or joined to others by spaces, in any order, it is read as the same part again.
 * `isPartOfName` says whether a name key stands within somebody's longer name, so that it must not stand bare beside another.
 */
export function spellQuery(node: QueryNode, isPartOfName: (nameKey: string) => boolean): string {
  const spellName = ({ name }: NamedPerson) =>
    spellText(name, looksLikeDate(name) || name.includes('..') || isPartOfName(personNameKey(name)))
  switch (node.kind) {
    case 'person': return spellName(node.person)
    case 'only': return `only:(${node.people.map(spellName).join(' ')})`
    case 'date': return node.text
    case 'folder': return `in:${spellText(node.name, false)}`
    case 'faces': return `faces:${node.least === node.most ? node.least : `${node.least}..${node.most ?? ''}`}`
    case 'is': return `is:${node.what}`
    case 'not': return `-${spellQuery(node.part, isPartOfName)}`
    case 'both': return `(${node.parts.map((part) => spellQuery(part, isPartOfName)).join(' ')})`
    case 'either': return `(${node.parts.map((part) => spellQuery(part, isPartOfName)).join(' | ')})`
  }
}
