/** Unassigned faces that stand for nobody when SVMs are trained and calibrated. */
import { hash } from '../math/random.ts'

/** Half of them teach the SVMs, half calibrate. */
const backgroundFaces = 2_000

/**
 * The same faces for the same library, and nearly the same when it has grown: those with the smallest hashes, by face id.
 * @param rows of unassigned faces
 */
export function drawBackground(rows: readonly number[], faceIdOf: (row: number) => number): number[] {
  const packed = Float64Array.from(rows, (row) => hash(faceIdOf(row), 0) * 2 ** 20 + (faceIdOf(row) % 2 ** 20))
  const limit = packed.length > backgroundFaces ? packed.slice().sort()[backgroundFaces] : Infinity
  return rows.filter((_, i) => packed[i] < limit).sort((a, b) => faceIdOf(a) - faceIdOf(b))
}
