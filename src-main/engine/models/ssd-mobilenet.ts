/** face-api.js's SSD MobileNet V1 face detector as an ONNX graph. */
import { convolution, depthwiseConvolution, noPadding, samePadding, weight } from './layers.ts'
import { createGraphBuilder, type Value } from './onnx-writer.ts'
import { valuesOf, type WeightMap } from './weights.ts'

const anchorCount = 5118
const batchNormEpsilon = 0.0010000000474974513
/** Layers of MobileNet V1 that halve the picture. */
const halvingLayers = [2, 4, 6, 12]

/**
 * Input `input` [N, 512, 512, 3] RGB 0..255, padded to a square at the right or bottom; outputs `boxes` [N, 5118, 4]
 * (top, left, bottom, right as fractions of the square) and `scores` [N, 5118], before non-maximum suppression.
 */
export function buildSsdMobilenet(weights: WeightMap): Uint8Array {
  const graph = createGraphBuilder()
  const zero = graph.scalar(0)
  const six = graph.scalar(6)
  const relu6 = (input: Value): Value => graph.node('Clip', [input, zero, six])

  function pointwise(input: Value, name: string, stride = 1): Value {
    const filters = weight(weights, `${name}/weights`)
    const padding = filters.shape[0] === 1 ? noPadding : samePadding(stride)
    return relu6(convolution(graph, input, filters, valuesOf(weight(weights, `${name}/convolution_bn_offset`)), { stride, padding }))
  }
  function depthwise(input: Value, name: string, stride: number): Value {
    const [gamma, beta, mean, variance] = ['gamma', 'beta', 'moving_mean', 'moving_variance']
      .map((part) => valuesOf(weight(weights, `${name}/BatchNorm/${part}`))) as [Float32Array, Float32Array, Float32Array, Float32Array]
    const factors = Float64Array.from(gamma, (value, i) => value / Math.sqrt(variance[i]! + batchNormEpsilon))
    const bias = beta.map((value, i) => value - mean[i]! * factors[i]!)
    return relu6(depthwiseConvolution(graph, input, weight(weights, `${name}/depthwise_weights`), bias, { stride, factors }))
  }
  function predictor(input: Value, name: string, valuesPerAnchor: number): Value {
    const filtered = convolution(graph, input, weight(weights, `${name}/weights`), valuesOf(weight(weights, `${name}/biases`)))
    const channelsLast = graph.node('Transpose', [filtered], { perm: [0, 2, 3, 1] })
    return graph.node('Reshape', [channelsLast, graph.integers([0, -1, valuesPerAnchor])])
  }
  const slice = (value: Value, from: number, to: number): Value =>
    graph.node('Slice', [value, graph.integers([from]), graph.integers([to]), graph.integers([2])])

  const planes = graph.node('Transpose', ['input'], { perm: [0, 3, 1, 2] })
  let value = graph.node('Sub', [graph.node('Div', [planes, graph.scalar(127.5)]), graph.scalar(1)])
  const features: Value[] = []
  value = pointwise(value, 'MobilenetV1/Conv2d_0_pointwise', 2)
  for (let layer = 1; layer <= 13; layer++) {
    value = depthwise(value, `MobilenetV1/Conv2d_${layer}_depthwise`, halvingLayers.includes(layer) ? 2 : 1)
    value = pointwise(value, `MobilenetV1/Conv2d_${layer}_pointwise`)
    if (layer === 11 || layer === 13) features.push(value)
  }
  for (let layer = 0; layer < 8; layer++) {
    value = pointwise(value, `Prediction/Conv2d_${layer}_pointwise`, layer % 2 === 1 ? 2 : 1)
    if (layer % 2 === 1) features.push(value)
  }
  const predictorName = (index: number): string => `Prediction/BoxPredictor_${index}`
  const encoded = graph.node('Concat', features.map((feature, i) => predictor(feature, `${predictorName(i)}/BoxEncodingPredictor`, 4)), { axis: 1 })
  const classes = graph.node('Concat', features.map((feature, i) => predictor(feature, `${predictorName(i)}/ClassPredictor`, 3)), { axis: 1 })

  const { sizes, centres } = anchors(valuesOf(weight(weights, 'Output/extra_dim')))
  const sizeValue = graph.floats(sizes, [1, anchorCount, 2])
  const shift = graph.node('Mul', [graph.node('Div', [slice(encoded, 0, 2), graph.scalar(10)]), sizeValue])
  const centre = graph.node('Add', [shift, graph.floats(centres, [1, anchorCount, 2])])
  const growth = graph.node('Exp', [graph.node('Div', [slice(encoded, 2, 4), graph.scalar(5)])])
  const half = graph.node('Div', [graph.node('Mul', [growth, sizeValue]), graph.scalar(2)])
  graph.node('Concat', [graph.node('Sub', [centre, half]), graph.node('Add', [centre, half])], { axis: 2 }, 'boxes')
  graph.node('Squeeze', [graph.node('Sigmoid', [slice(classes, 1, 2)]), graph.integers([2])], {}, 'scores')
  return graph.build({
    name: 'ssd-mobilenet',
    description: 'SSD MobileNet V1 face detector, weights of @vladmandic/face-api',
    input: ['input', ['batch', 512, 512, 3]],
    outputs: [['boxes', ['batch', anchorCount, 4]], ['scores', ['batch', anchorCount]]],
  })
}

/** Sizes and centres (y, x) of the anchors from their corners (top, left, bottom, right). */
function anchors(corners: Float32Array): { sizes: Float32Array; centres: Float32Array } {
  const sizes = new Float32Array(anchorCount * 2)
  const centres = new Float32Array(anchorCount * 2)
  for (let anchor = 0; anchor < anchorCount; anchor++) {
    for (let axis = 0; axis < 2; axis++) {
      const size = corners[anchor * 4 + axis + 2]! - corners[anchor * 4 + axis]!
      sizes[anchor * 2 + axis] = size
      centres[anchor * 2 + axis] = corners[anchor * 4 + axis]! + size / 2
    }
  }
  return { sizes, centres }
}
