/** What can learn: the whole network, or the layer behind it alone. */
import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs-core'
import { describeNn4Small2 } from '../models/nn4-small2.ts'
import { floatTensor, valuesOf, type WeightMap } from '../models/weights.ts'
import type { NumbersByName } from './adam.ts'
import { createModel, setWeights } from './create-model.ts'
import { runForward } from './forward.ts'
import { unitLength } from './network-layers.ts'

export interface Trainable {
  /** What learns, by name: change the numbers, then `update`. */
  readonly weights: NumbersByName
  /** The same as variables. */
  readonly variables: ReadonlyMap<string, tf.Variable>
  /** Embeddings [count, 128] of faces by their index, of unit length; gradients flow to the variables. */
  embed(faces: readonly number[]): tf.Tensor2D
  /** Makes the variables what the numbers are. */
  update(): void
}

/** Layer whose values the embedding layer takes. */
const featureLayer = 'average_pool'
export const featureDimension = 736

/**
 * All weights but the statistics of the batch normalisations.
 * @param facePaths files of pixels: 96 × 96 × RGB, 0..255
 */
export function createWholeNetwork(from: WeightMap, facePaths: readonly string[]): Trainable {
  const network = describeNn4Small2()
  const model = createModel(network)
  setWeights(model, from)
  const variables = new Map(model.trainableWeights.map((weight) => [weight.originalName, weight.read() as tf.Variable]))
  return createTrainable(from, variables, (faces) =>
    runForward(network, model, picturesOf(faces.map((face) => facePaths[face]!))) as tf.Tensor2D)
}

/**
 * The matrix and bias that make 128 numbers of 736 features, alone.
 * @param features rows one after the other
 */
export function createEmbeddingLayer(from: WeightMap, features: Float32Array): Trainable {
  const variableOf = (name: string): tf.Variable => {
    const tensor = from.get(name)!
    return tf.tidy(() => tf.variable(tf.tensor(valuesOf(tensor), [...tensor.shape])))
  }
  const kernel = variableOf('dense_layer/kernel') as tf.Variable<tf.Rank.R2>
  const bias = variableOf('dense_layer/bias')
  const variables = new Map<string, tf.Variable>([['dense_layer/kernel', kernel], ['dense_layer/bias', bias]])
  return createTrainable(from, variables, (faces) => {
    const rows = new Float32Array(faces.length * featureDimension)
    faces.forEach((face, row) => rows.set(features.subarray(face * featureDimension, (face + 1) * featureDimension), row * featureDimension))
    const embedded = tf.add(tf.matMul(tf.tensor2d(rows, [faces.length, featureDimension]), kernel), bias) as tf.Tensor2D
    return unitLength(embedded)
  })
}

function createTrainable(from: WeightMap, variables: ReadonlyMap<string, tf.Variable>, embed: Trainable['embed']): Trainable {
  const weights = new Map(Array.from(variables.keys(), (name) => [name, valuesOf(from.get(name)!)]))
  return {
    weights,
    variables,
    embed,
    update() {
      for (const [name, variable] of variables) tf.tidy(() => variable.assign(tf.tensor(weights.get(name)!.slice(), variable.shape)))
    },
  }
}

/** The features of faces, computed by the network up to its last matrix: 736 numbers each, rows one after the other. */
export function computeFeatures(from: WeightMap): (facePaths: readonly string[]) => Float32Array {
  const network = describeNn4Small2()
  const model = createModel(network)
  setWeights(model, from)
  return (facePaths) => tf.tidy(() => runForward(network, model, picturesOf(facePaths), featureLayer).dataSync() as Float32Array).slice()
}

/** Weights with some of them replaced by what they have become. */
export function withTrained(from: WeightMap, trained: NumbersByName): WeightMap {
  return new Map(Array.from(from, ([name, tensor]) => {
    const numbers = trained.get(name)
    return [name, floatTensor(tensor.shape, numbers ?? valuesOf(tensor))]
  }))
}

function picturesOf(paths: readonly string[]): tf.Tensor4D {
  const { inputSidePx } = describeNn4Small2()
  const length = inputSidePx ** 2 * 3
  const values = new Float32Array(paths.length * length)
  paths.forEach((path, picture) => values.set(readFileSync(path), picture * length))
  return tf.tidy(() => tf.div(tf.tensor4d(values, [paths.length, inputSidePx, inputSidePx, 3]), 255))
}
