/** What this window remembers for the person at it. */
const tileSizesPx = [96, 140, 190, 260, 360] as const
const storageKey = 'kith.tile-size'

class Settings {
  #tileSize = $state(Settings.#read())

  static #read(): number {
    const stored = Number(localStorage.getItem(storageKey) ?? 2)
    return Number.isInteger(stored) && stored >= 0 && stored < tileSizesPx.length ? stored : 2
  }

  /** Wanted side of a photo's tile. */
  get tilePx(): number {
    return tileSizesPx[this.#tileSize]!
  }

  zoom(steps: number): void {
    this.#tileSize = Math.min(tileSizesPx.length - 1, Math.max(0, this.#tileSize + steps))
    localStorage.setItem(storageKey, String(this.#tileSize))
  }
}

export const settings = new Settings()
