/** The layers of OpenFace's networks that TensorFlow.js has not: L2 pooling, response normalisation, unit length. */
import * as tf from '@tensorflow/tfjs-core'
import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers'
import type { PoolingLayer, ResponseNormalisationLayer } from '../models/nn4-small2.ts'
import { squareRoot } from './distances.ts'

type Shape = (number | null)[]
type LayerInput = tf.Tensor | tf.Tensor[]

const only = (inputs: LayerInput): tf.Tensor => (Array.isArray(inputs) ? inputs[0]! : inputs)

/** Shorter vectors are divided by this length instead of their own, as Keras's l2_normalize has it (its square is 1e-12). */
export const shortestLength = 1e-6

/**
 * Torch's SpatialLPPooling with p = 2: the root of the sum of squares of every window, without padding. The gradient is
 * x / y, and 0 where a window holds nothing but zeros, which behind a ReLU is common.
 */
export class L2Pooling extends layers.Layer {
  static className = 'L2Pooling'
  readonly #sidePx: number
  readonly #stride: number

  constructor({ name, sidePx, stride }: PoolingLayer) {
    super({ name })
    this.#sidePx = sidePx
    this.#stride = stride
  }

  override computeOutputShape(shape: Shape | Shape[]): Shape {
    const [batch, height, width, channels] = shape as Shape
    const pooled = (length: number | null): number => Math.floor((length! - this.#sidePx) / this.#stride) + 1
    return [batch!, pooled(height!), pooled(width!), channels!]
  }

  override call(inputs: LayerInput): tf.Tensor {
    return tf.tidy(() => {
      const means = tf.avgPool(tf.square(only(inputs) as tf.Tensor4D), this.#sidePx, this.#stride, 'valid')
      return squareRoot(tf.mul(means, this.#sidePx ** 2))
    })
  }
}

/** Torch's SpatialCrossMapLRN: x / (1 + alpha / size · sum of the squares of `size` channels around it) ^ beta. */
export class ResponseNormalisation extends layers.Layer {
  static className = 'ResponseNormalisation'
  readonly #layer: ResponseNormalisationLayer

  constructor(layer: ResponseNormalisationLayer) {
    super({ name: layer.name })
    this.#layer = layer
  }

  override computeOutputShape(shape: Shape | Shape[]): Shape {
    return shape as Shape
  }

  override call(inputs: LayerInput): tf.Tensor {
    const { size, alpha, beta } = this.#layer
    // TensorFlow multiplies alpha with the sum, Torch with the mean.
    return tf.localResponseNormalization(only(inputs) as tf.Tensor4D, (size - 1) / 2, 1, alpha / size, beta)
  }
}

/** Divides every row by its Euclidean length; rows shorter than `shortestLength` by that. */
export class UnitLength extends layers.Layer {
  static className = 'UnitLength'

  override computeOutputShape(shape: Shape | Shape[]): Shape {
    return shape as Shape
  }

  override call(inputs: LayerInput): tf.Tensor {
    return unitLength(only(inputs) as tf.Tensor2D)
  }
}

/**
 * Rows of unit length.
 * @param rows [count, dimension]
 */
export function unitLength(rows: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.div(rows, tf.maximum(squareRoot(tf.sum(tf.square(rows), 1, true)), shortestLength)))
}

/** Adds a layer behind others. */
export function behind(layer: layers.Layer, inputs: SymbolicTensor | SymbolicTensor[]): SymbolicTensor {
  return layer.apply(inputs) as SymbolicTensor
}
