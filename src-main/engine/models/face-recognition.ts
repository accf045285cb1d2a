/** dlib's face recognition network (a ResNet of 29 layers, dlib_face_recognition_resnet_model_v1) as an ONNX graph. */
import { convolution, noPadding, normalisedInput, weight, type Padding } from './layers.ts'
import { createGraphBuilder, type Value } from './onnx-writer.ts'
import { valuesOf, type WeightMap } from './weights.ts'

const around: Padding = [1, 1, 1, 1]

/**
 * Input `input` [N, 150, 150, 3] RGB 0..255, an aligned face; output `embedding` [N, 128], not normalised.
 * The scale layer after each convolution is folded into its filters and bias.
 */
export function buildFaceRecognition(weights: WeightMap): Uint8Array {
  const graph = createGraphBuilder()
  const relu = (input: Value): Value => graph.node('Relu', [input])

  function scaledConvolution(input: Value, name: string, stride: number, padding: Padding): Value {
    const factors = valuesOf(weight(weights, `${name}/scale/weights`))
    const offsets = valuesOf(weight(weights, `${name}/scale/biases`))
    const bias = valuesOf(weight(weights, `${name}/conv/bias`)).map((value, i) => value * factors[i]! + offsets[i]!)
    return convolution(graph, input, weight(weights, `${name}/conv/filters`), bias, { stride, padding, factors })
  }
  function residual(input: Value, name: string): Value {
    const first = relu(scaledConvolution(input, `${name}/conv1`, 1, around))
    return relu(graph.node('Add', [scaledConvolution(first, `${name}/conv2`, 1, around), input]))
  }
  /** Halves the picture; the pooled shortcut gets channels of zeros, the convolved side a row and a column of zeros. */
  function residualDown(input: Value, name: string, size: number, channelsIn: number, channelsOut: number): [Value, number] {
    const convolvedSize = Math.floor((size - 3) / 2) + 1
    const pooledSize = Math.floor((size - 2) / 2) + 1
    const pad = (value: Value, channels: number, pixels: number): Value =>
      channels + pixels === 0 ? value : graph.node('Pad', [value, graph.integers([0, 0, 0, 0, 0, channels, pixels, pixels])])
    const first = relu(scaledConvolution(input, `${name}/conv1`, 2, noPadding))
    const convolved = pad(scaledConvolution(first, `${name}/conv2`, 1, around), 0, pooledSize - convolvedSize)
    const pooled = pad(graph.node('AveragePool', [input], { kernel_shape: [2, 2], strides: [2, 2] }), channelsOut - channelsIn, 0)
    return [relu(graph.node('Add', [pooled, convolved])), pooledSize]
  }

  let value = relu(scaledConvolution(normalisedInput(graph, 'input'), 'conv32_down', 2, noPadding))
  value = graph.node('MaxPool', [value], { kernel_shape: [3, 3], strides: [2, 2] })
  let size = 35
  for (const name of ['conv32_1', 'conv32_2', 'conv32_3']) value = residual(value, name);
  [value, size] = residualDown(value, 'conv64_down', size, 32, 64)
  for (const name of ['conv64_1', 'conv64_2', 'conv64_3']) value = residual(value, name);
  [value, size] = residualDown(value, 'conv128_down', size, 64, 128)
  for (const name of ['conv128_1', 'conv128_2']) value = residual(value, name);
  [value, size] = residualDown(value, 'conv256_down', size, 128, 256)
  for (const name of ['conv256_1', 'conv256_2']) value = residual(value, name);
  [value] = residualDown(value, 'conv256_down_out', size, 256, 256)

  const pooled = graph.node('Flatten', [graph.node('GlobalAveragePool', [value])], { axis: 1 })
  graph.node('MatMul', [pooled, graph.weights(weight(weights, 'fc'), [0, 1])], {}, 'embedding')
  return graph.build({
    name: 'face-recognition',
    description: 'dlib face recognition ResNet, weights of @vladmandic/face-api',
    input: ['input', ['batch', 150, 150, 3]],
    outputs: [['embedding', ['batch', 128]]],
  })
}
