/**
 * Weights as Keras-OpenFace keeps them: a folder with a CSV file for every part of every layer, taken from OpenFace's Torch
 * model. `conv1_w.csv` and `conv1_b.csv`, `bn1_w.csv`, `_b`, `_m` (mean) and `_v` (variance), `dense_w.csv` and `dense_b.csv`.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describeNn4Small2, tensorShapes } from './nn4-small2.ts'
import { floatTensor, lengthOf, type StoredTensor, type WeightMap } from './weights.ts'

const suffixes: Readonly<Record<string, string>> = {
  kernel: 'w', bias: 'b', gamma: 'w', beta: 'b', moving_mean: 'm', moving_variance: 'v',
}
/** A number in a CSV file, its comma counted, is never longer: what is, is another file. */
const longestNumberBytes = 40
const namesTold = 3

/** The CSV files in a folder, by name. */
export function csvFilesIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.toLowerCase().endsWith('.csv')).sort()
}

/**
 * Reads the folder. Torch has filters as [out, in, height, width] and the dense layer as [out, in]; they come out as Keras
 * has them, [height, width, in, out] and [in, out].
 * @throws Error for files that are missing, belong to another network, or hold too few, too many or no numbers
 */
export function readCsvWeights(directory: string): WeightMap {
  const shapes = tensorShapes(describeNn4Small2())
  const present = new Set(csvFilesIn(directory))
  const fileOf = (tensor: string): string => {
    const [layer, part] = tensor.split('/') as [string, string]
    return `${layer === 'dense_layer' && present.has('dense_w.csv') ? 'dense' : layer}_${suffixes[part]}.csv`
  }
  const files = new Map([...shapes.keys()].map((tensor) => [tensor, fileOf(tensor)]))
  const missing = [...files.values()].filter((file) => !present.has(file))
  if (missing.length > 0) throw new Error(`there is no ${listed(missing)} in it`)
  const known = new Set(files.values())
  const surplus = [...present].filter((file) => !known.has(file))
  if (surplus.length > 0) throw new Error(`nn4.small2 has no layer for ${listed(surplus)}`)
  return new Map([...shapes].map(([tensor, shape]) => [tensor, readTensor(join(directory, files.get(tensor)!), files.get(tensor)!, shape)]))
}

const listed = (files: readonly string[]): string =>
  `${files.slice(0, namesTold).join(', ')}${files.length > namesTold ? ` and ${files.length - namesTold} more` : ''}`

function readTensor(path: string, file: string, shape: readonly number[]): StoredTensor {
  const count = lengthOf(shape)
  if (statSync(path).size > count * longestNumberBytes) throw new Error(`${file} is longer than ${count} numbers can be`)
  const cells = readFileSync(path, 'utf8').split(/[\s,]+/).filter((cell) => cell !== '')
  if (cells.length !== count) throw new Error(`${file} holds ${cells.length} numbers instead of ${count}`)
  const values = Float32Array.from(cells, Number)
  if (!values.every(Number.isFinite)) throw new Error(`${file} holds what is no number`)
  return floatTensor(shape, shape.length === 1 ? values : outLast(values, shape))
}

/** Reorders [out, in, …] to [height, width, in, out], or [out, in] to [in, out]. */
function outLast(values: Float32Array, shape: readonly number[]): Float32Array {
  const [channelsIn, channelsOut] = shape.slice(-2) as [number, number]
  const area = lengthOf(shape.slice(0, -2))
  const reordered = new Float32Array(values.length)
  for (let out = 0; out < channelsOut; out++) {
    for (let input = 0; input < channelsIn; input++) {
      for (let pixel = 0; pixel < area; pixel++) {
        reordered[(pixel * channelsIn + input) * channelsOut + out] = values[(out * channelsIn + input) * area + pixel]!
      }
    }
  }
  return reordered
}
