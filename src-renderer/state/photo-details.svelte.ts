/** What is on the photo that is shown, and on those beside it, which are asked for ahead: the next one is there at once. */
import { SvelteMap } from 'svelte/reactivity'
import type { Face, FaceId, Photo, PhotoId } from '../../src-shared/domain.ts'
import { noteBoxes } from '../client/media.ts'
import { asCallError, call, type CallError } from '../client/rpc.ts'
import { plainMap } from '../lists.ts'

const mostKept = 20

interface Question {
  /** Done when the question is answered, or a later one about the same photo. */
  answered: Promise<void>
}

export class PhotoDetails {
  readonly #known = new SvelteMap<PhotoId, Photo>()
  /** What faces will be once the engine has done what it was told. */
  readonly #expected = new SvelteMap<FaceId, Partial<Face>>()
  /** The last question about each photo, that which was wanted longest ago first: answers to earlier ones come too late. */
  readonly #asked = plainMap<PhotoId, Question>()
  #failed = $state.raw<{ photoId: PhotoId; error: CallError } | null>(null)

  /** Null until it is known. */
  of(photoId: PhotoId): Photo | null {
    const photo = this.#known.get(photoId) ?? null
    if (!photo || this.#expected.size === 0) return photo
    return { ...photo, faces: photo.faces.map((face) => ({ ...face, ...this.#expected.get(face.id) })) }
  }

  /** Shows a face as it is going to be. @returns to be called when the photo has been asked for again, or nothing came of it */
  expect(faceId: FaceId, change: Partial<Face>): () => void {
    this.#expected.set(faceId, change)
    return () => {
      if (this.#expected.get(faceId) === change) this.#expected.delete(faceId)
    }
  }

  errorOf(photoId: PhotoId): CallError | null {
    return this.#failed?.photoId === photoId ? this.#failed.error : null
  }

  /** Asks for a photo, also where it is known; errors are for `errorOf`. */
  load(photoId: PhotoId): Promise<void> {
    const question: Question = { answered: Promise.resolve() }
    this.#want(photoId, question)
    question.answered = this.#ask(photoId, question)
    return question.answered
  }

  async #ask(photoId: PhotoId, question: Question): Promise<void> {
    const later = () => this.#asked.get(photoId) !== question
    try {
      const { photo } = await call('photos.get', { photoId })
      if (later()) return this.#asked.get(photoId)?.answered
      noteBoxes(photo.faces)
      this.#keep(photo)
      if (this.#failed?.photoId === photoId) this.#failed = null
    } catch (reason) {
      if (later()) return this.#asked.get(photoId)?.answered
      this.#asked.delete(photoId)
      this.#failed = { photoId, error: asCallError(reason) }
    }
  }

  /** Asks for photos that are not known. */
  ahead(photoIds: readonly PhotoId[]): void {
    for (const photoId of photoIds) {
      const question = this.#asked.get(photoId)
      if (question) this.#want(photoId, question)
      else void this.load(photoId)
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

  #want(photoId: PhotoId, question: Question): void {
    this.#asked.delete(photoId)
    this.#asked.set(photoId, question)
  }

  #forget(photoId: PhotoId): void {
    this.#known.delete(photoId)
    this.#asked.delete(photoId)
  }
}
