/**
 * The photos that a query finds, as a grid scrolls over them. Known at once is how many fall into each month or day; their
 * ids come block by block, for what is in sight.
 */
import { untrack } from 'svelte'
import { SvelteMap } from 'svelte/reactivity'
import type { MethodOutput } from '../../src-shared/api.ts'
import type { PhotoId } from '../../src-shared/domain.ts'
import { asCallError, call, type CallError } from '../client/rpc.ts'
import { lastNotAbove, type GridSection } from '../grid-layout.ts'
import { plainMap, plainSet } from '../lists.ts'
import { blocksOf, joinPeriods, sectionsOf, type Block, type Grouping } from '../timeline.ts'

/** More are in sight nowhere; what was scrolled past is forgotten beyond that. */
const mostKeptBlocks = 200
const mostAtATime = 2
/** So many photos come with the answer to a query, so that a grid has something to show at once. */
const firstPhotos = 150

/** Who looks at a stretch of the grid. */
type Watcher = 'grid' | 'viewer'

export class PhotoGridState {
  /** Of the last query that could be answered: it stays while another is wrong. */
  answer = $state.raw<MethodOutput<'photos.timeline'> | null>(null)
  error = $state.raw<CallError | null>(null)
  query = $state('')
  grouping = $state<Grouping>('month')
  #latest = 0
  #ids = new SvelteMap<string, readonly PhotoId[]>()
  /** Blocks that may have changed since they were read; they are shown until they are read again. */
  #stale = plainSet<string>()
  #places = plainMap<PhotoId, { block: string; at: number }>()
  #wanted = plainMap<Watcher, [from: number, to: number]>()
  #asked = plainSet<string>()
  #ahead: { query: string; grouping: Grouping; answer: Promise<MethodOutput<'photos.timeline'>> } | null = null

  readonly total: number = $derived(this.answer?.total ?? 0)
  readonly months = $derived(joinPeriods(this.answer?.periods ?? [], 'month'))
  readonly sections: readonly GridSection[] = $derived(sectionsOf(this.answer?.periods ?? [], this.total, this.grouping))
  #blocks: readonly Block[] = $derived(blocksOf(this.months))
  #blockByKey = $derived(plainMap(this.#blocks.map((block) => [block.key, block])))

  #blockAt(index: number): Block | undefined {
    return this.#blocks[lastNotAbove(this.#blocks, index, (block) => block.first)]
  }

  /** The photo at an index of the grid; null while it is not known. */
  idAt(index: number): PhotoId | null {
    const block = this.#blockAt(index)
    return (block && this.#ids.get(block.key)?.[index - block.first]) ?? null
  }

  /** Where a photo lies, if it lies in a block that is known; -1 else. */
  indexOf(photoId: PhotoId): number {
    // Whoever asked too early asks again when a block has come.
    void this.#ids.size
    const place = this.#places.get(photoId)
    const block = place && this.#blockByKey.get(place.block)
    return place && block && this.#ids.has(place.block) && place.at < block.count ? block.first + place.at : -1
  }

  /** Where a photo lies; -1 where it is not among those found. */
  async find(photoId: PhotoId): Promise<number> {
    const known = this.indexOf(photoId)
    if (known >= 0 || !this.answer) return known
    try {
      return (await call('photos.locate', { query: this.query, photoId })).index ?? -1
    } catch {
      return -1
    }
  }

  /** Says which stretch is looked at: its ids are fetched, unless another stretch is looked at before they are asked for. */
  want(from: number, to: number, watcher: Watcher = 'grid'): void {
    this.#wanted.set(watcher, [Math.max(0, from), Math.min(this.total, to)])
    this.#fetchWanted()
  }

  /** Asks what will probably be loaded next: it is on its way then when it is known to be that. */
  ahead(query: string, grouping: Grouping): void {
    const answer = this.#ask(query, grouping, firstPhotos)
    this.#ahead = { query, grouping, answer }
    answer.catch(() => {
      if (this.#ahead?.answer === answer) this.#ahead = null
    })
  }

  #ask(query: string, grouping: Grouping, first: number): Promise<MethodOutput<'photos.timeline'>> {
    return call('photos.timeline', { query, by: grouping === 'day' ? 'day' : 'month', first })
  }

  /** Asks; only the answer to the last question counts. True where it could be answered. */
  async load(query: string, grouping: Grouping): Promise<boolean> {
    const turn = ++this.#latest
    const ahead = this.#ahead
    this.#ahead = null
    try {
      const sameQuery = untrack(() => this.answer !== null && query === this.query)
      const isAsked = ahead?.query === query && ahead.grouping === grouping && !sameQuery
      const answer = await (isAsked ? ahead.answer : this.#ask(query, grouping, sameQuery ? 0 : firstPhotos))
      if (turn !== this.#latest) return false
      this.answer = answer
      this.query = query
      this.grouping = grouping
      this.error = null
      if (sameQuery) this.#forgetAllBut(this.#wantedBlocks())
      else this.#forgetAllBut([])
      this.#asked.clear()
      this.#keepFirst(answer)
      this.#fetchWanted()
      return true
    } catch (error) {
      if (turn === this.#latest) this.error = asCallError(error)
      return false
    }
  }

  /** A block of which only the beginning is here is read when the rest is in sight. */
  #keepFirst({ periods, firstIds }: MethodOutput<'photos.timeline'>): void {
    for (const { key, first, count } of blocksOf(joinPeriods(periods, 'month'))) {
      if (first >= firstIds.length) return
      this.#keep(key, firstIds.slice(first, first + count))
      if (first + count > firstIds.length) this.#stale.add(key)
    }
  }

  #wantedBlocks(): Block[] {
    return [...this.#wanted.values()].flatMap(([from, to]) => {
      const at = lastNotAbove(this.#blocks, from, (block) => block.first)
      const end = this.#blocks.findIndex((block, index) => index >= at && block.first >= to)
      return to > from ? this.#blocks.slice(at, end < 0 ? undefined : end) : []
    })
  }

  #fetchWanted(): void {
    for (const block of this.#wantedBlocks()) {
      if (this.#asked.size >= mostAtATime) return
      if (this.#asked.has(block.key) || (this.#ids.has(block.key) && !this.#stale.has(block.key))) continue
      void this.#fetch(block)
    }
  }

  async #fetch(block: Block): Promise<void> {
    const turn = this.#latest
    this.#asked.add(block.key)
    try {
      const { period, offset, count } = block
      const { photoIds } = await call('photos.ids', { query: this.query, period, offset, limit: count })
      // Another query, or the same one asked again, has blocks of its own.
      if (turn !== this.#latest) return
      this.#keep(block.key, photoIds)
      this.#asked.delete(block.key)
      this.#fetchWanted()
    } catch (error) {
      if (turn !== this.#latest) return
      this.#asked.delete(block.key)
      this.error = asCallError(error)
    }
  }

  #keep(key: string, photoIds: readonly PhotoId[]): void {
    this.#forget(key)
    this.#ids.set(key, photoIds)
    photoIds.forEach((photoId, at) => this.#places.set(photoId, { block: key, at }))
    if (this.#ids.size <= mostKeptBlocks) return
    const wanted = plainSet(this.#wantedBlocks().map((block) => block.key))
    const oldest = [...this.#ids.keys()].find((known) => known !== key && !wanted.has(known))
    if (oldest !== undefined) this.#forget(oldest)
  }

  #forget(key: string): void {
    for (const photoId of this.#ids.get(key) ?? [])
      if (this.#places.get(photoId)?.block === key) this.#places.delete(photoId)
    this.#ids.delete(key)
    this.#stale.delete(key)
  }

  #forgetAllBut(blocks: readonly Block[]): void {
    const kept = plainSet(blocks.map(({ key }) => key))
    for (const key of [...this.#ids.keys()])
      if (kept.has(key)) this.#stale.add(key)
      else this.#forget(key)
  }
}

/** The grid of the Photos view outlives the view: coming back shows it at once. */
export const libraryPhotos = new PhotoGridState()
