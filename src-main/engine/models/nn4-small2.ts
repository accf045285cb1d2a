/**
 * The network of the method: nn4.small2 of OpenFace (Amos, Ludwiczuk and Satyanarayanan 2016, models/openface/nn4.small2.def.lua),
 * an Inception network after FaceNet's NN4 (Schroff et al. 2015, arXiv 1503.03832), as one description. The ONNX graph that
 * runs and the TensorFlow.js model that trains are both written from it, so they can't drift apart.
 *
 * Layers carry the names of the public Keras port (Keras-OpenFace, nn4.small2.v1), so that its weights fit:
 * `<convolution>/kernel` [height, width, in, out], `<convolution>/bias`, `<batch normalisation>/gamma`, `/beta`, `/moving_mean`,
 * `/moving_variance`, `dense_layer/kernel` [736, 128], `dense_layer/bias`.
 */

/** Zeros around a picture, in pixels: top, left, bottom, right. */
export type Margins = readonly [number, number, number, number]

interface LayerBase {
  readonly name: string
  /** Name of the layer whose output comes in; `input` is the picture. */
  readonly input: string
}

/** A convolution, batch normalisation and ReLU: nothing else follows a convolution in this network. */
export interface ConvolutionLayer extends LayerBase {
  readonly kind: 'convolution'
  /** Name of the batch normalisation behind it. */
  readonly normalisation: string
  readonly sidePx: number
  readonly channelsIn: number
  readonly channelsOut: number
  readonly stride: number
  readonly paddingPx: number
}

/** The greatest, the root of the sum of squares (Torch's SpatialLPPooling with p = 2), or the mean of a square, without padding. */
export interface PoolingLayer extends LayerBase {
  readonly kind: 'max-pooling' | 'l2-pooling' | 'average-pooling'
  readonly sidePx: number
  readonly stride: number
}

export interface PaddingLayer extends LayerBase {
  readonly kind: 'padding'
  readonly margins: Margins
}

/**
 * Local response normalisation across channels (Krizhevsky et al. 2012, as Torch's SpatialCrossMapLRN has it):
 * x / (1 + alpha / size · sum of the squares of `size` channels around it) ^ beta.
 */
export interface ResponseNormalisationLayer extends LayerBase {
  readonly kind: 'response-normalisation'
  readonly size: number
  readonly alpha: number
  readonly beta: number
  /** Side of the square of pixels that comes in. */
  readonly mapSidePx: number
}

/** Channels one after the other, in the order of the inputs. */
export interface ConcatenationLayer {
  readonly kind: 'concatenation'
  readonly name: string
  readonly inputs: readonly string[]
}

/** Flattens what comes in and multiplies it with a matrix. */
export interface DenseLayer extends LayerBase {
  readonly kind: 'dense'
  readonly unitsIn: number
  readonly unitsOut: number
}

/** Divides by the Euclidean length: every embedding lies on the unit sphere. */
export interface UnitLengthLayer extends LayerBase {
  readonly kind: 'unit-length'
}

export type Layer =
  | ConvolutionLayer | PoolingLayer | PaddingLayer | ResponseNormalisationLayer | ConcatenationLayer | DenseLayer | UnitLengthLayer

export interface NetworkDescription {
  readonly name: string
  /** Side of the square input, RGB, each colour 0..1. */
  readonly inputSidePx: number
  readonly dimension: number
  readonly normalisationEpsilon: number
  /** Every layer after those that it takes its input from; the last one's output is the embedding. */
  readonly layers: readonly Layer[]
}

type PoolingKind = PoolingLayer['kind']

/** One Inception module: which of the four branches it has, and how wide each is. */
interface Inception {
  readonly name: string
  readonly channelsIn: number
  /** Stride of the 3×3 and 5×5 branches. */
  readonly stride: number
  /** Channels of the 1×1 convolution before, and of the 3×3 convolution. */
  readonly three: readonly [number, number]
  readonly five?: readonly [number, number]
  /** Pooling of 3×3 pixels, the channels of the 1×1 convolution behind it (none: as they come), and the margins that bring it to size. */
  readonly pool: { readonly kind: PoolingKind; readonly stride: number; readonly channelsOut?: number; readonly margins: Margins }
  /** Channels of the plain 1×1 convolution. */
  readonly one?: number
}

const all = (px: number): Margins => [px, px, px, px]

const inceptions: readonly Inception[] = [
  { name: 'inception_3a', channelsIn: 192, stride: 1, three: [96, 128], five: [16, 32], one: 64,
    pool: { kind: 'max-pooling', stride: 2, channelsOut: 32, margins: [3, 3, 4, 4] } },
  { name: 'inception_3b', channelsIn: 256, stride: 1, three: [96, 128], five: [32, 64], one: 64,
    pool: { kind: 'l2-pooling', stride: 3, channelsOut: 64, margins: all(4) } },
  { name: 'inception_3c', channelsIn: 320, stride: 2, three: [128, 256], five: [32, 64],
    pool: { kind: 'max-pooling', stride: 2, margins: [0, 0, 1, 1] } },
  { name: 'inception_4a', channelsIn: 640, stride: 1, three: [96, 192], five: [32, 64], one: 256,
    pool: { kind: 'l2-pooling', stride: 3, channelsOut: 128, margins: all(2) } },
  { name: 'inception_4e', channelsIn: 640, stride: 2, three: [160, 256], five: [64, 128],
    pool: { kind: 'max-pooling', stride: 2, margins: [0, 0, 1, 1] } },
  { name: 'inception_5a', channelsIn: 1024, stride: 1, three: [96, 384], one: 256,
    pool: { kind: 'l2-pooling', stride: 3, channelsOut: 96, margins: all(1) } },
  { name: 'inception_5b', channelsIn: 736, stride: 1, three: [96, 384], one: 256,
    pool: { kind: 'max-pooling', stride: 2, channelsOut: 96, margins: all(1) } },
]

/** A pooling as a port to another framework may have it; what OpenFace trained with is the default. */
export interface Nn4Small2Options {
  /** `average-pooling` is how some Keras ports read OpenFace's L2 pooling: another network, with other embeddings. */
  readonly l2PoolingAs?: 'l2-pooling' | 'average-pooling'
}

/** Describes nn4.small2: 96×96 RGB in, 128 numbers of unit length out, 3.7 million weights. */
export function describeNn4Small2({ l2PoolingAs = 'l2-pooling' }: Nn4Small2Options = {}): NetworkDescription {
  const layers: Layer[] = []
  const add = <L extends Layer>(layer: L): string => {
    layers.push(layer)
    return layer.name
  }
  const convolve = (
    name: string, normalisation: string, input: string, sidePx: number, [channelsIn, channelsOut]: readonly [number, number], stride = 1,
  ): string => add({
    kind: 'convolution', name, normalisation, input, sidePx, channelsIn, channelsOut, stride, paddingPx: (sidePx - 1) / 2,
  })
  const pad = (name: string, input: string, margins: Margins): string => add({ kind: 'padding', name, input, margins })
  const pool = (name: string, input: string, kind: PoolingKind, stride: number): string =>
    add({ kind: kind === 'l2-pooling' ? l2PoolingAs : kind, name, input, sidePx: 3, stride })
  const normalise = (name: string, input: string): string =>
    add({ kind: 'response-normalisation', name, input, size: 5, alpha: 1e-4, beta: 0.75, mapSidePx: 24 })

  function branch(module: Inception, input: string, sidePx: 3 | 5, [reduced, channelsOut]: readonly [number, number]): string {
    const name = `${module.name}_${sidePx}x${sidePx}`
    const first = convolve(`${name}_conv1`, `${name}_bn1`, input, 1, [module.channelsIn, reduced])
    return convolve(`${name}_conv2`, `${name}_bn2`, first, sidePx, [reduced, channelsOut], module.stride)
  }
  function inception(module: Inception, input: string): string {
    const { name, channelsIn, three, five, one, pool: pooling } = module
    const inputs = [branch(module, input, 3, three)]
    if (five) inputs.push(branch(module, input, 5, five))
    let pooled = pool(`${name}_pool`, input, pooling.kind, pooling.stride)
    if (pooling.channelsOut) pooled = convolve(`${name}_pool_conv`, `${name}_pool_bn`, pooled, 1, [channelsIn, pooling.channelsOut])
    inputs.push(pad(`${name}_pool_padding`, pooled, pooling.margins))
    if (one) inputs.push(convolve(`${name}_1x1_conv`, `${name}_1x1_bn`, input, 1, [channelsIn, one]))
    return add({ kind: 'concatenation', name, inputs })
  }

  let value = convolve('conv1', 'bn1', 'input', 7, [3, 64], 2)
  // What is pooled has been through a ReLU, so zeros around it change no maximum.
  value = pool('pool1', pad('pool1_padding', value, all(1)), 'max-pooling', 2)
  value = normalise('lrn_1', value)
  value = convolve('conv2', 'bn2', value, 1, [64, 64])
  value = convolve('conv3', 'bn3', value, 3, [64, 192])
  value = normalise('lrn_2', value)
  value = pool('pool2', pad('pool2_padding', value, all(1)), 'max-pooling', 2)
  for (const module of inceptions) value = inception(module, value)
  value = pool('average_pool', value, 'average-pooling', 1)
  value = add({ kind: 'dense', name: 'dense_layer', input: value, unitsIn: 736, unitsOut: 128 })
  add({ kind: 'unit-length', name: 'norm_layer', input: value })
  return { name: 'nn4.small2', inputSidePx: 96, dimension: 128, normalisationEpsilon: 1e-5, layers }
}

/** The tensors that the network's weights are, in the order of its layers: name and shape. */
export function tensorShapes({ layers }: NetworkDescription): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>()
  for (const layer of layers) {
    if (layer.kind === 'convolution') {
      shapes.set(`${layer.name}/kernel`, [layer.sidePx, layer.sidePx, layer.channelsIn, layer.channelsOut])
      shapes.set(`${layer.name}/bias`, [layer.channelsOut])
      for (const part of ['gamma', 'beta', 'moving_mean', 'moving_variance']) shapes.set(`${layer.normalisation}/${part}`, [layer.channelsOut])
    } else if (layer.kind === 'dense') {
      shapes.set(`${layer.name}/kernel`, [layer.unitsIn, layer.unitsOut])
      shapes.set(`${layer.name}/bias`, [layer.unitsOut])
    }
  }
  return shapes
}
