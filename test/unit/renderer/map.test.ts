import { describe, expect, it } from 'vitest'
import { createPointIndex, typicalSpacing } from '../../../src-renderer/map/point-index.ts'
import { coloursOf, orderOf, type Look } from '../../../src-renderer/map/scene.ts'
import { standing, unpackMap } from '../../../src-renderer/map/unpack.ts'
import { createRandom } from '../../fixtures/random.ts'

const base64 = (numbers: Int32Array | Float32Array | Uint8Array) => Buffer.from(numbers.buffer).toString('base64')
const random = createRandom(7)
const count = 3000
/** Some in a heap, some all over the map, some beside it. */
const positions = Float32Array.from({ length: count * 2 }, (_, at) => (at < count ? 0.4 + random.fraction() / 50 : random.fraction() * 1.1 - 0.05))
const faceIds = Int32Array.from({ length: count }, (_, row) => row * 3 + 5)
const personIds = Int32Array.from({ length: count }, (_, row) => row % 7)
const standings = Uint8Array.from({ length: count }, (_, row) => (row % 7 === 0 ? standing.nobody : 1 + (row % 3)))
const points = unpackMap({
  madeAt: '', faces: count, laidOut: count, added: 0,
  faceIds: base64(faceIds), positions: base64(positions), personIds: base64(personIds), standings: base64(standings),
})
const rows = Array.from({ length: count }, (_, row) => row)
const x = (row: number) => positions[row * 2]!
const y = (row: number) => positions[row * 2 + 1]!

describe('points of a map', () => {
  it('come out as they were packed', () => {
    expect([points.count, points.faceIds, points.positions, points.personIds, points.standings]).toEqual([count, faceIds, positions, personIds, standings])
    expect(points.extent.width).toBeCloseTo(2 * Math.max(...rows.map((row) => Math.abs(x(row) - 0.5))), 6)
    expect(points.extent.height).toBeCloseTo(2 * Math.max(...rows.map((row) => Math.abs(y(row) - 0.5))), 6)
  })

  it('are found by their face, and others are not', () => {
    expect(rows.map((row) => points.rowOf(faceIds[row]!))).toEqual(rows)
    expect([0, 4, 6, 7, faceIds[count - 1]! + 1].map(points.rowOf)).toEqual([null, null, null, null, null])
    expect(unpackMap({ madeAt: '', faces: 0, laidOut: 0, added: 0, faceIds: '', positions: '', personIds: '', standings: '' }).rowOf(1)).toBeNull()
  })

  const index = createPointIndex(positions)
  const places = Array.from({ length: 100 }, () => [random.fraction(), random.fraction()] as const)

  it('are found inside a rectangle as if all were looked at', () => {
    for (const [left, top] of places) {
      const [right, bottom] = [left + random.fraction() / 3, top + random.fraction() / 3]
      const meant = rows.filter((row) => x(row) >= left && x(row) <= right && y(row) >= top && y(row) <= bottom)
      expect(index.inside(left, top, right, bottom).toSorted((a, b) => a - b)).toEqual(meant)
    }
    expect(index.inside(-1, -1, 2, 2)).toHaveLength(count)
  })

  it('are found near a place as if all were looked at', () => {
    for (const [placeX, placeY] of places) {
      const distanceOf = (row: number) => Math.hypot(x(row) - placeX, y(row) - placeY)
      const [first, second] = rows.toSorted((a, b) => distanceOf(a) - distanceOf(b))
      expect(index.nearest(placeX, placeY, 2)).toBe(first)
      expect(index.nearest(placeX, placeY, 2, first)).toBe(second)
      expect(index.nearest(placeX, placeY, distanceOf(first!) / 2)).toBeNull()
    }
  })

  it('lie as far apart as the median of their nearest neighbours', () => {
    const few = positions.subarray(0, 800)
    const nearest = Array.from({ length: 400 }, (_, row) => {
      const distances = Array.from({ length: 400 }, (__, other) => Math.hypot(x(row) - x(other), y(row) - y(other)))
      return Math.min(...distances.toSpliced(row, 1))
    })
    expect(typicalSpacing(few, createPointIndex(few))).toBe(nearest.toSorted((a, b) => a - b)[200])
  })

  it('are painted nobody’s first, then suggested, named and chosen', () => {
    const layer = (row: number) => (row % 10 === 0 ? 4 : standings[row]!)
    const chosen = Uint8Array.from(rows, (row) => (row % 10 === 0 ? 1 : 0))
    expect([...orderOf(points, chosen)]).toEqual(rows.toSorted((a, b) => layer(a) - layer(b) || a - b))
    expect([...orderOf(points, null)]).toEqual(rows.toSorted((a, b) => standings[a]! - standings[b]! || a - b))
  })

  it('have their person’s colour, another where it is suggested, and one for nobody', () => {
    const look: Look = { dark: false, ground: [250, 250, 250], ink: [20, 20, 20], quiet: [120, 120, 120], accent: [0, 90, 200], danger: [190, 30, 30], font: 'serif' }
    const colours = coloursOf(points, (personId) => personId, look)
    const kindOf = (row: number) => (standings[row] === standing.nobody ? 'nobody' : `${personIds[row]} ${standings[row] === standing.suggested}`)
    const kinds = new Map<string, Set<number>>()
    for (const row of rows) kinds.set(kindOf(row), (kinds.get(kindOf(row)) ?? new Set()).add(colours[row]!))
    expect([...kinds.values()].map(({ size }) => size)).toEqual([...kinds].map(() => 1))
    expect(new Set(colours).size).toBe(13)
  })
})
