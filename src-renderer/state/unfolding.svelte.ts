import { scrollPositions } from './scroll.ts'

/**
 * A long list appears in steps, one a frame: at once what fills the window, so that it is seen soon and no frame is long.
 * Whoever comes back to a place further down finds it at once. To be made while a component is set up.
 */
export class Unfolding {
  #open = $state(0)
  readonly #total: () => number

  /**
   * @param total how many items there are
   * @param steps how many are there in the first frame, and how many more in each after it
   * @param scrollKey under which the place in the list is kept
   */
  constructor(total: () => number, steps: { first: number; further: number }, scrollKey: string) {
    this.#total = total
    this.#open = scrollPositions.get(scrollKey) ? Infinity : steps.first
    $effect(() => {
      if (this.#open >= total()) return
      const frame = requestAnimationFrame(() => { this.#open += steps.further })
      return () => cancelAnimationFrame(frame)
    })
  }

  /** How many items are to be shown now. */
  get count(): number {
    return Math.min(this.#open, this.#total())
  }

  /** Shows an item now, and all before it. */
  reach(index: number): void {
    this.#open = Math.max(this.#open, index + 1)
  }
}
