/** Dates of the query language: a year, a month or a day, and spans of them, as seconds of the camera's clock. */

/** A stretch of time: from its first second up to, but without, `until`. */
export interface Period {
  from: number
  until: number
}

const seconds = (year: number, month: number, day: number) => {
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  return date.getTime() / 1000
}

export const looksLikeDate = (word: string): boolean => /^(\d{4}|\d{4}-\d{1,2}|\d{4}-\d{1,2}-\d{1,2})$/u.test(word)

/** Whether a word is a date or a span like `2015..2018-06`, `2015..` or `..2015`. */
export function looksLikeDates(word: string): boolean {
  const [first, last, ...more] = word.split('..')
  if (last === undefined) return looksLikeDate(word)
  const end = (text: string) => text === '' || looksLikeDate(text)
  return more.length === 0 && word !== '..' && end(first!) && end(last)
}

/** The year, month or day that `text` names, or null where the calendar has none such. */
export function periodOf(text: string): Period | null {
  if (!looksLikeDate(text)) return null
  const [year, month, day] = text.split('-').map(Number) as [number, number?, number?]
  if (month === undefined) return { from: seconds(year, 0, 1), until: seconds(year + 1, 0, 1) }
  if (month < 1 || month > 12) return null
  if (day === undefined) return { from: seconds(year, month - 1, 1), until: seconds(year, month, 1) }
  if (day < 1 || day > new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()) return null
  return { from: seconds(year, month - 1, day), until: seconds(year, month - 1, day + 1) }
}
