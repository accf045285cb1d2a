/**
 * Linear support vector machines, one person against the rest, by dual coordinate descent (Hsieh et al. 2008, the method
 * of LIBLINEAR) with squared hinge loss, shrinking, and the bias as one more feature that is 1.
 */
import { createRandom, hash } from './random.ts'
import { dot } from './vector.ts'

/** `dimension` weights and the bias. */
export type LinearModel = Float64Array

export interface TrainingSet {
  /** Best with a mean near 0: what all have in common makes convergence many times slower. */
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
      const margin = project(weights, values, offsets[i])
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
  return project(model, values, offset)
}

/** Labelled faces of everybody: offsets of embeddings, and whose each is. */
export interface LabelledOffsets {
  offsets: Int32Array
  people: Int32Array
}

export interface PersonTraining {
  values: Float32Array
  dimension: number
  /** Taken off every vector while training; the model is for the vectors as they are. Best the mean of all. */
  mean?: Float64Array
  personId: number
  /** The person's own faces among them; of the others, when they are many, about `maximumOthers` are drawn. */
  labelled: LabelledOffsets
  /** Offsets of faces of nobody known, less those that may be this person. */
  background: readonly number[]
  cost: number
}

const maximumOthers = 1_500

/** One person against a draw of the others and the background; the others' cost grows as 1 / √(share drawn). */
export function trainPerson({ values, dimension, mean, personId, labelled, background, cost }: PersonTraining): LinearModel {
  const { offsets: all, people } = labelled
  const own: number[] = [], others: number[] = []
  const share = Math.min(1, maximumOthers / all.length)
  for (let i = 0; i < all.length; i++) {
    if (people[i] === personId) own.push(all[i])
    else if (share === 1 || hash(all[i], personId) < share * 2 ** 32) others.push(all[i])
  }
  const examples = [...own, ...others, ...background]
  const labels = new Int8Array(examples.length).fill(-1)
  labels.fill(1, 0, own.length)
  // A copy of their own, close together: every round walks over all of them.
  const close = new Float32Array(examples.length * dimension)
  const shift = mean ?? new Float64Array(dimension)
  for (let i = 0; i < examples.length; i++) {
    const from = examples[i], to = i * dimension
    for (let k = 0; k < dimension; k++) close[to + k] = values[from + k] - shift[k]
  }
  const model = trainLinearModel({
    values: close, offsets: Int32Array.from(examples, (_, i) => i * dimension), labels, dimension,
    costPositive: cost, costNegative: cost / Math.sqrt(share), seed: personId,
  })
  model[dimension] -= dot(model, 0, shift, 0, dimension)
  return model
}

/** w·x + b. Not vector.ts's dot, which serves arrays of several kinds: this loop is most of the time that training takes. */
function project(model: Float64Array, values: Float32Array, offset: number): number {
  const dimension = model.length - 1
  let sum0 = model[dimension], sum1 = 0, sum2 = 0, sum3 = 0
  let k = 0
  for (; k + 3 < dimension; k += 4) {
    sum0 += model[k] * values[offset + k]
    sum1 += model[k + 1] * values[offset + k + 1]
    sum2 += model[k + 2] * values[offset + k + 2]
    sum3 += model[k + 3] * values[offset + k + 3]
  }
  for (; k < dimension; k++) sum0 += model[k] * values[offset + k]
  return sum0 + sum1 + sum2 + sum3
}

function swap(array: Int32Array, a: number, b: number): void {
  const kept = array[a]
  array[a] = array[b]
  array[b] = kept
}
