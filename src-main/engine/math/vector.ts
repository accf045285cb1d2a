/** Vectors lie one after the other in a Float32Array; offsets count elements. Sums run in double precision. */

/** Dot product of two vectors of `dimension` elements. */
export function dot(
  a: Float32Array | Float64Array, aOffset: number, b: Float32Array | Float64Array, bOffset: number, dimension: number,
): number {
  let sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0
  let k = 0
  for (; k + 3 < dimension; k += 4) {
    sum0 += a[aOffset + k] * b[bOffset + k]
    sum1 += a[aOffset + k + 1] * b[bOffset + k + 1]
    sum2 += a[aOffset + k + 2] * b[bOffset + k + 2]
    sum3 += a[aOffset + k + 3] * b[bOffset + k + 3]
  }
  for (; k < dimension; k++) sum0 += a[aOffset + k] * b[bOffset + k]
  return sum0 + sum1 + sum2 + sum3
}

/**
 * Squared Euclidean distance, from the differences: never negative, 0 for equal vectors, and exact for near ones, where
 * |a|² + |b|² − 2ab would cancel.
 */
export function squaredDistance(
  a: Float32Array | Float64Array, aOffset: number, b: Float32Array | Float64Array, bOffset: number, dimension: number,
): number {
  let sum0 = 0, sum1 = 0
  let k = 0
  for (; k + 1 < dimension; k += 2) {
    const d0 = a[aOffset + k] - b[bOffset + k]
    const d1 = a[aOffset + k + 1] - b[bOffset + k + 1]
    sum0 += d0 * d0
    sum1 += d1 * d1
  }
  if (k < dimension) sum0 += (a[aOffset + k] - b[bOffset + k]) ** 2
  return sum0 + sum1
}

/** Euclidean distance between two vectors. */
export function distanceBetween(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(squaredDistance(a, 0, b, 0, a.length))
}

/**
 * Distances of all unordered pairs of `count` rows, in the order (0,1) (0,2) … (1,2) …, as SciPy's pdist has them.
 * @param squared answers squared distances
 */
export function pairwiseDistances(
  rows: Float32Array, count: number, dimension: number, options: { squared?: boolean } = {},
): Float64Array {
  const distances = new Float64Array((count * (count - 1)) / 2)
  let at = 0
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      const squared = squaredDistance(rows, i * dimension, rows, j * dimension, dimension)
      distances[at++] = options.squared ? squared : Math.sqrt(squared)
    }
  }
  return distances
}

/** Indices of the `k` smallest values, smallest first; equal values in the order of their index. */
export function smallest(values: ArrayLike<number>, k: number): number[] {
  const chosen: number[] = []
  for (let i = 0; i < values.length; i++) {
    if (chosen.length === k && !(values[i] < values[chosen[k - 1]])) continue
    let at = chosen.length
    while (at > 0 && values[i] < values[chosen[at - 1]]) at--
    chosen.splice(at, 0, i)
    if (chosen.length > k) chosen.pop()
  }
  return chosen
}

/** The mean of the given rows, `dimension` elements. */
export function meanOf(rows: Float32Array, indices: ArrayLike<number>, dimension: number, stride = dimension): Float64Array {
  const mean = new Float64Array(dimension)
  for (let i = 0; i < indices.length; i++) {
    const offset = indices[i] * stride
    for (let k = 0; k < dimension; k++) mean[k] += rows[offset + k]
  }
  for (let k = 0; k < dimension; k++) mean[k] /= indices.length
  return mean
}
