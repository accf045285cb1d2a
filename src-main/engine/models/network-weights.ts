/** Weights of nn4.small2 from a file, and whether they are that network's at all. */
import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { KithError } from '../../../src-shared/errors.ts'
import { decodeKerasH5, isHdf5 } from './keras-h5.ts'
import { describeNn4Small2, tensorShapes } from './nn4-small2.ts'
import { readCsvWeights } from './openface-csv.ts'
import { decodeSafetensors } from './safetensors.ts'
import type { WeightMap } from './weights.ts'

/**
 * Reads weights of nn4.small2 from a safetensors file, an HDF5 file of Keras or a folder of CSV files.
 * @param path of the file or folder
 * @throws KithError `model-damaged` for a file that is cut off or of another kind, weights of another network, and values
 *   that are no numbers
 */
export function readNn4Small2Weights(path: string): WeightMap {
  try {
    const weights = decode(path)
    requireNn4Small2(weights)
    return weights
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw new KithError('model-damaged',
      `The weights in ${path} can't be used: ${detail}. Bring weights of nn4.small2 that are whole, or choose another model.`, undefined, { cause: error })
  }
}

function decode(path: string): WeightMap {
  if (statSync(path).isDirectory()) return readCsvWeights(path)
  const bytes = readFileSync(path)
  return isHdf5(bytes) ? decodeKerasH5(bytes, basename(path)) : decodeSafetensors(bytes).weights
}

const namesTold = 3

/** @throws Error where a tensor is missing, too many, of another shape, or holds what is no number */
export function requireNn4Small2(weights: WeightMap): void {
  const expected = tensorShapes(describeNn4Small2())
  const listed = (names: string[]): string => `${names.slice(0, namesTold).join(', ')}${names.length > namesTold ? ` and ${names.length - namesTold} more` : ''}`
  const missing = [...expected.keys()].filter((name) => !weights.has(name))
  if (missing.length === expected.size) throw new Error('they are not weights of nn4.small2, nothing in it has a name of that network')
  if (missing.length > 0) throw new Error(`they lack ${listed(missing)}`)
  const surplus = [...weights.keys()].filter((name) => !expected.has(name))
  if (surplus.length > 0) throw new Error(`they hold what nn4.small2 does not have: ${listed(surplus)}`)
  for (const [name, shape] of expected) {
    const tensor = weights.get(name)!
    if (tensor.shape.join() !== shape.join()) {
      throw new Error(`${name} is ${tensor.shape.join('×')} instead of ${shape.join('×')}: weights of another network`)
    }
    if (!tensor.stored.every(Number.isFinite)) throw new Error(`${name} holds values that are no numbers`)
    if (name.endsWith('/moving_variance') && tensor.stored.some((value) => value < 0)) throw new Error(`${name} holds a negative variance`)
  }
}
