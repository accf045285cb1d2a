/** What this window remembers for the person at it. */
import type { Grouping } from '../timeline.ts'

const tileSizesPx = [72, 96, 140, 190, 260, 360] as const
/** The sizes of the pictures with what they are grouped by. */
const groupings: readonly Grouping[] = ['year', 'month', 'month', 'month', 'day', 'day']
const firstTileSize = 3
const storageKey = 'kith.tile-size-px'

class Settings {
  #tileSize = $state(Settings.#read())
  /** What photos are grouped by at this size. */
  readonly grouping: Grouping = $derived(groupings[this.#tileSize]!)

  static #read(): number {
    const stored = tileSizesPx.findIndex((px) => String(px) === localStorage.getItem(storageKey))
    return stored < 0 ? firstTileSize : stored
  }

  /** Wanted side of a photo's tile. */
  get tilePx(): number {
    return tileSizesPx[this.#tileSize]!
  }


  get isSmallest(): boolean {
    return this.#tileSize === 0
  }

  get isLargest(): boolean {
    return this.#tileSize === tileSizesPx.length - 1
  }

  /** Larger pictures by so many steps, or smaller ones by negative steps. */
  zoom(steps: number): void {
    this.#tileSize = Math.min(tileSizesPx.length - 1, Math.max(0, this.#tileSize + steps))
    localStorage.setItem(storageKey, String(this.tilePx))
  }
}

export const settings = new Settings()
