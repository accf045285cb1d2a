/** Layers that the networks share, as nodes of an ONNX graph. Pictures are NCHW; stored filters are HWIO. */
import type { GraphBuilder, Value } from './onnx-writer.ts'
import type { StoredTensor, WeightMap } from './weights.ts'

/** Zeros put around a picture before a filter: top, left, bottom, right. */
export type Padding = readonly [number, number, number, number]
export const noPadding: Padding = [0, 0, 0, 0]
/** What TensorFlow calls 'same' for a 3×3 filter on an even size: with stride 2 it pads at the end alone. */
export const samePadding = (stride: number): Padding => (stride === 2 ? [0, 0, 1, 1] : [1, 1, 1, 1])

/** The tensor of that name. @throws Error where the model has none */
export function weight(weights: WeightMap, name: string): StoredTensor {
  const tensor = weights.get(name)
  if (!tensor) throw new Error(`The weights hold no tensor ${name}`)
  return tensor
}

export interface ConvolutionOptions {
  stride?: number
  padding?: Padding
  /** Multiplied into the filters, one per output channel. */
  factors?: ArrayLike<number>
}

/** A convolution; `filters` are [height, width, in, out]. */
export function convolution(
  graph: GraphBuilder, input: Value, filters: StoredTensor, bias: ArrayLike<number>, options: ConvolutionOptions = {},
): Value {
  const { stride = 1, padding = noPadding, factors } = options
  const [height, width, , channels] = filters.shape as [number, number, number, number]
  return graph.node('Conv', [input, graph.weights(filters, [3, 2, 0, 1], factors), graph.floats(bias, [channels])], {
    kernel_shape: [height, width], strides: [stride, stride], pads: padding,
  })
}

/** A 3×3 convolution of every channel by itself, padded to keep its size; `filters` are [3, 3, channels, 1]. */
export function depthwiseConvolution(
  graph: GraphBuilder, input: Value, filters: StoredTensor, bias: ArrayLike<number> | null,
  options: { stride: number; factors?: ArrayLike<number> },
): Value {
  const channels = filters.shape[2]!
  const inputs = [input, graph.weights(filters, [2, 3, 0, 1], options.factors)]
  if (bias) inputs.push(graph.floats(bias, [channels]))
  return graph.node('Conv', inputs, {
    kernel_shape: [3, 3], strides: [options.stride, options.stride], pads: samePadding(options.stride), group: channels,
  })
}

/** Mean of the red, green and blue of the pictures that dlib's and face-api.js's networks were trained on, 0..255. */
const meanColour = [122.782, 117.001, 104.298]

/** RGB 0..255 [N, H, W, 3] to (x − mean colour) / 255 [N, 3, H, W]. */
export function normalisedInput(graph: GraphBuilder, input: Value): Value {
  const planes = graph.node('Transpose', [input], { perm: [0, 3, 1, 2] })
  const centred = graph.node('Sub', [planes, graph.floats(meanColour, [1, 3, 1, 1])])
  return graph.node('Div', [centred, graph.scalar(255)])
}
