/** What distances of a trained model mean, from what they meant before it was trained. */
import type { RecognitionThresholds } from '../math/thresholds.ts'

/** A threshold passed by fewer pairs than this is too chancy to be measured: it moves as the nearest that can be. */
const fewestPairs = 10

/**
 * Every distance becomes the one that as many pairs of strangers come within: equal false accept rates, measured on the same held-out
 * faces before and after. Where too few pairs come within a distance it is scaled as the nearest one that enough come within.
 * @param before distances of all pairs of strangers, by the weights that `base` belongs to
 * @param after the same pairs by the trained weights
 */
export function mapThresholds(base: RecognitionThresholds, before: Float64Array, after: Float64Array): RecognitionThresholds {
  const from = before.toSorted(), to = after.toSorted()
  const map = (distance: number): number => {
    const within = from.findLastIndex((value) => value <= distance) + 1
    const at = Math.min(Math.max(within, Math.min(fewestPairs, from.length)), from.length) - 1
    return distance * (to[at]! / from[at]!)
  }
  /** Differences of distances grow as the distances around `suggest` do. */
  const scale = map(base.suggest) / base.suggest
  const { grouping, samePerson } = base
  /** Where both cases are equally likely. */
  const middle = -samePerson.offset / samePerson.slope
  return {
    ...base,
    autoName: round(map(base.autoName)),
    suggest: round(map(base.suggest)),
    loose: round(map(base.loose)),
    samePair: round(map(base.samePair)),
    margin: round(base.margin * scale),
    tightenPerTenfold: round(base.tightenPerTenfold * scale),
    // The curve's middle moves with the distances.
    samePerson: { slope: samePerson.slope * (middle / map(middle)), offset: samePerson.offset },
    grouping: {
      mergeAtMost: round(map(grouping.mergeAtMost)), leaveAbove: round(map(grouping.leaveAbove)), sameShot: round(map(grouping.sameShot)),
      joinSingles: round(map(grouping.joinSingles)), joinLarge: round(map(grouping.joinLarge)),
    },
  }
}

const round = (distance: number): number => Math.round(distance * 1e4) / 1e4
