/** Numbers, dates and durations in the person's own language. */
import { texts } from './texts.ts'

const language = navigator.language
const number = new Intl.NumberFormat(language)
const decimal = new Intl.NumberFormat(language, { maximumFractionDigits: 1 })
const percentFormat = new Intl.NumberFormat(language, { style: 'percent' })
// The camera's own clock has no zone: read and written as UTC, it never shifts.
const monthFormat = new Intl.DateTimeFormat(language, { month: 'long', year: 'numeric', timeZone: 'UTC' })
const dayFormat = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' })
const dayTimeFormat = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'short', timeZone: 'UTC' })
const instantFormat = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
const listFormat = new Intl.ListFormat(language, { type: 'conjunction' })
const durationFormat = new Intl.NumberFormat(language, { style: 'unit', unit: 'minute', unitDisplay: 'long', maximumFractionDigits: 0 })
const hourFormat = new Intl.NumberFormat(language, { style: 'unit', unit: 'hour', unitDisplay: 'long', maximumFractionDigits: 1 })

export const formatCount = (value: number) => number.format(value)
export const formatRate = (perSecond: number) => decimal.format(perSecond)
export const formatPercent = (fraction: number) => percentFormat.format(fraction)
export const formatList = (items: readonly string[]) => listFormat.format(items)

function cameraClock(takenAt: string): Date {
  return new Date(takenAt.endsWith('Z') ? takenAt : `${takenAt}Z`)
}

/** @param month YYYY-MM */
export const formatMonth = (month: string) => monthFormat.format(new Date(`${month}-01T00:00:00Z`))
/** @param takenAt the camera's own clock */
export const formatDay = (takenAt: string) => dayFormat.format(cameraClock(takenAt))
export const formatDayTime = (takenAt: string) => dayTimeFormat.format(cameraClock(takenAt))
/** @param instant UTC */
export const formatInstant = (instant: string) => instantFormat.format(new Date(instant))

/** Rough on purpose: a guess to the second would be a promise. */
export function formatRemaining(seconds: number): string {
  if (seconds < 50) return texts.progress.underAMinute
  if (seconds < 5400) return durationFormat.format(Math.ceil(seconds / 60))
  return hourFormat.format(seconds / 3600)
}
