/** A list of faces that is fetched page by page as somebody scrolls, and keeps its order while faces leave it. */
import type { FaceFilter } from '../../src-shared/api.ts'
import type { Face, FaceId } from '../../src-shared/domain.ts'
import { asCallError, call, type CallError } from '../client/rpc.ts'
import { positionsOf, uniqueBy } from '../lists.ts'

const pageSize = 200
const mostPerCall = 500

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

  /** Takes faces out before the engine has answered; `refresh` brings back what should have stayed. */
  remove(ids: readonly FaceId[]): void {
    const leaving = positionsOf(ids)
    const kept = this.faces.filter((face) => !leaving.has(face.id))
    this.total -= this.faces.length - kept.length
    this.faces = kept
  }

  async #fetchPage(): Promise<void> {
    try {
      const answer = await call('faces.list', { filter: this.filter, cursor: this.#cursor, limit: pageSize })
      this.faces = uniqueBy([...this.faces, ...answer.faces], (face) => face.id)
      this.#accept(answer)
    } catch (error) {
      this.error = asCallError(error)
    }
  }

  async #fetchAgain(): Promise<void> {
    const wanted = Math.max(pageSize, this.faces.length)
    const faces: Face[] = []
    let cursor: string | null = null
    try {
      do {
        const limit: number = Math.min(mostPerCall, wanted - faces.length)
        const answer: { total: number; faces: Face[]; nextCursor: string | null } = await call('faces.list', { filter: this.filter, cursor, limit })
        faces.push(...answer.faces)
        cursor = answer.nextCursor
        this.#accept(answer)
      } while (cursor !== null && faces.length < wanted)
      this.faces = faces
    } catch (error) {
      this.error = asCallError(error)
    }
  }

  #accept(answer: { total: number; nextCursor: string | null }): void {
    this.total = answer.total
    this.#cursor = answer.nextCursor
    this.loaded = true
    this.error = null
  }
}
