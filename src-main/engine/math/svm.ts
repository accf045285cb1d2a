/**
 * Linear support vector machines, one person against the rest, by dual coordinate descent (Hsieh et al. 2008, the method
 * of LIBLINEAR) with squared hinge loss, shrinking, and the bias as one more feature that is 1.
 */
import { hash } from './random.ts'
import { createRandom } from './random.ts'
import { dot } from './vector.ts'

/** `dimension` weights and the bias. */
export type LinearModel = Float64Array

export interface TrainingSet {
  values: Float32Array
  /** Where each example begins in `values`. */
  offsets: Int32Array
  /** 1 or −1 for each example. */
  labels: Int8Array
  dimension: number
  costPositive: number
  costNegative: number
  seed: number
}

const maximumRounds = 100
/** Largest spread of projected gradients at which it is done. */
const tolerance = 0.1

/** The model that separates the two labels. Deterministic for a seed. */
export function trainLinearModel(
  { values, offsets, labels, dimension, costPositive, costNegative, seed }: TrainingSet,
): LinearModel {
  const count = offsets.length
  const random = createRandom(seed)
  const weights = new Float64Array(dimension + 1)
  const alphas = new Float64Array(count)
  const diagonals = new Float64Array(count)
  const inverseCosts = Float64Array.from(labels, (label) => 0.5 / (label > 0 ? costPositive : costNegative))
  for (let i = 0; i < count; i++) {
    diagonals[i] = dot(values, offsets[i], values, offsets[i], dimension) + 1 + inverseCosts[i]
  }
  const order = Int32Array.from({ length: count }, (_, i) => i)
  let active = count
  let shrinkAbove = Infinity
  for (let round = 0; round < maximumRounds; round++) {
    for (let at = 0; at < active; at++) swap(order, at, at + Math.floor(random() * (active - at)))
    let highest = -Infinity, lowest = Infinity
    for (let at = 0; at < active; at++) {
      const i = order[at]
      const label = labels[i]
      const margin = dot(weights, 0, values, offsets[i], dimension) + weights[dimension]
      const gradient = label * margin - 1 + alphas[i] * inverseCosts[i]
      if (alphas[i] === 0 && gradient > shrinkAbove) {
        swap(order, at--, --active)
        continue
      }
      const projected = alphas[i] === 0 ? Math.min(gradient, 0) : gradient
      if (projected > highest) highest = projected
      if (projected < lowest) lowest = projected
      if (Math.abs(projected) < 1e-12) continue
      const before = alphas[i]
      alphas[i] = Math.max(before - gradient / diagonals[i], 0)
      const step = (alphas[i] - before) * label
      if (step === 0) continue
      const offset = offsets[i]
      for (let k = 0; k < dimension; k++) weights[k] += step * values[offset + k]
      weights[dimension] += step
    }
    if (highest - lowest > tolerance) {
      shrinkAbove = highest <= 0 ? Infinity : highest
    } else if (active === count) {
      break
    } else {
      active = count
      shrinkAbove = Infinity
    }
  }
  return weights
}

/** Signed score of a vector: above 0 on the person's side. */
export function scoreOf(model: LinearModel, values: Float32Array, offset: number): number {
  const dimension = model.length - 1
  return dot(model, 0, values, offset, dimension) + model[dimension]
}

export interface PersonTraining {
  values: Float32Array
  dimension: number
  personId: number
  /** Offsets of the person's own faces. */
  own: readonly number[]
  /** Offsets of other people's faces; when they are many, about `maximumOthers` of them are drawn. */
  others: Int32Array
  /** Offsets of faces of nobody known, less those that may be this person. */
  background: readonly number[]
  cost: number
}

const maximumOthers = 1_500

/** One person against a draw of the others and the background; the others' cost grows as 1 / √(share drawn). */
export function trainPerson({ values, dimension, personId, own, others, background, cost }: PersonTraining): LinearModel {
  const share = Math.min(1, maximumOthers / Math.max(others.length, 1))
  const drawn = share === 1 ? others : others.filter((offset) => hash(offset, personId) < share * 2 ** 32)
  const offsets = Int32Array.from([...own, ...drawn, ...background])
  const labels = new Int8Array(offsets.length).fill(-1)
  labels.fill(1, 0, own.length)
  return trainLinearModel({
    values, offsets, labels, dimension, costPositive: cost, costNegative: cost / Math.sqrt(share), seed: personId,
  })
}

function swap(array: Int32Array, a: number, b: number): void {
  const kept = array[a]
  array[a] = array[b]
  array[b] = kept
}
