/** The whole photo of a face, while a key or a button is held. */
import type { Face, FaceId } from '../../src-shared/domain.ts'
import { call } from '../client/rpc.ts'
import { showError } from './decisions.svelte.ts'

class Peek {
  face = $state.raw<Face | null>(null)
  /** Faces to go through with the arrow keys while the photo is held. */
  #others: readonly Face[] = []
  #held = false

  get longestPx(): number {
    return Math.max(innerWidth, innerHeight)
  }

  show(face: Face): void {
    this.#held = true
    this.#others = []
    this.face = face
  }

  /** Shows one of several faces of which only the ids are known. */
  async showOne(faceIds: readonly FaceId[], faceId: FaceId): Promise<void> {
    if (this.#held) return
    this.#held = true
    try {
      const { faces } = await call('faces.list', { filter: { faceIds: [...faceIds] } })
      if (!this.#held) return
      this.#others = faces.toSorted((a, b) => faceIds.indexOf(a.id) - faceIds.indexOf(b.id))
      this.face = faces.find(({ id }) => id === faceId) ?? null
    } catch (error) {
      showError(error)
    }
  }

  /** Goes on to another of the faces. */
  step(steps: number): void {
    const at = this.#others.findIndex(({ id }) => id === this.face?.id)
    const next = this.#others[at + steps]
    if (at >= 0 && next) this.face = next
  }

  hide(): void {
    this.#held = false
    this.face = null
  }
}

export const peek = new Peek()
