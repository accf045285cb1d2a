/**
 * Faces in the plane, those that look alike near each other: UMAP (McInnes, Healy, Melville 2018) by umap-js, on the
 * neighbours that are kept. It begins with the two principal components of the embeddings, which keeps a person's faces on one
 * island. umap-js takes some 60 KB of memory and several milliseconds a face, so of very many faces a sample is laid out,
 * and the others come to stand between their neighbours.
 */
import { UMAP } from 'umap-js'
import type { FaceLayout, LayoutJob } from '../layout-port.ts'
import { neighboursAmong, type NeighbourTable } from '../math/neighbours-among.ts'
import { packIslands } from '../math/pack-islands.ts'
import { placeBetween } from '../math/place-between.ts'
import { projectOntoPlane } from '../math/principal-plane.ts'
import { createRandom, hash } from '../math/random.ts'

export interface LayoutOptions {
  /** Faces that UMAP lays out itself. */
  sample?: number
  onProgress?(done: number, total: number): void
}

/** As many as are ready in well under a minute and in less than a gigabyte. */
const defaultSample = 20_000
const defaultNeighbours = 15
/** Of a sample fewer are near; more would be other people. */
const leastNeighbours = 6
const seed = 1
/** The beginning reaches so far from the middle: less for few faces, of which no crowd pushes the islands apart. */
const reachFor = (faces: number) => Math.min(10, Math.max(3, Math.sqrt(faces) * 0.35))
/** Faces keep apart more than points of a plot, and islands less, so that both can be seen and circled. */
const minDist = 0.4
const repulsionStrength = 0.5
/** In the units of the layout, in which touching faces are `minDist` apart. */
const packing = { link: 0.7, gap: 0.7 }
const spacing = { together: 1.5, aside: 0.25 }
/** Passes over all pairs of neighbours, by the number of faces (umap-js's own, but fewer for few thousand). */
const epochsFor = (faces: number) => (faces <= 2500 ? 400 : faces <= 6000 ? 300 : 200)

/**
 * Lays faces out, at one go.
 * @throws Error where there are fewer than three
 */
export function layOutFaces(job: LayoutJob, { sample = defaultSample, onProgress = () => {} }: LayoutOptions = {}): FaceLayout {
  const count = job.faceIds.length
  if (count < 3) throw new Error(`${count} faces make no map.`)
  const table = { size: job.neighbourCount, neighbours: job.neighbours, distances: job.distances }
  const part = sampleOf(job.faceIds, table, sample)
  const neighbours = Math.min(part.length - 1, Math.max(leastNeighbours, Math.round((defaultNeighbours * part.length) / count)))
  const epochs = epochsFor(part.length)
  // What comes before and after the passes takes as long as a fifth of them.
  const [before, after] = [Math.ceil(epochs * 0.3), 1]
  const total = before + epochs + after
  const tell = (done: number) => onProgress(done, total)

  const lists = neighboursAmong(part, table, job.embeddings, job.dimension, neighbours - 1)
  const vectors = gather(job.embeddings, part, job.dimension)
  const begin = projectOntoPlane(vectors, part.length, job.dimension, reachFor(part.length))
  tell(Math.ceil(before / 3))

  const umap = new UMAP({ nNeighbors: neighbours, nComponents: 2, nEpochs: epochs, minDist, repulsionStrength, random: createRandom(seed) })
  umap.setPrecomputedKNN(
    lists.map(({ places }, own) => padded(own, places, own, neighbours)),
    lists.map(({ distances }) => padded(0, distances, 0, neighbours)),
  )
  // With neighbours given, the vectors themselves are only counted.
  umap.initializeFit(lists.map(() => []))
  const layout = umap.getEmbedding()
  const random = createRandom(seed)
  layout.forEach((point, place) => {
    for (let axis = 0; axis < 2; axis++) point[axis] = begin[place * 2 + axis] + (random() - 0.5) * 1e-3
  })
  for (let epoch = 0; epoch < epochs; epoch++) {
    umap.step()
    tell(before + epoch + 1)
  }

  const packed = Float64Array.from(layout.flat())
  packIslands(packed, packing)
  const positions = new Float64Array(count * 2).fill(NaN)
  part.forEach((row, place) => positions.set(packed.subarray(place * 2, place * 2 + 2), row * 2))
  placeBetween(positions, table, (row) => job.faceIds[row], spacing)
  tell(total)
  return { positions: toUnitSquare(positions), laidOut: part.length }
}

/**
 * Rows of the sample, in order: first a face wherever none of the nearest is in it, then wherever fewer than two are, and so on,
 * so that people with few faces are in it, too. Faces have their turn by the hash of their id, so that a library that grows
 * keeps most of its sample.
 */
function sampleOf(faceIds: Int32Array, { size, neighbours }: NeighbourTable, most: number): Int32Array {
  const rows = Int32Array.from(faceIds, (_, row) => row)
  if (rows.length <= most) return rows
  const keys = Float64Array.from(faceIds, (faceId) => hash(faceId, 0))
  rows.sort((a, b) => keys[a] - keys[b] || a - b)
  const taken = new Uint8Array(rows.length)
  const sample: number[] = []
  for (let wanted = 1; sample.length < most; wanted++) {
    for (const row of rows) {
      if (taken[row] || sample.length >= most) continue
      let near = 0
      for (let at = row * size; at < (row + 1) * size && near < wanted; at++) if (neighbours[at] >= 0 && taken[neighbours[at]]) near++
      if (near >= wanted) continue
      taken[row] = 1
      sample.push(row)
    }
  }
  return Int32Array.from(sample).sort()
}

function gather(rows: Float32Array, chosen: Int32Array, dimension: number): Float32Array {
  const some = new Float32Array(chosen.length * dimension)
  chosen.forEach((row, place) => some.set(rows.subarray(row * dimension, (row + 1) * dimension), place * dimension))
  return some
}

/** umap-js takes lists of one length, itself first; the last neighbour again adds nothing to the graph. */
function padded(first: number, list: readonly number[], none: number, length: number): number[] {
  return [first, ...Array.from({ length: length - 1 }, (_, at) => list[Math.min(at, list.length - 1)] ?? none)]
}

/** Moves and scales so that the longer side of what is covered is 0..1; the rest lies in the middle. */
function toUnitSquare(positions: Float64Array): Float32Array {
  const low = [Infinity, Infinity], high = [-Infinity, -Infinity]
  positions.forEach((value, at) => {
    low[at % 2] = Math.min(low[at % 2], value)
    high[at % 2] = Math.max(high[at % 2], value)
  })
  const side = Math.max(high[0] - low[0], high[1] - low[1]) || 1
  return Float32Array.from(positions, (value, at) => (value - (low[at % 2] + high[at % 2]) / 2) / side + 0.5)
}
