/** The parts of the map of faces: neighbours within a sample, places between neighbours, islands, faces that fit their name ill. */
import { describe, expect, it } from 'vitest'
import { looksLikeAnother } from '../../../src-main/engine/math/misfits.ts'
import { neighboursAmong } from '../../../src-main/engine/math/neighbours-among.ts'
import { packIslands } from '../../../src-main/engine/math/pack-islands.ts'
import { placeBetween } from '../../../src-main/engine/math/place-between.ts'
import { projectOntoPlane } from '../../../src-main/engine/math/principal-plane.ts'
import { layOutFaces } from '../../../src-main/engine/layout/lay-out.ts'
import type { LayoutJob } from '../../../src-main/engine/layout-port.ts'
import { generateFaces } from '../../fixtures/embeddings.ts'
import { createRandom } from '../../fixtures/random.ts'

const dimension = 128
const neighbourCount = 16

/** Faces with their exact neighbours. */
function jobOf(count: number): LayoutJob & { people: Int32Array } {
  const { faceIds, embeddings, people } = generateFaces(count, { seed: 2, meanFaces: 25 })
  const neighbours = new Int32Array(count * neighbourCount), distances = new Float32Array(count * neighbourCount)
  for (let row = 0; row < count; row++) {
    const all = Array.from({ length: count }, (_, other) => {
      let sum = 0
      for (let k = 0; k < dimension; k++) sum += (embeddings[row * dimension + k]! - embeddings[other * dimension + k]!) ** 2
      return { other, distance: Math.sqrt(sum) }
    }).filter(({ other }) => other !== row).sort((a, b) => a.distance - b.distance).slice(0, neighbourCount)
    all.forEach(({ other, distance }, at) => {
      neighbours[row * neighbourCount + at] = other
      distances[row * neighbourCount + at] = distance
    })
  }
  return { faceIds, dimension, embeddings, neighbourCount, neighbours, distances, people }
}

describe('a layout', () => {
  const job = jobOf(600)

  it('of a sample has the others between their neighbours, at the same places every time', () => {
    const first = layOutFaces(job, { sample: 250 })
    expect(first.laidOut).toBe(250)
    expect(first.positions.every((value) => value >= -0.001 && value <= 1.001)).toBe(true)
    expect(layOutFaces(job, { sample: 250 })).toEqual(first)
    const { positions } = first
    let same = 0, asked = 0
    for (let row = 0; row < 600; row++) {
      if (job.people.filter((person) => person === job.people[row]).length < 6) continue
      const nearest = [...job.people.keys()].filter((other) => other !== row)
        .sort((a, b) => distance(a, row) - distance(b, row)).slice(0, 3)
      same += nearest.filter((other) => job.people[other] === job.people[row]).length / 3
      asked++
    }
    expect(same / asked).toBeGreaterThan(0.9)

    function distance(a: number, b: number): number {
      return Math.hypot(positions[a * 2]! - positions[b * 2]!, positions[a * 2 + 1]! - positions[b * 2 + 1]!)
    }
  })

  it('tells how far it is, to the end', () => {
    const told: number[] = []
    let total = 0
    layOutFaces(job, { sample: 100, onProgress(done, of) { told.push(done); total = of } })
    expect(told).toEqual([...told].sort((a, b) => a - b))
    expect(told.at(-1)).toBe(total)
    expect(told.length).toBeGreaterThan(50)
  })

  it('can be made of faces without neighbours, and of copies of one face', () => {
    const alone = { ...job, neighbours: new Int32Array(job.neighbours.length).fill(-1), distances: new Float32Array(job.distances.length).fill(Infinity) }
    expect(layOutFaces(alone, { sample: 100 }).positions.every(Number.isFinite)).toBe(true)
    const copies = { ...job, embeddings: new Float32Array(job.embeddings.length).fill(0.1), distances: new Float32Array(job.distances.length) }
    expect(layOutFaces(copies, { sample: 100 }).positions.every(Number.isFinite)).toBe(true)
    expect(() => layOutFaces({ ...job, faceIds: job.faceIds.slice(0, 2) })).toThrow('2 faces')
  })
})

it('finds neighbours within a part along the graph', () => {
  const job = jobOf(300)
  const part = Int32Array.from({ length: 100 }, (_, at) => at * 3)
  const lists = neighboursAmong(part, { size: neighbourCount, ...job }, job.embeddings, dimension, 4)
  let right = 0
  lists.forEach(({ places, distances }, place) => {
    expect(places).not.toContain(place)
    expect(distances).toEqual([...distances].sort((a, b) => a - b))
    const exact = [...part.keys()].filter((other) => other !== place)
      .sort((a, b) => between(part[a]!, part[place]!) - between(part[b]!, part[place]!)).slice(0, 4)
    right += places.filter((other) => exact.includes(other)).length
  })
  expect(right / 400).toBeGreaterThan(0.85)

  function between(a: number, b: number): number {
    let sum = 0
    for (let k = 0; k < dimension; k++) sum += (job.embeddings[a * dimension + k]! - job.embeddings[b * dimension + k]!) ** 2
    return sum
  }
})

it('projects onto the plane in which vectors spread most', () => {
  const random = createRandom(1)
  const rows = Float32Array.from({ length: 200 * 5 }, (_, at) => random.fraction() * [0.1, 8, 0.1, 3, 0.1][at % 5]!)
  const plane = projectOntoPlane(rows, 200, 5, 10)
  expect(Math.max(...plane.map(Math.abs))).toBeCloseTo(10, 6)
  const along = (axis: number) => Array.from({ length: 200 }, (_, row) => plane[row * 2 + axis]!)
  const against = (axis: number, k: number) => {
    const [xs, ys] = [along(axis), Array.from({ length: 200 }, (_, row) => rows[row * 5 + k]!)]
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    const [mx, my] = [mean(xs), mean(ys)]
    const sum = (f: (i: number) => number) => xs.reduce((total, _, i) => total + f(i), 0)
    return Math.abs(sum((i) => (xs[i]! - mx) * (ys[i]! - my)) / Math.sqrt(sum((i) => (xs[i]! - mx) ** 2) * sum((i) => (ys[i]! - my) ** 2)))
  }
  expect(against(0, 1)).toBeGreaterThan(0.99)
  expect(against(1, 3)).toBeGreaterThan(0.99)
})

describe('places between neighbours', () => {
  const spacing = { together: 1, aside: 0.1 }
  const table = (...lists: number[][]) => ({
    size: 3, neighbours: Int32Array.from(lists.flatMap((list) => [0, 1, 2].map((at) => list[at] ?? -1))), distances: new Float32Array(lists.length * 3),
  })

  it('are on the island of most of them, and wait for neighbours that have none yet', () => {
    const positions = Float64Array.from([0, 0, 10, 10, 10.2, 10, NaN, NaN, NaN, NaN])
    expect(placeBetween(positions, table([], [], [], [0, 1, 2], [3]), (row) => row, spacing)).toBe(2)
    expect(Math.hypot(positions[6]! - 10, positions[7]! - 10)).toBeLessThan(0.3)
    expect(Math.hypot(positions[8]! - positions[6]!, positions[9]! - positions[7]!)).toBeLessThan(0.11)
  })

  it('are at the edge where no neighbour leads to one', () => {
    const positions = Float64Array.from([0, 0, 4, 0, NaN, NaN])
    placeBetween(positions, table([1], [0], []), (row) => row, spacing)
    expect(Math.hypot(positions[4]! - 2, positions[5]!)).toBeCloseTo(2, 0)
  })
})

it('brings islands nearer without touching what is within them', () => {
  const random = createRandom(3)
  const centres = [[0, 0], [100, 0], [0, 80], [-60, -60]]
  const positions = Float64Array.from({ length: 400 }, (_, at) => centres[Math.floor(at / 100)]![at % 2]! + random.fraction())
  const before = positions.slice()
  packIslands(positions, { link: 0.7, gap: 0.7 })
  const widest = (values: Float64Array) => Math.max(...values) - Math.min(...values)
  expect(widest(positions)).toBeLessThan(20)
  for (let island = 0; island < 4; island++)
    for (let row = island * 50; row < island * 50 + 49; row++)
      for (const axis of [0, 1])
        expect(positions[row * 2 + axis]! - positions[row * 2 + 2 + axis]!).toBeCloseTo(before[row * 2 + axis]! - before[row * 2 + 2 + axis]!, 9)
})

describe('a face that looks like somebody else', () => {
  const [anna, ben] = [1, 2]
  const near = (...people: number[]) => people.map((personId, at) => ({ personId, distance: 0.4 + at / 100 }))
  const nobody = () => false

  it('has most of its confirmed neighbours there, more than one, near enough', () => {
    expect(looksLikeAnother(anna, near(ben, ben, ben), 0.6, nobody)).toBe(ben)
    expect(looksLikeAnother(anna, near(ben), 0.6, nobody)).toBeNull()
    expect(looksLikeAnother(anna, near(ben, anna, ben), 0.6, nobody)).toBeNull()
    expect(looksLikeAnother(anna, near(anna, anna, anna, ben, ben), 0.6, nobody)).toBeNull()
    expect(looksLikeAnother(anna, near(ben, ben, ben), 0.3, nobody)).toBeNull()
    expect(looksLikeAnother(anna, [], 0.6, nobody)).toBeNull()
  })

  it('cannot be whom the user refused, or who is on the photo already', () => {
    expect(looksLikeAnother(anna, near(ben, ben, ben), 0.6, (other) => other === ben)).toBeNull()
  })
})
