/** Points in cells, to find those near a place or inside a line without looking at all of them. */

const cellsPerSide = 96

export interface PointIndex {
  /** Row of the point nearest to a place, up to a distance; null where there is none. */
  nearest(x: number, y: number, within: number): number | null
  /** Rows of the points inside a rectangle, by cell. */
  inside(left: number, top: number, right: number, bottom: number): number[]
}

/** @param positions x and y of each point */
export function createPointIndex(positions: Float32Array): PointIndex {
  const cells = new Map<number, number[]>()
  const cellOf = (value: number) => Math.min(cellsPerSide - 1, Math.max(0, Math.floor(value * cellsPerSide)))
  for (let row = 0; row * 2 < positions.length; row++) {
    const cell = cellOf(positions[row * 2 + 1]!) * cellsPerSide + cellOf(positions[row * 2]!)
    const rows = cells.get(cell)
    if (rows) rows.push(row)
    else cells.set(cell, [row])
  }

  function* rowsNear(left: number, top: number, right: number, bottom: number): Generator<number> {
    for (let y = cellOf(top); y <= cellOf(bottom); y++)
      for (let x = cellOf(left); x <= cellOf(right); x++) yield* cells.get(y * cellsPerSide + x) ?? []
  }

  return {
    nearest(x, y, within) {
      let best: number | null = null
      let least = within
      for (const row of rowsNear(x - within, y - within, x + within, y + within)) {
        const distance = Math.hypot(positions[row * 2]! - x, positions[row * 2 + 1]! - y)
        if (distance <= least) [best, least] = [row, distance]
      }
      return best
    },
    inside: (left, top, right, bottom) =>
      [...rowsNear(left, top, right, bottom)].filter((row) => {
        const [x, y] = [positions[row * 2]!, positions[row * 2 + 1]!]
        return x >= left && x <= right && y >= top && y <= bottom
      }),
  }
}

const measured = 400
const far = 0.05

/** How far apart neighbouring points typically are, in parts of the map: the median over some of them. */
export function typicalSpacing(positions: Float32Array, index: PointIndex): number {
  const count = positions.length / 2
  const step = Math.max(1, Math.floor(count / measured))
  const distances: number[] = []
  for (let row = 0; row < count; row += step) {
    const [x, y] = [positions[row * 2]!, positions[row * 2 + 1]!]
    let least = far
    for (const other of index.inside(x - least, y - least, x + least, y + least)) {
      const distance = Math.hypot(positions[other * 2]! - x, positions[other * 2 + 1]! - y)
      if (other !== row && distance < least) least = distance
    }
    distances.push(least)
  }
  return distances.sort((a, b) => a - b)[distances.length >> 1] ?? far
}

/** Whether a place lies inside a closed line, by the number of times a ray from it crosses the line. */
export function isInsideLine(line: readonly { x: number; y: number }[], x: number, y: number): boolean {
  let inside = false
  for (let i = 0, j = line.length - 1; i < line.length; j = i++) {
    const [a, b] = [line[i]!, line[j]!]
    if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) inside = !inside
  }
  return inside
}

/** Rows of the points inside a closed line, by cell. */
export function rowsInsideLine(index: PointIndex, positions: Float32Array, line: readonly { x: number; y: number }[]): number[] {
  if (line.length < 3) return []
  const xs = line.map(({ x }) => x), ys = line.map(({ y }) => y)
  return index.inside(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys))
    .filter((row) => isInsideLine(line, positions[row * 2]!, positions[row * 2 + 1]!))
}
