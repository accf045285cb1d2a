/**
 * The triplet loss [‖a − p‖² − ‖a − n‖² + α]₊ over a batch of embeddings, with the triplets chosen in the batch itself
 * (Schroff, Kalenichenko and Philbin 2015, FaceNet, section 3.2).
 *
 * Generators that choose triplets ahead are not that. The public notebook (krasserm/face-recognition) has a placeholder that yields
 * random pixels; one that takes the mean of a person's pictures and the farthest negative, as was handed down with it, makes the
 * easiest triplets there are: their loss is 0 almost from the start, and a mean is nobody's picture. Here every pair of pictures of
 * a person in the batch is an anchor with its positive, and the negative is the most telling one of the other people's pictures.
 */
import * as tf from '@tensorflow/tfjs-core'
import { squaredDistanceMatrix } from './distances.ts'

/** Rows of the batch. */
export interface Triplet {
  readonly anchor: number
  readonly positive: number
  readonly negative: number
}

/**
 * Chooses a negative for every anchor with its positive: the nearest of those that are farther from the anchor than the positive,
 * so that it is semi-hard wherever one within the margin exists. Where all negatives are nearer than the positive it is the farthest of
 * them: the hardest ones are what FaceNet warns of, since they pull all embeddings to one point, but to leave such a pair out would
 * be to learn nothing from the pairs that are wrong the most (TensorFlow Addons' triplet_semihard_loss chooses so too).
 * @param distances squared, [count × count]
 * @param people of each row
 * @returns triplets by anchor, then positive; none for an anchor without a positive or without a negative
 */
export function mineSemiHard(distances: ArrayLike<number>, people: ArrayLike<number>): Triplet[] {
  const count = people.length
  const triplets: Triplet[] = []
  for (let anchor = 0; anchor < count; anchor++) {
    const row = anchor * count
    for (let positive = 0; positive < count; positive++) {
      if (positive === anchor || people[positive] !== people[anchor]) continue
      const limit = distances[row + positive]!
      let semiHard = -1, farthest = -1
      for (let other = 0; other < count; other++) {
        if (people[other] === people[anchor]) continue
        const distance = distances[row + other]!
        if (distance > limit && (semiHard < 0 || distance < distances[row + semiHard]!)) semiHard = other
        if (farthest < 0 || distance > distances[row + farthest]!) farthest = other
      }
      if (farthest >= 0) triplets.push({ anchor, positive, negative: semiHard >= 0 ? semiHard : farthest })
    }
  }
  return triplets
}

export interface TripletLoss {
  /** Mean over the triplets; gradients flow through it. */
  readonly loss: tf.Scalar
  /** Triplets chosen. */
  readonly triplets: number
  /** Those whose loss is above 0, which alone have a gradient. */
  readonly active: number
}

/**
 * The loss of a batch.
 * @param embeddings [count, dimension], of unit length
 * @param people of each row
 * @param margin α, a squared distance; FaceNet: 0.2
 */
export function tripletLoss(embeddings: tf.Tensor2D, people: ArrayLike<number>, margin: number): TripletLoss {
  const count = people.length
  const distances = squaredDistanceMatrix(embeddings)
  const values = distances.dataSync()
  const isNumber = embeddings.dataSync().every(Number.isFinite)
  const triplets = mineSemiHard(values, people)
  // Once it is known which triplets are active, the loss is a weighted sum of the distances.
  const weights = new Float32Array(count * count)
  let active = 0
  for (const { anchor, positive, negative } of triplets) {
    const isActive = !(values[anchor * count + positive]! - values[anchor * count + negative]! + margin <= 0)
    if (!isActive) continue
    active++
    weights[anchor * count + positive]! += 1
    weights[anchor * count + negative]! -= 1
  }
  const sum = tf.sum(tf.mul(distances, tf.tensor2d(weights, [count, count])))
  // Cut off at 0, a distance that is no number may look like one.
  const offset = isNumber ? active * margin : NaN
  const loss = tf.div(tf.add(sum, offset), Math.max(triplets.length, 1)) as tf.Scalar
  return { loss, triplets: triplets.length, active }
}
