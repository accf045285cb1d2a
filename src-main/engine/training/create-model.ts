/** nn4.small2 as a model of TensorFlow.js, written from the one description of the network. */
import * as tf from '@tensorflow/tfjs-core'
import { input as createInput, layers, model as joinModel, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers'
import { describeNn4Small2, type Layer, type NetworkDescription } from '../models/nn4-small2.ts'
import { valuesOf, type WeightMap } from '../models/weights.ts'
import { behind, L2Pooling, ResponseNormalisation, UnitLength } from './network-layers.ts'

/**
 * A functional model: pictures [count, 96, 96, 3], RGB 0..1, in; embeddings [count, 128] of unit length out. Layers have the
 * names of the description, which are those of the public Keras port. Weights are random until `setWeights`.
 */
export function createModel(network: NetworkDescription = describeNn4Small2()): LayersModel {
  const { inputSidePx, layers: described } = network
  const input = createInput({ shape: [inputSidePx, inputSidePx, 3], name: 'input' })
  const values = new Map<string, SymbolicTensor>([['input', input]])
  for (const layer of described) {
    const inputs = (layer.kind === 'concatenation' ? layer.inputs : [layer.input]).map((name) => values.get(name)!)
    values.set(layer.name, addLayer(layer, inputs, network))
  }
  return joinModel({ inputs: input, outputs: values.get(described.at(-1)!.name)!, name: network.name })
}

function addLayer(layer: Layer, inputs: SymbolicTensor[], network: NetworkDescription): SymbolicTensor {
  const [input] = inputs
  const { name } = layer
  switch (layer.kind) {
    case 'convolution': {
      const { sidePx, channelsOut, stride, paddingPx, normalisation } = layer
      // 'same' is the same margin on every side only at stride 1; at stride 2 TensorFlow would put less above and left.
      const isEven = stride === 1 || paddingPx === 0
      const padded = isEven ? input! : behind(layers.zeroPadding2d({ padding: [paddingPx, paddingPx], name: `${name}_padding` }), input!)
      const convolved = behind(layers.conv2d({
        filters: channelsOut, kernelSize: sidePx, strides: stride, padding: isEven ? 'same' : 'valid', name,
      }), padded)
      const normalised = behind(layers.batchNormalization({ axis: 3, epsilon: network.normalisationEpsilon, name: normalisation }), convolved)
      return behind(layers.activation({ activation: 'relu', name: `${name}_relu` }), normalised)
    }
    case 'max-pooling':
      return behind(layers.maxPooling2d({ poolSize: layer.sidePx, strides: layer.stride, padding: 'valid', name }), input!)
    case 'average-pooling':
      return behind(layers.averagePooling2d({ poolSize: layer.sidePx, strides: layer.stride, padding: 'valid', name }), input!)
    case 'l2-pooling':
      return behind(new L2Pooling(layer), input!)
    case 'padding': {
      const [top, left, bottom, right] = layer.margins
      return behind(layers.zeroPadding2d({ padding: [[top, bottom], [left, right]], name }), input!)
    }
    case 'response-normalisation':
      return behind(new ResponseNormalisation(layer), input!)
    case 'concatenation':
      return behind(layers.concatenate({ axis: 3, name }), inputs)
    case 'dense':
      return behind(layers.dense({ units: layer.unitsOut, name }), behind(layers.flatten({ name: `${name}_input` }), input!))
    case 'unit-length':
      return behind(new UnitLength({ name }), input!)
  }
}

/** Sets every weight of the model. @param weights named and shaped as `tensorShapes` says */
export function setWeights(model: LayersModel, weights: WeightMap): void {
  for (const weight of model.weights) {
    const tensor = weights.get(weight.originalName)!
    const values = tf.tensor(valuesOf(tensor), [...tensor.shape])
    weight.write(values)
    values.dispose()
  }
}
