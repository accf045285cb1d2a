/**
 * All distances between the vectors of one set, or of two, as matrices. Each comes from the differences of two vectors, as
 * `squaredDistance` has it: never negative, and exactly 0 for equal vectors, where |a|² + |b|² − 2ab would leave a rest.
 */
import { squaredDistance } from './vector.ts'

export interface DistanceOptions {
  /** Answers squared distances. */
  squared?: boolean
}

/**
 * Euclidean distances within one set.
 * @param rows count × dimension, row after row
 * @returns count × count, row after row: symmetric to the last bit, the diagonal exactly 0
 * @throws RangeError where `rows` is not of that length
 */
export function distanceMatrix(rows: Float32Array, count: number, dimension: number, options: DistanceOptions = {}): Float64Array {
  requireLength(rows, count, dimension)
  const matrix = new Float64Array(count * count)
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      const squared = squaredDistance(rows, i * dimension, rows, j * dimension, dimension)
      matrix[i * count + j] = matrix[j * count + i] = options.squared ? squared : Math.sqrt(squared)
    }
  }
  return matrix
}

/**
 * Euclidean distances from every vector of one set to every vector of another.
 * @param rows rowCount × dimension
 * @param columns columnCount × dimension
 * @returns rowCount × columnCount, row after row; exactly 0 where two vectors are equal
 * @throws RangeError where a set is not of that length
 */
export function crossDistanceMatrix(
  rows: Float32Array, rowCount: number, columns: Float32Array, columnCount: number, dimension: number,
  options: DistanceOptions = {},
): Float64Array {
  requireLength(rows, rowCount, dimension)
  requireLength(columns, columnCount, dimension)
  const matrix = new Float64Array(rowCount * columnCount)
  for (let i = 0, at = 0; i < rowCount; i++) {
    for (let j = 0; j < columnCount; j++) {
      const squared = squaredDistance(rows, i * dimension, columns, j * dimension, dimension)
      matrix[at++] = options.squared ? squared : Math.sqrt(squared)
    }
  }
  return matrix
}

function requireLength(rows: Float32Array, count: number, dimension: number): void {
  if (rows.length !== count * dimension)
    throw new RangeError(`${count} vectors of ${dimension} numbers are ${count * dimension} numbers, not ${rows.length}.`)
}
