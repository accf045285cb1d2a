/** face-api.js's 68-point landmark network as an ONNX graph. */
import { convolution, depthwiseConvolution, normalisedInput, samePadding, weight } from './layers.ts'
import { createGraphBuilder, type Value } from './onnx-writer.ts'
import { valuesOf, type WeightMap } from './weights.ts'

/**
 * Input `input` [N, 112, 112, 3] RGB 0..255, a face box padded to a square with black; output `landmarks` [N, 136]:
 * x0, y0, x1, y1 … as fractions of that square.
 */
export function buildFaceLandmark68(weights: WeightMap): Uint8Array {
  const graph = createGraphBuilder()
  const relu = (input: Value): Value => graph.node('Relu', [input])
  const add = (a: Value, b: Value): Value => graph.node('Add', [a, b])

  function separable(input: Value, name: string, stride: number): Value {
    const each = depthwiseConvolution(graph, input, weight(weights, `${name}/depthwise_filter`), null, { stride })
    return convolution(graph, each, weight(weights, `${name}/pointwise_filter`), valuesOf(weight(weights, `${name}/bias`)))
  }
  function denseBlock(input: Value, name: string, isFirst: boolean): Value {
    const first = relu(isFirst
      ? convolution(graph, input, weight(weights, `${name}/conv0/filters`), valuesOf(weight(weights, `${name}/conv0/bias`)),
        { stride: 2, padding: samePadding(2) })
      : separable(input, `${name}/conv0`, 2))
    const second = add(first, separable(first, `${name}/conv1`, 1))
    const third = add(second, separable(relu(second), `${name}/conv2`, 1))
    return relu(add(third, separable(relu(third), `${name}/conv3`, 1)))
  }

  let value = normalisedInput(graph, 'input')
  for (let block = 0; block < 4; block++) value = denseBlock(value, `dense${block}`, block === 0)
  const pooled = graph.node('AveragePool', [value], { kernel_shape: [7, 7], strides: [2, 2] })
  const flat = graph.node('Flatten', [pooled], { axis: 1 })
  const bias = weight(weights, 'fc/bias')
  graph.node('Gemm', [flat, graph.weights(weight(weights, 'fc/weights'), [0, 1]), graph.floats(valuesOf(bias), bias.shape)], {}, 'landmarks')
  return graph.build({
    name: 'face-landmark-68',
    description: 'face-api.js 68-point landmarks, weights of @vladmandic/face-api',
    input: ['input', ['batch', 112, 112, 3]],
    outputs: [['landmarks', ['batch', 136]]],
  })
}
