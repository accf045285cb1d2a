/**
 * A list of faces that is fetched page by page as somebody scrolls, and keeps its order while faces leave it. A face that was
 * answered for is gone at once and does not come back while its answer is on the way.
 */
import type { FaceFilter } from '../../src-shared/api.ts'
import type { Face, FaceId } from '../../src-shared/domain.ts'
import { noteBoxes } from '../client/media.ts'
import { asCallError, call, type CallError } from '../client/rpc.ts'
import { keepOrder, keepSame, plainMap, plainSet, positionsOf, uniqueBy } from '../lists.ts'
import type { Chosen } from './selection.svelte.ts'

const pageSize = 200
const mostPerCall = 500

export interface FacePage {
  total: number
  faces: Face[]
  nextCursor: string | null
}

export class FaceList {
  faces = $state.raw<readonly Face[]>([])
  total = $state(0)
  /** Whether the first page has come. */
  loaded = $state(false)
  error = $state.raw<CallError | null>(null)
  readonly filter: FaceFilter
  #cursor: string | null = null
  #fetching: Promise<void> | null = null
  #refreshWanted = false
  /** Faces whose answer is on its way, and how many answers they wait for. */
  readonly #leaving = plainMap<FaceId, number>()

  constructor(filter: FaceFilter) {
    this.filter = filter
  }

  get ids(): FaceId[] {
    return this.faces.map((face) => face.id)
  }

  /** Fetches until `count` faces are here, or all of them. */
  async loadUpTo(count: number): Promise<void> {
    while (!this.error && (!this.loaded || (this.faces.length < count && this.#cursor !== null)))
      await (this.#fetching ??= this.#fetchPage().finally(() => { this.#fetching = null }))
  }

  /** Fetches again as much as is here. */
  async refresh(): Promise<void> {
    if (this.#refreshWanted) return
    this.#refreshWanted = true
    await this.#fetching
    this.#refreshWanted = false
    this.#fetching = this.#fetchAgain().finally(() => { this.#fetching = null })
    await this.#fetching
  }

  /**
   * Takes faces out before the engine has answered.
   * @returns to be called when it has; `refresh` then brings back what should have stayed
   */
  takeOut(chosen: Chosen<FaceId>): () => void {
    const stays = positionsOf(chosen.except)
    const leaving = chosen.ids ?? this.faces.flatMap(({ id }) => (stays.has(id) ? [] : [id]))
    for (const id of leaving) this.#leaving.set(id, (this.#leaving.get(id) ?? 0) + 1)
    this.faces = this.faces.filter(({ id }) => !this.#leaving.has(id))
    this.total = Math.max(0, this.total - chosen.count)
    return () => {
      for (const id of leaving) {
        const answers = this.#leaving.get(id)! - 1
        if (answers > 0) this.#leaving.set(id, answers)
        else this.#leaving.delete(id)
      }
    }
  }

  /** How a decision names faces of this list. */
  about({ ids, except }: Chosen<FaceId>) {
    return ids ? { faceIds: ids } : { targets: [{ kind: 'list' as const, filter: this.filter, except }] }
  }

  /** Fetches one page; a list that is not made by a filter brings its own way. */
  protected fetch(cursor: string | null, limit: number): Promise<FacePage> {
    return call('faces.list', { filter: this.filter, cursor, limit })
  }

  async #fetchPage(): Promise<void> {
    const leaving = plainSet(this.#leaving.keys())
    try {
      const answer = await this.fetch(this.#cursor, pageSize)
      this.faces = uniqueBy([...this.faces, ...this.#without(answer.faces, leaving)], (face) => face.id)
      this.#accept(answer)
    } catch (error) {
      this.error = asCallError(error)
    }
  }

  async #fetchAgain(): Promise<void> {
    const leaving = plainSet(this.#leaving.keys())
    const wanted = Math.max(pageSize, this.faces.length)
    const faces: Face[] = []
    let cursor: string | null = null
    try {
      do {
        const answer: FacePage = await this.fetch(cursor, Math.min(mostPerCall, wanted - faces.length))
        faces.push(...answer.faces)
        cursor = answer.nextCursor
        this.#accept(answer)
      } while (cursor !== null && faces.length < wanted)
      const fresh = this.#without(faces, leaving)
      // Suggestions are ordered by how likely they are, which every answer changes: what is looked at stays in place.
      const ordered = this.filter.suggestedPersonId === undefined ? fresh : keepOrder(this.faces, fresh, (face) => face.id)
      this.faces = keepSame(this.faces, ordered, (face) => face.id)
      this.total -= faces.length - fresh.length
    } catch (error) {
      this.error = asCallError(error)
    }
  }

  /** Without faces that leave, or that left while these were fetched. */
  #without(faces: readonly Face[], leftBefore: ReadonlySet<FaceId>): Face[] {
    return faces.filter(({ id }) => !leftBefore.has(id) && !this.#leaving.has(id))
  }

  #accept(answer: { total: number; faces: readonly Face[]; nextCursor: string | null }): void {
    noteBoxes(answer.faces)
    this.total = answer.total
    this.#cursor = answer.nextCursor
    this.loaded = true
    this.error = null
  }
}
