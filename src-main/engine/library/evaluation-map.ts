/** A picture of the embeddings: UMAP lays them out in the plane. */
import { UMAP } from 'umap-js'
import type { FaceMap } from '../evaluation-report.ts'
import type { EvaluatedFace, Pause } from '../math/face-set.ts'
import { createRandom } from '../math/random.ts'
import { smallest, squaredDistance } from '../math/vector.ts'

/** More would be neither quick nor readable. */
const maxFaces = 1500
const minFaces = 5
const maxNeighbours = 15
const seed = 1
const epochsBetweenPauses = 5

/**
 * @param faces of very many a sample is laid out, evenly over the people
 * @param names by person
 * @returns null for too few faces to make a picture of
 * @throws what `pause` throws
 */
export async function mapFaces(
  faces: readonly EvaluatedFace[], paths: readonly string[], names: readonly string[], pause: Pause,
): Promise<FaceMap | null> {
  if (faces.length < minFaces) return null
  const step = Math.max(1, faces.length / maxFaces)
  const chosen = Array.from({ length: Math.min(faces.length, maxFaces) }, (_, i) => Math.floor(i * step))
  const neighbours = Math.min(maxNeighbours, chosen.length - 1)
  const vectors = chosen.map((i) => faces[i].embedding)
  const umap = new UMAP({ nNeighbors: neighbours, nComponents: 2, random: createRandom(seed) })
  const { indices, distances } = await exactNeighbours(vectors, neighbours, pause)
  umap.setPrecomputedKNN(indices, distances)
  const epochs = umap.initializeFit(vectors.map((vector) => Array.from(vector)))
  for (let epoch = 0; epoch < epochs; epoch++) {
    umap.step()
    if (epoch % epochsBetweenPauses === 0) await pause()
  }
  const layout = umap.getEmbedding()
  return {
    faces: faces.length,
    neighbours,
    seed,
    points: chosen.map((i, row) => ({ person: names[faces[i].person], path: paths[i], x: layout[row][0], y: layout[row][1] })),
  }
}

/** Every vector is its own first neighbour, as umap-js expects it. */
async function exactNeighbours(vectors: readonly Float32Array[], count: number, pause: Pause) {
  const indices: number[][] = [], distances: number[][] = []
  for (const vector of vectors) {
    const all = vectors.map((other) => Math.sqrt(squaredDistance(vector, 0, other, 0, vector.length)))
    const nearest = smallest(all, count)
    indices.push(nearest)
    distances.push(nearest.map((i) => all[i]))
    await pause()
  }
  return { indices, distances }
}
