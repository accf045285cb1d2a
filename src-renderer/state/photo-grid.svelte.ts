/** The photos that a query finds, as a grid scrolls over them. */
import type { MethodOutput } from '../../src-shared/api.ts'
import type { PhotoId } from '../../src-shared/domain.ts'
import { asCallError, call, type CallError } from '../client/rpc.ts'
import { formatMonth } from '../format.ts'
import type { GridSection } from '../grid-layout.ts'
import { positionsOf } from '../lists.ts'

const fewestPerMonth = 4

/** Months to years; they are in order. */
function joinYears(months: readonly GridSection[]): GridSection[] {
  const years: GridSection[] = []
  for (const { key, count } of months) {
    const year = key.slice(0, 4)
    const last = years.at(-1)
    if (last?.key === year) last.count += count
    else years.push({ key: year, label: year, count })
  }
  return years
}

export class PhotoGridState {
  /** Of the last query that could be answered: it stays while another is wrong. */
  answer = $state.raw<MethodOutput<'photos.grid'> | null>(null)
  error = $state.raw<CallError | null>(null)
  query = $state('')
  #latest = 0

  readonly photoIds: readonly PhotoId[] = $derived(this.answer?.photoIds ?? [])
  /** Months; years where so few photos were found that months would be mostly headings. */
  readonly sections: readonly GridSection[] = $derived.by(() => {
    const months = (this.answer?.months ?? []).map(({ month, count }) => ({ key: month, label: formatMonth(month), count }))
    return this.photoIds.length < months.length * fewestPerMonth ? joinYears(months) : months
  })
  #positions = $derived(positionsOf(this.photoIds))

  indexOf(photoId: PhotoId): number {
    return this.#positions.get(photoId) ?? -1
  }

  /** Asks; only the answer to the last question counts. True where it could be answered. */
  async load(query: string): Promise<boolean> {
    const turn = ++this.#latest
    try {
      const answer = await call('photos.grid', { query })
      if (turn !== this.#latest) return false
      this.answer = answer
      this.query = query
      this.error = null
      return true
    } catch (error) {
      if (turn === this.#latest) this.error = asCallError(error)
      return false
    }
  }
}

/** The grid of the Photos view outlives the view: coming back shows it at once. */
export const libraryPhotos = new PhotoGridState()
