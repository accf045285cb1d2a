/** Places for points of which only their neighbours have one: among those neighbours that stand together. */
import type { NeighbourTable } from './neighbours-among.ts'
import { hash } from './random.ts'

export interface Spacing {
  /** Neighbours stand together up to this distance. */
  together: number
  /** So far a point is put beside the place it would share with others. */
  aside: number
}

/** Points without placed neighbours wait for theirs to be placed, so many times. */
const rounds = 8
/** How much of the way from its nearest neighbour to the middle of those that stand together. */
const towardsMiddle = 0.4

/**
 * Gives every row a place that has none: beside its nearest placed neighbour, towards the middle of those of its neighbours
 * that stand with that one. Of several islands the one with most of its neighbours counts. Rows that no neighbour leads to a
 * place go to the edge of what is there.
 * @param positions x and y of each row; NaN where it has none; filled in
 * @param keyOf a number that stays with a row for ever: the same rows always come to the same places
 * @returns how many were placed
 */
export function placeBetween(positions: Float64Array | Float32Array, table: NeighbourTable, keyOf: (row: number) => number, spacing: Spacing): number {
  let waiting = Array.from({ length: positions.length / 2 }, (_, row) => row).filter((row) => Number.isNaN(positions[row * 2]))
  const asked = waiting.length
  for (let round = 0; round < rounds && waiting.length > 0; round++) {
    const found = waiting.map((row) => amongNeighbours(row, positions, table, spacing.together))
    const still = waiting.filter((_, i) => found[i] === null)
    waiting.forEach((row, i) => { if (found[i]) put(row, found[i]) })
    if (still.length === waiting.length) break
    waiting = still
  }
  const edge = edgeOf(positions)
  for (const row of waiting) {
    const turn = (hash(keyOf(row), 3) / 2 ** 32) * 2 * Math.PI
    put(row, [edge.x + edge.radius * Math.cos(turn), edge.y + edge.radius * Math.sin(turn)])
  }
  return asked

  function put(row: number, [x, y]: readonly [number, number]): void {
    const turn = (hash(keyOf(row), 1) / 2 ** 32) * 2 * Math.PI
    const away = Math.sqrt(hash(keyOf(row), 2) / 2 ** 32) * spacing.aside
    positions[row * 2] = x + away * Math.cos(turn)
    positions[row * 2 + 1] = y + away * Math.sin(turn)
  }
}

function amongNeighbours(
  row: number, positions: Float64Array | Float32Array, { size, neighbours }: NeighbourTable, together: number,
): readonly [number, number] | null {
  const placed: number[] = []
  for (let at = row * size; at < (row + 1) * size; at++) {
    const other = neighbours[at]
    if (other >= 0 && !Number.isNaN(positions[other * 2])) placed.push(other)
  }
  if (placed.length === 0) return null
  let best = placed[0], most: number[] = []
  for (const centre of placed) {
    const island = placed.filter((other) =>
      Math.hypot(positions[other * 2] - positions[centre * 2], positions[other * 2 + 1] - positions[centre * 2 + 1]) <= together)
    if (island.length > most.length) [best, most] = [island[0], island]
  }
  const towards = (axis: number) => {
    const middle = most.reduce((sum, other) => sum + positions[other * 2 + axis], 0) / most.length
    return positions[best * 2 + axis] * (1 - towardsMiddle) + middle * towardsMiddle
  }
  return [towards(0), towards(1)]
}

/** A circle around all places. */
function edgeOf(positions: Float64Array | Float32Array): { x: number; y: number; radius: number } {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity]
  for (let at = 0; at < positions.length; at += 2) {
    if (Number.isNaN(positions[at])) continue
    left = Math.min(left, positions[at]); right = Math.max(right, positions[at])
    top = Math.min(top, positions[at + 1]); bottom = Math.max(bottom, positions[at + 1])
  }
  if (left > right) return { x: 0, y: 0, radius: 1 }
  return { x: (left + right) / 2, y: (top + bottom) / 2, radius: Math.max(right - left, bottom - top, 1e-6) / 2 }
}
