import { existsSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildKernel, kernelFile } from '../../../scripts/build-kernel.ts'
import { createPlainKernel } from '../../../src-main/engine/math/distance-kernel.ts'
import { createNeighbourGraph } from '../../../src-main/engine/math/neighbours.ts'
import { createRandom } from '../../../src-main/engine/math/random.ts'
import { createSimdKernel } from '../../../src-main/engine/math/simd-kernel.ts'
import { generateFaces } from '../../fixtures/embeddings.ts'

beforeAll(async () => {
  if (!existsSync(kernelFile)) await buildKernel()
})

const kernels = {
  plain: () => createPlainKernel(128),
  simd: () => createSimdKernel(new Uint8Array(readFileSync(kernelFile))),
}
const faceCount = 2400, queryCount = 70
const { embeddings, faceIds } = generateFaces(faceCount, { seed: 8 })
// Copies of one picture: several kinds are equally near.
for (const [from, to] of [[10, 700], [10, 1300], [11, 900]]) embeddings.copyWithin(to * 128, from * 128, (from + 1) * 128)
const random = createRandom(4)
const below = (limit: number) => Math.floor(random() * limit)
const layouts = {
  'side by side': Int32Array.from({ length: faceCount }, (_, i) => Math.floor(Math.sqrt(i))),
  'one kind of almost all': Int32Array.from({ length: faceCount }, (_, i) => (i < 2000 ? 0 : i - 1999)),
  'all mixed up': Int32Array.from({ length: faceCount }, () => below(40)),
  'with long gaps': Int32Array.from({ length: faceCount }, (_, i) => (i % 1000 < 300 ? Math.floor(i / 100) : -1)),
}

describe.each(Object.keys(kernels) as (keyof typeof kernels)[])('the nearest row of every kind with the %s kernel', (name) => {
  it.each(Object.entries(layouts))('are the very distances of measuring all: %s', (_, kindOf) => {
    const graph = createNeighbourGraph(kernels[name](), 1)
    const rows = graph.place(faceIds, embeddings)
    // Some are free rows, some queries are rows themselves.
    const gone = faceIds.filter((_, i) => i % 17 === 3)
    graph.remove(gone)
    const kinds = kindOf.map((kind, row) => (graph.faceIdOf(row) < 0 ? -1 : kind))
    const kindCount = Math.max(...kinds) + 1
    const queries = graph.embeddingsOf(rows.subarray(0, queryCount))
    const ownRows = Int32Array.from({ length: queryCount }, (_, query) => (query % 2 ? query : -1))
    const expected = new Float64Array(queryCount * kindCount).fill(Infinity)
    for (let query = 0; query < queryCount; query++) {
      for (let row = 0; row < faceCount; row++) {
        if (kinds[row] < 0 || row === ownRows[query]) continue
        const at = query * kindCount + kinds[row]
        expected[at] = Math.min(expected[at], graph.distance(row, query))
      }
    }
    expect(graph.nearestOfKinds(kinds, kindCount, queries, queryCount, ownRows)).toEqual(expected)
  })
})
