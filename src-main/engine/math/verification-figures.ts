/** All pairs of faces, same person or not, by Euclidean distance. */
import type { FaceSet, Pause } from './face-set.ts'
import { distanceHistogram, sweepPairs } from './metrics.ts'
import type { AtThreshold, CurvePoint, DistanceHistogram, OperatingPoint } from './metrics.ts'
import type { RecognitionThresholds } from './thresholds.ts'
import { squaredDistance } from './vector.ts'

export interface VerificationFigures {
  /** Numbers of pairs. */
  same: number
  different: number
  bestF1: AtThreshold
  bestAccuracy: AtThreshold
  /** Area under the ROC curve. */
  auc: number
  /** True accept rate where the false accept rate is at most the key. */
  tarAtFar: Record<string, { tar: number; threshold: number }>
  /** At the distance up to which a name is suggested. */
  atDefault: { threshold: number; tar: number; far: number }
  /** From the smallest false accept rate to the largest. */
  roc: OperatingPoint[]
  /** The measures over the threshold, from 0 to the largest distance. */
  curve: CurvePoint[]
  distances: DistanceHistogram
}

/** Two faces, by index. */
export interface FacePair {
  faces: [number, number]
  distance: number
}

/** The pairs that are hardest to get right; no face is in a list twice. */
export interface WorstPairs {
  /** One person, farthest apart first. */
  same: FacePair[]
  /** Two people, nearest first. */
  different: FacePair[]
}

const rocPointsPerDecade = 20
const curvePoints = 161
const histogramBins = 60
const worstShown = 12
/** So many are kept to choose from, since a few faces make most of the worst pairs. */
const worstKept = 600
const pairsBetweenPauses = 500_000

/** @param set faces of at least two people, one of them with two faces */
export async function verificationFigures(
  set: FaceSet, thresholds: RecognitionThresholds, pause: Pause,
): Promise<{ verification: VerificationFigures; worstPairs: WorstPairs }> {
  const { distances, isSame, worstPairs } = await comparePairs(set, pause)
  const { same, different, bestF1, bestAccuracy, auc, tarAtFar, at, roc, curve } = sweepPairs(distances, isSame)
  return {
    verification: {
      same, different, bestF1, bestAccuracy, auc,
      tarAtFar: { '0.01': tarAtFar(0.01), '0.001': tarAtFar(0.001) },
      atDefault: { threshold: thresholds.suggest, ...at(thresholds.suggest) },
      roc: roc(rocPointsPerDecade),
      curve: curve(curvePoints),
      distances: distanceHistogram(distances, isSame, histogramBins),
    },
    worstPairs,
  }
}

async function comparePairs({ values, dimension, people }: FaceSet, pause: Pause) {
  const count = people.length
  const distances = new Float64Array((count * (count - 1)) / 2)
  const isSame = new Uint8Array(distances.length)
  const farthest = createWorstList((a, b) => b - a), nearest = createWorstList((a, b) => a - b)
  let at = 0, paused = 0
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++, at++) {
      distances[at] = Math.sqrt(squaredDistance(values, i * dimension, values, j * dimension, dimension))
      isSame[at] = Number(people[i] === people[j])
      ;(isSame[at] ? farthest : nearest).offer(distances[at], i, j)
    }
    if (at - paused < pairsBetweenPauses) continue
    paused = at
    await pause()
  }
  return { distances, isSame, worstPairs: { same: farthest.chosen(), different: nearest.chosen() } }
}

/** Keeps the pairs whose distances come first in an order. */
function createWorstList(order: (a: number, b: number) => number) {
  let kept: FacePair[] = []
  let limit: number | null = null
  const trim = () => {
    kept = kept.sort((a, b) => order(a.distance, b.distance)).slice(0, worstKept)
    limit = kept.length === worstKept ? kept.at(-1)!.distance : null
  }
  return {
    offer(distance: number, i: number, j: number): void {
      if (limit !== null && order(distance, limit) >= 0) return
      kept.push({ faces: [i, j], distance })
      if (kept.length >= 2 * worstKept) trim()
    },
    /** The first of them, each face once. */
    chosen(): FacePair[] {
      trim()
      const taken = new Set<number>()
      const chosen = kept.filter(({ faces }) => {
        if (faces.some((face) => taken.has(face))) return false
        faces.forEach((face) => taken.add(face))
        return true
      })
      return chosen.slice(0, worstShown)
    },
  }
}
