/** nn4.small2 as an ONNX graph, written from its description. */
import { createGraphBuilder, type GraphBuilder, type Value } from './onnx-writer.ts'
import { convolution, weight } from './layers.ts'
import {
  describeNn4Small2, type ConvolutionLayer, type Layer, type NetworkDescription, type PoolingLayer, type ResponseNormalisationLayer,
} from './nn4-small2.ts'
import { valuesOf, type WeightMap } from './weights.ts'

/**
 * Input `input` [N, 96, 96, 3] RGB 0..255, an aligned face; output `embedding` [N, 128] of unit length. The batch
 * normalisation behind each convolution is folded into its filters and bias.
 * @param weights named and shaped as `tensorShapes` says
 */
export function buildNn4Small2(weights: WeightMap, network: NetworkDescription = describeNn4Small2()): Uint8Array {
  const graph = createGraphBuilder()
  const planes = graph.node('Transpose', ['input'], { perm: [0, 3, 1, 2] })
  const values = new Map<string, Value>([['input', graph.node('Mul', [planes, graph.scalar(1 / 255)])]])
  const valueOf = (name: string): Value => {
    const value = values.get(name)
    if (value === undefined) throw new Error(`No layer before has the name ${name}`)
    return value
  }
  for (const layer of network.layers) values.set(layer.name, addLayer(graph, network, layer, weights, valueOf))
  const { inputSidePx, dimension, name } = network
  return graph.build({
    name, description: `${name} of OpenFace`,
    input: ['input', ['batch', inputSidePx, inputSidePx, 3]],
    outputs: [['embedding', ['batch', dimension]]],
  })
}

function addLayer(
  graph: GraphBuilder, network: NetworkDescription, layer: Layer, weights: WeightMap, valueOf: (name: string) => Value,
): Value {
  if (layer.kind === 'concatenation') return graph.node('Concat', layer.inputs.map(valueOf), { axis: 1 })
  const input = valueOf(layer.input)
  switch (layer.kind) {
    case 'convolution':
      return graph.node('Relu', [normalisedConvolution(graph, input, layer, weights, network.normalisationEpsilon)])
    case 'max-pooling':
      return graph.node('MaxPool', [input], poolingAttributes(layer))
    case 'average-pooling':
      return graph.node('AveragePool', [input], poolingAttributes(layer))
    case 'l2-pooling':
      return l2Pooling(graph, input, layer)
    case 'padding': {
      const [top, left, bottom, right] = layer.margins
      return graph.node('Pad', [input, graph.integers([0, 0, top, left, 0, 0, bottom, right])])
    }
    case 'response-normalisation':
      return responseNormalisation(graph, input, layer)
    case 'dense': {
      // The picture has shrunk to one pixel by now, so the order of its axes does not matter.
      const flat = graph.node('Flatten', [input], { axis: 1 })
      const kernel = graph.weights(weight(weights, `${layer.name}/kernel`), [0, 1])
      return graph.node('Gemm', [flat, kernel, graph.floats(valuesOf(weight(weights, `${layer.name}/bias`)), [layer.unitsOut])])
    }
    case 'unit-length':
      return graph.node('LpNormalization', [input], { axis: 1, p: 2 }, 'embedding')
  }
}

const poolingAttributes = ({ sidePx, stride }: { sidePx: number; stride: number }) =>
  ({ kernel_shape: [sidePx, sidePx], strides: [stride, stride] })

/** The root of the sum of squares as 3 · √(their mean): ONNX's own LpPool runs outside of ONNX Runtime's blocked layout, at six times the time. */
function l2Pooling(graph: GraphBuilder, input: Value, layer: PoolingLayer): Value {
  const means = graph.node('AveragePool', [graph.node('Mul', [input, input])], poolingAttributes(layer))
  return graph.node('Mul', [graph.node('Sqrt', [means]), graph.scalar(layer.sidePx)])
}

/**
 * x / (1 + alpha · the mean square of the channels around it) ^ beta. ONNX's own LRN raises every value to a power, which takes
 * more than a third of the whole network's time; ^ 0.75 is two square roots. The mean over channels is pooled as over rows of
 * a picture, pixels standing beside one another and eight of them as its channels, which is how ONNX Runtime pools fastest.
 */
function responseNormalisation(graph: GraphBuilder, input: Value, { size, alpha, beta, mapSidePx }: ResponseNormalisationLayer): Value {
  if (beta !== 0.75 || mapSidePx ** 2 % 8) throw new Error(`Response normalisation of ${mapSidePx} pixels with a beta of ${beta} has no graph`)
  const eights = graph.node('Reshape', [graph.node('Mul', [input, input]), graph.integers([0, 0, -1, 8])])
  const around = (size - 1) / 2
  const means = graph.node('AveragePool', [graph.node('Transpose', [eights], { perm: [0, 3, 1, 2] })], {
    kernel_shape: [size, 1], strides: [1, 1], pads: [around, 0, around, 0], count_include_pad: 1,
  })
  const map = graph.integers([0, 0, mapSidePx, mapSidePx])
  const scaled = graph.node('Mul', [
    graph.node('Reshape', [graph.node('Transpose', [means], { perm: [0, 2, 3, 1] }), map]), graph.scalar(alpha)])
  const root = graph.node('Sqrt', [graph.node('Add', [scaled, graph.scalar(1)])])
  return graph.node('Div', [input, graph.node('Mul', [root, graph.node('Sqrt', [root])])])
}

/** (filter ∗ x + bias − mean) · gamma / √(variance + epsilon) + beta, as one convolution. */
function normalisedConvolution(graph: GraphBuilder, input: Value, layer: ConvolutionLayer, weights: WeightMap, epsilon: number): Value {
  const [gamma, beta, mean, variance] = ['gamma', 'beta', 'moving_mean', 'moving_variance']
    .map((part) => valuesOf(weight(weights, `${layer.normalisation}/${part}`))) as [Float32Array, Float32Array, Float32Array, Float32Array]
  const factors = Float64Array.from(gamma, (value, i) => value / Math.sqrt(variance[i]! + epsilon))
  const bias = Float64Array.from(valuesOf(weight(weights, `${layer.name}/bias`)),
    (value, i) => (value - mean[i]!) * factors[i]! + beta[i]!)
  const { stride, paddingPx } = layer
  return convolution(graph, input, weight(weights, `${layer.name}/kernel`), bias, {
    stride, padding: [paddingPx, paddingPx, paddingPx, paddingPx], factors,
  })
}
