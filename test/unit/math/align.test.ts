/** OpenFace's two templates: where they put the landmarks that they are made of. */
import { expect, test } from 'vitest'
import { fitFace } from '../../../src-main/engine/math/align.ts'
import { fitTriangle, mapPoints } from '../../../src-main/engine/math/geometry.ts'
import { createRandom } from '../../fixtures/random.ts'

const random = createRandom(3)
const landmarks = Float64Array.from({ length: 136 }, () => random.fraction() * 500)
const pointOf = (point: number) => [landmarks[point * 2]!, landmarks[point * 2 + 1]!]

test.each([
  ['outer-eyes-and-nose', [36, 45, 33], [18.639, 16.25, 75.73, 15.184, 47.515, 49.386]],
  ['inner-eyes-and-bottom-lip', [39, 42, 57], [34.923, 17.083, 59.42, 16.587, 48.02, 72.056]],
] as const)('%s', (alignment, points, expected) => {
  for (const sidePx of [96, 192]) {
    const mapped = mapPoints(fitFace(alignment, landmarks, sidePx, 0), points.flatMap(pointOf))
    expected.forEach((value, i) => expect(mapped[i]).toBeCloseTo((value * sidePx) / 96, 2))
  }
})

test('three landmarks on a line have no alignment', () => {
  const line = Float64Array.from({ length: 136 }, (_, i) => i)
  expect(() => fitFace('outer-eyes-and-nose', line, 96, 0)).toThrow(RangeError)
  expect(() => fitTriangle([0, 0, 1, 1, 2, 2], [0, 0, 1, 0, 0, 1])).toThrow(RangeError)
})
