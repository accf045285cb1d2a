/**
 * The way of pictures through the model while it trains, with the weights of its layers but each batch normalisation folded into
 * the convolution before it: y = γ (x·W + b − μ) / √(σ² + ε) + β is a convolution with the filter W γ / √(σ² + ε).
 *
 * That is the same network as long as the statistics μ and σ² stay as they are, and here they do: a few dozen faces of a few people
 * a batch, several of each, are far from the mix that the statistics stand for, and a network that normalised by them would run
 * with other statistics than it trained with. γ and β learn. Gradients then need no pass over the large values of a normalisation,
 * which makes training with WebAssembly faster.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import type { ConvolutionLayer, Layer, NetworkDescription } from '../models/nn4-small2.ts'

/** Name of a weight, `conv1/kernel` say, to its value. */
export type WeightLookup = (name: string) => tf.Tensor

/** The weights of a model, looked up by name. */
function weightsOf(model: LayersModel): WeightLookup {
  const weights = new Map(model.weights.map((weight) => [weight.originalName, weight]))
  return (name) => weights.get(name)!.read()
}

/**
 * Runs the network up to a layer.
 * @param pictures [count, 96, 96, 3], RGB 0..1
 * @param until name of the layer whose values are answered; default: the last one, [count, 128] of unit length
 */
export function runForward(
  network: NetworkDescription, model: LayersModel, pictures: tf.Tensor4D, until: string = network.layers.at(-1)!.name,
): tf.Tensor {
  const weight = weightsOf(model)
  return tf.tidy(() => {
    const values = new Map<string, tf.Tensor>([['input', pictures]])
    for (const layer of network.layers) {
      const inputs = (layer.kind === 'concatenation' ? layer.inputs : [layer.input]).map((name) => values.get(name)!)
      values.set(layer.name, run(layer, inputs, network, model, weight))
      if (layer.name === until) break
    }
    return values.get(until)!
  })
}

function run(layer: Layer, inputs: tf.Tensor[], network: NetworkDescription, model: LayersModel, weight: WeightLookup): tf.Tensor {
  if (layer.kind === 'convolution') return tf.relu(convolve(layer, inputs[0] as tf.Tensor4D, network.normalisationEpsilon, weight))
  const own = model.getLayer(layer.name)
  if (layer.kind === 'dense') return own.apply(tf.reshape(inputs[0]!, [-1, layer.unitsIn])) as tf.Tensor
  return own.apply(layer.kind === 'concatenation' ? inputs : inputs[0]!) as tf.Tensor
}

function convolve(
  { name, normalisation, stride, paddingPx }: ConvolutionLayer, input: tf.Tensor4D, epsilon: number, weight: WeightLookup,
): tf.Tensor {
  const scale = tf.mul(weight(`${normalisation}/gamma`), tf.rsqrt(tf.add(weight(`${normalisation}/moving_variance`), epsilon)))
  const filter = tf.mul(weight(`${name}/kernel`), scale) as tf.Tensor4D
  const bias = tf.add(weight(`${normalisation}/beta`), tf.mul(tf.sub(weight(`${name}/bias`), weight(`${normalisation}/moving_mean`)), scale))
  return tf.fused.conv2d({ x: input, filter, strides: stride, pad: paddingPx, bias, activation: 'linear' })
}
