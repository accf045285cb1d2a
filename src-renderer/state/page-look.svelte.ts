/** The page's colours and type, for what is drawn on a canvas; they follow the system's change between light and dark. */
import { parseColour } from '../map/colours.ts'
import type { Look } from '../map/scene.ts'

class PageLook {
  readonly #darkQuery = matchMedia('(prefers-color-scheme: dark)')
  #dark = $state(this.#darkQuery.matches)
  readonly value = $derived(readLook(this.#dark))

  constructor() {
    this.#darkQuery.addEventListener('change', ({ matches }) => { this.#dark = matches })
  }
}

/** Colours as the page's style sheet has them: a property that holds `light-dark()` is a colour only where it is used. */
function readLook(dark: boolean): Look {
  const probe = document.createElement('span')
  document.body.append(probe)
  const colour = (name: string) => {
    probe.style.color = `var(--${name})`
    return parseColour(getComputedStyle(probe).color)
  }
  const look = {
    dark, ground: colour('paper'), ink: colour('ink'), quiet: colour('ink-2'), accent: colour('accent'), danger: colour('danger'),
    font: getComputedStyle(probe).fontFamily,
  }
  probe.remove()
  return look
}

export const pageLook = new PageLook()
