/**
 * Which of a list of things are selected: by click, Shift, key, a box drawn around them, and all. A list may be longer than
 * what is here of it: then "all" is everything but the few that were taken out again.
 */
import { missingFrom, plainMap, plainSet } from '../lists.ts'
import { SvelteSet } from 'svelte/reactivity'

/** What an action is about: some things, or the whole list less a few. */
export interface Chosen<Id> {
  /** Null for everything in the list. */
  ids: Id[] | null
  /** With everything: what it is without. */
  except: Id[]
  count: number
}

/** Things chosen one by one. */
export function these<Id>(ids: readonly Id[]): Chosen<Id> {
  return { ids: [...ids], except: [], count: ids.length }
}

export class Selection<Id> {
  /** The selected, or, with everything selected, those that are not. */
  readonly #marked = new SvelteSet<Id>()
  #everything = $state(false)
  #anchor = $state<Id | null>(null)
  readonly #total: () => number
  /** What a box covers now, and whether it was selected before. */
  #covered = plainMap<Id, boolean>()
  #boxSelects = true

  /** @param total how many there are in the list, here or not */
  constructor(total: () => number) {
    this.#total = total
  }

  get size(): number {
    return this.#everything ? Math.max(0, this.#total() - this.#marked.size) : this.#marked.size
  }

  get chosen(): Chosen<Id> {
    const marked = [...this.#marked]
    return this.#everything ? { ids: null, except: marked, count: this.size } : these(marked)
  }

  has(id: Id): boolean {
    return this.#marked.has(id) !== this.#everything
  }

  toggle(id: Id): void {
    this.#set(id, !this.has(id))
    this.#anchor = id
  }

  /** Everything between the thing that was touched last and this one, in the order of `all`. */
  extendTo(id: Id, all: readonly Id[]): void {
    const to = all.indexOf(id)
    const from = this.#anchor === null ? to : Math.max(0, all.indexOf(this.#anchor))
    for (const between of all.slice(Math.min(from, to), Math.max(from, to) + 1)) this.#set(between, true)
    this.#anchor ??= id
  }

  add(ids: readonly Id[]): void {
    for (const id of ids) this.#set(id, true)
  }

  /** Selects the whole list, of which `here` is what was fetched so far. */
  selectAll(here: readonly Id[]): void {
    this.#marked.clear()
    this.#everything = here.length < this.#total()
    if (!this.#everything) this.add(here)
  }

  /** Selects what is not selected, and the other way round. */
  invert(): void {
    this.#everything = !this.#everything
  }

  clear(): void {
    this.#marked.clear()
    this.#everything = false
    this.#anchor = null
  }

  /** Forgets what is no longer there. */
  keepOnly(all: readonly Id[]): void {
    for (const id of missingFrom(this.#marked, all)) this.#marked.delete(id)
  }

  /** A box begins to be drawn; what it covers is selected, or, with `selects` false, taken out. */
  beginBox(selects: boolean): void {
    this.#covered.clear()
    this.#boxSelects = selects
  }

  /** The box covers these now; what it no longer covers is as it was. */
  coverBox(ids: readonly Id[]): void {
    const now = plainSet(ids)
    for (const [id, before] of this.#covered)
      if (!now.has(id)) {
        this.#set(id, before)
        this.#covered.delete(id)
      }
    for (const id of ids)
      if (!this.#covered.has(id)) {
        this.#covered.set(id, this.has(id))
        this.#set(id, this.#boxSelects)
      }
  }

  cancelBox(): void {
    this.coverBox([])
  }

  #set(id: Id, selected: boolean): void {
    if (selected === this.#everything) this.#marked.delete(id)
    else this.#marked.add(id)
  }
}
