/** How fast nn4.small2 learns, with WebAssembly and in plain JavaScript, in the same run: all of it, and its last layer alone. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { createRandom } from '../src-main/engine/math/random.ts'
import { startTensorFlow, type BackendName } from '../src-main/engine/training/tensorflow.ts'
import { createEmbeddingLayer, createWholeNetwork, featureDimension } from '../src-main/engine/training/trainable.ts'
import { tripletLoss } from '../src-main/engine/training/triplet-loss.ts'
import { runTraining } from '../src-main/engine/training/training-run.ts'
import { shippedWeights } from '../test/fixtures/nn4-small2.ts'
import { patternedPeople } from '../test/fixtures/training.ts'

const backends: readonly BackendName[] = ['wasm', 'cpu']
const features = { people: 500, each: 10 }

/** Prints a Markdown table. Plain JavaScript would take minutes for a picture, so there the whole network stands as one of its layers. */
export async function run(): Promise<void> {
  const rows = []
  for (const backend of backends) {
    await startTensorFlow([backend])
    rows.push({ backend, layer: layerGradients(), epochs: await embeddingLayer(backend), whole: backend === 'cpu' ? null : wholeNetwork() })
  }
  const [wasm, cpu] = rows as [typeof rows[0], typeof rows[0]]
  console.log(`| backend | whole network, images/s | gradients of conv3, images/s | embedding layer, epochs of 5,000 features a minute |
|---|---|---|---|`)
  for (const { backend, whole, layer, epochs } of rows) console.log(`| ${backend} | ${whole?.toFixed(1) ?? ''} | ${layer.toPrecision(2)} | ${epochs.toFixed(1)} |`)
  console.log(`| **wasm : cpu** | | **${(wasm.layer / cpu.layer).toFixed(0)}** | **${(wasm.epochs / cpu.epochs).toFixed(1)}** |`)
}

const secondsOf = (work: () => void): number => {
  const startMs = performance.now()
  tf.tidy(work)
  return (performance.now() - startMs) / 1000
}

/** The largest convolution of the network: 3 × 3, 64 to 192 channels, 24 × 24 pixels; a picture at a time. */
function layerGradients(): number {
  const random = createRandom(2)
  const numbers = (...shape: [number, number, number, number]) =>
    tf.tensor4d(Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random() - 0.5), shape)
  const [x, filter] = [numbers(1, 24, 24, 64), numbers(3, 3, 64, 192)]
  const gradients = (): void => {
    for (const gradient of tf.grads((input, kernel) => tf.sum(tf.square(tf.conv2d(input as tf.Tensor4D, kernel as tf.Tensor4D, 1, 'same'))))([x, filter])) gradient.dataSync()
  }
  secondsOf(gradients)
  const seconds = secondsOf(gradients)
  tf.dispose([x, filter])
  return 1 / seconds
}

/** Images a second through the whole network, both ways, after a small batch. */
function wholeNetwork(): number {
  const directory = mkdtempSync(join(tmpdir(), 'kith-bench-'))
  try {
    const faces = patternedPeople(directory, 8, 4).flatMap((person) => person.faces)
    const trainable = createWholeNetwork(shippedWeights(), faces)
    const learn = (rows: readonly number[]) => secondsOf(() => {
      const { grads } = tf.variableGrads(() => tripletLoss(trainable.embed(rows), rows.map((face) => face >> 2), 1).loss, [...trainable.variables.values()])
      for (const gradient of Object.values(grads)) gradient.dataSync()
    })
    learn([0, 1, 4, 5])
    const seconds = learn([...faces.keys()])
    tf.disposeVariables()
    return faces.length / seconds
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Epochs a minute. The values don't matter for the time: features are random numbers around one point for each person. */
async function embeddingLayer(backend: BackendName): Promise<number> {
  const random = createRandom(1)
  const count = features.people * features.each
  const values = new Float32Array(count * featureDimension)
  for (let person = 0; person < features.people; person++) {
    const centre = Float32Array.from({ length: featureDimension }, () => random())
    for (let face = 0; face < features.each; face++) {
      values.set(centre.map((value) => value + random() - 0.5), (person * features.each + face) * featureDimension)
    }
  }
  const trainable = createEmbeddingLayer(shippedWeights(), values)
  const { state } = await runTraining({
    trainable, backend, from: null, signal: new AbortController().signal,
    people: Array.from({ length: features.people }, (_, person) => Array.from({ length: features.each }, (_unused, face) => person * features.each + face)),
    validation: { faces: [0, 1, features.each, features.each + 1], people: [0, 0, 1, 1] },
    options: { layers: 'embedding', epochs: backend === 'cpu' ? 1 : 3, steps: Math.ceil(count / (32 * 4)), people: 32, pictures: 4, margin: 0.2, learningRate: 1e-3, seed: 1, patience: 9 },
    save: () => {}, onProgress: () => {},
  })
  tf.disposeVariables()
  return (state!.epochs.at(-1)!.imagesPerSecond / count) * 60
}
