/** A few words about the photos in sight, for labels and captions. */
import { SvelteMap } from 'svelte/reactivity'
import type { MethodOutput } from '../../src-shared/api.ts'
import type { PhotoId } from '../../src-shared/domain.ts'
import { connection } from '../client/connection.svelte.ts'
import { call } from '../client/rpc.ts'
import { formatDay } from '../format.ts'
import { texts } from '../texts.ts'

export type PhotoSummary = MethodOutput<'photos.summaries'>['photos'][number]

const settleMs = 120
const mostKept = 4000
const mostPerCall = 500

class Summaries {
  #known = new SvelteMap<PhotoId, PhotoSummary>()
  #wanted: readonly PhotoId[] = []
  #timer: ReturnType<typeof setTimeout> | null = null

  start(): void {
    connection.onChange(['faces', 'people', 'photos'], () => {
      this.#known.clear()
      this.want(this.#wanted)
    })
  }

  get(photoId: PhotoId): PhotoSummary | null {
    return this.#known.get(photoId) ?? null
  }

  /** Says which photos are in sight; what is not known of them is asked for once the scrolling rests. */
  want(photoIds: readonly PhotoId[]): void {
    this.#wanted = photoIds
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#fetch(), settleMs)
  }

  /** How a photo is called by somebody who can't see it. */
  describe(photoId: PhotoId): string {
    const summary = this.get(photoId)
    if (!summary) return texts.photos.photo
    const when = summary.takenAt ? formatDay(summary.takenAt) : texts.photos.noDate
    return texts.photos.description(when, texts.list([...new Set(summary.people)]), summary.fileName)
  }

  async #fetch(): Promise<void> {
    this.#timer = null
    const photoIds = this.#wanted.filter((id) => !this.#known.has(id)).slice(0, mostPerCall)
    if (photoIds.length === 0) return
    try {
      const { photos } = await call('photos.summaries', { photoIds })
      if (this.#known.size > mostKept) this.#known.clear()
      for (const photo of photos) this.#known.set(photo.id, photo)
    } catch {
      // Labels are an extra; the view itself tells what is wrong.
    }
  }
}

export const summaries = new Summaries()
