/**
 * The unnamed groups, largest first, fetched page by page. Those that somebody has before their eyes and is at work on keep
 * their places, whatever Kith finds or learns meanwhile; behind them the largest come first. What somebody is about to name
 * does not change at all.
 */
import type { Cluster, ClusterId } from '../../src-shared/domain.ts'
import { connection } from '../client/connection.svelte.ts'
import { asCallError, call, type CallError } from '../client/rpc.ts'
import { keepFirst, keepSame, plainMap, uniqueBy } from '../lists.ts'

const pageSize = 60
const mostPerCall = 500
/** Two rows of small faces on a wide window. */
const facesPerCluster = 40

class Groups {
  list = $state.raw<readonly Cluster[]>([])
  total = $state(0)
  loaded = $state(false)
  error = $state.raw<CallError | null>(null)
  #cursor: string | null = null
  #busy = false
  #held = false
  #stale = false
  /** The next answer brings its own order. */
  #anew = true
  /** None of the groups that are here keeps a place that is not its own. */
  #inOwnOrder = false
  /** Says how many groups from the first on are being worked on. */
  #countInHand: () => number = () => 0
  /** Groups that were answered, until the answer is in. */
  readonly #leaving = new Set<ClusterId>()
  /** Where groups stood that were answered: an answer that is taken back brings them there again. */
  readonly #places = plainMap<ClusterId, number>()

  start(): void {
    connection.onChange(['clusters', 'faces', 'people'], () => void this.refresh())
    void this.refresh()
  }

  get more(): boolean {
    return this.loaded && this.list.length < this.total
  }

  /** A view tells how many groups, from the first on, somebody is at work on. @returns to be called when it goes */
  show(countInHand: () => number): () => void {
    this.#countInHand = countInHand
    this.reload()
    return () => { this.#countInHand = () => 0 }
  }

  /** Brings the groups into their own order again, largest first; where they are in it, or it is on its way, nothing is asked. */
  reload(): void {
    if (this.#inOwnOrder || (this.#anew && this.#busy)) return
    this.#anew = true
    void this.refresh()
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

  /** Takes groups out before the engine has answered. @returns to be called when it has */
  takeOut(clusterIds: readonly ClusterId[]): () => void {
    for (const id of clusterIds) {
      this.#leaving.add(id)
      this.#places.set(id, this.list.findIndex((cluster) => cluster.id === id))
    }
    const before = this.list.length
    this.list = this.list.filter(({ id }) => !this.#leaving.has(id))
    this.total -= before - this.list.length
    return () => {
      for (const id of clusterIds) this.#leaving.delete(id)
    }
  }

  /** The groups that keep their places, and between them those that come back to theirs. */
  #inHand(fresh: readonly Cluster[]): Cluster[] {
    const inHand = this.list.slice(0, this.#countInHand())
    const here = new Set(this.list.map(({ id }) => id))
    const back = fresh.flatMap((cluster) => {
      const place = here.has(cluster.id) ? undefined : this.#places.get(cluster.id)
      return place === undefined || place > inHand.length ? [] : [{ cluster, place }]
    })
    for (const { cluster, place } of back.sort((a, b) => a.place - b.place)) {
      inHand.splice(place, 0, cluster)
      this.#places.delete(cluster.id)
    }
    return inHand
  }

  async #fetch(cursor: string | null, limit: number): Promise<void> {
    const left = new Set(this.#leaving)
    try {
      const answer = await call('clusters.list', { cursor, limit, facesPerCluster })
      const clusters = answer.clusters.filter(({ id }) => !left.has(id) && !this.#leaving.has(id))
      const known = cursor === null ? clusters : uniqueBy([...this.list, ...clusters], ({ id }) => id)
      const inHand = this.#anew ? [] : this.#inHand(known)
      this.list = keepSame(this.list, keepFirst(inHand, known, ({ id }) => id), ({ id }) => id)
      if (cursor === null) {
        this.#inOwnOrder = inHand.length === 0
        this.#anew = false
      }
      this.total = answer.total - (answer.clusters.length - clusters.length)
      this.#cursor = answer.nextCursor
      this.error = null
      this.loaded = true
    } catch (error) {
      this.error = asCallError(error)
    }
  }
}

export const groups = new Groups()
