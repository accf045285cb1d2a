/** Comparing embedders: who wins, when nobody does, and what the figures are. */
import { expect, test } from 'vitest'
import { compareEmbedders } from '../../../src-main/engine/math/compare-embedders.ts'
import { createRandom } from '../../../src-main/engine/math/random.ts'
import { goldenLfw100 } from '../../fixtures/golden.ts'

/** Faces around a centre of each person; `spread` is how far they stray. */
function embed(people: readonly number[], spread: number, seed: number, dimension = 16): Float32Array {
  const centres = createRandom(1), random = createRandom(seed)
  const centre = Array.from({ length: Math.max(...people) + 1 }, () => Float32Array.from({ length: dimension }, () => centres() - 0.5))
  return Float32Array.from(people.flatMap((person) => [...centre[person]!].map((value) => value + (random() - 0.5) * spread)))
}
const people = Array.from({ length: 240 }, (_, face) => face % 40)

test('the embedder that is clearly better wins, from either side', () => {
  const sharp = embed(people, 0.9, 2), blurred = embed(people, 1.5, 3)
  const won = compareEmbedders({ people, current: blurred, candidate: sharp })
  expect(won).toMatchObject({ verdict: 'candidate', faces: 240, people: 40, same: 40 * 15, different: (240 * 239) / 2 - 600 })
  for (const { current, candidate, difference, interval: [low, high] } of won.measures) {
    expect(difference).toBeCloseTo(candidate - current, 12)
    expect(low).toBeLessThanOrEqual(difference)
    expect(high).toBeGreaterThanOrEqual(difference)
  }
  expect(compareEmbedders({ people, current: sharp, candidate: blurred }).verdict).toBe('current')
})

test('embedders that differ by chance alone are undecided, and so is one against itself', () => {
  const verdicts = Array.from({ length: 5 }, (_, k) =>
    compareEmbedders({ people, current: embed(people, 1.2, 10 + k), candidate: embed(people, 1.2, 50 + k) }, { draws: 100 }).verdict)
  expect(verdicts.filter((verdict) => verdict === 'undecided').length).toBeGreaterThanOrEqual(4)
  const same = embed(people, 1.2, 7)
  const itself = compareEmbedders({ people, current: same, candidate: same })
  expect(itself.verdict).toBe('undecided')
  for (const { difference, interval } of itself.measures) expect([difference, ...interval]).toEqual([0, 0, 0])
})

test('too few strangers for a rate: it has no say', () => {
  const few = [0, 0, 0, 1, 1, 1, 2, 2, 2]
  expect(compareEmbedders({ people: few, current: embed(few, 2, 1), candidate: embed(few, 0.1, 1) }).verdict).toBe('undecided')
  expect(() => compareEmbedders({ people: [0, 1], current: new Float32Array(4), candidate: new Float32Array(4) })).toThrow(RangeError)
})

test('embedders may have different lengths, and many faces are thinned evenly', () => {
  const { faces, people: left } = compareEmbedders(
    { people, current: embed(people, 1.5, 3, 8), candidate: embed(people, 0.9, 2) }, { mostFaces: 100, draws: 20 })
  expect([faces, left]).toEqual([100, 40])
})

test('real embeddings win over half of themselves', () => {
  const golden = goldenLfw100()
  if (!golden) return
  const { count, dimension, values } = golden
  const half = Float32Array.from(Array.from({ length: count }, (_, face) => [...values.subarray(face * dimension, face * dimension + 8)]).flat())
  expect(compareEmbedders({ people: golden.people, current: half, candidate: values }).verdict).toBe('candidate')
})
