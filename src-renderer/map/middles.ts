/** Where a person's name belongs on the map: in the middle of where most of their points are. */
import { standing, type MapPoints } from './unpack.ts'

export interface Middle {
  personId: number
  x: number
  y: number
  /** The uppermost of them. */
  top: number
  /** Points that carry the name. */
  count: number
}

const cellsPerSide = 40

/** The middles of all people with a name on the map, those with most points first. */
export function middlesOf({ count, positions, personIds, standings }: MapPoints): Middle[] {
  const cellsOf = new Map<number, Map<number, number[]>>()
  for (let row = 0; row < count; row++) {
    if (standings[row]! < standing.byKith) continue
    const cells = cellsOf.get(personIds[row]!) ?? new Map<number, number[]>()
    cellsOf.set(personIds[row]!, cells)
    const cell = Math.floor(positions[row * 2 + 1]! * cellsPerSide) * 1000 + Math.floor(positions[row * 2]! * cellsPerSide)
    const rows = cells.get(cell)
    if (rows) rows.push(row)
    else cells.set(cell, [row])
  }
  return [...cellsOf].map(([personId, cells]) => {
    const around = (cell: number) => [-1001, -1000, -999, -1, 0, 1, 999, 1000, 1001].flatMap((step) => cells.get(cell + step) ?? [])
    let most: number[] = []
    for (const cell of cells.keys()) {
      const rows = around(cell)
      if (rows.length > most.length) most = rows
    }
    const mean = (axis: number) => most.reduce((sum, row) => sum + positions[row * 2 + axis]!, 0) / most.length
    return { personId, x: mean(0), y: mean(1), top: Math.min(...most.map((row) => positions[row * 2 + 1]!)), count: [...cells.values()].reduce((sum, rows) => sum + rows.length, 0) }
  }).sort((a, b) => b.count - a.count || a.personId - b.personId)
}
