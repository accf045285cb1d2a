/** The search line as text: quoting names, joining terms, changing single words. The engine alone understands it. */

/** A name as it is written in a query: in quotes where it is more than one plain word. */
export function quoteName(name: string): string {
  return /^[\p{L}\p{M}][\p{L}\p{M}\p{N}'’_]*$/u.test(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`
}

/** Parts that all have to fit, as one query. A part with `|` in it is kept together: that sign binds loosest. */
export function joinTerms(terms: readonly string[]): string {
  const parts = terms.map((term) => term.trim()).filter((term) => term !== '')
  if (parts.length < 2) return parts.join('')
  return parts.map((part) => (part.includes('|') && !/^-?\([^()]*\)$/.test(part) ? `(${part})` : part)).join(' ')
}

export interface Word {
  text: string
  from: number
  to: number
}

/** The words of a query, quoted parts as one. */
export function wordsOf(query: string): Word[] {
  return [...query.matchAll(/-?"[^"]*"?|[^\s()|&]+/gu)].map((match) => ({ text: match[0], from: match.index, to: match.index + match[0].length }))
}

/** Puts something in the place of a stretch of the query. */
export function replaceWord(query: string, word: Word, by: string): string {
  return query.slice(0, word.from) + by + query.slice(word.to)
}

/** The word that stands at a position, without its minus; an empty one at the end where there is none. */
export function wordAt(query: string, position: number): Word {
  const word = wordsOf(query).find(({ from, to }) => from <= position && position < to)
  if (!word) return /[()|&]/.test(query[position] ?? '') ? { text: query[position]!, from: position, to: position + 1 } : { text: '', from: query.length, to: query.length }
  const keyword = /^-?(only|in|after|before|faces|is):/i.exec(word.text)
  // The mistake lies behind the keyword where its place does.
  const skipped = keyword && position >= word.from + keyword[0].length ? keyword[0].length : word.text.startsWith('-') && position > word.from ? 1 : 0
  return { text: word.text.slice(skipped), from: word.from + skipped, to: word.to }
}
