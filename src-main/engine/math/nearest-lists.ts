/** For every row the `size` nearest others seen so far, nearest first; equal distances in the order of the rows' keys. */

export interface NearestLists {
  readonly size: number
  /** List i begins at i · size. */
  rows: Int32Array
  distances: Float32Array
  counts: Uint8Array
  reserve(rowCount: number): void
  clear(row: number): void
  /** Puts `other` into the list of `row` if it belongs there; answers whether it does. A row twice is put in once. */
  insert(row: number, other: number, distance: number): boolean
  /** What a newcomer must not exceed to get into the list. */
  limit(row: number): number
}

/**
 * @param size at most 255
 * @param farthest distance beyond which nothing is listed (Euclidean)
 * @param keyOf decides between rows at equal distance, so that lists do not depend on the order of arrival
 */
export function createNearestLists(size: number, farthest: number, keyOf: (row: number) => number): NearestLists {
  const lists: NearestLists = {
    size,
    rows: new Int32Array(0),
    distances: new Float32Array(0),
    counts: new Uint8Array(0),
    reserve(rowCount) {
      if (rowCount <= lists.counts.length) return
      const capacity = Math.max(rowCount, Math.ceil(lists.counts.length * 1.5), 1024)
      lists.rows = copyInto(new Int32Array(capacity * size), lists.rows)
      lists.distances = copyInto(new Float32Array(capacity * size), lists.distances)
      lists.counts = copyInto(new Uint8Array(capacity), lists.counts)
    },
    clear(row) {
      lists.counts[row] = 0
    },
    insert(row, other, exactDistance) {
      const distance = Math.fround(exactDistance)
      const { rows, distances, counts } = lists
      const start = row * size
      const count = counts[row]
      if (!(distance <= lists.limit(row))) return false
      let at = start + count
      while (at > start && comesBefore(distance, other, distances[at - 1], rows[at - 1])) at--
      if (at === start + size) return false
      for (let i = start; i < start + count; i++) if (rows[i] === other) return false
      for (let i = start + Math.min(count, size - 1); i > at; i--) {
        rows[i] = rows[i - 1]
        distances[i] = distances[i - 1]
      }
      rows[at] = other
      distances[at] = distance
      if (count < size) counts[row] = count + 1
      return true
    },
    limit: (row) => (lists.counts[row] < size ? farthest : lists.distances[row * size + size - 1]),
  }
  return lists

  function comesBefore(distance: number, row: number, otherDistance: number, otherRow: number): boolean {
    return distance < otherDistance || (distance === otherDistance && keyOf(row) < keyOf(otherRow))
  }
}

function copyInto<T extends Int32Array | Float32Array | Uint8Array>(target: T, source: T): T {
  target.set(source)
  return target
}
