/** Reads the weight shards of a TensorFlow.js model: a manifest (JSON) that lists tensors, and one binary file of them. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { KithError } from '../../../src-shared/errors.ts'
import { floatTensor, lengthOf, type StoredTensor, type WeightMap } from './weights.ts'

interface ManifestEntry {
  name: string
  shape: number[]
  dtype: string
  quantization?: { dtype: string; scale: number; min: number }
}
type Manifest = { paths: string[]; weights: ManifestEntry[] }[]

/**
 * Reads every tensor that a `…-weights_manifest.json` lists, from the shards beside it.
 * @throws KithError `model-damaged` where a shard is shorter or longer than the manifest says, or a type is unknown
 */
export async function readWeights(manifestPath: string, directory: string): Promise<WeightMap> {
  const manifest: Manifest = JSON.parse(await readFile(manifestPath, 'utf8'))
  const weights = new Map<string, StoredTensor>()
  for (const group of manifest) {
    const shards = await Promise.all(group.paths.map((path) => readFile(join(directory, path))))
    const bytes = shards.length === 1 ? shards[0]! : Buffer.concat(shards)
    let offset = 0
    for (const entry of group.weights) {
      const tensor = readTensor(entry, bytes, offset, manifestPath)
      offset += tensor.stored.byteLength
      weights.set(entry.name, tensor)
    }
    if (offset !== bytes.length) throw damaged(manifestPath, `it lists ${offset} bytes, its shards hold ${bytes.length}`)
  }
  return weights
}

function readTensor(entry: ManifestEntry, bytes: Buffer, offset: number, manifestPath: string): StoredTensor {
  const count = lengthOf(entry.shape)
  const { quantization } = entry
  const byteLength = quantization ? count : count * 4
  const storedType = quantization?.dtype ?? entry.dtype
  if (storedType !== (quantization ? 'uint8' : 'float32')) throw damaged(manifestPath, `${entry.name} is ${storedType}`)
  if (offset + byteLength > bytes.length) throw damaged(manifestPath, `${entry.name} lies beyond the end of its shard`)
  // A copy: a Float32Array needs an offset divisible by 4, and the shard need not live as long as the tensor.
  const stored = new Uint8Array(bytes.subarray(offset, offset + byteLength))
  if (!quantization) return floatTensor(entry.shape, new Float32Array(stored.buffer))
  return { shape: entry.shape, stored, scale: quantization.scale, minimum: quantization.min }
}

function damaged(manifestPath: string, detail: string): KithError {
  return new KithError('model-damaged', `The model file ${manifestPath} can't be used: ${detail}. Install Kith again.`)
}
