import { describe, expect, it } from 'vitest'
import { averageLinkage } from '../../../src-main/engine/math/average-linkage.ts'
import { groupFaces, linkageLimit } from '../../../src-main/engine/math/cluster.ts'
import { createPlainKernel } from '../../../src-main/engine/math/distance-kernel.ts'
import { hdbscan } from '../../../src-main/engine/math/hdbscan.ts'
import { bcubed } from '../../../src-main/engine/math/metrics.ts'
import { createNeighbourGraph } from '../../../src-main/engine/math/neighbours.ts'
import { createPairHeap } from '../../../src-main/engine/math/pair-heap.ts'
import { createRandom } from '../../../src-main/engine/math/random.ts'
import { dlibThresholds } from '../../../src-main/engine/math/thresholds.ts'
import { pairwiseDistances } from '../../../src-main/engine/math/vector.ts'
import { generateFaces } from '../../fixtures/embeddings.ts'
import { drawTenPeople, goldenLfw100, goldenNn4 } from '../../fixtures/golden.ts'

interface Faces {
  values: Float32Array
  dimension: number
  photoIds: Int32Array
}

/** Lists of the nearest among these faces, and the faces themselves. */
function prepare({ values, dimension, photoIds }: Faces, size = 16) {
  const count = photoIds.length
  const graph = createNeighbourGraph(createPlainKernel(dimension), size)
  graph.add(Int32Array.from({ length: count }, (_, i) => i), values)
  const neighbours = new Int32Array(count * size).fill(-1)
  for (let i = 0; i < count; i++) neighbours.set(graph.lists.rows.subarray(i * size, i * size + graph.lists.counts[i]), i * size)
  return {
    lists: { count, size, neighbours, distances: graph.lists.distances.slice(0, count * size) },
    photoIds, values, dimension,
    offsets: Int32Array.from({ length: count }, (_, i) => i * dimension),
  }
}

function group(faces: Faces): Int32Array {
  return groupFaces(prepare(faces), dlibThresholds.grouping)
}

const eachItsPhoto = (count: number) => Int32Array.from({ length: count }, (_, i) => i)

/** Points on a line, as faces of one dimension on photos of their own. */
function onLine(...points: number[]): Faces {
  return { values: Float32Array.from(points), dimension: 1, photoIds: eachItsPhoto(points.length) }
}

const caps = { mergeAtMost: 0.5, leaveAbove: 0.55, sameShot: 0.01 }

describe('HDBSCAN on neighbour lists', () => {
  const cluster = (faces: Faces) => {
    const labels = hdbscan(prepare(faces, 8).lists, caps)
    const names = [...new Set(labels)].filter((label) => label >= 0)
    return [...labels].map((label) => names.indexOf(label))
  }

  it('finds two dense stretches and leaves out what lies between', () => {
    expect(cluster(onLine(0, 0.1, 0.2, 0.3, 2, 5, 5.1, 5.2, 5.3))).toEqual([0, 0, 0, 0, -1, 1, 1, 1, 1])
  })

  it('takes a single stretch for a cluster', () => {
    expect(cluster(onLine(0, 0.1, 0.2, 0.3, 0.4))).toEqual([0, 0, 0, 0, 0])
  })

  it('takes scattered points, pairs and nothing for noise', () => {
    expect(cluster(onLine(0, 1, 2, 3, 4, 5))).toEqual([-1, -1, -1, -1, -1, -1])
    expect(cluster(onLine(0, 0.1))).toEqual([-1, -1])
    expect(cluster(onLine())).toEqual([])
  })

  it('joins no two clusters that meet above the cap, even if the whole were more stable', () => {
    const points = onLine(0, 0.2, 0.4, 0.6, 1.12, 1.32, 1.52, 1.72)
    const nearAlike = { ...caps, sameShot: 0.45 }
    expect([...hdbscan(prepare(points, 8).lists, { ...nearAlike, mergeAtMost: 0.53 })]).toEqual(new Array(8).fill(0))
    const capped = [...hdbscan(prepare(points, 8).lists, nearAlike)]
    expect(new Set(capped).size).toBe(2)
    expect(new Set(capped.slice(0, 4)).size).toBe(1)
    expect(capped).not.toContain(-1)
  })

  it('is not torn apart by copies of one picture', () => {
    const points = onLine(0, 0, 0, 0, 0.2, 0.3, 0.4, 0.5, 0.6)
    const labels = hdbscan(prepare(points, 8).lists, { ...caps, sameShot: 0.25 })
    expect(new Set(labels).size).toBe(1)
    expect(labels[0]).toBeGreaterThanOrEqual(0)
  })
})

describe('average linkage', () => {
  const link = (faces: Faces, limit: number, initial = new Int32Array(faces.photoIds.length).fill(-1)) =>
    [...averageLinkage({
      ...prepare(faces),
      initial,
      apart: faces.photoIds,
      limit: () => limit,
      forEachEdge: (edge) => {
        for (let a = 0; a < initial.length; a++) for (let b = a + 1; b < initial.length; b++) edge(a, b)
      },
    })]

  it('joins the nearest first, up to the root mean square distance', () => {
    // {0, 1} at 1; 3 is √((9 + 4) / 2) = 2.55 from that.
    expect(link(onLine(0, 1, 3), 2.5)).toEqual([0, 0, 2])
    expect(link(onLine(0, 1, 3), 2.6)).toEqual([0, 0, 0])
  })

  it('never joins two faces of one photo, and gives the face to the nearer', () => {
    expect(link({ ...onLine(0, 1, 1.5), photoIds: Int32Array.of(7, 8, 7) }, 10)).toEqual([0, 1, 1])
  })

  it('begins with the groups it is given', () => {
    expect(link(onLine(0, 5, 6), 0.5, Int32Array.of(3, 3, -1))).toEqual([0, 0, 2])
  })

  it('groups genuine nn4.small2 embeddings as textbook average linkage does', ({ skip }) => {
    const golden = goldenNn4()
    if (!golden) return skip()
    const random = createRandom(1)
    const scores = Array.from({ length: 15 }, () => {
      const drawn = drawTenPeople(golden, random)
      const values = Float32Array.from(drawn.flatMap((i) => [...golden.values.subarray(i * 128, (i + 1) * 128)]))
      const truth = drawn.map((i) => golden.people[i])
      const score = (labels: number[]) => bcubed(labels.map((label) => label + 1), truth).f1
      return { ours: score(link({ values, dimension: 128, photoIds: eachItsPhoto(100) }, 0.84)), textbook: score(upgma(values, 0.84)) }
    })
    expect(Math.abs(mean(scores.map(({ ours, textbook }) => ours - textbook)))).toBeLessThan(0.02)
    expect(mean(scores.map(({ ours }) => ours))).toBeGreaterThan(0.73)
  })
})

describe('pair heap', () => {
  it('gives pairs in the order of cost, then of their numbers', () => {
    const heap = createPairHeap()
    const random = createRandom(9)
    const pairs = Array.from({ length: 5000 }, () => [Math.floor(random() * 50), Math.floor(random() * 20), Math.floor(random() * 20)])
    for (const [cost, a, b] of pairs) heap.push(cost, a, b, a + 1, b + 1)
    const taken: number[][] = []
    while (heap.pop()) {
      expect(heap.top.versionB).toBe(heap.top.b + 1)
      taken.push([heap.top.cost, heap.top.a, heap.top.b])
    }
    expect(taken).toEqual(pairs.sort((x, y) => x[0] - y[0] || x[1] - y[1] || x[2] - y[2]))
  })
})

describe('grouping faces', () => {
  it('widens the limit with the group, from single faces to large groups', () => {
    const { grouping } = dlibThresholds
    expect(linkageLimit(1, grouping)).toBeCloseTo(grouping.joinSingles, 12)
    expect(linkageLimit(4, grouping)).toBeGreaterThan(linkageLimit(2, grouping))
    expect(linkageLimit(1e9, grouping)).toBeCloseTo(grouping.joinLarge, 4)
  })

  it('finds generated people, never two faces of one photo, the same every time', () => {
    for (const seed of [1, 2, 3]) {
      const faces = generateFaces(800, { seed })
      const input = { values: faces.embeddings, dimension: 128, photoIds: faces.photoIds }
      const groups = group(input)
      expect(bcubed(groups, faces.people).f1).toBeGreaterThan(0.97)
      expectOncePerPhoto(groups, faces.photoIds)
      expect(group(input)).toEqual(groups)
    }
  })

  it('keeps the faces of one photo apart, few or many, even where they are copies', () => {
    const faces = generateFaces(400, { seed: 4 })
    for (const share of [0.02, 0.3]) {
      const random = createRandom(8)
      const photoIds = faces.photoIds.slice()
      const values = faces.embeddings.slice()
      for (let i = 1; i < 400; i++) {
        if (random() >= share) continue
        photoIds[i] = photoIds[i - 1]
        values.copyWithin(i * 128, (i - 1) * 128, i * 128)
      }
      const groups = group({ values, dimension: 128, photoIds })
      expectOncePerPhoto(groups, photoIds)
      expect(bcubed(groups, faces.people).precision).toBeGreaterThan(0.8)
    }
  })

  it('numbers groups from 1 by their first face and gives single faces none', () => {
    const faces = generateFaces(300, { seed: 6 })
    const groups = group({ values: faces.embeddings, dimension: 128, photoIds: faces.photoIds })
    const numbers = [...new Set(groups)].filter((number) => number > 0)
    expect(numbers).toEqual(numbers.map((_, i) => i + 1))
    for (const number of numbers) expect(groups.filter((other) => other === number).length).toBeGreaterThan(1)
  })

  it('groups none and one', () => {
    expect([...group({ values: new Float32Array(0), dimension: 128, photoIds: new Int32Array(0) })]).toEqual([])
    expect([...group({ values: new Float32Array(128), dimension: 128, photoIds: Int32Array.of(1) })]).toEqual([0])
  })

  it('finds ten people on a hundred real photos at the default thresholds', ({ skip }) => {
    const golden = goldenLfw100()
    if (!golden) return skip()
    const groups = group({ ...golden, photoIds: eachItsPhoto(golden.count) })
    expect(bcubed(groups, golden.people).f1).toBeGreaterThanOrEqual(0.98)
  })
})

function expectOncePerPhoto(groups: Int32Array, photoIds: Int32Array): void {
  const seen = new Set<string>()
  groups.forEach((number, i) => {
    if (number === 0) return
    const key = `${number} ${photoIds[i]}`
    expect(seen.has(key)).toBe(false)
    seen.add(key)
  })
}

/** Average linkage by the Lance–Williams formula on plain distances, as textbooks have it. */
function upgma(values: Float32Array, limit: number): number[] {
  const count = values.length / 128
  const labels = Array.from({ length: count }, (_, i) => i)
  const sizes = new Array<number>(count).fill(1)
  const packed = pairwiseDistances(values, count, 128)
  const distances = labels.map((i) => labels.map((j) => {
    const [low, high] = i < j ? [i, j] : [j, i]
    return i === j ? Infinity : packed[low * count - (low * (low + 1)) / 2 + high - low - 1]
  }))
  for (;;) {
    let best = limit, a = -1, b = -1
    for (let i = 0; i < count; i++) for (let j = i + 1; j < count; j++) if (distances[i][j] <= best) [best, a, b] = [distances[i][j], i, j]
    if (a < 0) return labels
    for (let k = 0; k < count; k++) {
      const joined = (distances[a][k] * sizes[a] + distances[b][k] * sizes[b]) / (sizes[a] + sizes[b])
      distances[a][k] = distances[k][a] = k === a || k === b ? Infinity : joined
      distances[b][k] = distances[k][b] = Infinity
    }
    sizes[a] += sizes[b]
    labels.forEach((label, i) => { if (label === b) labels[i] = a })
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
