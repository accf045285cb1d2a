/** From scores to probabilities. */
import { logistic } from './thresholds.ts'
import type { Logistic } from './thresholds.ts'

export interface ScoredCase {
  score: number
  positive: boolean
}

/**
 * Platt's method as Lin, Lin and Weng (2007) mend it: Newton's method with backtracking on regularised targets, which
 * keeps the curve finite where the cases are few or perfectly separated.
 * @param cases at least one of each kind
 */
export function fitLogistic(cases: readonly ScoredCase[]): Logistic {
  const positives = cases.reduce((sum, { positive }) => sum + Number(positive), 0)
  const negatives = cases.length - positives
  const high = (positives + 1) / (positives + 2), low = 1 / (negatives + 2)
  const curve = { slope: 0, offset: Math.log((negatives + 1) / (positives + 1)) }
  let value = crossEntropy(curve)
  for (let iteration = 0; iteration < 100; iteration++) {
    // A ridge of 1e-12 keeps the Hessian invertible.
    let h11 = 1e-12, h22 = 1e-12, h21 = 0, g1 = 0, g2 = 0
    for (const { score, positive } of cases) {
      const p = logistic(score, curve)
      const weight = p * (1 - p)
      h11 += score * score * weight
      h22 += weight
      h21 += score * weight
      const difference = (positive ? high : low) - p
      g1 += score * difference
      g2 += difference
    }
    if (Math.abs(g1) < 1e-5 && Math.abs(g2) < 1e-5) break
    const determinant = h11 * h22 - h21 * h21
    const stepSlope = -(h22 * g1 - h21 * g2) / determinant
    const stepOffset = -(h11 * g2 - h21 * g1) / determinant
    const gain = g1 * stepSlope + g2 * stepOffset
    let size = 1
    for (; size >= 1e-10; size /= 2) {
      const tried = { slope: curve.slope + size * stepSlope, offset: curve.offset + size * stepOffset }
      const triedValue = crossEntropy(tried)
      if (triedValue >= value + 1e-4 * size * gain) continue
      Object.assign(curve, tried)
      value = triedValue
      break
    }
    if (size < 1e-10) break
  }
  return curve

  function crossEntropy({ slope, offset }: Logistic): number {
    let sum = 0
    for (const { score, positive } of cases) {
      const target = positive ? high : low
      const z = slope * score + offset
      sum += z >= 0 ? target * z + Math.log1p(Math.exp(-z)) : (target - 1) * z + Math.log1p(Math.exp(z))
    }
    return sum
  }
}
