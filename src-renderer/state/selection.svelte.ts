/** Which of a list of things are selected, by click, shift, key and all. */
import { missingFrom } from '../lists.ts'
import { SvelteSet } from 'svelte/reactivity'

export class Selection<Id> {
  readonly ids = new SvelteSet<Id>()
  #anchor = $state<Id | null>(null)

  get size(): number {
    return this.ids.size
  }

  has(id: Id): boolean {
    return this.ids.has(id)
  }

  toggle(id: Id): void {
    if (!this.ids.delete(id)) this.ids.add(id)
    this.#anchor = id
  }

  /** Everything between the thing that was touched last and this one, in the order of `all`. */
  extendTo(id: Id, all: readonly Id[]): void {
    const to = all.indexOf(id)
    const from = this.#anchor === null ? to : Math.max(0, all.indexOf(this.#anchor))
    for (const between of all.slice(Math.min(from, to), Math.max(from, to) + 1)) this.ids.add(between)
    this.#anchor ??= id
  }

  selectAll(all: readonly Id[]): void {
    for (const id of all) this.ids.add(id)
  }

  clear(): void {
    this.ids.clear()
    this.#anchor = null
  }

  /** Forgets what is no longer there. */
  keepOnly(all: readonly Id[]): void {
    for (const id of missingFrom(this.ids, all)) this.ids.delete(id)
  }
}
