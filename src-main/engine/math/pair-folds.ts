/** The protocol of Labeled Faces in the Wild (Huang, Ramesh, Berg, Learned-Miller 2007), View 2: accuracy over folds of pairs. */
import { sweepPairs } from './metrics.ts'

/** Pairs of one fold. */
export interface PairFold {
  /** Infinity where a pair can't be compared, which counts as saying "different". */
  distances: Float64Array
  /** 1 where the pair is one person. */
  same: Uint8Array
}

export interface FoldedAccuracy {
  mean: number
  /** Of the mean: the folds' standard deviation (n − 1) over √n. */
  standardError: number
  /** Of each fold, on its own pairs. */
  accuracies: number[]
  /** Of each fold, chosen for the best accuracy on all other folds. */
  thresholds: number[]
}

/** Chooses each fold's threshold on the others and measures it on the fold. @param folds two or more, none empty */
export function crossValidate(folds: readonly PairFold[]): FoldedAccuracy {
  const thresholds = folds.map((_, left) => {
    const { distances, same } = joinFolds(folds.filter((_fold, i) => i !== left))
    return sweepPairs(distances, same).bestAccuracy.threshold
  })
  const accuracies = folds.map(({ distances, same }, i) => {
    const { tar, far, positives, negatives } = { ...countsOf(same), ...sweepPairs(distances, same).at(thresholds[i]) }
    return (tar * positives + (1 - far) * negatives) / same.length
  })
  const mean = accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / folds.length
  const variance = accuracies.reduce((sum, accuracy) => sum + (accuracy - mean) ** 2, 0) / (folds.length - 1)
  return { mean, standardError: Math.sqrt(variance / folds.length), accuracies, thresholds }
}

/** All pairs as one fold. */
export function joinFolds(folds: readonly PairFold[]): PairFold {
  const pairs = folds.reduce((sum, { same }) => sum + same.length, 0)
  const joined = { distances: new Float64Array(pairs), same: new Uint8Array(pairs) }
  let at = 0
  for (const { distances, same } of folds) {
    joined.distances.set(distances, at)
    joined.same.set(same, at)
    at += same.length
  }
  return joined
}

function countsOf(same: Uint8Array): { positives: number; negatives: number } {
  const positives = same.reduce((sum, value) => sum + value, 0)
  return { positives, negatives: same.length - positives }
}
