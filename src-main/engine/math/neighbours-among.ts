/** Neighbours within a part of a neighbour graph, found along the graph instead of by a search of everything. */
import { smallest, squaredDistance } from './vector.ts'

export interface NeighbourTable {
  /** Length of one list. */
  size: number
  /** Rows, nearest first, -1 where there are fewer; list i begins at i · size. */
  neighbours: Int32Array
  /** Euclidean, likewise. */
  distances: Float32Array
}

/** A list within the part: places in the part, nearest first, with distances. */
export interface ListAmong {
  places: number[]
  distances: number[]
}

/**
 * The nearest of a part to each of its rows: exact where all of a row's list is in the part, otherwise the nearest of what
 * two steps along the graph reach.
 * @param part rows in the part, each once
 * @param count how many neighbours at the most
 */
export function neighboursAmong(
  part: Int32Array, table: NeighbourTable, vectors: Float32Array, dimension: number, count: number,
): ListAmong[] {
  const { size, neighbours, distances } = table
  const placeOf = new Map(Array.from(part, (row, place) => [row, place]))
  return Array.from(part, (row, place) => {
    const near = new Map<number, number>()
    for (let at = row * size; at < (row + 1) * size; at++) {
      const other = placeOf.get(neighbours[at])
      if (other !== undefined && other !== place) near.set(other, distances[at])
    }
    if (near.size < count) {
      for (let at = row * size; at < (row + 1) * size && neighbours[at] >= 0; at++) {
        for (let next = neighbours[at] * size; next < (neighbours[at] + 1) * size; next++) {
          const other = placeOf.get(neighbours[next])
          if (other === undefined || other === place || near.has(other)) continue
          near.set(other, Math.sqrt(squaredDistance(vectors, row * dimension, vectors, part[other] * dimension, dimension)))
        }
      }
    }
    const found = [...near]
    const nearest = smallest(found.map(([, distance]) => distance), count)
    return { places: nearest.map((i) => found[i][0]), distances: nearest.map((i) => found[i][1]) }
  })
}
