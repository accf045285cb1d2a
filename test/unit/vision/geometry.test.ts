import { expect, test } from 'vitest'
import { fitDlibChip } from '../../../src-main/engine/math/align.ts'
import {
  compose, fitSimilarity, identity, intersectionOverUnion, invert, mapPoints, scaleOf, suppressNonMaximum, warp, type Affine,
} from '../../../src-main/engine/math/geometry.ts'

const box = (x: number, y: number, width: number, height: number) => ({ x, y, width, height })
const closeTo = (values: ArrayLike<number>, digits = 9) => Array.from(values, (value) => expect.closeTo(value, digits))

test('intersection over union', () => {
  expect(intersectionOverUnion(box(0, 0, 10, 10), box(0, 0, 10, 10))).toBe(1)
  expect(intersectionOverUnion(box(0, 0, 10, 10), box(5, 0, 10, 10))).toBeCloseTo(1 / 3)
  expect(intersectionOverUnion(box(0, 0, 10, 10), box(10, 0, 10, 10))).toBe(0)
  expect(intersectionOverUnion(box(0, 0, 0, 10), box(0, 0, 10, 10))).toBe(0)
})

test('non-maximum suppression keeps the best of each heap', () => {
  const candidates = [
    { box: box(1, 0, 10, 10), score: 0.8 }, { box: box(0, 0, 10, 10), score: 0.9 },
    { box: box(30, 0, 10, 10), score: 0.7 }, { box: box(6, 0, 10, 10), score: 0.6 },
  ]
  expect(suppressNonMaximum(candidates, 0.3).map(({ score }) => score)).toEqual([0.9, 0.7, 0.6])
})

test('an affine map and its inverse undo each other', () => {
  const map: Affine = [1.5, -0.4, 20, 0.3, 2, -7]
  expect([...compose(invert(map), map)]).toEqual(closeTo(identity))
  expect(scaleOf([0, 2, 5, 2, 0, 5])).toBe(2)
  expect(() => invert([1, 2, 0, 2, 4, 0])).toThrow(RangeError)
})

test('a similarity is found again from points that it moved', () => {
  const angle = 0.7
  const scale = 3.2
  const map: Affine = [scale * Math.cos(angle), -scale * Math.sin(angle), 11, scale * Math.sin(angle), scale * Math.cos(angle), -4]
  const points = [0, 0, 10, 3, -4, 8, 6, 6]
  expect([...fitSimilarity(points, mapPoints(map, points))]).toEqual(closeTo(map))
  expect(() => fitSimilarity([1, 1, 1, 1], [0, 0, 1, 1])).toThrow(RangeError)
})

// Umeyama 1991, section IV: the paper's own example, whose best answer without a mirror image it prints as
// R = [[0.832, 0.555], [-0.555, 0.832]], t = (-0.800, 0.400), c = 0.721.
test("Umeyama's own example", () => {
  const [a, b, c, d, e, f] = fitSimilarity([0, 0, 1, 0, 0, 2], [0, 0, -1, 0, 0, 2])
  expect(Math.hypot(a, d)).toBeCloseTo(0.721, 3)
  expect([a, b, d, e].map((value) => value / 0.7211)).toEqual(closeTo([0.832, 0.555, -0.555, 0.832], 3))
  expect([c, f]).toEqual(closeTo([-0.8, 0.4], 3))
})

test('a chip that is fitted already is left as it is, and a moved face comes back to it', () => {
  const face = Float64Array.from({ length: 136 }, (_, i) => 75 + 40 * Math.sin(i * 1.7))
  const onChip = mapPoints(fitDlibChip(face, 150, 0.25), face)
  expect([...fitDlibChip(onChip, 150, 0.25)]).toEqual(closeTo(identity, 6))
  const turn: Affine = [0, -2, 300, 2, 0, 40]
  expect([...fitDlibChip(mapPoints(turn, onChip), 150, 0.25)]).toEqual(closeTo(invert(turn), 6))
})

test('warping by the identity copies, between pixels it mixes, outside it is black', () => {
  const data = Uint8Array.from({ length: 4 * 3 * 3 }, (_, i) => i)
  const image = { data, width: 4, height: 3 }
  expect([...warp(image, identity, 4, 3)]).toEqual([...data])
  expect([...warp(image, [1, 0, 0.5, 0, 1, 0.5], 1, 1)]).toEqual([0, 1, 2].map((c) => (data[c]! + data[c + 3]! + data[c + 12]! + data[c + 15]!) / 4))
  expect([...warp(image, [1, 0, -5, 0, 1, 0], 1, 1)]).toEqual([0, 0, 0])
  expect([...warp(image, [1, 0, -0.5, 0, 1, 0], 1, 1)]).toEqual([0, 0.5, 1])
})
