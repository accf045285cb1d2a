/**
 * For every query the nearest row of every kind, however far. Rows of one kind that follow one another are sieved together,
 * within the nearest that was found of the kind so far, so that few are measured exactly.
 */
import { queriesPerBlock, rowsPerBlock } from './distance-kernel.ts'
import type { DistanceKernel } from './distance-kernel.ts'

/** Rows of a kind that are sieved first, within no limit yet; twice as many then, and so on. */
const firstRows = 8

/** Consecutive rows that are sieved at once, and the kinds among them. */
interface Block {
  firstRow: number
  rowCount: number
  kinds: number[]
}

/**
 * Distances (Euclidean) of the nearest rows: that of query q and kind k at q · kindCount + k, Infinity where there is none.
 * @param kernel its rows are admitted anew
 * @param kindOf of each row, from 0; -1: a row that is not looked at. Quickest where a kind's rows are side by side
 * @param embeddings queries one after the other
 * @param ownRows for each query a row that does not count, or another number
 * @param distance of a row and a query
 */
export function nearestOfKinds(
  kernel: DistanceKernel, kindOf: Int32Array, kindCount: number, embeddings: Float32Array, count: number,
  ownRows: ArrayLike<number>, distance: (row: number, query: number) => number,
): Float64Array {
  const nearest = new Float64Array(count * kindCount).fill(Infinity)
  kindOf.forEach((kind, row) => kernel.admit(row, kind >= 0, -1))
  const blocks = blocksOf(kindOf, kindCount)
  for (let first = 0; first < count; first += queriesPerBlock) {
    const blockCount = Math.min(queriesPerBlock, count - first)
    for (let query = 0; query < blockCount; query++) kernel.setQuery(query, embeddings, (first + query) * kernel.dimension)
    for (const { firstRow, rowCount, kinds } of blocks) {
      for (let query = 0; query < blockCount; query++) {
        let limit = 0
        for (const kind of kinds) limit = Math.max(limit, nearest[(first + query) * kindCount + kind])
        kernel.setQueryLimit(query, limit)
      }
      const pairCount = kernel.collect(firstRow, rowCount, blockCount)
      for (let i = 0; i < pairCount; i++) {
        const row = firstRow + (kernel.pairs[i] >> 6), query = first + (kernel.pairs[i] & 63)
        const at = query * kindCount + kindOf[row]
        const measured = distance(row, query)
        if (measured < nearest[at] && row !== ownRows[query]) nearest[at] = measured
      }
    }
  }
  return nearest
}

/** All rows that have a kind, in few blocks: kinds with few rows side by side share one. */
function blocksOf(kindOf: Int32Array, kindCount: number): Block[] {
  const blocks: Block[] = []
  const seen = new Int32Array(kindCount)
  let block: Block | null = null
  let room = 0, lastKind = -1
  for (let row = 0; row < kindOf.length; row++) {
    const kind = kindOf[row]
    if (kind < 0) continue
    const size = block ? row - block.firstRow : Infinity
    if (!block || size >= room || (kind !== lastKind && size >= firstRows)) {
      block = { firstRow: row, rowCount: 0, kinds: [] }
      blocks.push(block)
      room = Math.min(Math.max(firstRows, seen[kind]), rowsPerBlock)
    }
    block.rowCount = row + 1 - block.firstRow
    if (!block.kinds.includes(kind)) block.kinds.push(kind)
    lastKind = kind
    seen[kind]++
  }
  return blocks
}
