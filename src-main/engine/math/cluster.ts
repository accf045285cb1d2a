/**
 * Which unnamed faces are one person: HDBSCAN on the graph of nearest neighbours, capped in distance, finds the dense
 * cores; average linkage then joins cores that belong together and the faces in between. Two faces of one photo are never
 * in one group. The result depends on embeddings, photos and the order of the faces alone.
 */
import { averageLinkageInSteps } from './average-linkage.ts'
import { hdbscanInSteps } from './hdbscan.ts'
import type { NeighbourLists } from './hdbscan.ts'
import { finish } from './steps.ts'
import type { GroupingThresholds } from './thresholds.ts'
import { meanOf, squaredDistance } from './vector.ts'

export interface FacesToGroup {
  /** The graph among these faces; a neighbour that is not one of them is left out. */
  lists: NeighbourLists
  /** The photo each face is on. */
  photoIds: Int32Array
  /** The embedding of face i begins at offsets[i] of `values`. */
  values: Float32Array
  offsets: Int32Array
  dimension: number
}

/** Edges longer than this many times the widest limit lead no two groups together. */
const edgeReach = 1.3
/** A cluster in which at most this share of the faces is a second one of its photo is kept without them. */
const fewDoubles = 0.05

/** group[i] is 0 where face i is in no group, else a number from 1, in the order of the groups' first faces. */
export function groupFaces(faces: FacesToGroup, thresholds: GroupingThresholds): Int32Array {
  return finish(groupFacesInSteps(faces, thresholds))
}

/** As `groupFaces`, in steps. */
export function* groupFacesInSteps(faces: FacesToGroup, thresholds: GroupingThresholds): Generator<void, Int32Array> {
  const lists = withoutSamePhoto(faces.lists, faces.photoIds)
  yield
  const cores = yield* hdbscanInSteps(lists, thresholds)
  yield
  const labels = yield* averageLinkageInSteps({
    values: faces.values,
    offsets: faces.offsets,
    dimension: faces.dimension,
    initial: separatePhotos(cores, faces),
    apart: faces.photoIds,
    forEachEdge: (link) => forEachEdge(lists, thresholds.joinLarge * edgeReach, link),
    limit: (size) => linkageLimit(size, thresholds),
  })
  return numberGroups(labels)
}

/** From `joinSingles` at size 1 towards `joinLarge`, in squares, with 1 / √size. */
export function linkageLimit(size: number, { joinSingles, joinLarge }: GroupingThresholds): number {
  return Math.sqrt(joinLarge ** 2 - (joinLarge ** 2 - joinSingles ** 2) / Math.sqrt(size))
}

function withoutSamePhoto({ count, size, neighbours, distances }: NeighbourLists, photoIds: Int32Array): NeighbourLists {
  const kept = { count, size, neighbours: new Int32Array(count * size).fill(-1), distances: new Float32Array(count * size) }
  for (let face = 0; face < count; face++) {
    let to = face * size
    for (let at = face * size; at < (face + 1) * size && neighbours[at] >= 0; at++) {
      if (photoIds[neighbours[at]] === photoIds[face]) continue
      kept.neighbours[to] = neighbours[at]
      kept.distances[to++] = distances[at]
    }
  }
  return kept
}

function forEachEdge(
  { count, size, neighbours, distances }: NeighbourLists, longest: number, link: (a: number, b: number) => void,
): void {
  for (let face = 0; face < count; face++) {
    for (let at = face * size; at < (face + 1) * size && neighbours[at] >= 0 && distances[at] <= longest; at++) {
      link(face, neighbours[at])
    }
  }
}

/**
 * Clusters that hold two faces of one photo: with few of those, the face nearest the cluster's mean stays and the other
 * leaves; with many, it is two people that density took for one, and the cluster is taken apart for average linkage.
 */
function separatePhotos(cores: Int32Array, { photoIds, values, offsets, dimension }: FacesToGroup): Int32Array {
  const members = new Map<number, number[]>()
  cores.forEach((core, face) => {
    if (core < 0) return
    const known = members.get(core)
    if (known) known.push(face)
    else members.set(core, [face])
  })
  const separate = cores.slice()
  for (const faces of members.values()) {
    const photos = new Set(faces.map((face) => photoIds[face]))
    const doubles = faces.length - photos.size
    if (doubles === 0) continue
    if (doubles > fewDoubles * faces.length) {
      for (const face of faces) separate[face] = -1
      continue
    }
    const mean = meanOf(values, faces.map((face) => offsets[face]), dimension, 1)
    const nearest = new Map<number, { face: number; distance: number }>()
    for (const face of faces) {
      const distance = squaredDistance(values, offsets[face], mean, 0, dimension)
      const rival = nearest.get(photoIds[face])
      if (rival && rival.distance <= distance) {
        separate[face] = -1
      } else {
        if (rival) separate[rival.face] = -1
        nearest.set(photoIds[face], { face, distance })
      }
    }
  }
  return separate
}

/** Labels that two or more faces share, numbered from 1 in the order of their first face; the rest is 0. */
function numberGroups(labels: Int32Array): Int32Array {
  const sizes = new Map<number, number>()
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1)
  const numbers = new Map<number, number>()
  return labels.map((label) => {
    if (sizes.get(label)! < 2) return 0
    if (!numbers.has(label)) numbers.set(label, numbers.size + 1)
    return numbers.get(label)!
  })
}
