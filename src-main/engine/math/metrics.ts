/** How good distances and groups are, where the truth is known. */

/** A value and the distance at which it is reached: pairs up to the threshold are held to be the same person. */
export interface AtThreshold {
  value: number
  threshold: number
}

export interface PairSweep {
  same: number
  different: number
  bestF1: AtThreshold
  bestAccuracy: AtThreshold
  /** True accept rate and false accept rate of a threshold. */
  at(threshold: number): { tar: number; far: number }
  /** The largest threshold whose false accept rate does not exceed `far`, and its true accept rate. */
  tarAtFar(far: number): { tar: number; threshold: number }
}

/** Distances that differ by less are one threshold. */
const resolution = 1e-12

/**
 * Every threshold that makes a difference, over pairs of known truth.
 * @param distances one for each pair
 * @param same 1 where the pair is one person
 */
export function sweepPairs(distances: Float64Array, same: Uint8Array): PairSweep {
  const positives = same.reduce((sum, value) => sum + value, 0)
  const negatives = same.length - positives
  // Distance and truth packed into one number, since sorting plain numbers is by far the fastest.
  const packed = Float64Array.from(distances, (distance, i) => Math.round(distance / resolution) * 2 + same[i]).sort()
  // Step i takes in every pair up to thresholds[i].
  const thresholds: number[] = [], accepted: number[] = [], wrong: number[] = []
  let taken = 0
  for (let i = 0; i < packed.length; i++) {
    taken += packed[i] % 2
    if (i + 1 < packed.length && Math.floor(packed[i + 1] / 2) === Math.floor(packed[i] / 2)) continue
    thresholds.push(Math.floor(packed[i] / 2) * resolution)
    accepted.push(taken)
    wrong.push(i + 1 - taken)
  }
  const bestF1 = { value: 0, threshold: 0 }
  const bestAccuracy = { value: same.length ? negatives / same.length : 0, threshold: 0 }
  for (let i = 0; i < thresholds.length; i++) {
    const f1 = (2 * accepted[i]) / (accepted[i] + wrong[i] + positives)
    if (f1 > bestF1.value) Object.assign(bestF1, { value: f1, threshold: thresholds[i] })
    const accuracy = (accepted[i] + negatives - wrong[i]) / same.length
    if (accuracy > bestAccuracy.value) Object.assign(bestAccuracy, { value: accuracy, threshold: thresholds[i] })
  }

  /** Index of the last step up to the threshold; -1 for none. */
  const stepAt = (limit: number) => {
    const threshold = limit + resolution
    let low = -1, high = thresholds.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (thresholds[middle] <= threshold) low = middle
      else high = middle - 1
    }
    return low
  }
  const rate = (count: number, of: number) => (of === 0 ? 0 : count / of)
  return {
    same: positives,
    different: negatives,
    bestF1,
    bestAccuracy,
    at(threshold) {
      const step = stepAt(threshold)
      return step < 0 ? { tar: 0, far: 0 } : { tar: rate(accepted[step], positives), far: rate(wrong[step], negatives) }
    },
    tarAtFar(far) {
      let step = -1
      while (step + 1 < thresholds.length && wrong[step + 1] <= far * negatives) step++
      return step < 0 ? { tar: 0, threshold: 0 } : { tar: rate(accepted[step], positives), threshold: thresholds[step] }
    },
  }
}

/**
 * BCubed precision, recall and their harmonic mean (Bagga, Baldwin 1998): averages over the elements.
 * @param groups a number for each element; 0: alone in a group of its own
 */
export function bcubed(groups: ArrayLike<number>, truth: ArrayLike<number>): { precision: number; recall: number; f1: number } {
  const count = truth.length
  if (count === 0) return { precision: 0, recall: 0, f1: 0 }
  const groupSizes = new Map<number, number>(), truthSizes = new Map<number, number>()
  const shared = new Map<string, number>()
  const groupOf = (i: number) => (groups[i] === 0 ? -1 - i : groups[i])
  const bump = <K>(map: Map<K, number>, key: K) => map.set(key, (map.get(key) ?? 0) + 1)
  for (let i = 0; i < count; i++) {
    bump(groupSizes, groupOf(i))
    bump(truthSizes, truth[i])
    bump(shared, `${groupOf(i)} ${truth[i]}`)
  }
  let precision = 0, recall = 0
  for (let i = 0; i < count; i++) {
    const together = shared.get(`${groupOf(i)} ${truth[i]}`)!
    precision += together / groupSizes.get(groupOf(i))! / count
    recall += together / truthSizes.get(truth[i])! / count
  }
  return { precision, recall, f1: (2 * precision * recall) / (precision + recall) }
}
