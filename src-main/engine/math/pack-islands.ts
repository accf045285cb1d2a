/** Brings islands of points nearer to each other, so that a map is not mostly sea. */
import { createUnionFind } from './union-find.ts'

export interface PackingOptions {
  /** Points about so near are one island. */
  link: number
  /** So much is left between two islands. */
  gap: number
}

interface Island {
  rows: number[]
  x: number
  y: number
  radius: number
}

/** More islands than this are a sky of single points, and stay as they are. */
const mostIslands = 3000
/** Steps in which an island looks for room on its way out. */
const steps = 60

/**
 * Moves each island towards the middle as far as there is room, those that are nearest first: directions stay, and so does
 * everything within an island. Distances between islands mean little in UMAP, and nothing after this.
 * @param positions x and y of each point; moved in place
 */
export function packIslands(positions: Float64Array, { link, gap }: PackingOptions): void {
  const islands = islandsOf(positions, link)
  if (islands.length < 2 || islands.length > mostIslands) return
  const points = positions.length / 2
  const middle = { x: 0, y: 0 }
  for (const { x, y, rows } of islands) {
    middle.x += (x * rows.length) / points
    middle.y += (y * rows.length) / points
  }
  const fromMiddle = (island: Island) => Math.hypot(island.x - middle.x, island.y - middle.y)
  const placed: Island[] = []
  for (const island of [...islands].sort((a, b) => fromMiddle(a) - fromMiddle(b) || a.rows[0] - b.rows[0])) {
    const [awayX, awayY] = [island.x - middle.x, island.y - middle.y]
    const roomAt = (part: number) => {
      const [x, y] = [middle.x + awayX * part, middle.y + awayY * part]
      return placed.every((other) => Math.hypot(other.x - x, other.y - y) >= other.radius + island.radius + gap)
    }
    let part = 0
    while (part < 1 && !roomAt(part)) part += 1 / steps
    part = Math.min(1, part)
    const [moveX, moveY] = [awayX * (part - 1), awayY * (part - 1)]
    for (const row of island.rows) {
      positions[row * 2] += moveX
      positions[row * 2 + 1] += moveY
    }
    placed.push({ ...island, x: island.x + moveX, y: island.y + moveY })
  }
}

/** Points whose cells touch are one island. */
function islandsOf(positions: Float64Array, link: number): Island[] {
  const cellOf = new Map<string, number>()
  const cellKeys: [number, number][] = []
  const rowsOfCell: number[][] = []
  for (let row = 0; row * 2 < positions.length; row++) {
    const key: [number, number] = [Math.floor(positions[row * 2] / link), Math.floor(positions[row * 2 + 1] / link)]
    const name = key.join(' ')
    const cell = cellOf.get(name)
    if (cell !== undefined) rowsOfCell[cell].push(row)
    else {
      cellOf.set(name, cellKeys.length)
      cellKeys.push(key)
      rowsOfCell.push([row])
    }
  }
  const sets = createUnionFind(cellKeys.length)
  cellKeys.forEach(([x, y], cell) => {
    for (const [dx, dy] of [[1, 0], [0, 1], [1, 1], [1, -1]]) {
      const next = cellOf.get(`${x + dx} ${y + dy}`)
      if (next !== undefined) sets.union(cell, next)
    }
  })
  const rowsOf = new Map<number, number[]>()
  rowsOfCell.forEach((rows, cell) => {
    const root = sets.find(cell)
    rowsOf.set(root, [...(rowsOf.get(root) ?? []), ...rows])
  })
  return [...rowsOf.values()].map((rows) => {
    const mean = (axis: number) => rows.reduce((sum, row) => sum + positions[row * 2 + axis], 0) / rows.length
    const [x, y] = [mean(0), mean(1)]
    const radius = rows.reduce((most, row) => Math.max(most, Math.hypot(positions[row * 2] - x, positions[row * 2 + 1] - y)), 0)
    return { rows: rows.sort((a, b) => a - b), x, y, radius }
  })
}
