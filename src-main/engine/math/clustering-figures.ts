/** How well faces without a name are grouped, as a library groups them. */
import { groupFaces } from './cluster.ts'
import { createPlainKernel } from './distance-kernel.ts'
import type { FaceSet } from './face-set.ts'
import { bcubed } from './metrics.ts'
import { createNeighbourGraph } from './neighbours.ts'
import type { RecognitionThresholds } from './thresholds.ts'

export interface ClusteringFigures {
  algorithm: string
  /** The widest distance at which two groups are joined. */
  threshold: number
  /** Groups of two or more. */
  clusters: number
  bcubed: { precision: number; recall: number; f1: number }
}

const neighbourCount = 16

export function clusteringFigures({ values, dimension, people, sizesPx }: FaceSet, thresholds: RecognitionThresholds): ClusteringFigures {
  const graph = createNeighbourGraph(createPlainKernel(dimension), neighbourCount)
  const large = people.map((_, i) => i).filter((i) => sizesPx[i] >= thresholds.minimumNamedPx)
  const offsets = Int32Array.from(large, (i) => i * dimension)
  const embeddings = new Float32Array(large.length * dimension)
  offsets.forEach((offset, i) => embeddings.set(values.subarray(offset, offset + dimension), i * dimension))
  graph.add(Int32Array.from(large), embeddings)
  const neighbours = new Int32Array(large.length * neighbourCount).fill(-1)
  for (let i = 0; i < large.length; i++) {
    const start = i * neighbourCount
    neighbours.set(graph.lists.rows.subarray(start, start + graph.lists.counts[i]), start)
  }
  const grouped = groupFaces(
    {
      lists: { count: large.length, size: neighbourCount, neighbours, distances: graph.lists.distances },
      // Every picture is a photo of its own.
      photoIds: Int32Array.from(large), values, offsets, dimension,
    },
    thresholds.grouping,
  )
  const groups = new Int32Array(people.length)
  large.forEach((face, i) => { groups[face] = grouped[i] })
  return {
    algorithm: 'HDBSCAN, capped, and average linkage',
    threshold: thresholds.grouping.joinLarge,
    clusters: new Set(grouped.filter((group) => group > 0)).size,
    bcubed: bcubed(groups, people),
  }
}
