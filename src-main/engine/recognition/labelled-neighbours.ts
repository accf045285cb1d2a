/**
 * For every face the nearest faces the user named, kept as labels come and go: a new label is measured against all faces
 * once, in the kernel, instead of all faces against all labels. Most lists come from the neighbour graph without measuring.
 */
import { createNearestLists } from '../math/nearest-lists.ts'
import type { NeighbourGraph } from '../math/neighbours.ts'
import type { LabelledNeighbour } from '../math/knn.ts'

/** Neighbours that vote; face-space people are small, and the first few say it all. */
const listSize = 5

export interface LabelledNeighbours {
  /** Person of a row; 0: no label. */
  personOf(row: number): number
  /** Labelled rows. */
  count(): number
  /** Rows whose face is gone or new: their labels and lists are forgotten. */
  forget(rows: Iterable<number>): void
  /** Takes the labels as they are now, and brings the lists of the rows in `wanted` up to date. */
  update(labels: ReadonlyMap<number, number>, wanted: Int32Array): void
  /** The nearest labelled rows of a row that was wanted, nearest first, within the limit. */
  of(row: number): LabelledNeighbour[]
  /** Whether the list of the row may have had no room for more. */
  isFull(row: number): boolean
}

/** @param limit distance beyond which a label is no evidence */
export function createLabelledNeighbours(graph: NeighbourGraph, limit: number): LabelledNeighbours {
  const lists = createNearestLists(listSize, limit, graph.faceIdOf)
  const people = new Map<number, number>()
  /** Rows whose list is complete. */
  let isListed = new Uint8Array(0)

  return {
    personOf: (row) => people.get(row) ?? 0,
    count: () => people.size,
    isFull: (row) => lists.counts[row] === listSize,
    of(row) {
      const start = row * listSize
      return Array.from({ length: lists.counts[row] }, (_, i) =>
        ({ personId: people.get(lists.rows[start + i])!, distance: lists.distances[start + i] }))
    },

    forget(rows) {
      reserve()
      const gone = new Set<number>()
      for (const row of rows) {
        isListed[row] = 0
        if (people.delete(row)) gone.add(row)
      }
      unlist(gone)
    },

    update(labels, wanted) {
      reserve()
      const gone = new Set([...people.keys()].filter((row) => !labels.has(row)))
      const added = Int32Array.from([...labels.keys()].filter((row) => !people.has(row)))
      unlist(gone)
      people.clear()
      for (const [row, personId] of labels) people.set(row, personId)
      offer(added, isListed)
      const unlisted = wanted.filter((row) => !isListed[row])
      const unresolved = unlisted.filter((row) => !listFromGraph(row))
      for (const row of unlisted) isListed[row] = 1
      if (unresolved.length <= people.size) search(unresolved)
      else offer(Int32Array.from(people.keys()), markOf(unresolved))
    },
  }

  function reserve(): void {
    lists.reserve(graph.rowCount)
    if (isListed.length >= graph.rowCount) return
    const grown = new Uint8Array(lists.counts.length)
    grown.set(isListed)
    isListed = grown
  }

  /** Lists that hold one of these rows are complete no more. */
  function unlist(gone: ReadonlySet<number>): void {
    if (gone.size === 0) return
    for (let row = 0; row < graph.rowCount; row++) {
      for (let at = row * listSize; isListed[row] && at < row * listSize + lists.counts[row]; at++) {
        if (gone.has(lists.rows[at])) isListed[row] = 0
      }
    }
  }

  /**
   * Fills a list from the row's nearest faces of all. False, and the list empty, where those may not hold all that belongs
   * into it: they reach less far than the limit, and fewer of them than the list has room for are labelled.
   */
  function listFromGraph(row: number): boolean {
    lists.clear(row)
    const { size, rows, distances, counts } = graph.lists
    for (let at = row * size; at < row * size + counts[row]; at++) {
      if (people.has(rows[at])) lists.insert(row, rows[at], distances[at])
    }
    if (counts[row] < size || graph.lists.limit(row) > limit || lists.counts[row] === listSize) return true
    lists.clear(row)
    return false
  }

  /** Measures labelled rows against all faces, and puts them into the lists of those that are marked. */
  function offer(labels: Int32Array, marked: Uint8Array): void {
    if (labels.length === 0 || !marked.includes(1)) return
    graph.offer(labels, (row) => (marked[row] ? lists.limit(row) : -1), (row, label, distance) => lists.insert(row, label, distance))
  }

  /** Measures rows against the labelled faces, and makes their lists. */
  function search(rows: Int32Array): void {
    if (rows.length === 0) return
    const accepts = markOf(Int32Array.from(people.keys()))
    graph.search(graph.embeddingsOf(rows), rows.length, (query) => lists.limit(rows[query]), accepts, (label, query, distance) => {
      if (label !== rows[query]) lists.insert(rows[query], label, distance)
    })
  }

  function markOf(rows: Int32Array): Uint8Array {
    const marks = new Uint8Array(graph.rowCount)
    for (const row of rows) marks[row] = 1
    return marks
  }
}
