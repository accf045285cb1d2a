/** Accuracy on a list of pairs, as the protocol of Labeled Faces in the Wild has it. */
import type { PairsReport } from '../evaluation-report.ts'
import { sweepPairs } from '../math/metrics.ts'
import { crossValidate, joinFolds } from '../math/pair-folds.ts'
import { distanceBetween } from '../math/vector.ts'
import type { PicturePair } from './pairs-file.ts'

/**
 * Compares pairs. The protocol wants an answer for each: a pair with a picture without a face counts as "different".
 * @param embeddings by path; absent: no face was found
 */
export function measurePairs(folds: readonly PicturePair[][], embeddings: ReadonlyMap<string, Float32Array>, file: string): PairsReport {
  let missing = 0
  const distanceOf = ({ paths: [path, otherPath] }: PicturePair) => {
    const embedding = embeddings.get(path), other = embeddings.get(otherPath)
    if (embedding && other) return distanceBetween(embedding, other)
    missing++
    return Infinity
  }
  const measured = folds.map((fold) => ({
    distances: Float64Array.from(fold, distanceOf), same: Uint8Array.from(fold, ({ same }) => Number(same)),
  }))
  const { accuracies, thresholds, mean, standardError } = crossValidate(measured)
  const all = joinFolds(measured)
  const { same, different, auc, tarAtFar, bestAccuracy } = sweepPairs(all.distances, all.same)
  return {
    file,
    folds: folds.length,
    pairs: all.same.length,
    same,
    different,
    missing,
    accuracy: { mean, standardError },
    accuracies,
    thresholds,
    bestAccuracy,
    auc,
    tarAtFar: { '0.01': tarAtFar(0.01), '0.001': tarAtFar(0.001) },
  }
}
