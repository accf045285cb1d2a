/** Weights of nn4.small2 from every kind of file that they come in, and from files that are no good. */
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import h5wasm from 'h5wasm/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readNn4Small2Weights } from '../../../src-main/engine/models/network-weights.ts'
import { decodeSafetensors, encodeSafetensors } from '../../../src-main/engine/models/safetensors.ts'
import { floatTensor, lengthOf, type StoredTensor, type WeightMap } from '../../../src-main/engine/models/weights.ts'
import { embedPictures, formulaPictures, largestDifference, shippedWeights, shippedWeightsPath } from '../../fixtures/nn4-small2.ts'

const weights = shippedWeights()
const pictures = formulaPictures(2)
let directory: string
let expected: Float32Array
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'kith-weights-'))
  expected = await embedPictures(weights, pictures)
  await h5wasm.ready
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const damaged = (...words: (string | RegExp)[]) => expect.objectContaining({
  code: 'model-damaged', message: expect.stringMatching(new RegExp(words.map((word) => (typeof word === 'string' ? word : word.source)).join('.*'), 's')),
})
function writeSafetensors(name: string, map: WeightMap): string {
  const path = join(directory, name)
  writeFileSync(path, encodeSafetensors(map))
  return path
}
const changed = (name: string, tensor: StoredTensor | null): WeightMap => {
  const map = new Map(weights)
  if (tensor) map.set(name, tensor)
  else map.delete(name)
  return map
}

describe('safetensors', () => {
  test('what is written is read again, with its notes', () => {
    const map = new Map([['a', floatTensor([2, 3], Float32Array.of(1, -2, 3.5, 0, -0, 1e-30))], ['β/γ', floatTensor([1], Float32Array.of(7))], ['none', floatTensor([0, 4], new Float32Array())]])
    const { weights: read, metadata } = decodeSafetensors(encodeSafetensors(map, { made: 'here' }))
    expect(metadata).toEqual({ made: 'here' })
    expect(new Map(read)).toEqual(map)
  })

  test('16-bit values are read exactly', () => {
    const values = Float16Array.of(0.1, -65504, 6e-8, 1)
    const json = new TextEncoder().encode(JSON.stringify({ half: { dtype: 'F16', shape: [4], data_offsets: [0, 8] } }))
    const bytes = new Uint8Array(8 + json.length + 8)
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
    bytes.set(json, 8)
    bytes.set(new Uint8Array(values.buffer), 8 + json.length)
    expect([...decodeSafetensors(bytes).weights.get('half')!.stored]).toEqual([...values])
  })

  const entry = (overrides: object) => ({ dtype: 'F32', shape: [2], data_offsets: [0, 8], ...overrides })
  test.each([
    ['is empty', new Uint8Array(), /no safetensors/],
    ['is text', new TextEncoder().encode('weights, honestly'), /no safetensors/],
    ['claims a header longer than itself', Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 0), /no safetensors/],
    ['has a header that is no JSON', file('{{{{', 0), /header/],
    ['has a list as header', file([], 0), /header/],
    ['has an entry that is none', file({ a: 5 }, 8), /a lies/],
    ['has negative offsets', file({ a: entry({ data_offsets: [-8, 0] }) }, 8), /a lies/],
    ['has a shape of fractions', file({ a: entry({ shape: [1.5] }) }, 8), /a lies/],
    ['has integers', file({ a: entry({ dtype: 'I32' }) }, 8), /I32/],
    ['has a tensor of another length', file({ a: entry({ shape: [3] }) }, 8), /shape/],
    ['has a tensor beyond its end', file({ a: entry({ shape: [4], data_offsets: [0, 16] }) }, 8), /cut off/],
    ['has two tensors in one place', file({ a: entry({}), b: entry({}) }, 8), /begin/],
    ['has bytes too many', file({ a: entry({}) }, 12), /4 bytes/],
  ])('a file that %s is refused', (_, bytes, reason) => {
    expect(() => decodeSafetensors(bytes)).toThrow(reason)
  })

  function file(header: unknown, dataBytes: number): Uint8Array {
    const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
    const bytes = new Uint8Array(8 + json.length + dataBytes)
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
    bytes.set(json, 8)
    return bytes
  }
})

type Naming = (layer: string, part: string) => string
/** Writes the weights as Keras would. */
function writeH5(name: string, naming: Naming, map: WeightMap = weights, further: Record<string, number[]> = {}): string {
  const path = join(directory, name)
  const file = new h5wasm.File(path, 'w')
  const groups = new Set<string>()
  const put = (full: string, values: ArrayLike<number>, shape: readonly number[]): void => {
    const segments = full.split('/')
    for (let depth = 1; depth < segments.length; depth++) {
      const group = segments.slice(0, depth).join('/')
      if (!groups.has(group)) file.create_group(group)
      groups.add(group)
    }
    file.create_dataset({ name: full, data: values as Float32Array, shape: [...shape], dtype: '<f' })
  }
  for (const [tensor, { shape, stored }] of map) put(naming(...(tensor.split('/') as [string, string])), stored, shape)
  for (const [full, values] of Object.entries(further)) put(full, values, [values.length])
  file.create_group(naming('norm_layer', '').split('/').includes('model_weights') ? 'model_weights/norm_layer' : 'norm_layer')
  file.close()
  return path
}
const keras1: Readonly<Record<string, string>> = { kernel: 'W', bias: 'b', moving_mean: 'running_mean', moving_variance: 'running_std' }

describe('HDF5 files of Keras', () => {
  test.each<[string, Naming, Record<string, number[]>]>([
    ['a weight file of Keras 2', (layer, part) => `${layer}/${layer}/${part}:0`, {}],
    ['a weight file whose names were taken', (layer, part) => `${layer}/${layer}_3/${part}:0`, {}],
    ['a whole model of Keras 2', (layer, part) => `model_weights/${layer}/${layer}/${part}:0`,
      { 'optimizer_weights/training/Adam/conv1/kernel/m:0': [1, 2], 'optimizer_weights/Adam/iterations:0': [5] }],
    ['a weight file of Keras 1', (layer, part) => `${layer}/${layer}_${keras1[part] ?? part}`, {}],
    ['a whole model of Keras 1', (layer, part) => `model_weights/${layer}/${layer}_${keras1[part] ?? part}:0`, {}],
    ['a model inside another one', (layer, part) => `model_1/${layer}/${part}:0`, {}],
  ])('%s', async (name, naming, further) => {
    const path = writeH5(`${name.replaceAll(' ', '-')}.h5`, naming, weights, further)
    const read = readNn4Small2Weights(path)
    expect(read.size).toBe(weights.size)
    expect(largestDifference(await embedPictures(read, pictures), expected)).toBe(0)
  })

  test('compressed, in chunks', async () => {
    const path = join(directory, 'compressed.h5')
    const file = new h5wasm.File(path, 'w')
    for (const [tensor, { shape, stored }] of weights) {
      const layer = tensor.split('/')[0]!
      if (!file.keys().includes(layer)) file.create_group(layer)
      const packed = lengthOf(shape) < 50_000 ? { chunks: shape.map((length) => Math.ceil(length / 2)), compression: 1 } : {}
      file.create_dataset({ name: `${tensor}:0`, data: stored as Float32Array, shape: [...shape], dtype: '<f', ...packed })
    }
    file.close()
    expect(largestDifference(await embedPictures(readNn4Small2Weights(path), pictures), expected)).toBe(0)
  })

  const plain: Naming = (layer, part) => `${layer}/${layer}/${part}:0`
  test('of another network, or none at all', () => {
    const other = new Map([['block1_conv1/kernel', floatTensor([3, 3, 3, 64], new Float32Array(1728))]])
    expect(() => readNn4Small2Weights(writeH5('other.h5', plain, other))).toThrow(damaged('other.h5', 'not weights of nn4.small2'))
    expect(() => readNn4Small2Weights(writeH5('empty.h5', plain, new Map()))).toThrow(damaged('empty.h5', 'not weights of nn4.small2'))
    expect(() => readNn4Small2Weights(writeH5('missing.h5', plain, changed('conv2/kernel', null)))).toThrow(damaged('missing.h5', 'lack conv2/kernel'))
    expect(() => readNn4Small2Weights(writeH5('surplus.h5', plain, changed('logits/kernel', floatTensor([1], Float32Array.of(1)))))).toThrow(damaged('surplus.h5', 'logits/kernel'))
  })

  test('cut off anywhere', () => {
    const path = writeH5('cut.h5', plain)
    const whole = readFileSync(path)
    for (const part of [0.99, 0.8, 0.5, 0.1, 0.001]) {
      writeFileSync(path, whole)
      truncateSync(path, Math.floor(whole.length * part))
      expect(() => readNn4Small2Weights(path), `${part}`).toThrow(damaged('cut.h5'))
    }
  })
})

const suffixes: Readonly<Record<string, string>> = { kernel: 'w', bias: 'b', gamma: 'w', beta: 'b', moving_mean: 'm', moving_variance: 'v' }
/** A folder of CSV files in Torch's order, as Keras-OpenFace has it. */
function writeCsvFolder(name: string): string {
  const folder = join(directory, name)
  mkdirSync(folder)
  for (const [tensor, { shape, stored }] of weights) {
    const [layer, part] = tensor.split('/') as [string, string]
    const [height, width, channelsIn, channelsOut] = [...new Array<number>(4 - shape.length).fill(1), ...shape] as [number, number, number, number]
    const numbers: number[] = []
    for (let out = 0; out < channelsOut; out++) {
      for (let input = 0; input < channelsIn; input++) {
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) numbers.push(stored[((y * width + x) * channelsIn + input) * channelsOut + out]!)
        }
      }
    }
    // One row for each filter, as NumPy writes them.
    const perRow = lengthOf(shape) / channelsOut
    const rows = Array.from({ length: channelsOut }, (_, row) => numbers.slice(row * perRow, (row + 1) * perRow).join(','))
    writeFileSync(join(folder, `${layer === 'dense_layer' ? 'dense' : layer}_${suffixes[part]}.csv`), `${rows.join('\n')}\n`)
  }
  return folder
}

test('a folder of CSV files, and what may be wrong with one', async () => {
  const folder = writeCsvFolder('csv')
  expect(largestDifference(await embedPictures(readNn4Small2Weights(folder), pictures), expected)).toBe(0)
  const bias = join(folder, 'conv2_b.csv')
  const whole = readFileSync(bias)
  const refuse = (content: string | null, ...words: (string | RegExp)[]): void => {
    if (content === null) rmSync(bias)
    else writeFileSync(bias, content)
    expect(() => readNn4Small2Weights(folder)).toThrow(damaged('csv', ...words))
    writeFileSync(bias, whole)
  }
  refuse(whole.toString().split('\n').slice(1).join('\n'), 'conv2_b.csv holds 63 numbers instead of 64')
  refuse(whole.toString().replace(/\S+/, 'nan'), 'conv2_b.csv', 'no number')
  refuse(whole.toString().replace(/\S+/, 'rubbish'), 'conv2_b.csv', 'no number')
  refuse(`${whole.toString()}${'0\n'.repeat(5000)}`, 'longer')
  refuse(null, 'no conv2_b.csv')
  writeFileSync(join(folder, 'conv9_w.csv'), '1')
  expect(() => readNn4Small2Weights(folder)).toThrow(damaged('conv9_w.csv'))
})

describe('weights that are no good', () => {
  test('another network, missing and surplus tensors, other shapes', () => {
    const conv1 = weights.get('conv1/kernel')!
    const cases: [string, WeightMap, string][] = [
      ['other', new Map([['fc/weights', floatTensor([2], Float32Array.of(1, 2))]]), 'not weights of nn4.small2'],
      ['missing', changed('bn1/gamma', null), 'lack bn1/gamma'],
      ['surplus', changed('classifier/kernel', floatTensor([1], Float32Array.of(1))), 'classifier/kernel'],
      ['shape', changed('conv1/kernel', { ...conv1, shape: [3, 7, 7, 64] }), 'conv1/kernel is 3×7×7×64 instead of 7×7×3×64'],
    ]
    for (const [name, map, reason] of cases) {
      expect(() => readNn4Small2Weights(writeSafetensors(`${name}.safetensors`, map))).toThrow(damaged(`${name}.safetensors`, reason))
    }
  })

  test('values that are no numbers', () => {
    for (const value of [NaN, Infinity]) {
      const bias = new Float32Array(128)
      bias[77] = value
      const path = writeSafetensors('nan.safetensors', changed('dense_layer/bias', floatTensor([128], bias)))
      expect(() => readNn4Small2Weights(path)).toThrow(damaged('nan.safetensors', 'dense_layer/bias', 'no numbers'))
    }
    const path = writeSafetensors('variance.safetensors', changed('bn1/moving_variance', floatTensor([64], new Float32Array(64).fill(-1))))
    expect(() => readNn4Small2Weights(path)).toThrow(damaged('variance.safetensors', 'negative variance'))
  })

  test('a file cut off or overwritten in the middle of its header', () => {
    const path = join(directory, 'cut.safetensors')
    const whole = readFileSync(shippedWeightsPath)
    for (const length of [0, 7, 8, 5000, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, length))
      expect(() => readNn4Small2Weights(path)).toThrow(damaged('cut.safetensors'))
    }
    writeFileSync(path, whole)
    const handle = openSync(path, 'r+')
    writeSync(handle, Buffer.alloc(100), 0, 100, 4000)
    closeSync(handle)
    expect(() => readNn4Small2Weights(path)).toThrow(damaged('cut.safetensors', 'header'))
  })
})

