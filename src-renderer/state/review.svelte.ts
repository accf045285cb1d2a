/**
 * The faces to answer, one after the other. The queue never moves under the person: an answer is sent in the background
 * while the next face is already there, and undo leads back to the face it was given for, as it was asked. What Kith learns
 * from the answers, and what is decided in other windows, changes only faces that have not been shown yet.
 */
import type { Decision, ReviewItem } from '../../src-shared/api.ts'
import type { FaceId, PersonId } from '../../src-shared/domain.ts'
import { faceUrl, photoUrl, preload } from '../client/media.ts'
import { asCallError, call, type CallError } from '../client/rpc.ts'
import { plainMap, plainSet, uniqueBy } from '../lists.ts'
import { decide, decisionsMade, undo, undoOnceMade } from './decisions.svelte.ts'

/** Few at first: each takes the engine a while, and the first is to be seen at once. */
const pageSizes = [1, 12, 60] as const
const loadWhenLeft = 20
const picturesAhead = 4
/** Faces looked after while others decide: those that come soon, and the last answers, which may be taken back elsewhere. */
const freshAhead = 30
const freshBehind = 20
/** Kith learns after every answer: the faces ahead are asked about again at most this often. */
const freshenMs = 1500
/** How large the face in question is shown, at the most. */
export const reviewFacePx = () => Math.max(520, Math.round(innerHeight * 0.46))

export type Answer =
  | { kind: 'name'; name: string }
  | { kind: 'accept' }
  | { kind: 'reject'; personId: PersonId }
  | { kind: 'ignore' }
  | { kind: 'skip' }

interface Step {
  /** The face as it was asked about. */
  item: ReviewItem
  answer: Answer
  /** What came of it; null for a face that was skipped, and where it failed. */
  decision: Promise<Decision | null>
  sent: boolean
}

export class ReviewQueue {
  #current = $state.raw<ReviewItem | null>(null)
  #ahead = $state.raw<readonly ReviewItem[]>([])
  #steps = $state.raw<readonly Step[]>([])
  /** Faces that wait and have not been fetched. */
  #further = $state(0)
  loaded = $state(false)
  error = $state.raw<CallError | null>(null)
  readonly #personId: PersonId | null
  readonly #photoSizePx: number
  #fetching = false
  #pages = 0
  /** Counts the queues begun: an answer to an earlier one leaves out faces that this one is to show. */
  #round = 0
  #starved = $state(false)
  #freshenAt = 0
  #timer: ReturnType<typeof setTimeout> | null = null

  /** @param photoSizePx size in which the whole photo is shown */
  constructor(personId: PersonId | null, photoSizePx: number) {
    this.#personId = personId
    this.#photoSizePx = photoSizePx
  }

  get current(): ReviewItem | null {
    return this.#current
  }

  /** The faces that come next, for their pictures to be there. */
  get next(): readonly ReviewItem[] {
    return this.#ahead.slice(0, picturesAhead)
  }

  /** How many faces are still ahead, the one in sight included. */
  get left(): number {
    return this.#further + this.#ahead.length + (this.#current ? 1 : 0)
  }

  get answered(): number {
    return this.#countLast((kind) => kind !== 'skip')
  }

  get skipped(): number {
    return this.#countLast((kind) => kind === 'skip')
  }

  /** No face is in sight, but some are on their way: answers came faster than pages. */
  get isStarved(): boolean {
    return this.loaded && this.#current === null && this.#starved
  }

  /** The face in sight is the first that Kith has no name for, after others that it had. */
  get comesToUnknown(): boolean {
    const last = this.#steps.at(-1)?.item.face
    return this.#current?.face.suggestion === null && !!last && last.suggestion !== null && last.id !== this.#current.face.id
  }

  get canGoBack(): boolean {
    return this.#steps.length > 0
  }

  async start(): Promise<void> {
    this.#round++
    this.#fetching = false
    this.#pages = 0
    this.#current = null
    this.#ahead = []
    this.#steps = []
    this.#further = 0
    this.loaded = false
    await decisionsMade()
    await this.#fetch()
  }

  /** To be called when something was decided or learnt, here or elsewhere. */
  changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.#freshenAt = performance.now()
      void this.#freshen()
    }, Math.max(50, freshenMs - (performance.now() - this.#freshenAt)))
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer)
  }

  /** Shows the faces that came after the last one was answered. */
  goOn(): void {
    if (!this.#current) this.#advance()
  }

  /** Answers for the face in sight and goes on to the next; a rejection stays: there are others it may be. */
  answer(answer: Answer): void {
    const item = this.#current
    if (!item) return
    const decision = answer.kind === 'skip' ? Promise.resolve(null) : this.#send(item, answer)
    const step: Step = { item, answer, decision, sent: answer.kind !== 'skip' }
    this.#steps = [...this.#steps, step]
    if (answer.kind === 'reject') {
      const candidates = item.candidates.filter((candidate) => candidate.personId !== answer.personId)
      this.#current = { ...item, candidates, face: { ...item.face, suggestion: null } }
    } else this.#advance()
    // A failed answer leads back to its face, unless the person has gone back by herself.
    if (step.sent)
      void decision.then((made) => {
        if (made || !this.#steps.includes(step)) return
        this.#steps = this.#steps.filter((other) => other !== step)
        this.#showAgain(item)
      })
  }

  /** Takes the last answer back and shows its face again, whatever was decided in other windows since. */
  async back(): Promise<void> {
    const step = this.#steps.at(-1)
    if (!step) return void (await undo())
    this.#steps = this.#steps.slice(0, -1)
    this.#showAgain(step.item)
    await undoOnceMade(step.decision)
  }

  #advance(): void {
    this.#current = this.#ahead[0] ?? null
    this.#ahead = this.#ahead.slice(1)
    this.#starved = this.#current === null && this.#further > 0
    this.#prepare()
  }

  /** How many faces were last answered so, without the one in sight. */
  #countLast(isMeant: (kind: Answer['kind']) => boolean): number {
    const last = plainMap(this.#steps.map(({ item, answer }) => [item.face.id, answer.kind] as const))
    if (this.#current) last.delete(this.#current.face.id)
    return [...last.values()].filter(isMeant).length
  }

  #showAgain(item: ReviewItem): void {
    if (this.#current && this.#current.face.id !== item.face.id) this.#ahead = [this.#current, ...this.#ahead]
    this.#current = item
  }

  #prepare(): void {
    for (const item of this.next)
      for (const sidePx of [0, reviewFacePx()]) preload(faceUrl(item.face.id, sidePx))
    if (this.#current) preload(photoUrl(this.#current.face.photoId, this.#photoSizePx))
    if (this.#ahead.length < loadWhenLeft && this.#further > 0) void this.#fetch()
  }

  #send(item: ReviewItem, answer: Exclude<Answer, { kind: 'skip' }>): Promise<Decision | null> {
    const faceIds = [item.face.id]
    return decide(
      () => {
        switch (answer.kind) {
          case 'name': return call('faces.name', { faceIds, name: answer.name })
          case 'accept': return call('faces.confirm', { faceIds })
          case 'reject': return call('faces.reject', { faceIds, personId: answer.personId })
          case 'ignore': return call('faces.ignore', { faceIds })
        }
      },
      { quiet: true },
    )
  }

  /** Every face of this session: none is listed a second time. */
  #known(): FaceId[] {
    const items = [...this.#steps.map(({ item }) => item), ...(this.#current ? [this.#current] : []), ...this.#ahead]
    return [...plainSet(items.map(({ face }) => face.id))]
  }

  async #fetch(): Promise<void> {
    if (this.#fetching) return
    this.#fetching = true
    const round = this.#round
    const except = this.#known()
    try {
      const limit = this.#pages > 0 && this.#ahead.length >= loadWhenLeft ? 1 : (pageSizes[this.#pages] ?? pageSizes.at(-1)!)
      const answer = await call('review.list', { limit, personId: this.#personId, except })
      if (round !== this.#round) return
      const known = plainSet(this.#known())
      const fresh = uniqueBy(answer.items, ({ face }) => face.id).filter(({ face }) => !known.has(face.id))
      this.#pages++
      this.#ahead = [...this.#ahead, ...fresh]
      this.#further = answer.total - answer.items.length
      this.error = null
    } catch (error) {
      if (round !== this.#round) return
      this.error = asCallError(error)
    }
    this.#fetching = false
    if (!this.loaded || this.#starved) this.#advance()
    else this.#prepare()
    this.loaded = true
  }

  /** Asks again about what comes soon and what was answered last, and how many there are beyond. */
  async #freshen(): Promise<void> {
    if (!this.loaded || this.#fetching) return
    const round = this.#round
    const ahead = this.#ahead.slice(0, freshAhead).map(({ face }) => face.id)
    const behind = this.#steps.slice(-freshBehind).filter(({ sent }) => sent)
    const settled = plainSet<Step>()
    await Promise.all(behind.map(async (step) => { if ((await step.decision) !== null) settled.add(step) }))
    try {
      const { items } = await call('review.items', { faceIds: [...ahead, ...behind.map(({ item }) => item.face.id)], personId: this.#personId })
      if (round !== this.#round) return
      const waiting = plainMap(items.map((item) => [item.face.id, item] as const))
      const asked = plainSet(ahead)
      this.#ahead = this.#ahead.flatMap((item) => (asked.has(item.face.id) ? (waiting.get(item.face.id) ?? []) : [item]))
      // An answer that was taken back elsewhere: its face comes again in its turn.
      const takenBack = (step: Step) => settled.has(step) && step.answer.kind !== 'reject' && waiting.has(step.item.face.id)
      if (this.#steps.some(takenBack)) this.#steps = this.#steps.filter((step) => !takenBack(step))
    } catch {
      // The queue goes on with what it has; the view says by itself when the engine is gone.
    }
    if (round === this.#round) await this.#fetch()
  }
}
