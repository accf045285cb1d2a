/** Points in cells, to find those near a place or inside a line without looking at all of them. */

const cellsPerSide = 96

export interface PointIndex {
  /** Row of the point nearest to a place, up to a distance; null where there is none. @param except a row that is not meant */
  nearest(x: number, y: number, within: number, except?: number): number | null
  /** Rows of the points inside a rectangle, by cell. */
  inside(left: number, top: number, right: number, bottom: number): number[]
}

/** @param positions x and y of each point */
export function createPointIndex(positions: Float32Array): PointIndex {
  const count = positions.length / 2
  const columnOf = (value: number) => Math.min(cellsPerSide - 1, Math.max(0, Math.floor(value * cellsPerSide)))
  const cellOf = (row: number) => columnOf(positions[row * 2 + 1]!) * cellsPerSide + columnOf(positions[row * 2]!)
  // Rows by cell: those of cell c are rows[starts[c]] to rows[starts[c + 1]], without the last.
  const starts = new Uint32Array(cellsPerSide * cellsPerSide + 1)
  for (let row = 0; row < count; row++) starts[cellOf(row) + 1]!++
  for (let cell = 1; cell < starts.length; cell++) starts[cell]! += starts[cell - 1]!
  const rows = new Uint32Array(count)
  const next = starts.slice()
  for (let row = 0; row < count; row++) rows[next[cellOf(row)]!++] = row

  function eachNear(left: number, top: number, right: number, bottom: number, look: (row: number) => void): void {
    for (let y = columnOf(top); y <= columnOf(bottom); y++) {
      // The cells of one line of the map lie one behind the other.
      const first = starts[y * cellsPerSide + columnOf(left)]!, end = starts[y * cellsPerSide + columnOf(right) + 1]!
      for (let at = first; at < end; at++) look(rows[at]!)
    }
  }

  return {
    nearest(x, y, within, except) {
      let best: number | null = null
      let least = within
      eachNear(x - within, y - within, x + within, y + within, (row) => {
        const distance = Math.hypot(positions[row * 2]! - x, positions[row * 2 + 1]! - y)
        if (distance > least || row === except) return
        best = row
        least = distance
      })
      return best
    },
    inside(left, top, right, bottom) {
      const found: number[] = []
      eachNear(left, top, right, bottom, (row) => {
        const x = positions[row * 2]!, y = positions[row * 2 + 1]!
        if (x >= left && x <= right && y >= top && y <= bottom) found.push(row)
      })
      return found
    },
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
    const x = positions[row * 2]!, y = positions[row * 2 + 1]!
    let least = far
    // Where many points are, few of them are looked at.
    for (let within = 1 / cellsPerSide / 8; within < far && least === far; within *= 2) {
      const nearest = index.nearest(x, y, within, row)
      if (nearest !== null) least = Math.hypot(positions[nearest * 2]! - x, positions[nearest * 2 + 1]! - y)
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
