/**
 * Average linkage on a sparse graph: groups are joined, nearest first, while the mean squared distance between their
 * members stays under a limit that may depend on the groups' sizes. Only groups that some edge links are looked at. The
 * mean over all pairs comes exactly from sums: E|a − b|² = E|a|² + E|b|² − 2 E[a]·E[b]; no vector need have unit length.
 */
import { createPairHeap } from './pair-heap.ts'
import { finish } from './steps.ts'
import { createUnionFind } from './union-find.ts'
import { dot } from './vector.ts'

export interface LinkageInput {
  /** Row i begins at offsets[i] of `values`. */
  values: Float32Array
  offsets: ArrayLike<number>
  dimension: number
  /** Where to begin: points of one number ≥ 0 are one group; -1: a group of its own. */
  initial: Int32Array
  /** Two points of one number are never joined. */
  apart: Int32Array
  /** Calls `link` for every edge between points that may lead two groups together. */
  forEachEdge(link: (a: number, b: number) => void): void
  /** Largest root mean square distance at which a group whose larger part has `size` members is made. */
  limit(size: number): number
}

/** The group of each point: the smallest index in it. Deterministic. */
export function averageLinkage(input: LinkageInput): Int32Array {
  return finish(averageLinkageInSteps(input))
}

/** Merges that are tried in one step. */
const stepSize = 500

/** As `averageLinkage`, in steps. */
export function* averageLinkageInSteps(
  { values, offsets, dimension, initial, apart, forEachEdge, limit }: LinkageInput,
): Generator<void, Int32Array> {
  const pointCount = initial.length
  const { groupOf, groupCount } = number(initial)
  const sums = new Float32Array(groupCount * dimension)
  const squares = new Float64Array(groupCount)
  const sizes = new Int32Array(groupCount)
  // Members of a group as a chain, so that two chains join in one step.
  const first = new Int32Array(groupCount).fill(-1), last = new Int32Array(groupCount)
  const nextMember = new Int32Array(pointCount).fill(-1)
  for (let point = 0; point < pointCount; point++) {
    const group = groupOf[point], at = group * dimension
    for (let k = 0; k < dimension; k++) sums[at + k] += values[offsets[point] + k]
    squares[group] += dot(values, offsets[point], values, offsets[point], dimension)
    sizes[group]++
    if (first[group] < 0) first[group] = point
    else nextMember[last[group]] = point
    last[group] = point
  }

  yield
  const linked: (Set<number> | undefined)[] = new Array(groupCount)
  forEachEdge((a, b) => {
    const groupA = groupOf[a], groupB = groupOf[b]
    if (groupA === groupB) return
    ;(linked[groupA] ??= new Set()).add(groupB)
    ;(linked[groupB] ??= new Set()).add(groupA)
  })

  yield
  const versions = new Int32Array(groupCount)
  const heap = createPairHeap()
  const offer = (a: number, b: number) => {
    const largest = limit(Math.max(sizes[a], sizes[b]))
    const excess = meanSquare(a, b) - largest * largest
    if (excess <= 0) heap.push(excess, Math.min(a, b), Math.max(a, b), versions[Math.min(a, b)], versions[Math.max(a, b)])
  }
  linked.forEach((others, group) => others?.forEach((other) => { if (group < other) offer(group, other) }))

  const merged = createUnionFind(groupCount)
  for (let tried = 1; heap.pop(); tried++) {
    if (tried % stepSize === 0) yield
    const { a, b, versionA, versionB } = heap.top
    if (versions[a] !== versionA || versions[b] !== versionB || sharesPhoto(a, b)) continue
    join(a, b)
  }
  return name()

  function meanSquare(a: number, b: number): number {
    const product = dot(sums, a * dimension, sums, b * dimension, dimension)
    return squares[a] / sizes[a] + squares[b] / sizes[b] - (2 * product) / (sizes[a] * sizes[b])
  }

  function sharesPhoto(a: number, b: number): boolean {
    const [small, large] = sizes[a] <= sizes[b] ? [a, b] : [b, a]
    const seen = new Set<number>()
    for (let point = first[small]; point >= 0; point = nextMember[point]) seen.add(apart[point])
    for (let point = first[large]; point >= 0; point = nextMember[point]) if (seen.has(apart[point])) return true
    return false
  }

  /** The group with more links takes the other in; the other's version never comes back. */
  function join(a: number, b: number): void {
    const [kept, gone] = linked[a]!.size >= linked[b]!.size ? [a, b] : [b, a]
    versions[kept]++
    versions[gone] = -1
    for (let k = 0; k < dimension; k++) sums[kept * dimension + k] += sums[gone * dimension + k]
    squares[kept] += squares[gone]
    sizes[kept] += sizes[gone]
    nextMember[last[kept]] = first[gone]
    last[kept] = last[gone]
    merged.union(kept, gone)
    for (const other of linked[gone]!) {
      linked[other]!.delete(gone)
      if (other === kept) continue
      linked[other]!.add(kept)
      linked[kept]!.add(other)
    }
    linked[kept]!.delete(gone)
    linked[gone] = undefined
    for (const other of linked[kept]!) offer(kept, other)
  }

  function name(): Int32Array {
    const smallest = new Int32Array(groupCount).fill(-1)
    const labels = new Int32Array(pointCount)
    for (let point = 0; point < pointCount; point++) {
      const group = merged.find(groupOf[point])
      if (smallest[group] < 0) smallest[group] = point
      labels[point] = smallest[group]
    }
    return labels
  }
}

/** Groups numbered in the order of their first point. */
function number(initial: Int32Array): { groupOf: Int32Array; groupCount: number } {
  const numbers = new Map<number, number>()
  const groupOf = new Int32Array(initial.length)
  let groupCount = 0
  for (let point = 0; point < initial.length; point++) {
    const known = initial[point] < 0 ? undefined : numbers.get(initial[point])
    groupOf[point] = known ?? groupCount++
    if (known === undefined && initial[point] >= 0) numbers.set(initial[point], groupOf[point])
  }
  return { groupOf, groupCount }
}
