/** Features of faces: what the network makes of them up to its last matrix, computed once and kept. */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { setImmediate as pause } from 'node:timers/promises'
import { createContentCache } from '../content-cache.ts'
import { valuesOf, type WeightMap } from '../models/weights.ts'
import { computeFeatures, featureDimension } from './trainable.ts'

const chunkSize = 32
const featureBytes = featureDimension * Float32Array.BYTES_PER_ELEMENT

/**
 * Features of every face, rows one after the other.
 * @param facePaths files of pixels, whose names stand for their content
 * @param directory where features are kept, by face and by the weights before the last matrix
 * @returns null when stopped by the signal; what was computed is kept
 * @throws KithError no-space, library-read-only
 */
export async function loadFeatures(
  from: WeightMap, facePaths: readonly string[], directory: string,
  { signal, onProgress }: { signal: AbortSignal; onProgress(done: number): void },
): Promise<Float32Array | null> {
  const cache = createContentCache(directory)
  const network = fingerprintOf(from)
  const keys = facePaths.map((path) => createHash('sha256').update(network).update(basename(path)).digest('hex'))
  const missing = keys.flatMap((key, face) => (cache.sizeOf(key) === featureBytes ? [] : [face]))
  if (missing.length > 0) {
    const compute = computeFeatures(from)
    for (let start = 0; start < missing.length; start += chunkSize) {
      if (signal.aborted) return null
      const chunk = missing.slice(start, start + chunkSize)
      const rows = compute(chunk.map((face) => facePaths[face]!))
      chunk.forEach((face, row) => cache.write(keys[face]!, new Uint8Array(rows.buffer, rows.byteOffset + row * featureBytes, featureBytes)))
      onProgress(keys.length - missing.length + start + chunk.length)
      await pause()
    }
  }
  const features = new Float32Array(keys.length * featureDimension)
  const bytes = new Uint8Array(features.buffer)
  keys.forEach((key, face) => bytes.set(cache.read(key), face * featureBytes))
  return features
}

/** Of every weight that a feature depends on. */
function fingerprintOf(weights: WeightMap): string {
  const hash = createHash('sha256')
  for (const [name, tensor] of weights) {
    if (name.startsWith('dense_layer/')) continue
    const values = valuesOf(tensor)
    hash.update(name).update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  }
  return hash.digest('hex')
}
