/**
 * Boxes that are drawn and moved on one photo. What is in hand is shown at once; the engine looks at it when it is done, and
 * until then, or where that fails, it stays in sight.
 */
import type { DrawnFace } from '../../src-shared/api.ts'
import type { BoundingBox, Face, FaceId, Photo } from '../../src-shared/domain.ts'
import { minimumBoxPx } from '../../src-shared/limits.ts'
import { boxAround, boxBetween, moveBox, resizeBox, stretchBox, type Handle, type Point } from '../box-geometry.ts'
import { call } from '../client/rpc.ts'
import { texts } from '../texts.ts'
import { decide, undo } from './decisions.svelte.ts'
import { toasts } from './toasts.svelte.ts'

/** A box that the keyboard begins with, as a part of the photo's shorter side. */
const firstBoxPart = 0.2
/** Keys move and stretch a box by this part of its side. */
const keyStep = 0.06
/** Keys come in rows: the engine looks once they rest. */
const restMs = 700

interface Draft {
  box: BoundingBox
  /** drawing: still pulled. placing: the keyboard moves it. naming: a name is asked for. looking: the engine has it. */
  phase: 'drawing' | 'placing' | 'naming' | 'looking'
  /** The name as typed, while the engine looks and where that failed. */
  name: string
}

export class BoxEditor {
  /** The next drag, or click, draws wherever it begins. */
  armed = $state(false)
  draft = $state.raw<Draft | null>(null)
  /** A face whose box is being changed, with the box it has in hand. */
  moved = $state.raw<{ faceId: FaceId; box: BoundingBox; looking: boolean } | null>(null)
  readonly #photo: () => Photo | null
  /** Fetches the photo again and shows the face, if it is there. */
  readonly #show: (faceId: FaceId | null) => Promise<void>
  #rest: ReturnType<typeof setTimeout> | undefined

  constructor(photo: () => Photo | null, show: (faceId: FaceId | null) => Promise<void>) {
    this.#photo = photo
    this.#show = show
  }

  get busy(): boolean {
    return this.draft?.phase === 'looking' || this.moved?.looking === true
  }

  /** The box of a face as it is to be seen now. */
  boxOf(face: Face): BoundingBox {
    return this.moved?.faceId === face.id ? this.moved.box : face.box
  }

  #least(): { width: number; height: number } {
    const photo = this.#photo()
    if (!photo || photo.widthPx === 0) return { width: 0.01, height: 0.01 }
    return { width: minimumBoxPx / photo.widthPx, height: minimumBoxPx / photo.heightPx }
  }

  /** Waits for a drag, or leaves off. */
  toggleArmed(): void {
    if (this.armed || this.draft) this.drop()
    else this.armed = true
  }

  pull(from: Point, to: Point): void {
    this.draft = { box: boxBetween(from, to), phase: 'drawing', name: '' }
  }

  /** A box in the middle for the keyboard, or around a point that was clicked. */
  place(point: Point = { x: 0.5, y: 0.5 }, phase: 'placing' | 'naming' = 'placing'): void {
    const photo = this.#photo()
    const ratio = photo && photo.widthPx > 0 ? photo.widthPx / photo.heightPx : 1
    const [width, height] = ratio > 1 ? [firstBoxPart / ratio, firstBoxPart] : [firstBoxPart, firstBoxPart * ratio]
    this.armed = phase === 'placing'
    this.draft = { box: boxAround(point, width, height), phase, name: '' }
  }

  /** The drag is over: a name is asked for, unless there is hardly a box. */
  finish(): void {
    if (!this.draft || this.draft.phase === 'naming' || this.draft.phase === 'looking') return
    const { box } = this.draft
    const least = this.#least()
    this.armed = false
    if (box.width < least.width || box.height < least.height) {
      this.draft = null
      toasts.error(texts.draw.tooSmall)
      return
    }
    this.draft = { ...this.draft, phase: 'naming' }
  }

  /** Forgets what is in hand; what the engine looks at already goes on. */
  drop(): void {
    clearTimeout(this.#rest)
    this.armed = false
    if (this.draft?.phase !== 'looking') this.draft = null
    if (this.moved && !this.moved.looking) this.moved = null
  }

  /** Hands the new box to the engine, with a name or without. */
  async accept(name: string | null): Promise<void> {
    const photo = this.#photo()
    const draft = this.draft
    if (!photo || draft?.phase !== 'naming') return
    this.draft = { ...draft, phase: 'looking', name: name ?? '' }
    const drawn = await decide(() => call('faces.draw', { photoId: photo.id, box: draft.box, name }), { quiet: true })
    if (drawn) tell(drawn)
    await this.#show(drawn?.faceId ?? null)
    this.draft = drawn || this.#photo()?.id !== photo.id ? null : { ...draft, phase: 'naming', name: name ?? '' }
  }

  /** The keyboard's steps: of the new box where there is one, else of the face. */
  shift(face: Face | undefined, x: -1 | 0 | 1, y: -1 | 0 | 1): void {
    this.#step(face, (box) => moveBox(box, x * keyStep * box.width, y * keyStep * box.height))
  }

  stretch(face: Face | undefined, x: -1 | 0 | 1, y: -1 | 0 | 1): void {
    this.#step(face, (box) => stretchBox(box, x * keyStep * box.width, y * keyStep * box.height, this.#least()))
  }

  #step(face: Face | undefined, change: (box: BoundingBox) => BoundingBox): void {
    if (this.draft) {
      if (this.draft.phase !== 'looking') this.draft = { ...this.draft, box: change(this.draft.box) }
      return
    }
    if (!face || this.busy) return
    this.hold(face, change(this.boxOf(face)))
    clearTimeout(this.#rest)
    this.#rest = setTimeout(() => void this.release(), restMs)
  }

  /** A face is dragged by its middle, or by a handle. */
  hold(face: Face, box: BoundingBox): void {
    if (!this.busy) this.moved = { faceId: face.id, box, looking: false }
  }

  dragged(start: BoundingBox, handle: Handle | null, dx: number, dy: number): BoundingBox {
    return handle ? resizeBox(start, handle, dx, dy, this.#least()) : moveBox(start, dx, dy)
  }

  /** Lets the face have the box it was moved to. */
  async release(): Promise<void> {
    clearTimeout(this.#rest)
    const moved = this.moved
    if (!moved || moved.looking) return
    this.moved = { ...moved, looking: true }
    const drawn = await decide(() => call('faces.move', { faceId: moved.faceId, box: moved.box }), { quiet: true })
    if (drawn) tell(drawn)
    await this.#show(moved.faceId)
    this.moved = null
  }

  async remove(face: Face): Promise<void> {
    this.drop()
    await decide(() => call('faces.delete', { faceIds: [face.id] }))
    await this.#show(null)
  }
}

function tell(drawn: DrawnFace): void {
  if (drawn.journalEntryId === null) return
  toasts.show(drawn.teaches ? drawn.label : `${drawn.label}. ${texts.draw.doesNotTeach}`, {
    action: { label: texts.history.undo, run: () => void undo() },
  })
}
