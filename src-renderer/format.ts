/**
 * Numbers and dates as the person writes them, whatever language the words are in: by the languages that the browser, or the
 * desktop's system, says they read.
 */
import { texts } from './texts.ts'

/** Each format takes some milliseconds to be made, and the first frame waits for whatever is made before it. */
function onceAsked<Format>(make: () => Format): () => Format {
  let made: Format | undefined
  return () => (made ??= make())
}

const languages = [...navigator.languages]
const number = onceAsked(() => new Intl.NumberFormat(languages))
const decimal = onceAsked(() => new Intl.NumberFormat(languages, { maximumFractionDigits: 1 }))
const percent = onceAsked(() => new Intl.NumberFormat(languages, { style: 'percent' }))
// The camera's own clock has no zone: read and written as UTC, it never shifts.
const dayFormat = onceAsked(() => new Intl.DateTimeFormat(languages, { dateStyle: 'long', timeZone: 'UTC' }))
const weekdayFormat = onceAsked(() => new Intl.DateTimeFormat(languages, { dateStyle: 'full', timeZone: 'UTC' }))
const dayTimeFormat = onceAsked(() => new Intl.DateTimeFormat(languages, { dateStyle: 'full', timeStyle: 'short', timeZone: 'UTC' }))
const instantFormat = onceAsked(() => new Intl.DateTimeFormat(languages, { dateStyle: 'medium', timeStyle: 'short' }))
// Photos are cut into months, and searched by years, of the calendar that cameras know: in another one a month would not fit.
const monthFormat = onceAsked(() => new Intl.DateTimeFormat(languages, { calendar: 'gregory', month: 'long', year: 'numeric', timeZone: 'UTC' }))
const yearFormat = onceAsked(() => new Intl.DateTimeFormat(languages, { calendar: 'gregory', year: 'numeric', timeZone: 'UTC' }))

/** A date that is written from right to left keeps its order inside of words that are not. */
const isolate = (text: string) => (/[\u0590-\u08ff]/u.test(text) ? `\u2068${text}\u2069` : text)

export const formatCount = (value: number) => number().format(value)
export const formatPercent = (fraction: number) => percent().format(fraction)
export const formatRate = (perSecond: number) => decimal().format(perSecond)

function cameraClock(takenAt: string): Date {
  return new Date(takenAt.endsWith('Z') ? takenAt : `${takenAt}Z`)
}

/** @param month YYYY-MM */
const formatMonth = (month: string) => isolate(monthFormat().format(new Date(`${month}-01T00:00:00Z`)))
/** A period as a timeline names it: YYYY, YYYY-MM or YYYY-MM-DD. */
export function formatPeriod(period: string): string {
  const [, year, month, day] = /^([+-]?\d+)(-\d\d)?(-\d\d)?$/.exec(period) ?? ['', period]
  if (day) return isolate(weekdayFormat().format(new Date(`${period}T00:00:00Z`)))
  if (month) return formatMonth(period)
  return isolate(yearFormat().format(new Date(0).setUTCFullYear(Number(year))))
}
/** @param takenAt the camera's own clock */
export const formatDay = (takenAt: string) => isolate(dayFormat().format(cameraClock(takenAt)))
export const formatDayTime = (takenAt: string) => isolate(dayTimeFormat().format(cameraClock(takenAt)))
/** @param instant UTC */
export const formatInstant = (instant: string) => isolate(instantFormat().format(new Date(instant)))

/** How likely a suggestion is, in words: a figure would promise more than it can keep. @param probability 0..1 */
export function howSure(probability: number): string {
  if (probability >= 0.9) return texts.review.veryLikely
  if (probability >= 0.6) return texts.review.likely
  return texts.review.perhaps
}

/** Rough on purpose: a guess to the second would be a promise. */
export function formatRemaining(seconds: number): string {
  if (seconds < 50) return texts.progress.underAMinute
  if (seconds < 5400) return texts.progress.minutes(Math.ceil(seconds / 60))
  return texts.progress.hours(decimal().format(seconds / 3600))
}
