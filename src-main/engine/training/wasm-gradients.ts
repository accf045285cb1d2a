/**
 * Gradients of convolutions for the WebAssembly backend. Its own kernel for the gradient of the input is a plain loop, and it
 * has none for the gradient of the filter. Both are composed here from what it runs in SIMD (XNNPACK): convolutions and products
 * of matrices. Copies are taken in long runs, since its slices and concatenations cost by the run.
 */
import * as tf from '@tensorflow/tfjs-core'

const backendName = 'wasm'
let isRegistered = false

/** Puts the kernels in place, once. The backend must be loaded. */
export function registerWasmGradients(): void {
  if (isRegistered) return
  isRegistered = true
  tf.unregisterKernel(tf.Conv2DBackpropInput, backendName)
  tf.registerKernel({
    kernelName: tf.Conv2DBackpropInput,
    backendName,
    kernelFunc: ({ inputs, attrs }) => {
      const { dy, filter } = inputs as unknown as { dy: tf.Tensor4D; filter: tf.Tensor4D }
      const { inputShape, ...window } = attrs as unknown as Window & { inputShape: Shape4D }
      return tf.tidy(() => inputGradient(dy, filter, geometryOf(inputShape, filter.shape, window)))
    },
  })
  tf.registerKernel({
    kernelName: tf.Conv2DBackpropFilter,
    backendName,
    kernelFunc: ({ inputs, attrs }) => {
      const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D }
      const { filterShape, ...window } = attrs as unknown as Window & { filterShape: Shape4D }
      return tf.tidy(() => filterGradient(x, dy, geometryOf(x.shape, filterShape, window)))
    },
  })
}

type Shape4D = [number, number, number, number]
type Window = Pick<tf.Conv2DAttrs, 'strides' | 'pad' | 'dimRoundingMode' | 'dataFormat'>
type Geometry = ReturnType<typeof tf.backend_util.computeConv2DInfo>

function geometryOf(inputShape: Shape4D, filterShape: Shape4D, { strides, pad, dimRoundingMode, dataFormat }: Window): Geometry {
  if (dataFormat !== 'NHWC') throw new Error(`Gradients of convolutions are for NHWC, not ${dataFormat}`)
  return tf.backend_util.computeConv2DInfo(inputShape, filterShape, strides, 1, pad, dimRoundingMode)
}

/** Σ over the filter's positions of dy · Wᵀ, as a convolution of dy, spread by the stride, with the filter turned half round. */
function inputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, geometry: Geometry): tf.Tensor4D {
  const { batchSize, inHeight, inWidth, inChannels, outChannels, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = geometry
  if (isPointwise(geometry)) {
    const transposed = tf.transpose(tf.reshape(filter, [inChannels, outChannels]))
    return tf.reshape(tf.matMul(rowsOf(dy), transposed), [batchSize, inHeight, inWidth, inChannels])
  }
  const spread = spreadBy(dy, strideHeight, strideWidth)
  const turned = tf.transpose(turnedHalfRound(filter), [0, 1, 3, 2])
  const above = filterHeight - 1 - padInfo.top
  const left = filterWidth - 1 - padInfo.left
  const below = inHeight + filterHeight - 1 - above - outHeight * strideHeight
  const right = inWidth + filterWidth - 1 - left - outWidth * strideWidth
  // Zeros that the last stride left over are cut off again where the input ends before them.
  const kept = below < 0 || right < 0
    ? tf.slice(spread, [0, 0, 0, 0], [-1, outHeight * strideHeight + Math.min(below, 0), outWidth * strideWidth + Math.min(right, 0), -1])
    : spread
  const padded = tf.pad(kept, [[0, 0], [above, Math.max(below, 0)], [left, Math.max(right, 0)], [0, 0]])
  return tf.conv2d(padded, turned, 1, 'valid')
}

/** The filter's positions in the reverse order. */
function turnedHalfRound(filter: tf.Tensor4D): tf.Tensor4D {
  const [height, width, channelsIn, channelsOut] = filter.shape
  const positions = tf.reshape(filter, [height * width, channelsIn * channelsOut])
  const reversed = Array.from({ length: height * width }, (_, i) => tf.slice(positions, [height * width - 1 - i, 0], [1, -1]))
  return tf.reshape(tf.concat(reversed, 0), filter.shape)
}

/** xᵀ · dy for every position of the filter, each one product of matrices. */
function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, geometry: Geometry): tf.Tensor4D {
  const { batchSize, inChannels, outChannels, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth } = geometry
  const gradient = rowsOf(dy)
  if (isPointwise(geometry)) {
    return tf.reshape(tf.matMul(tf.transpose(rowsOf(x)), gradient), [1, 1, inChannels, outChannels])
  }
  const phases = phasesOf(x, geometry)
  const products: tf.Tensor2D[] = []
  for (let row = 0; row < filterHeight; row++) {
    for (let column = 0; column < filterWidth; column++) {
      const phase = phases[row % strideHeight]![column % strideWidth]!
      const from = Math.floor(column / strideWidth) * inChannels
      const seen = tf.slice(phase, [0, Math.floor(row / strideHeight), from], [batchSize, outHeight, outWidth * inChannels])
      products.push(tf.matMul(tf.transpose(tf.reshape(seen, [batchSize * outHeight * outWidth, inChannels])), gradient))
    }
  }
  return tf.reshape(tf.concat(products, 0), [filterHeight, filterWidth, inChannels, outChannels])
}

const isPointwise = ({ filterHeight, filterWidth, strideHeight, strideWidth, padInfo }: Geometry): boolean =>
  filterHeight * filterWidth * strideHeight * strideWidth === 1 && padInfo.top + padInfo.bottom + padInfo.left + padInfo.right === 0

/** One row for every pixel of every picture. */
function rowsOf(values: tf.Tensor4D): tf.Tensor2D {
  return tf.reshape(values, [-1, values.shape[3]])
}

/** Every pixel followed by as many zeros, less one, as the stride is wide, and every line by as many lines. */
function spreadBy(values: tf.Tensor4D, strideHeight: number, strideWidth: number): tf.Tensor4D {
  if (strideHeight === 1 && strideWidth === 1) return values
  const [count, height, width, channels] = values.shape
  const pixels = tf.concat([rowsOf(values), tf.zeros<tf.Rank.R2>([count * height * width, (strideWidth - 1) * channels])], 1)
  const lineLength = width * strideWidth * channels
  const lines = tf.concat([tf.reshape(pixels, [count * height, lineLength]), tf.zeros<tf.Rank.R2>([count * height, (strideHeight - 1) * lineLength])], 1)
  return tf.reshape(lines, [count, height * strideHeight, width * strideWidth, channels])
}

/**
 * The padded input parted by the stride: phases[i][j] has the lines i, i + stride … and the columns j, j + stride …, as
 * [count, lines, columns × channels].
 */
function phasesOf(x: tf.Tensor4D, { batchSize, inChannels, outHeight, outWidth, inHeight, inWidth, filterHeight, filterWidth, strideHeight, strideWidth, padInfo }: Geometry): tf.Tensor3D[][] {
  const lines = outHeight + Math.ceil(filterHeight / strideHeight) - 1
  const columns = outWidth + Math.ceil(filterWidth / strideWidth) - 1
  const height = lines * strideHeight, width = columns * strideWidth
  const below = height - inHeight - padInfo.top, right = width - inWidth - padInfo.left
  const padded = tf.pad(x, [[0, 0], [padInfo.top, Math.max(below, 0)], [padInfo.left, Math.max(right, 0)], [0, 0]])
  const whole = tf.slice(padded, [0, 0, 0, 0], [batchSize, height, width, inChannels])
  const pixels = tf.reshape(whole, [batchSize * height * columns, strideWidth * inChannels])
  return Array.from({ length: strideHeight }, (_, i) => Array.from({ length: strideWidth }, (_, j) => {
    const ofColumns = tf.slice(pixels, [0, j * inChannels], [-1, inChannels])
    const lineLength = columns * inChannels
    const ofLines = tf.slice(tf.reshape(ofColumns, [batchSize * lines, strideHeight * lineLength]), [0, i * lineLength], [-1, lineLength])
    return tf.reshape(ofLines, [batchSize, lines, lineLength])
  }))
}
