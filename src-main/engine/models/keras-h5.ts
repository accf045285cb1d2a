/**
 * Weights in the HDF5 files of Keras: weight files and whole models of Keras 1 and 2, with TensorFlow's order of axes. There a
 * layer is a group that holds its tensors, or a group of them again: `conv1/conv1/kernel:0`, `conv1/conv1_1/kernel:0` where
 * the name was taken, `conv1/conv1_W` (Keras 1), all under `model_weights` in a whole model, and under the model's name where
 * it is part of another.
 */
import { Dataset, File, Group } from 'jsfive'
import { describeNn4Small2, tensorShapes } from './nn4-small2.ts'
import { floatTensor, type StoredTensor, type WeightMap } from './weights.ts'

/** What Keras 1 called the parts; its running_std is a variance all the same. */
const partNames: Readonly<Record<string, string>> = {
  W: 'kernel', b: 'bias', running_mean: 'moving_mean', running_std: 'moving_variance',
}
const part = /(?:^|_)(kernel|bias|gamma|beta|moving_mean|moving_variance|W|b|running_mean|running_std)(?::\d+)?$/
/** Every HDF5 file begins like this. */
const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

/** Whether the bytes begin as an HDF5 file does. */
export function isHdf5(bytes: Uint8Array): boolean {
  return signature.every((value, i) => bytes[i] === value)
}

/**
 * Reads every tensor of layers that have one; layers without weights, the state of an optimizer and Keras's notes are left out.
 * @returns tensors by `<layer>/<part>`, such as `conv1/kernel` [height, width, in, out] and `bn1/moving_variance`
 * @throws Error that says what is wrong; of jsfive's own words where the file is cut off
 */
export function decodeKerasH5(bytes: Uint8Array, fileName: string): WeightMap {
  const layers = new Set([...tensorShapes(describeNn4Small2()).keys()].map((name) => name.slice(0, name.indexOf('/'))))
  const file = new File(new Uint8Array(bytes).buffer, fileName)
  const root = file.keys.includes('model_weights') ? asGroup(file.get('model_weights')) : file
  const weights = new Map<string, StoredTensor>()
  const visit = (group: Group, path: readonly string[]): void => {
    for (const key of group.keys) {
      const child = group.get(key)
      if (child instanceof Group) {
        if (path.length > 0 || key !== 'optimizer_weights') visit(child, [...path, key])
        continue
      }
      const [, found] = part.exec(key) ?? []
      const layer = path.find((segment) => layers.has(segment)) ?? path[0]
      const name = layer !== undefined && found !== undefined ? `${layer}/${partNames[found] ?? found}` : [...path, key].join('/')
      if (weights.has(name)) throw new Error(`it holds ${name} twice`)
      weights.set(name, readDataset(child, name))
    }
  }
  visit(root, [])
  return weights
}

function asGroup(value: Group | Dataset): Group {
  if (value instanceof Group) return value
  throw new Error('its model_weights are no group')
}

function readDataset(dataset: Dataset, name: string): StoredTensor {
  if (typeof dataset.dtype !== 'string' || !/^[<>|]?f[248]$/.test(dataset.dtype)) throw new Error(`${name} holds other values than floats`)
  return floatTensor(dataset.shape, Float32Array.from(dataset.value))
}
