/** The photos that a query finds, as a grid scrolls over them. */
import type { MethodOutput } from '../../src-shared/api.ts'
import type { PhotoId } from '../../src-shared/domain.ts'
import { asCallError, call, type CallError } from '../client/rpc.ts'
import { formatMonth } from '../format.ts'
import type { GridSection } from '../grid-layout.ts'
import { positionsOf } from '../lists.ts'

export class PhotoGridState {
  /** Of the last query that could be answered: it stays while another is wrong. */
  answer = $state.raw<MethodOutput<'photos.grid'> | null>(null)
  error = $state.raw<CallError | null>(null)
  query = $state('')
  #latest = 0

  readonly sections: readonly GridSection[] = $derived(
    (this.answer?.months ?? []).map(({ month, count }) => ({ key: month, label: formatMonth(month), count })),
  )
  readonly photoIds: readonly PhotoId[] = $derived(this.answer?.photoIds ?? [])
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
