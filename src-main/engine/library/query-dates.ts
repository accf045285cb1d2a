/** Dates of the query language: a year, a month or a day, and spans of them, as seconds of the camera's clock. */

/** A stretch of time: from its first second up to, but without, `until`. */
export interface Period {
  from: number
  until: number
}

/** The second in which a day of the calendar begins; months are counted from 0, and what is too large runs over. */
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

/** A year, a month or a day as a timeline names it: YYYY, YYYY-MM or YYYY-MM-DD, years beyond those of four digits as ISO 8601 writes them. */
const timelinePeriod = /^([+-]\d{6}|\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/u

/** The stretch of time of a period that a timeline names, or null for any other text. */
export function timelinePeriodOf(text: string): Period | null {
  const match = timelinePeriod.exec(text)
  if (!match) return null
  const year = Number(match[1])
  if (match[2] === undefined) return { from: seconds(year, 0, 1), until: seconds(year + 1, 0, 1) }
  const month = Number(match[2]) - 1
  if (month < 0 || month > 11) return null
  if (match[3] === undefined) return { from: seconds(year, month, 1), until: seconds(year, month + 1, 1) }
  const day = Number(match[3])
  return day < 1 || day > 31 ? null : { from: seconds(year, month, day), until: seconds(year, month, day + 1) }
}

export interface NamedPeriod extends Period {
  name: string
}

/** The months, or days, between two times in seconds, both included, newest first. */
export function periodsBetween(first: number, last: number, by: 'month' | 'day'): NamedPeriod[] {
  const periods: NamedPeriod[] = []
  let until = Infinity
  for (let at = last; until > first; at = until - 1) {
    const date = new Date(at * 1000)
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
    const from = seconds(year, month, by === 'month' ? 1 : day)
    const name = new Date(from * 1000).toISOString().slice(0, by === 'month' ? -'-DDTHH:MM:SS.sssZ'.length : -'THH:MM:SS.sssZ'.length)
    periods.push({ name, from, until: by === 'month' ? seconds(year, month + 1, 1) : seconds(year, month, day + 1) })
    until = from
  }
  return periods
}
