/** The unnamed groups, largest first, fetched page by page; what somebody is about to name does not move. */
import type { Cluster, ClusterId } from '../../src-shared/domain.ts'
import { connection } from '../client/connection.svelte.ts'
import { asCallError, call, type CallError } from '../client/rpc.ts'
import { uniqueBy } from '../lists.ts'

const pageSize = 60
const mostPerCall = 500
const facesPerCluster = 10

class Groups {
  list = $state.raw<readonly Cluster[]>([])
  total = $state(0)
  loaded = $state(false)
  error = $state.raw<CallError | null>(null)
  #cursor: string | null = null
  #busy = false
  #held = false
  #stale = false

  start(): void {
    connection.onChange(['clusters', 'faces', 'people'], () => void this.refresh())
    void this.refresh()
  }

  get more(): boolean {
    return this.loaded && this.list.length < this.total
  }

  /** While held, fresh answers wait: somebody is typing a name into the list. */
  hold(held: boolean): void {
    this.#held = held
    if (!held && this.#stale) void this.refresh()
  }

  async refresh(): Promise<void> {
    this.#stale = true
    if (this.#held || this.#busy) return
    this.#busy = true
    while (this.#stale && !this.#held) {
      this.#stale = false
      await this.#fetch(null, Math.min(mostPerCall, Math.max(pageSize, this.list.length)))
    }
    this.#busy = false
  }

  async loadMore(): Promise<void> {
    if (this.#busy || !this.more || this.#cursor === null) return
    this.#busy = true
    await this.#fetch(this.#cursor, pageSize)
    this.#busy = false
    if (this.#stale) void this.refresh()
  }

  /** Takes a group out before the engine has answered. */
  remove(clusterId: ClusterId): void {
    this.list = this.list.filter((cluster) => cluster.id !== clusterId)
    this.total--
  }

  async #fetch(cursor: string | null, limit: number): Promise<void> {
    try {
      const answer = await call('clusters.list', { cursor, limit, facesPerCluster })
      this.list = cursor === null ? answer.clusters : uniqueBy([...this.list, ...answer.clusters], (cluster) => cluster.id)
      this.total = answer.total
      this.#cursor = answer.nextCursor
      this.error = null
      this.loaded = true
    } catch (error) {
      this.error = asCallError(error)
    }
  }
}

export const groups = new Groups()
