/** A timeline as arithmetic: days and months to sections, and the blocks in which ids are asked for. */
import type { GridSection } from './grid-layout.ts'

export type Grouping = 'year' | 'month' | 'day'

/** How many photos fall into a period: YYYY, YYYY-MM or YYYY-MM-DD. */
export interface PeriodCount {
  period: string
  photos: number
}

/** With fewer photos than this in a section, a grid is mostly headings. */
const fewestPerSection = 4
/** So many ids are asked for at a time at most. */
export const blockSize = 1000

/** The year, or month, that a period lies in. */
function above(period: string, by: 'year' | 'month'): string {
  const [, year, month] = /^([+-]?\d+)(-\d\d)?/.exec(period) ?? ['', period]
  return by === 'year' ? year! : `${year}${month ?? ''}`
}

/** Joins periods, which are in order, to the longer ones they lie in. */
export function joinPeriods(periods: readonly PeriodCount[], by: 'year' | 'month'): PeriodCount[] {
  const joined: PeriodCount[] = []
  for (const { period, photos } of periods) {
    const name = above(period, by)
    const last = joined.at(-1)
    if (last?.period === name) last.photos += photos
    else joined.push({ period: name, photos })
  }
  return joined
}

/** Sections as fine as is wished for and known, but coarser where they would be mostly headings. */
export function sectionsOf(periods: readonly PeriodCount[], total: number, grouping: Grouping): GridSection[] {
  const levels: (() => readonly PeriodCount[])[] = [
    ...(grouping === 'day' ? [() => periods] : []),
    ...(grouping !== 'year' ? [() => joinPeriods(periods, 'month')] : []),
  ]
  const fitting = levels.map((level) => level()).find((level) => total >= level.length * fewestPerSection)
  return (fitting ?? joinPeriods(periods, 'year')).map(({ period, photos }) => ({ key: period, label: '', count: photos }))
}

/** A run of photos whose ids are asked for together. Its key stays the same while photos come and go elsewhere. */
export interface Block {
  key: string
  period: string
  /** Of its first photo among those of the period. */
  offset: number
  /** Index of its first photo among all. */
  first: number
  count: number
}

/** Whole years where they are small, months else, and these in parts where they are large. */
export function blocksOf(months: readonly PeriodCount[]): Block[] {
  const blocks: Block[] = []
  let first = 0
  const add = ({ period, photos }: PeriodCount) => {
    for (let offset = 0; offset < photos; offset += blockSize) {
      const count = Math.min(blockSize, photos - offset)
      blocks.push({ key: `${period} ${offset}`, period, offset, first, count })
      first += count
    }
  }
  let at = 0
  for (const year of joinPeriods(months, 'year')) {
    const began = at
    while (at < months.length && above(months[at]!.period, 'year') === year.period) at++
    if (year.photos <= blockSize) add(year)
    else months.slice(began, at).forEach(add)
  }
  return blocks
}
