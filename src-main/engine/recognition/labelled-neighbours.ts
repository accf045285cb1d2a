/**
 * For every face the nearest faces the user named, kept as labels come and go: a new label is measured against all faces
 * once, in the kernel, instead of all faces against all labels. Most lists come from the neighbour graph without measuring.
 * Lists are made when they are asked for.
 */
import { createNearestLists } from '../math/nearest-lists.ts'
import type { NearestLists } from '../math/nearest-lists.ts'
import type { NeighbourGraph } from '../math/neighbours.ts'
import type { LabelledNeighbour } from '../math/knn.ts'

/** Neighbours that vote; face-space people are small, and the first few say it all. */
const listSize = 5

/** Lists that are made in one step: as many queries as the kernel takes at once. */
export const listedAtOnce = 64
/** New labels that are offered to all faces in one step; fewer at first, while many faces take in whatever comes. */
const offeredAtOnce = 24, offeredFirst = 8

/** Rows and the people they are to have, and for every row the nearest of those that have none yet; null: lists are made anew. */
export interface MeasuredLabels {
  labels: ReadonlyMap<number, number>
  offered: NearestLists | null
}

export interface LabelledNeighbours {
  /** Person of a row; 0: no label. */
  personOf(row: number): number
  /** Labelled rows. */
  rows(): Iterable<number>
  /** How many rows are labelled. */
  count(): number
  /** Rows whose face is gone or new: their labels and lists are forgotten. @param touch as in `relabel` */
  forget(rows: readonly number[], touch: (row: number) => void): void
  /**
   * What `relabel` needs: measures labels that are new against all faces, in steps. Changes nothing that anybody sees, and
   * lists may be made meanwhile, but no label and no refusal may change before `relabel`, only with it.
   */
  measure(labels: ReadonlyMap<number, number>): Generator<void, MeasuredLabels>
  /**
   * Gives rows another person, or none (0), and brings the lists in step that were made.
   * @param touch called for every row whose list is, or when it is made may be, another one for it
   */
  relabel(measured: MeasuredLabels, touch: (row: number) => void): void
  /** Forgets one list: the row refuses other people than before. */
  unlist(row: number): void
  /** Calls `take` for every row whose list was made and holds a face of one of these people. */
  forEachNear(people: ReadonlySet<number>, take: (row: number) => void): void
  isListed(row: number): boolean
  /** Makes the lists of rows that have none. */
  list(rows: Int32Array): void
  /** The same in steps. */
  listInSteps(rows: Int32Array): Generator<void, void>
  /** The nearest labelled rows of a row that was listed, of people it does not refuse, nearest first, within the limit. */
  of(row: number): LabelledNeighbour[]
  /**
   * For each embedding the nearest labelled face of every person, however far.
   * @param ownRows the queries' own rows, which don't count
   */
  nearestOfEverybody(embeddings: Float32Array, count: number, ownRows: ArrayLike<number>): LabelledNeighbour[][]
}

/**
 * @param taught an empty graph that this may have: labelled faces alone, the closer together the sooner searched
 * @param limit distance beyond which a label is no evidence
 * @param refuses whether a person is never to be in the list of a row
 */
export function createLabelledNeighbours(
  graph: NeighbourGraph, taught: NeighbourGraph, limit: number, refuses: (row: number, personId: number) => boolean,
): LabelledNeighbours {
  const lists = createNearestLists(listSize, limit, graph.faceIdOf)
  /** Person of each row, 0 without a label. */
  let people = new Int32Array(0)
  const labelled = new Set<number>()
  /** Rows whose list is complete. */
  let isListed = new Uint8Array(0)

  return {
    personOf: (row) => people[row] ?? 0,
    rows: () => labelled,
    count: () => labelled.size,
    isListed: (row) => isListed[row] === 1,
    of(row) {
      const start = row * listSize
      const near: LabelledNeighbour[] = []
      for (let at = start; at < start + lists.counts[row]; at++) {
        near.push({ personId: people[lists.rows[at]], distance: lists.distances[at] })
      }
      return near
    },

    forget(rows, touch) {
      reserve()
      const gone = new Set<number>()
      for (const row of rows) {
        isListed[row] = 0
        if (labelled.delete(row)) gone.add(row)
        people[row] = 0
      }
      taught.remove(Int32Array.from(gone))
      unlistHolding(gone, touch)
    },

    *measure(labels) {
      const added = Int32Array.from([...labels].filter(([row, personId]) => personId > 0 && !labelled.has(row)), ([row]) => row)
      let count = labelled.size
      for (const [row, personId] of labels) count += Number(personId > 0) - Number(labelled.has(row))
      // Where most labels are new, making all lists anew is quicker than offering each to all faces.
      if (added.length > count / 2) return { labels, offered: null }
      reserve()
      const offered = createNearestLists(listSize, limit, graph.faceIdOf)
      if (added.length > 0) offered.reserve(graph.rowCount)
      for (let first = 0, next; first < added.length; first = next) {
        yield
        next = first + Math.min(offeredAtOnce, Math.max(offeredFirst, first))
        const limitOf = (row: number): number => (isListed[row] ? Math.min(lists.limit(row), offered.limit(row)) : offered.limit(row))
        graph.offer(added.subarray(first, next), limitOf, (row, label, distance) => {
          if (!refuses(row, labels.get(label)!)) offered.insert(row, label, distance)
        })
      }
      yield
      return { labels, offered }
    },

    relabel({ labels, offered }, touch) {
      reserve()
      const gone = new Set<number>(), moved = new Set<number>(), added: number[] = []
      for (const [row, personId] of labels) {
        if (people[row] === personId) continue
        if (personId === 0) gone.add(row)
        else if (people[row] === 0) added.push(row)
        else moved.add(row)
        if (personId === 0) labelled.delete(row)
        else labelled.add(row)
        people[row] = personId
      }
      // Side by side with those of the same person, they are searched sooner for the nearest of everybody.
      const newRows = Int32Array.from([...Map.groupBy(added, (row) => people[row]).values()].flat())
      taught.remove(Int32Array.from(gone))
      taught.place(newRows, graph.embeddingsOf(newRows))
      if (!offered) {
        for (let row = 0; row < graph.rowCount; row++) touch(row)
        isListed.fill(0)
        return
      }
      unlistHolding(gone, touch)
      unlistHolding(moved, touch)
      for (let row = 0; row < offered.counts.length; row++) if (offered.counts[row] > 0) takeIn(row, offered, touch)
    },

    unlist(row) {
      reserve()
      isListed[row] = 0
    },

    forEachNear(some, take) {
      if (some.size === 0) return
      const isNear = new Uint8Array(people.length)
      for (const row of labelled) if (some.has(people[row])) isNear[row] = 1
      forEachHolding(isNear, take)
    },

    list,

    *listInSteps(rows) {
      reserve()
      const unlisted = rows.filter((row) => !isListed[row])
      for (let first = 0; first < unlisted.length; first += listedAtOnce) {
        list(unlisted.subarray(first, first + listedAtOnce))
        yield
      }
    },

    nearestOfEverybody(embeddings, count, ownRows) {
      const kinds = new Map<number, number>()
      const kindOf = Int32Array.from({ length: taught.rowCount }, (_, slot) => {
        const row = taught.faceIdOf(slot)
        if (row < 0) return -1
        if (!kinds.has(people[row])) kinds.set(people[row], kinds.size)
        return kinds.get(people[row])!
      })
      const ownSlots = Int32Array.from(ownRows, (row) => taught.rowOf(row) ?? -1)
      const distances = taught.nearestOfKinds(kindOf, kinds.size, embeddings, count, ownSlots)
      const personIds = [...kinds.keys()]
      return Array.from({ length: count }, (_, query) => personIds
        .map((personId, kind) => ({ personId, distance: distances[query * kinds.size + kind] }))
        .filter(({ distance }) => distance < Infinity))
    },
  }

  function list(rows: Int32Array): void {
    reserve()
    const unlisted = rows.filter((row) => !isListed[row])
    const unresolved = unlisted.filter((row) => !listFromGraph(row))
    for (const row of unlisted) isListed[row] = 1
    search(unresolved)
  }

  function reserve(): void {
    lists.reserve(graph.rowCount)
    if (isListed.length >= graph.rowCount) return
    const grown = new Uint8Array(lists.counts.length), grownPeople = new Int32Array(lists.counts.length)
    grown.set(isListed)
    grownPeople.set(people)
    isListed = grown
    people = grownPeople
  }

  function forEachHolding(isHeld: Uint8Array, take: (row: number) => void): void {
    for (let row = 0; row < graph.rowCount; row++) {
      if (!isListed[row]) continue
      const end = row * listSize + lists.counts[row]
      for (let at = row * listSize; at < end; at++) {
        if (!isHeld[lists.rows[at]]) continue
        take(row)
        break
      }
    }
  }

  /** Lists that hold one of these rows are complete no more. */
  function unlistHolding(rows: ReadonlySet<number>, touch: (row: number) => void): void {
    if (rows.size === 0) return
    const isHeld = new Uint8Array(people.length)
    for (const row of rows) isHeld[row] = 1
    forEachHolding(isHeld, (row) => {
      isListed[row] = 0
      touch(row)
    })
  }

  /**
   * Fills a list from the row's nearest faces of all. False, and the list empty, where those may not hold all that belongs
   * into it: they reach less far than the limit, and fewer of them than the list has room for are labelled.
   */
  function listFromGraph(row: number): boolean {
    lists.clear(row)
    const { size, rows, distances, counts } = graph.lists
    for (let at = row * size; at < row * size + counts[row]; at++) {
      if (people[rows[at]] > 0 && !refuses(row, people[rows[at]])) lists.insert(row, rows[at], distances[at])
    }
    if (counts[row] < size || graph.lists.limit(row) > limit || lists.counts[row] === listSize) return true
    lists.clear(row)
    return false
  }

  /** Puts new labels into a list that was made. */
  function takeIn(row: number, offered: NearestLists, touch: (row: number) => void): void {
    let isIn = !isListed[row]
    for (let at = row * listSize; isListed[row] && at < row * listSize + offered.counts[row]; at++) {
      if (lists.insert(row, offered.rows[at], offered.distances[at])) isIn = true
    }
    if (isIn) touch(row)
  }

  /** Measures rows against the labelled faces, and makes their lists. */
  function search(rows: Int32Array): void {
    if (rows.length === 0) return
    taught.search(graph.embeddingsOf(rows), rows.length, (query) => lists.limit(rows[query]), null, (slot, query, distance) => {
      const label = taught.faceIdOf(slot)
      if (label !== rows[query] && !refuses(rows[query], people[label])) lists.insert(rows[query], label, distance)
    })
  }
}
