/** The plane in which vectors spread most: their first two principal components, by power iteration. */
import { createRandom } from './random.ts'
import { dot, meanOf } from './vector.ts'

/** Enough for a beginning that something else makes better. */
const iterations = 20
const seed = 1

/**
 * Projects rows onto the plane in which they spread most.
 * @param rows `count` × `dimension`
 * @returns x and y of each row, the farthest coordinate at `reach` from 0
 */
export function projectOntoPlane(rows: Float32Array, count: number, dimension: number, reach: number): Float64Array {
  const mean = meanOf(rows, Int32Array.from({ length: count }, (_, row) => row), dimension)
  const random = createRandom(seed)
  const axes: Float64Array[] = []
  for (let axis = 0; axis < 2; axis++) {
    let direction = Float64Array.from({ length: dimension }, () => random() - 0.5)
    for (let iteration = 0; iteration < iterations; iteration++) {
      const next = new Float64Array(dimension)
      const offset = dot(mean, 0, direction, 0, dimension)
      for (let row = 0; row < count; row++) {
        const along = dot(rows, row * dimension, direction, 0, dimension) - offset
        for (let k = 0; k < dimension; k++) next[k] += along * (rows[row * dimension + k] - mean[k])
      }
      for (const earlier of axes) {
        const along = dot(next, 0, earlier, 0, dimension)
        for (let k = 0; k < dimension; k++) next[k] -= along * earlier[k]
      }
      const length = Math.sqrt(dot(next, 0, next, 0, dimension))
      if (length === 0) break
      direction = next.map((value) => value / length)
    }
    axes.push(direction)
  }
  const plane = new Float64Array(count * 2)
  let farthest = 0
  for (let row = 0; row < count; row++) {
    for (let axis = 0; axis < 2; axis++) {
      const along = dot(rows, row * dimension, axes[axis], 0, dimension) - dot(mean, 0, axes[axis], 0, dimension)
      plane[row * 2 + axis] = along
      farthest = Math.max(farthest, Math.abs(along))
    }
  }
  return farthest === 0 ? plane : plane.map((value) => (value * reach) / farthest)
}
