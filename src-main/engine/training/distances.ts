/** Euclidean distances between rows as matrices that gradients flow through. */
import * as tf from '@tensorflow/tfjs-core'

/**
 * Square root whose gradient is 0 at 0 instead of infinite: 1 / (2 √x) elsewhere.
 * @param values not negative
 */
export function squareRoot<T extends tf.Tensor>(values: T): T {
  const operation = tf.customGrad((x, save) => {
    const root = tf.sqrt(x as tf.Tensor)
    ;(save as tf.GradSaveFunc)([root])
    return {
      value: root,
      gradFunc: (upstream, saved) => {
        const [y] = saved as tf.Tensor[]
        const isZero = tf.cast(tf.equal(y!, 0), 'float32')
        // Where the root is 0 the divisor is 2 instead, and the factor 0.
        return tf.mul(upstream as tf.Tensor, tf.div(tf.sub(1, isZero), tf.mul(tf.add(y!, isZero), 2)))
      },
    }
  })
  return operation(values) as T
}

/**
 * Squared Euclidean distances of all pairs of rows: |a|² + |b|² − 2 a·b, cut off at 0, since cancellation can take it below,
 * and with a diagonal of exactly 0. Its gradient is finite everywhere.
 * @param rows [count, dimension]
 * @returns [count, count]
 */
export function squaredDistanceMatrix(rows: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const count = rows.shape[0]
    const squares = tf.sum(tf.square(rows), 1, true)
    const products = tf.matMul(rows, rows, false, true)
    const distances = tf.sub(tf.add(squares, tf.reshape(squares, [1, count])), tf.mul(products, 2))
    return tf.mul(tf.relu(distances), tf.sub(1, tf.eye(count))) as tf.Tensor2D
  })
}

/**
 * Euclidean distances of all pairs of rows, never negative, the diagonal exactly 0, the gradient 0 where the distance is.
 * @param rows [count, dimension]
 * @returns [count, count]
 */
export function distanceMatrix(rows: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => squareRoot(squaredDistanceMatrix(rows)))
}
