/** How good distances and groups are, where the truth is known. */

/** A value and the distance at which it is reached: pairs up to the threshold are held to be the same person. */
export interface AtThreshold {
  value: number
  threshold: number
}

/** What a threshold makes of the pairs. */
export interface OperatingPoint {
  threshold: number
  /** True accept rate: share of the same-person pairs that are accepted; the recall of a search for them. */
  tar: number
  /** False accept rate: share of the different-person pairs that are accepted. */
  far: number
}

export interface CurvePoint extends OperatingPoint {
  f1: number
  accuracy: number
  /** Share of the accepted pairs that are one person; 1 where nothing is accepted. */
  precision: number
}

export interface PairSweep {
  same: number
  different: number
  bestF1: AtThreshold
  bestAccuracy: AtThreshold
  /**
   * Area under the ROC curve: how often a pair of one person is nearer than a pair of two, equal distances counted half
   * (Hanley, McNeil 1982). 0.5 where there are pairs of one kind only.
   */
  auc: number
  /** True accept rate and false accept rate of a threshold. */
  at(threshold: number): { tar: number; far: number }
  /** The largest threshold whose false accept rate does not exceed `far`, and its true accept rate. */
  tarAtFar(far: number): { tar: number; threshold: number }
  /** Points of the ROC curve at false accept rates from one pair to all, `perDecade` for each power of ten, without repetition. */
  roc(perDecade: number): OperatingPoint[]
  /** The measures at `count` thresholds, evenly from 0 to the largest distance. */
  curve(count: number): CurvePoint[]
}

/** Distances that differ by less are one threshold. */
const resolution = 1e-12
/** Stands for Infinity among packed distances. */
const incomparable = 2 ** 51

/**
 * Every threshold that makes a difference, over pairs of known truth.
 * @param distances one for each pair; Infinity where a pair can't be compared: no threshold accepts it
 * @param same 1 where the pair is one person
 */
export function sweepPairs(distances: Float64Array, same: Uint8Array): PairSweep {
  const pairs = distances.length
  // Distance and truth packed into one number, since sorting plain numbers is by far the fastest.
  const packed = Float64Array.from(distances, (distance, i) =>
    Math.min(Math.round(distance / resolution), incomparable) * 2 + same[i]).sort()
  const stepOf = (i: number) => Math.floor(packed[i] / 2)
  // Step i accepts the first ends[i] pairs, accepted[i] of which are one person. A last step may hold the incomparable.
  const ends = new Uint32Array(pairs), accepted = new Uint32Array(pairs)
  let steps = 0, positives = 0, comparable = 0
  let nearer = 0
  for (let i = 0, before = 0, from = 0; i < pairs; i++) {
    positives += packed[i] % 2
    if (i + 1 < pairs && stepOf(i + 1) === stepOf(i)) continue
    const wrong = i + 1 - from - (positives - before)
    nearer += wrong * (before + (positives - before) / 2)
    if (stepOf(i) < incomparable) comparable = steps + 1
    ends[steps] = i + 1
    accepted[steps++] = positives
    before = positives
    from = i + 1
  }
  const negatives = pairs - positives
  const thresholdOf = (step: number) => stepOf(ends[step] - 1) * resolution
  const wrongOf = (step: number) => ends[step] - accepted[step]
  const rate = (count: number, of: number) => (of === 0 ? 0 : count / of)
  const f1Of = (right: number, wrong: number) => rate(2 * right, right + wrong + positives)
  const accuracyOf = (right: number, wrong: number) => rate(right + negatives - wrong, pairs)

  const bestF1 = { value: 0, threshold: 0 }
  const bestAccuracy = { value: accuracyOf(0, 0), threshold: 0 }
  for (let step = 0; step < comparable; step++) {
    const f1 = f1Of(accepted[step], wrongOf(step))
    if (f1 > bestF1.value) Object.assign(bestF1, { value: f1, threshold: thresholdOf(step) })
    const accuracy = accuracyOf(accepted[step], wrongOf(step))
    if (accuracy > bestAccuracy.value) Object.assign(bestAccuracy, { value: accuracy, threshold: thresholdOf(step) })
  }

  /** The last comparable step for which `holds`, which is true up to some step and false from there on; -1 for none. */
  const lastStep = (holds: (step: number) => boolean) => {
    let low = -1, high = comparable - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (holds(middle)) low = middle
      else high = middle - 1
    }
    return low
  }
  const stepAt = (threshold: number) => lastStep((step) => thresholdOf(step) <= threshold + resolution)
  const stepAtFar = (far: number) => lastStep((step) => wrongOf(step) <= far * negatives)
  const countsOf = (step: number): [right: number, wrong: number] => (step < 0 ? [0, 0] : [accepted[step], wrongOf(step)])
  const ratesOf = (step: number) => {
    const [right, wrong] = countsOf(step)
    return { tar: rate(right, positives), far: rate(wrong, negatives) }
  }
  return {
    same: positives,
    different: negatives,
    bestF1,
    bestAccuracy,
    auc: positives === 0 || negatives === 0 ? 0.5 : nearer / positives / negatives,
    at: (threshold) => ratesOf(stepAt(threshold)),
    tarAtFar(far) {
      const step = stepAtFar(far)
      return { tar: ratesOf(step).tar, threshold: step < 0 ? 0 : thresholdOf(step) }
    },
    roc(perDecade) {
      const last = Math.ceil(Math.log10(Math.max(1, negatives)) * perDecade)
      // The first is the last step without any false accept.
      const chosen = [0, ...Array.from({ length: last + 1 }, (_, i) => 10 ** ((i - last) / perDecade))].map(stepAtFar)
      return [...new Set(chosen)].filter((step) => step >= 0).map((step) => ({ threshold: thresholdOf(step), ...ratesOf(step) }))
    },
    curve(count) {
      const largest = comparable === 0 ? 0 : thresholdOf(comparable - 1)
      return Array.from({ length: count }, (_, i) => {
        const threshold = (largest * i) / (count - 1)
        const step = stepAt(threshold)
        const [right, wrong] = countsOf(step)
        return {
          threshold, ...ratesOf(step), f1: f1Of(right, wrong), accuracy: accuracyOf(right, wrong),
          precision: right + wrong === 0 ? 1 : right / (right + wrong),
        }
      })
    },
  }
}

/** Numbers of pairs by distance: bin i holds the distances from i · binWidth up to (i + 1) · binWidth. */
export interface DistanceHistogram {
  binWidth: number
  same: number[]
  different: number[]
}

/** Counts distances in `bins` bins from 0 to the largest. @param same 1 where the pair is one person */
export function distanceHistogram(distances: Float64Array, same: Uint8Array, bins: number): DistanceHistogram {
  let largest = 0
  for (const distance of distances) if (distance > largest && distance < Infinity) largest = distance
  const binWidth = largest > 0 ? largest / bins : 1
  const counts = [new Array<number>(bins).fill(0), new Array<number>(bins).fill(0)]
  distances.forEach((distance, i) => {
    if (distance < Infinity) counts[same[i]][Math.min(bins - 1, Math.floor(distance / binWidth))]++
  })
  return { binWidth, same: counts[1], different: counts[0] }
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
