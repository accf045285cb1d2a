/** The photo that lies on top of a view: which come before and after it, and where the focus goes when it is closed. */
import { onDestroy } from 'svelte'
import type { PhotoId } from '../../src-shared/domain.ts'
import { positionsOf } from '../lists.ts'
import { router } from './router.svelte.ts'

export interface PhotoSource {
  /** The photos of the view below, in its order. */
  ids: () => readonly PhotoId[]
  /** Shows, in the view below, the photo that was looked at last. */
  onclose?: (photoId: PhotoId) => void
}

class PhotoViewer {
  #source = $state.raw<PhotoSource | null>(null)
  #positions = $derived(positionsOf(this.#source?.ids() ?? []))
  #opener: Element | null = null

  /** To be called while a view is set up: this is what it shows. */
  provide(source: PhotoSource): void {
    this.#source = source
    onDestroy(() => {
      if (this.#source === source) this.#source = null
    })
  }

  open(photoId: PhotoId): void {
    this.#opener ??= document.activeElement
    router.openPhoto(photoId)
  }

  /** The photo `steps` further on, or null at the ends and where the order is not known. */
  neighbour(photoId: PhotoId, steps: number): PhotoId | null {
    const at = this.#positions.get(photoId)
    return at === undefined ? null : (this.#source?.ids()[at + steps] ?? null)
  }

  /** Place among the photos of the view below, from 1, and how many there are. */
  place(photoId: PhotoId): { position: number; count: number } | null {
    const at = this.#positions.get(photoId)
    return at === undefined ? null : { position: at + 1, count: this.#positions.size }
  }

  /** To be called when the photo is gone from the screen. */
  closed(photoId: PhotoId): void {
    const opener = this.#opener
    this.#opener = null
    if (this.#source?.onclose) this.#source.onclose(photoId)
    else if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true })
  }
}

export const photoViewer = new PhotoViewer()
