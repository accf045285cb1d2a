import { existsSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildKernel, kernelFile } from '../../../scripts/build-kernel.ts'
import { createPlainKernel } from '../../../src-main/engine/math/distance-kernel.ts'
import { createNeighbourGraph } from '../../../src-main/engine/math/neighbours.ts'
import type { NeighbourGraph } from '../../../src-main/engine/math/neighbours.ts'
import { createRandom } from '../../../src-main/engine/math/random.ts'
import { createSimdKernel } from '../../../src-main/engine/math/simd-kernel.ts'
import { generateFaces } from '../../fixtures/embeddings.ts'

const listSize = 16
const faces = generateFaces(1500, { seed: 3 })
// Copies of one picture: many lists have ties.
for (const [from, to] of [[10, 20], [10, 30], [11, 900], [12, 1400]]) {
  faces.embeddings.copyWithin(to * 128, from * 128, (from + 1) * 128)
}

beforeAll(async () => {
  if (!existsSync(kernelFile)) await buildKernel()
})

const kernels = {
  plain: () => createPlainKernel(128),
  simd: () => createSimdKernel(new Uint8Array(readFileSync(kernelFile))),
}

function listOf(graph: NeighbourGraph, faceId: number): [faceId: number, distance: number][] {
  const row = graph.rowOf(faceId)!
  return Array.from({ length: graph.lists.counts[row] }, (_, i) =>
    [graph.faceIdOf(graph.lists.rows[row * listSize + i]), graph.lists.distances[row * listSize + i]])
}

/** The nearest among the faces of those indices, by looking at all, ties by id. */
function bruteForce(indices: number[], of: number): [faceId: number, distance: number][] {
  return indices
    .filter((index) => index !== of)
    .map((index): [number, number] => {
      let squared = 0
      for (let k = 0; k < 128; k++) squared += (faces.embeddings[of * 128 + k] - faces.embeddings[index * 128 + k]) ** 2
      return [faces.faceIds[index], Math.fround(Math.sqrt(squared))]
    })
    .sort((a, b) => a[1] - b[1] || a[0] - b[0])
    .slice(0, listSize)
}

function add(graph: NeighbourGraph, from: number, to: number): number[] {
  const rows = graph.add(faces.faceIds.slice(from, to), faces.embeddings.slice(from * 128, to * 128))
  return [...rows].map(graph.faceIdOf).sort((a, b) => a - b)
}

function expectExact(graph: NeighbourGraph, indices: number[]): void {
  for (const index of indices) {
    const found = listOf(graph, faces.faceIds[index]), expected = bruteForce(indices, index)
    expect(found.map(([id]) => id)).toEqual(expected.map(([id]) => id))
    found.forEach(([, distance], i) => expect(distance).toBeCloseTo(expected[i][1], 6))
  }
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe.each(['plain', 'simd'] as const)('neighbour graph, %s kernel', (name) => {
  it('has the lists of a brute-force search, in whatever batches faces arrive', () => {
    const graph = createNeighbourGraph(kernels[name](), listSize)
    let at = 0
    for (const size of [1, 2, 5, 40, 200, 300]) add(graph, at, (at += size))
    expectExact(graph, range(0, at))
  })

  it('tells every list that changed, and only those', () => {
    const graph = createNeighbourGraph(kernels[name](), listSize)
    add(graph, 0, 400)
    const before = new Map(range(0, 400).map((i) => [faces.faceIds[i], listOf(graph, faces.faceIds[i])]))
    const told = add(graph, 400, 420)
    const changed = range(0, 420).map((i) => faces.faceIds[i])
      .filter((id) => JSON.stringify(before.get(id)) !== JSON.stringify(listOf(graph, id)))
    expect(told).toEqual(changed)
  })

  it('comes back to the same lists when faces leave, and when they return', () => {
    const graph = createNeighbourGraph(kernels[name](), listSize)
    add(graph, 0, 600)
    const random = createRandom(5)
    const gone = range(0, 600).filter(() => random() < 0.2)
    const bereft = graph.remove(Int32Array.from(gone, (i) => faces.faceIds[i]))
    expect(bereft.length).toBeGreaterThan(0)
    const left = range(0, 600).filter((i) => !gone.includes(i))
    expectExact(graph, left)
    for (const i of gone) add(graph, i, i + 1)
    expect(graph.faceCount).toBe(600)
    expect(graph.rowCount).toBe(600)
    expectExact(graph, range(0, 600))
  })
})

describe('neighbour graph', () => {
  it('is the same through either kernel', () => {
    const [a, b] = (['plain', 'simd'] as const).map((name) => {
      const graph = createNeighbourGraph(kernels[name](), listSize)
      add(graph, 0, 1500)
      return range(0, 1500).map((i) => listOf(graph, faces.faceIds[i]))
    })
    expect(b).toEqual(a)
  })

  it('removes unknown faces and nothing without complaint', () => {
    const graph = createNeighbourGraph(createPlainKernel(128), listSize)
    add(graph, 0, 5)
    expect([...graph.remove(Int32Array.of(99_999))]).toEqual([])
    expect(listOf(graph, faces.faceIds[0]).length).toBe(4)
    graph.remove(faces.faceIds.slice(0, 5))
    expect(graph.faceCount).toBe(0)
  })

  it('works for other dimensions', () => {
    const graph = createNeighbourGraph(createPlainKernel(2), 2)
    graph.add(Int32Array.of(1, 2, 3), Float32Array.of(0, 0, 3, 4, 0, 1))
    const row = graph.rowOf(1)!
    expect([...graph.lists.distances.slice(row * 2, row * 2 + 2)]).toEqual([1, 5])
  })
})
