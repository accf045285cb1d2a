/** The words of a search: marks, quoted names, keywords with their colon, and plain words, each with its place. */
import { KithError } from '../../../src-shared/errors.ts'

export type Keyword = 'only' | 'in' | 'after' | 'before' | 'faces' | 'is'
export const keywords: readonly Keyword[] = ['only', 'in', 'after', 'before', 'faces', 'is']

/** `position` counts the query's characters (UTF-16 units) from 0. */
export type Word =
  | { kind: 'mark'; text: '(' | ')' | '&' | '|' | '-'; position: number }
  | { kind: 'keyword'; text: Keyword; position: number }
  | { kind: 'quoted' | 'plain'; text: string; position: number }
  | { kind: 'end'; text: ''; position: number }

/** Opening quotation marks and what closes them: straight ones, and those that telephones and word processors type. */
const closing: Record<string, string> = { '"': '"', '“': '”"', '„': '“”"', '«': '»' }
const stopsPlainWord = /[\s()&|"“”„«»]/u
/** Marks of writing direction come along with pasted names; nobody sees them. */
const invisible = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu

export function syntaxError(message: string, position: number): KithError {
  return new KithError('query-syntax', message, { position })
}

/** @throws KithError query-syntax for a quotation mark without its other half */
export function wordsOf(query: string): Word[] {
  const words: Word[] = []
  let at = 0
  const quoted = (): Word => {
    const position = at
    const ends = closing[query[at]!]!
    let text = ''
    for (at++; at < query.length && !ends.includes(query[at]!); at++) {
      if (query[at] === '\\' && at + 1 < query.length) at++
      text += query[at]!
    }
    if (at >= query.length) throw syntaxError('This quotation mark has no other half. Close the name with another ".', position)
    at++
    return { kind: 'quoted', text, position }
  }
  /** After a keyword a word stands for itself, whatever it begins with. */
  const plain = (value: boolean): void => {
    const position = at
    while (at < query.length && !stopsPlainWord.test(query[at]!)) {
      at++
      const text = query.slice(position, at).replace(invisible, '').toLowerCase()
      if (value || !text.endsWith(':')) continue
      const keyword = keywords.find((known) => `${known}:` === text)
      if (!keyword) continue
      words.push({ kind: 'keyword', text: keyword, position })
      return
    }
    const text = query.slice(position, at).replace(invisible, '')
    if (text !== '') words.push({ kind: 'plain', text, position })
    // Only a closing mark without its opening one stops a word that has not begun.
    else if (at === position) throw syntaxError('This quotation mark closes nothing. Put one before the name too.', position)
  }

  while (at < query.length) {
    const character = query[at]!
    const last = words.at(-1)
    const value = last?.kind === 'keyword' && last.text !== 'only'
    if (/\s/u.test(character)) at++
    else if (character in closing) words.push(quoted())
    else if (character === '(' || character === ')' || character === '&' || character === '|')
      words.push({ kind: 'mark', text: character, position: at++ })
    else if (character === '-' && !value) words.push({ kind: 'mark', text: '-', position: at++ })
    else plain(value)
  }
  words.push({ kind: 'end', text: '', position: query.length })
  return words
}
