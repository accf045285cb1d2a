/**
 * The embeddings of a library in memory and, for each, its nearest others, kept exactly as faces arrive and leave: every
 * new face is measured against all, by the kernel, and both lists of a near pair take the other in.
 */
import { queriesPerBlock, rowsPerBlock } from './distance-kernel.ts'
import type { DistanceKernel } from './distance-kernel.ts'
import { nearestOfKinds } from './nearest-of-kinds.ts'
import { createNearestLists } from './nearest-lists.ts'
import type { NearestLists } from './nearest-lists.ts'

export interface NeighbourGraph {
  readonly dimension: number
  readonly lists: NearestLists
  /** Rows in use are among 0 … rowCount − 1; some of those may be free. */
  readonly rowCount: number
  readonly faceCount: number
  /** Face id of a row; -1 where the row is free. */
  faceIdOf(row: number): number
  /** Row of a face; undefined for a face that is not here. */
  rowOf(faceId: number): number | undefined
  /** All embeddings, that of row i at offsetOf(i): a view that the next `add` may make stale. */
  readonly values: Float32Array
  offsetOf(row: number): number
  /** A copy of some embeddings, one after the other. */
  embeddingsOf(rows: Int32Array): Float32Array
  distance(rowA: number, rowB: number): number
  /** Takes faces in without looking for neighbours; `setList` or `connect` must follow. Answers their rows. */
  place(faceIds: Int32Array, embeddings: Float32Array): Int32Array
  /** A list that is known already. */
  setList(row: number, neighbourRows: ArrayLike<number>, distances: ArrayLike<number>): void
  /** Finds the neighbours of rows just placed, and puts them into others' lists. Answers all rows whose list changed. */
  connect(rows: Int32Array): Int32Array
  /** `place` and `connect`. The faces must be new. */
  add(faceIds: Int32Array, embeddings: Float32Array): Int32Array
  /** Forgets faces. Answers the rows whose list lost one and was made anew. Unknown ids are passed over. */
  remove(faceIds: Int32Array): Int32Array
  /**
   * Calls `take` for every row within `limitOf(query)` of each query; a superset of that, since it errs on the near side.
   * @param embeddings queries one after the other
   * @param accepts rows to look at: 1 for each; all when left out
   */
  search(
    embeddings: Float32Array, count: number, limitOf: (query: number) => number, accepts: Uint8Array | null,
    take: (row: number, query: number, distance: number) => void,
  ): void
  /**
   * For each query the distance of the nearest row of every kind, as nearest-of-kinds.ts says.
   * @param kindOf of each row, -1 of free ones
   */
  nearestOfKinds(kindOf: Int32Array, kindCount: number, embeddings: Float32Array, count: number, ownRows: ArrayLike<number>): Float64Array
  /**
   * Measures some faces against all others, and calls `take` for every other face within whose limit one lies.
   * @param limitOf of a row, asked again after `take`; negative: not that row
   */
  offer(
    sourceRows: Int32Array, limitOf: (row: number) => number,
    take: (row: number, source: number, distance: number) => void,
  ): void
}

export function createNeighbourGraph(kernel: DistanceKernel, neighbourCount: number): NeighbourGraph {
  const { dimension } = kernel
  const rowOfFace = new Map<number, number>()
  const freeRows: number[] = []
  let faceIds = new Int32Array(0)
  let rowCount = 0
  const lists = createNearestLists(neighbourCount, Infinity, (row) => faceIds[row])

  const graph: NeighbourGraph = {
    dimension,
    lists,
    get rowCount() { return rowCount },
    get faceCount() { return rowOfFace.size },
    faceIdOf: (row) => faceIds[row],
    rowOf: (faceId) => rowOfFace.get(faceId),
    get values() { return kernel.values },
    offsetOf: (row) => row * dimension,
    embeddingsOf(rows) {
      const copies = new Float32Array(rows.length * dimension)
      rows.forEach((row, i) => copies.set(kernel.values.subarray(row * dimension, (row + 1) * dimension), i * dimension))
      return copies
    },
    distance: (rowA, rowB) => exactDistance(kernel.values, rowA * dimension, kernel.values, rowB * dimension, dimension),

    place(newFaceIds, embeddings) {
      reserve(rowCount + newFaceIds.length)
      const rows = new Int32Array(newFaceIds.length)
      for (let i = 0; i < newFaceIds.length; i++) {
        const row = freeRows.pop() ?? rowCount++
        rows[i] = row
        faceIds[row] = newFaceIds[i]
        rowOfFace.set(newFaceIds[i], row)
        lists.clear(row)
        kernel.setRow(row, embeddings, i * dimension)
      }
      return rows
    },

    setList(row, neighbourRows, distances) {
      lists.clear(row)
      for (let i = 0; i < neighbourRows.length; i++) lists.insert(row, neighbourRows[i], distances[i])
    },

    connect(rows) {
      const isNew = new Uint8Array(rowCount)
      for (const row of rows) isNew[row] = 1
      const changed = new Set<number>(rows)
      for (let row = 0; row < rowCount; row++) openRow(row, !isNew[row])
      scan(rows, (row) => lists.limit(row), (row, source, distance) => {
        if (row === source) return
        lists.insert(source, row, distance)
        if (!isNew[row] && lists.insert(row, source, distance)) {
          changed.add(row)
          kernel.setLimit(row, lists.limit(row))
        }
      })
      return Int32Array.from(changed)
    },

    add: (newFaceIds, embeddings) => graph.connect(graph.place(newFaceIds, embeddings)),

    remove(goneFaceIds) {
      const gone = new Uint8Array(rowCount)
      let any = false
      for (const faceId of goneFaceIds) {
        const row = rowOfFace.get(faceId)
        if (row === undefined) continue
        any = true
        gone[row] = 1
        rowOfFace.delete(faceId)
        faceIds[row] = -1
        lists.clear(row)
        kernel.admit(row, false, -1)
        freeRows.push(row)
      }
      if (!any) return new Int32Array(0)
      const bereft: number[] = []
      for (let row = 0; row < rowCount; row++) {
        const end = row * neighbourCount + lists.counts[row]
        for (let i = row * neighbourCount; i < end; i++) {
          if (!gone[lists.rows[i]]) continue
          bereft.push(row)
          break
        }
      }
      const rows = Int32Array.from(bereft)
      for (const row of rows) lists.clear(row)
      for (let row = 0; row < rowCount; row++) openRow(row, false)
      scan(rows, (row) => lists.limit(row), (row, source, distance) => {
        if (row !== source) lists.insert(source, row, distance)
      })
      return rows
    },

    search(embeddings, count, limitOf, accepts, take) {
      for (let row = 0; row < rowCount; row++) {
        kernel.admit(row, faceIds[row] !== -1 && (accepts === null || accepts[row] === 1), -1)
      }
      for (let first = 0; first < count; first += queriesPerBlock) {
        const blockCount = Math.min(queriesPerBlock, count - first)
        for (let query = 0; query < blockCount; query++) kernel.setQuery(query, embeddings, (first + query) * dimension)
        scanBlock(blockCount, (query) => limitOf(first + query), (row, query) => {
          take(row, first + query, exactDistance(kernel.values, row * dimension, embeddings, (first + query) * dimension, dimension))
        })
      }
    },

    nearestOfKinds: (kindOf, kindCount, embeddings, count, ownRows) =>
      nearestOfKinds(kernel, kindOf, kindCount, embeddings, count, ownRows, (row, query) =>
        exactDistance(kernel.values, row * dimension, embeddings, query * dimension, dimension)),

    offer(sourceRows, limitOf, take) {
      for (let row = 0; row < rowCount; row++) {
        kernel.admit(row, false, faceIds[row] === -1 ? -1 : limitOf(row))
      }
      scan(sourceRows, () => 0, (row, source, distance) => {
        if (row === source) return
        take(row, source, distance)
        kernel.setLimit(row, limitOf(row))
      })
    },
  }
  return graph

  function reserve(count: number): void {
    kernel.reserve(count)
    lists.reserve(count)
    if (faceIds.length >= count) return
    const grown = new Int32Array(Math.max(count, Math.ceil(faceIds.length * 1.5), 1024)).fill(-1)
    grown.set(faceIds)
    faceIds = grown
  }

  /** Lets queries find the row and, with `byItsLimit`, lets the row find queries. */
  function openRow(row: number, byItsLimit: boolean): void {
    kernel.admit(row, faceIds[row] !== -1, faceIds[row] !== -1 && byItsLimit ? lists.limit(row) : -1)
  }

  /** Measures rows against all open rows. */
  function scan(
    sources: Int32Array, limitOf: (source: number) => number, take: (row: number, source: number, distance: number) => void,
  ): void {
    for (let first = 0; first < sources.length; first += queriesPerBlock) {
      const block = sources.subarray(first, first + queriesPerBlock)
      block.forEach((source, query) => kernel.setQuery(query, kernel.values, source * dimension))
      scanBlock(block.length, (query) => limitOf(block[query]), (row, query) =>
        take(row, block[query], graph.distance(row, block[query])))
    }
  }

  /** Measures the loaded queries against all open rows; limits are asked again as they shrink. */
  function scanBlock(
    count: number, limitOf: (query: number) => number, take: (row: number, query: number) => void,
  ): void {
    // Small blocks first: empty lists let everything in until they have filled.
    let size = 32
    for (let firstRow = 0; firstRow < rowCount; firstRow += size) {
      size = Math.min(firstRow === 0 ? size : size * 2, rowsPerBlock)
      for (let query = 0; query < count; query++) kernel.setQueryLimit(query, limitOf(query))
      const pairCount = kernel.collect(firstRow, Math.min(size, rowCount - firstRow), count)
      for (let i = 0; i < pairCount; i++) take(firstRow + (kernel.pairs[i] >> 6), kernel.pairs[i] & 63)
    }
  }
}

/** As vector.ts's, which serves arrays of several kinds and is slower for it; every near pair comes through here. */
function exactDistance(a: Float32Array, aOffset: number, b: Float32Array, bOffset: number, dimension: number): number {
  let sum0 = 0, sum1 = 0
  let k = 0
  for (; k + 1 < dimension; k += 2) {
    const d0 = a[aOffset + k] - b[bOffset + k]
    const d1 = a[aOffset + k + 1] - b[bOffset + k + 1]
    sum0 += d0 * d0
    sum1 += d1 * d1
  }
  if (k < dimension) sum0 += (a[aOffset + k] - b[bOffset + k]) ** 2
  return Math.sqrt(sum0 + sum1)
}
