/** The photo that lies on top of a view: which come before and after it, and where the focus goes when it is closed. */
import { onDestroy } from 'svelte'
import type { PhotoId } from '../../src-shared/domain.ts'
import { positionsOf } from '../lists.ts'
import type { PhotoGridState } from './photo-grid.svelte.ts'
import { router } from './router.svelte.ts'

/** The photos of a view, in its order. */
export interface PhotoOrder {
  readonly count: number
  /** -1 where it is not among them, or not known yet. */
  indexOf: (photoId: PhotoId) => number
  /** Null at the ends, and where it is not known yet. */
  at: (index: number) => PhotoId | null
  /** Learns what lies around a photo. */
  lookAround?: (photoId: PhotoId) => void
}

export interface PhotoSource {
  order: () => PhotoOrder
  /** Shows, in the view below, the photo that was looked at last. */
  onclose?: (photoId: PhotoId) => void
}

export function orderOfList(photoIds: readonly PhotoId[]): PhotoOrder {
  const positions = positionsOf(photoIds)
  return { count: photoIds.length, indexOf: (photoId) => positions.get(photoId) ?? -1, at: (index) => photoIds[index] ?? null }
}

export function orderOfGrid(grid: PhotoGridState): PhotoOrder {
  return {
    count: grid.total,
    indexOf: (photoId) => grid.indexOf(photoId),
    at: (index) => (index >= 0 && index < grid.total ? grid.idAt(index) : null),
    lookAround: (photoId) => void grid.find(photoId).then((index) => index >= 0 && grid.want(index - 2, index + 3, 'viewer')),
  }
}

class PhotoViewer {
  #source = $state.raw<PhotoSource | null>(null)
  #order = $derived(this.#source?.order() ?? orderOfList([]))
  #opener: Element | null = null
  /** As `#source`: while a view is taken down, Svelte reads states as they were before the next view came. */
  #provided: PhotoSource | null = null

  /** To be called while a view is set up: this is what it shows. */
  provide(source: PhotoSource): void {
    this.#show(source)
    onDestroy(() => {
      if (this.#provided === source) this.#show(null)
    })
  }

  #show(source: PhotoSource | null): void {
    this.#provided = source
    this.#source = source
  }

  open(photoId: PhotoId): void {
    this.#opener ??= document.activeElement
    router.openPhoto(photoId)
  }

  /** To be called when a photo is shown, and again when the view below has changed. */
  lookAround(photoId: PhotoId): void {
    this.#order.lookAround?.(photoId)
  }

  /** The photo `steps` further on, or null at the ends and where the order is not known. */
  neighbour(photoId: PhotoId, steps: number): PhotoId | null {
    const at = this.#order.indexOf(photoId)
    return at < 0 ? null : this.#order.at(at + steps)
  }

  /** Place among the photos of the view below, from 1, and how many there are. */
  place(photoId: PhotoId): { position: number; count: number } | null {
    const at = this.#order.indexOf(photoId)
    return at < 0 ? null : { position: at + 1, count: this.#order.count }
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
