/** What is on the photo that is shown, and on those beside it, which are asked for ahead: the next one is there at once. */
import { SvelteMap } from 'svelte/reactivity'
import type { Photo, PhotoId } from '../../src-shared/domain.ts'
import { noteBoxes } from '../client/media.ts'
import { asCallError, call, type CallError } from '../client/rpc.ts'
import { plainMap } from '../lists.ts'

const mostKept = 20

export class PhotoDetails {
  readonly #known = new SvelteMap<PhotoId, Photo>()
  /** The last question about each photo, that which was wanted longest ago first: answers to earlier ones come too late. */
  readonly #asked = plainMap<PhotoId, number>()
  #turn = 0
  #failed = $state.raw<{ photoId: PhotoId; error: CallError } | null>(null)

  /** Null until it is known. */
  of(photoId: PhotoId): Photo | null {
    return this.#known.get(photoId) ?? null
  }

  errorOf(photoId: PhotoId): CallError | null {
    return this.#failed?.photoId === photoId ? this.#failed.error : null
  }

  /** Asks for a photo, also where it is known; errors are for `errorOf`. */
  async load(photoId: PhotoId): Promise<void> {
    const turn = ++this.#turn
    this.#want(photoId, turn)
    try {
      const { photo } = await call('photos.get', { photoId })
      if (this.#asked.get(photoId) !== turn) return
      noteBoxes(photo.faces)
      this.#keep(photo)
      if (this.#failed?.photoId === photoId) this.#failed = null
    } catch (reason) {
      if (this.#asked.get(photoId) !== turn) return
      this.#asked.delete(photoId)
      this.#failed = { photoId, error: asCallError(reason) }
    }
  }

  /** Asks for photos that are not known. */
  ahead(photoIds: readonly PhotoId[]): void {
    for (const photoId of photoIds) {
      const turn = this.#asked.get(photoId)
      if (turn === undefined) void this.load(photoId)
      else this.#want(photoId, turn)
    }
  }

  /** Something changed: the photo in sight is asked for again, and stays as it is until then; the others are forgotten. */
  changed(photoId: PhotoId): Promise<void> {
    for (const known of [...this.#asked.keys()]) if (known !== photoId) this.#forget(known)
    return this.load(photoId)
  }

  #keep(photo: Photo): void {
    this.#known.set(photo.id, photo)
    const [oldest] = this.#asked.keys()
    if (this.#asked.size > mostKept && oldest !== undefined) this.#forget(oldest)
  }

  #want(photoId: PhotoId, turn: number): void {
    this.#asked.delete(photoId)
    this.#asked.set(photoId, turn)
  }

  #forget(photoId: PhotoId): void {
    this.#known.delete(photoId)
    this.#asked.delete(photoId)
  }
}
