/** The faces of passers-by that Kith proposes to fold away: how many there are, and the list of them. */
import type { FaceId } from '../../src-shared/domain.ts'
import { call } from '../client/rpc.ts'
import { plainSet } from '../lists.ts'
import { FaceList, type FacePage } from './face-list.svelte.ts'
import { Resource } from './resource.svelte.ts'

/** How many there are; finding out looks at every unnamed face, so it is asked only where it is shown. */
export const bystanderCount = new Resource(async () => (await call('faces.bystanders', {})).total)

export class BystanderList extends FaceList {
  #ids: FaceId[] = []
  /** Faces that the person said are none: they don't come back here. */
  readonly #kept = plainSet<FaceId>()

  constructor() {
    super({})
  }

  /** Every face in the list, fetched or not. */
  get all(): readonly FaceId[] {
    return this.#ids
  }

  /** Takes faces that are none out of the list. Nothing is decided. */
  keep(faceIds: readonly FaceId[]): void {
    for (const id of faceIds) this.#kept.add(id)
    this.#ids = this.#ids.filter((id) => !this.#kept.has(id))
    void this.refresh()
  }

  protected override async fetch(cursor: string | null, limit: number): Promise<FacePage> {
    if (cursor === null) this.#ids = (await call('faces.bystanders', {})).faceIds.filter((id) => !this.#kept.has(id))
    const first = Number(cursor ?? 0)
    const faceIds = this.#ids.slice(first, first + limit)
    const { faces } = faceIds.length > 0 ? await call('faces.list', { filter: { faceIds }, limit: faceIds.length }) : { faces: [] }
    const next = first + faceIds.length
    return { total: this.#ids.length, faces, nextCursor: next < this.#ids.length ? String(next) : null }
  }
}
