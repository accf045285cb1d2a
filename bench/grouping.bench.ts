/** Neighbours and grouping at the size of a large library, on generated embeddings, against a plain peer. */
import { existsSync, readFileSync } from 'node:fs'
import { bcubed } from '../src-main/engine/math/metrics.ts'
import { createSimdKernel } from '../src-main/engine/math/simd-kernel.ts'
import { dlibThresholds } from '../src-main/engine/math/thresholds.ts'
import { finish } from '../src-main/engine/math/steps.ts'
import { squaredDistance } from '../src-main/engine/math/vector.ts'
import { createFaceMemory } from '../src-main/engine/recognition/face-memory.ts'
import { buildKernel, kernelFile } from '../scripts/build-kernel.ts'
import { generateFaces } from '../test/fixtures/embeddings.ts'
import type { GeneratedFaces } from '../test/fixtures/embeddings.ts'

const faceCount = 100_000
const batch = 500

type Row = [what: string, ours: string, peer: string]

/** Prints a Markdown table. */
export async function run(): Promise<void> {
  if (!existsSync(kernelFile)) await buildKernel()
  const createKernel = () => createSimdKernel(new Uint8Array(readFileSync(kernelFile)))
  const faces = generateFaces(faceCount)
  const memory = createFaceMemory(createKernel, dlibThresholds)
  const rows: Row[] = []

  const built = seconds(() => {
    for (let at = 0; at < faceCount - batch; at += batch) memory.add(slice(faces, at, at + batch))
  })
  const added = seconds(() => memory.add(slice(faces, faceCount - batch, faceCount))) / batch
  const peerAdded = bruteForceMs(faces)
  rows.push([`neighbours of a new face among ${faceCount} (batches of ${batch})`, `${(added * 1000).toFixed(2)} ms`, `${peerAdded.toFixed(0)} ms: all distances in a loop, sorted`])
  rows.push([`the whole graph of ${faceCount}, face by face as they arrive`, `${built.toFixed(0)} s`, ''])
  rows.push(['… one photo with two faces', `${(seconds(() => memory.add(strangers(2))) * 1000).toFixed(1)} ms`, ''])

  let groups: ArrayLike<number> = []
  const grouped = seconds(() => { groups = finish(memory.group(faces.faceIds)).group })
  const { precision, recall, f1 } = bcubed(groups, faces.people)
  rows.push([`grouping ${faceCount} faces from the kept neighbours`, `${grouped.toFixed(2)} s, BCubed ${f1.toFixed(3)} (${precision.toFixed(3)} / ${recall.toFixed(3)})`, peerGrouping(faces)])

  console.log('| recognition | Kith | peer |\n| --- | --- | --- |')
  for (const row of rows) console.log(`| ${row.join(' | ')} |`)
}

function seconds(work: () => unknown): number {
  const startedAt = performance.now()
  work()
  return (performance.now() - startedAt) / 1000
}

function slice(faces: GeneratedFaces, from: number, to: number) {
  return {
    faceIds: faces.faceIds.subarray(from, to), photoIds: faces.photoIds.subarray(from, to), sizesPx: faces.sizesPx.subarray(from, to),
    embeddings: faces.embeddings.subarray(from * 128, to * 128),
  }
}

function strangers(count: number) {
  const { embeddings, sizesPx } = generateFaces(count, { seed: 99 })
  const ids = Int32Array.from({ length: count }, (_, i) => faceCount + 1 + i)
  return { faceIds: ids, photoIds: ids.slice(), sizesPx, embeddings }
}

/** What a plain program does: all distances of a face, sorted; per face. */
function bruteForceMs(faces: GeneratedFaces): number {
  const queries = 5
  return (seconds(() => {
    for (let query = 0; query < queries; query++) {
      const distances = Float64Array.from({ length: faceCount }, (_, i) => squaredDistance(faces.embeddings, query * 128, faces.embeddings, i * 128, 128))
      Int32Array.from(faces.faceIds).sort((a, b) => distances[a - 1] - distances[b - 1])
    }
  }) * 1000) / queries
}

/** Greedy grouping by the nearest centroid within .55, as many photo programs do it, on a twentieth of the faces. */
function peerGrouping(faces: GeneratedFaces): string {
  const count = faceCount / 20
  const centroids: { sum: Float64Array; mean: Float64Array; size: number }[] = []
  const group = new Int32Array(count)
  const time = seconds(() => {
    for (let face = 0; face < count; face++) {
      let best = 0.55 ** 2, chosen = -1
      for (let at = 0; at < centroids.length; at++) {
        const distance = squaredDistance(faces.embeddings, face * 128, centroids[at].mean, 0, 128)
        if (distance <= best) [best, chosen] = [distance, at]
      }
      if (chosen < 0) chosen = centroids.push({ sum: new Float64Array(128), mean: new Float64Array(128), size: 0 }) - 1
      const centroid = centroids[chosen]
      centroid.size++
      for (let k = 0; k < 128; k++) {
        centroid.sum[k] += faces.embeddings[face * 128 + k]
        centroid.mean[k] = centroid.sum[k] / centroid.size
      }
      group[face] = chosen + 1
    }
  })
  return `nearest centroid on ${count} faces: ${time.toFixed(1)} s, BCubed ${bcubed(group, faces.people.subarray(0, count)).f1.toFixed(3)}`
}

if (import.meta.main) await run()
