/**
 * The faces to answer, one after the other. The queue never moves under the person: an answer is sent in the background
 * while the next face is already there, and undo leads back to the face it was given for.
 */
import type { ReviewItem } from '../../src-shared/api.ts'
import type { PersonId } from '../../src-shared/domain.ts'
import { faceUrl, photoUrl, preload } from '../client/media.ts'
import { asCallError, call, type CallError } from '../client/rpc.ts'
import { uniqueBy } from '../lists.ts'
import { decide, undo } from './decisions.svelte.ts'

const pageSize = 60
const loadWhenLeft = 20
const preloadAhead = 3

export type Answer =
  | { kind: 'name'; name: string }
  | { kind: 'accept' }
  | { kind: 'reject'; personId: PersonId }
  | { kind: 'ignore' }
  | { kind: 'skip' }

interface Step {
  index: number
  answer: Answer
  /** The candidates before a rejection took one away. */
  before: ReviewItem
}

export class ReviewQueue {
  #items = $state.raw<readonly ReviewItem[]>([])
  #at = $state(0)
  #total = $state(0)
  #answered = $state(0)
  loaded = $state(false)
  error = $state.raw<CallError | null>(null)
  readonly #personId: PersonId | null
  #steps: Step[] = []
  #cursor: string | null = null
  #fetching = false

  constructor(personId: PersonId | null) {
    this.#personId = personId
  }

  get current(): ReviewItem | null {
    return this.#items[this.#at] ?? null
  }

  get left(): number {
    return Math.max(0, this.#total - this.#answered)
  }

  get answered(): number {
    return this.#answered
  }

  get skipped(): number {
    return this.#steps.filter((step) => step.answer.kind === 'skip').length
  }

  get canGoBack(): boolean {
    return this.#steps.length > 0
  }

  async start(): Promise<void> {
    this.#items = []
    this.#at = 0
    this.#answered = 0
    this.#steps = []
    this.#cursor = null
    this.loaded = false
    await this.#fetch()
  }

  /** Answers for the face in sight and goes on to the next; a rejection stays while there are others it may be. */
  answer(answer: Answer, photoSizePx: number): void {
    const item = this.current
    if (!item) return
    this.#steps.push({ index: this.#at, answer, before: item })
    if (answer.kind === 'reject') {
      const candidates = item.candidates.filter((candidate) => candidate.personId !== answer.personId)
      this.#replace(this.#at, { ...item, candidates, face: { ...item.face, suggestion: null } })
    }
    const stays = answer.kind === 'reject'
    if (answer.kind !== 'skip' && !stays) this.#answered++
    if (!stays) this.#at++
    this.preloadNext(photoSizePx)
    if (this.#items.length - this.#at < loadWhenLeft && this.#cursor !== null) void this.#fetch()
    if (answer.kind !== 'skip') void this.#send(item, answer, this.#steps.length)
  }

  /** Takes the last answer back and shows its face again. */
  async back(): Promise<void> {
    const step = this.#steps.at(-1)
    if (!step) return void (await undo())
    this.#steps = this.#steps.slice(0, -1)
    this.#showAgain(step)
    if (step.answer.kind !== 'skip') await undo()
  }

  preloadNext(photoSizePx: number): void {
    for (const item of this.#items.slice(this.#at + 1, this.#at + 1 + preloadAhead)) preload(faceUrl(item.face.id))
    const next = this.#items[this.#at + 1]
    if (next) preload(photoUrl(next.face.photoId, photoSizePx))
  }

  #showAgain(step: Step): void {
    this.#replace(step.index, step.before)
    this.#at = step.index
    if (step.answer.kind !== 'skip' && step.answer.kind !== 'reject') this.#answered--
  }

  #replace(index: number, item: ReviewItem): void {
    this.#items = this.#items.with(index, item)
  }

  async #send(item: ReviewItem, answer: Exclude<Answer, { kind: 'skip' }>, stepCount: number): Promise<void> {
    const targets = [{ kind: 'face' as const, id: item.face.id }]
    const decision = await decide(
      () => {
        switch (answer.kind) {
          case 'name': return call('faces.name', { targets, name: answer.name })
          case 'accept': return call('faces.confirm', { faceIds: [item.face.id] })
          case 'reject': return call('faces.reject', { faceIds: [item.face.id], personId: answer.personId })
          case 'ignore': return call('faces.ignore', { targets })
        }
      },
      { quiet: true },
    )
    // A failed answer leads back to its face, unless the person has gone back by herself.
    const step = this.#steps[stepCount - 1]
    if (!decision && step?.before === item) {
      this.#steps = this.#steps.slice(0, stepCount - 1)
      this.#showAgain(step)
    }
  }

  async #fetch(): Promise<void> {
    if (this.#fetching) return
    this.#fetching = true
    try {
      const answer = await call('review.list', { cursor: this.#cursor, limit: pageSize, personId: this.#personId })
      this.#items = uniqueBy([...this.#items, ...answer.items], (item) => item.face.id)
      if (this.#cursor === null) this.#total = answer.total
      this.#cursor = answer.nextCursor
      this.error = null
    } catch (error) {
      this.error = asCallError(error)
    }
    this.loaded = true
    this.#fetching = false
  }
}
