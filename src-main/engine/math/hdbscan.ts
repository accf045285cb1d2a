/**
 * HDBSCAN (Campello, Moulavi, Sander 2013; excess of mass) on a k-nearest-neighbour graph instead of all pairs, with caps
 * in distance: what density alone would join across people stays apart.
 */
import { finish } from './steps.ts'
import type { GroupingThresholds } from './thresholds.ts'

/** For each of `count` points its nearest others, nearest first. */
export interface NeighbourLists {
  count: number
  /** Length of a list. */
  size: number
  /** count × size indices; -1 ends a list. */
  neighbours: Int32Array
  /** count × size Euclidean distances. */
  distances: Float32Array
}

/** Components that no edge joins are held to meet at this many times `mergeAtMost`. */
const rootReach = 1.96
/** Points or edges that are looked at in one step. */
const stepSize = 10_000
const minimumClusterSize = 3
const minimumSamples = 3

type Caps = Pick<GroupingThresholds, 'mergeAtMost' | 'leaveAbove' | 'sameShot'>

/** The cluster of each point, or -1. Depends on distances and indices alone. */
export function hdbscan(lists: NeighbourLists, caps: Caps): Int32Array {
  return finish(hdbscanInSteps(lists, caps))
}

/** As `hdbscan`, in steps. */
export function* hdbscanInSteps(lists: NeighbourLists, caps: Caps): Generator<void, Int32Array> {
  const { count } = lists
  if (count === 0) return new Int32Array(0)
  const rootDistance = rootReach * caps.mergeAtMost
  const tree = yield* singleLinkage(lists, caps.sameShot, rootDistance)
  yield
  const condensed = condense(tree, count, rootDistance)
  yield
  return select(condensed, count, caps)
}

/** A binary tree: nodes below `count` are points, the others join two nodes at a height. */
interface Dendrogram {
  root: number
  left: Int32Array
  right: Int32Array
  sizes: Int32Array
  heights: Float64Array
}

/** Single linkage by mutual reachability distance: Kruskal over the graph's edges. */
function* singleLinkage(
  { count, size, neighbours, distances }: NeighbourLists, nearest: number, rootDistance: number,
): Generator<void, Dendrogram> {
  const core = new Float32Array(count)
  for (let i = 0; i < count; i++) {
    const at = i * size + minimumSamples - 2
    core[i] = neighbours[at] < 0 ? Infinity : distances[at]
  }
  let edgeCount = 0
  const from = new Int32Array(count * size), to = new Int32Array(count * size)
  const weights = new Float64Array(count * size)
  for (let i = 0; i < count; i++) {
    if (i % stepSize === 0) yield
    for (let at = i * size; at < (i + 1) * size && neighbours[at] >= 0; at++) {
      const other = neighbours[at]
      const weight = Math.max(core[i], core[other], distances[at], nearest)
      if (weight === Infinity || (other < i && lists(other, i))) continue
      from[edgeCount] = i
      to[edgeCount] = other
      weights[edgeCount++] = weight
    }
  }

  const nodeCount = 2 * count
  const tree: Dendrogram = {
    root: 0,
    left: new Int32Array(nodeCount).fill(-1),
    right: new Int32Array(nodeCount).fill(-1),
    sizes: new Int32Array(nodeCount).fill(1),
    heights: new Float64Array(nodeCount),
  }
  const parents = Int32Array.from({ length: nodeCount }, (_, i) => i)
  let next = count
  yield
  const ordered = order(weights.subarray(0, edgeCount))
  yield
  for (let rank = 0; rank < ordered.length; rank++) {
    if (rank % (10 * stepSize) === 0) yield
    const edge = ordered[rank]
    const a = top(from[edge]), b = top(to[edge])
    if (a !== b) join(a, b, weights[edge])
  }
  const tops: number[] = []
  for (let node = 0; node < next; node++) if (parents[node] === node) tops.push(node)
  tree.root = tops.reduce((root, node) => join(root, node, Math.max(tree.heights[root], tree.heights[node], rootDistance)))
  return tree

  function lists(point: number, other: number): boolean {
    for (let at = point * size; at < (point + 1) * size && neighbours[at] >= 0; at++) if (neighbours[at] === other) return true
    return false
  }

  function top(node: number): number {
    while (parents[node] !== node) {
      parents[node] = parents[parents[node]]
      node = parents[node]
    }
    return node
  }

  function join(a: number, b: number, height: number): number {
    const node = next++
    tree.left[node] = a
    tree.right[node] = b
    tree.sizes[node] = tree.sizes[a] + tree.sizes[b]
    tree.heights[node] = height
    parents[a] = node
    parents[b] = node
    return node
  }
}

/** Indices of the weights, ascending, ties by index: sorted as packed numbers, for speed. */
function order(weights: Float64Array): Float64Array {
  const packed = new Float64Array(weights.length)
  const room = 2 ** 26
  for (let i = 0; i < weights.length; i++) packed[i] = Math.round(weights[i] * 1e7) * room + i
  packed.sort()
  for (let i = 0; i < packed.length; i++) packed[i] %= room
  return packed
}

/** The tree of clusters: each is born at a density λ = 1 / distance and loses points or splits as λ grows. */
interface Condensed {
  births: number[]
  parents: number[]
  children: number[][]
  stabilities: number[]
  /** The last cluster a point was in, and the λ at which it left that. */
  clusterOf: Int32Array
  leftAt: Float64Array
}

function condense({ root, left, right, sizes, heights }: Dendrogram, count: number, rootDistance: number): Condensed {
  const result: Condensed = {
    births: [1 / rootDistance], parents: [-1], children: [[]], stabilities: [0],
    clusterOf: new Int32Array(count), leftAt: new Float64Array(count),
  }
  const { births, parents, children, stabilities } = result
  const waiting: [node: number, cluster: number][] = [[root, 0]]
  for (let item = waiting.pop(); item; item = waiting.pop()) {
    const [node, cluster] = item
    if (node < count) {
      leave(node, cluster, 1 / rootDistance)
      continue
    }
    const lambda = 1 / Math.min(heights[node], rootDistance)
    const a = left[node], b = right[node]
    const aLives = sizes[a] >= minimumClusterSize, bLives = sizes[b] >= minimumClusterSize
    if (aLives && bLives) {
      stabilities[cluster] += sizes[node] * (lambda - births[cluster])
      for (const child of [a, b]) {
        births.push(lambda)
        parents.push(cluster)
        children.push([])
        stabilities.push(0)
        children[cluster].push(births.length - 1)
        waiting.push([child, births.length - 1])
      }
      continue
    }
    for (const [child, lives] of [[a, aLives], [b, bLives]] as const) {
      if (lives) waiting.push([child, cluster])
      else leave(child, cluster, lambda)
    }
  }
  return result

  function leave(node: number, cluster: number, lambda: number): void {
    const below = [node]
    for (let next = below.pop(); next !== undefined; next = below.pop()) {
      if (next >= count) {
        below.push(left[next], right[next])
        continue
      }
      result.clusterOf[next] = cluster
      result.leftAt[next] = lambda
      stabilities[cluster] += lambda - births[cluster]
    }
  }
}

/** Excess of mass: a cluster stands if it is more stable than its descendants together. */
function select(
  { births, parents, children, stabilities, clusterOf, leftAt }: Condensed, count: number,
  caps: Pick<GroupingThresholds, 'mergeAtMost' | 'leaveAbove'>,
): Int32Array {
  const stands = new Uint8Array(births.length)
  const best = new Float64Array(births.length)
  for (let cluster = births.length - 1; cluster >= 0; cluster--) {
    const kin = children[cluster]
    const ofKin = kin.reduce((sum, child) => sum + best[child], 0)
    const isLeaf = kin.length === 0
    const mayJoinKin = isLeaf || 1 / births[kin[0]] <= caps.mergeAtMost
    if (mayJoinKin && (isLeaf || stabilities[cluster] >= ofKin)) {
      stands[cluster] = 1
      best[cluster] = stabilities[cluster]
    } else {
      best[cluster] = ofKin
    }
  }
  const final = new Int32Array(births.length).fill(-1)
  for (let cluster = 0; cluster < births.length; cluster++) {
    const above = cluster === 0 ? -1 : final[parents[cluster]]
    final[cluster] = above >= 0 ? above : stands[cluster] ? cluster : -1
  }
  const labels = new Int32Array(count)
  for (let point = 0; point < count; point++) {
    labels[point] = leftAt[point] >= 1 / caps.leaveAbove ? final[clusterOf[point]] : -1
  }
  return labels
}
