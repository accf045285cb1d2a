/** A box drawn with the mouse over a scrolling grid: it goes on scrolling where the pointer leaves the edge. */
import type { PixelBox } from '../grid-layout.ts'

/** What is told of a box while it is drawn; `boxed` in pixels from the top left corner of the grid. */
export interface BandEvents {
  /** Whether a box may begin with this press; any may when left out. */
  mayBegin?(event: PointerEvent): boolean
  begin(event: PointerEvent): void
  cover(boxed: PixelBox): void
  cancel(): void
}

/** A press that moves less is a click. */
const dragFromPx = 6
/** As near to an edge the grid begins to scroll, the faster the nearer, and fastest this far outside. */
const edgePx = 48
const fastestPxPerFrame = 42

export class RubberBand {
  box = $state.raw<PixelBox | null>(null)
  readonly #canvas: HTMLElement
  readonly #scroller: HTMLElement
  readonly #events: BandEvents
  #start: { x: number; y: number; event: PointerEvent } | null = null
  #pointer = { x: 0, y: 0 }
  #frame = 0

  constructor(scroller: HTMLElement, canvas: HTMLElement, events: BandEvents) {
    this.#scroller = scroller
    this.#canvas = canvas
    this.#events = events
    scroller.addEventListener('pointerdown', this.#press)
  }

  destroy(): void {
    this.#stop()
    this.#scroller.removeEventListener('pointerdown', this.#press)
  }

  #press = (event: PointerEvent) => {
    const onScrollbar = event.target === this.#scroller && event.offsetX >= this.#scroller.clientWidth
    // A finger scrolls.
    if (event.button !== 0 || event.pointerType === 'touch' || onScrollbar || this.#events.mayBegin?.(event) === false) return
    const { x, y } = this.#place(event.clientX, event.clientY)
    this.#start = { x, y, event }
    this.#pointer = { x: event.clientX, y: event.clientY }
    addEventListener('pointermove', this.#move)
    addEventListener('pointerup', this.#release)
    addEventListener('pointercancel', this.#cancel)
    addEventListener('blur', this.#cancel)
    addEventListener('keydown', this.#key, true)
  }

  #move = (event: PointerEvent) => {
    const start = this.#start
    if (!start) return
    this.#pointer = { x: event.clientX, y: event.clientY }
    if (!this.box) {
      if (Math.hypot(event.clientX - start.event.clientX, event.clientY - start.event.clientY) < dragFromPx) return
      this.#events.begin(start.event)
      this.#frame = requestAnimationFrame(this.#scroll)
    }
    this.#draw()
  }

  #draw(): void {
    const { x, y } = this.#place(this.#pointer.x, this.#pointer.y)
    const start = this.#start!
    this.box = { leftPx: Math.min(x, start.x), topPx: Math.min(y, start.y), widthPx: Math.abs(x - start.x), heightPx: Math.abs(y - start.y) }
    this.#events.cover(this.box)
  }

  #scroll = () => {
    const { top, bottom } = this.#scroller.getBoundingClientRect()
    const above = top + edgePx - this.#pointer.y
    const below = this.#pointer.y - (bottom - edgePx)
    const depth = above > 0 ? -above : Math.max(0, below)
    const before = this.#scroller.scrollTop
    if (depth !== 0) this.#scroller.scrollTop += Math.sign(depth) * Math.min(fastestPxPerFrame, Math.ceil(Math.abs(depth) / 2))
    if (this.#scroller.scrollTop !== before) this.#draw()
    this.#frame = requestAnimationFrame(this.#scroll)
  }

  /** A point of the window as one of the canvas, kept inside of its width. */
  #place(clientX: number, clientY: number): { x: number; y: number } {
    const { left, top, width } = this.#canvas.getBoundingClientRect()
    return { x: Math.min(width, Math.max(0, clientX - left)), y: clientY - top }
  }

  #key = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !this.box) return
    event.preventDefault()
    event.stopImmediatePropagation()
    this.#cancel()
  }

  #cancel = () => {
    if (this.box) this.#events.cancel()
    this.#stop()
  }

  #release = () => {
    // The press that drew a box is no click on what lies under its end.
    if (this.box) {
      const swallow = (click: MouseEvent) => click.stopPropagation()
      addEventListener('click', swallow, { capture: true, once: true })
      setTimeout(() => removeEventListener('click', swallow, { capture: true }))
    }
    this.#stop()
  }

  #stop(): void {
    cancelAnimationFrame(this.#frame)
    this.#start = null
    this.box = null
    removeEventListener('pointermove', this.#move)
    removeEventListener('pointerup', this.#release)
    removeEventListener('pointercancel', this.#cancel)
    removeEventListener('blur', this.#cancel)
    removeEventListener('keydown', this.#key, true)
  }
}
