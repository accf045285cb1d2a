/** Batches of several people with several faces each, drawn at random and the same for a seed. */
import { createRandom } from '../math/random.ts'

export interface BatchOptions {
  /** People a batch; all where there are fewer. */
  readonly people: number
  /** Faces of each; all that a person has where there are fewer. */
  readonly pictures: number
}

export interface Batch {
  /** Indices. */
  readonly faces: readonly number[]
  /** Of each face. */
  readonly people: readonly number[]
}

/**
 * Draws one batch.
 * @param faces indices of the faces of each person, at least two each
 * @param seed the same seed gives the same batch; seed and number of the step are all that has to be remembered
 */
export function drawBatch(faces: readonly (readonly number[])[], options: BatchOptions, seed: number): Batch {
  const random = createRandom(seed)
  const people = draw(Array.from(faces.keys()), options.people, random)
  const drawn = people.flatMap((person) => draw(faces[person]!, options.pictures, random).map((face) => ({ face, person })))
  return { faces: drawn.map(({ face }) => face), people: drawn.map(({ person }) => person) }
}

/** `count` of the items without repetition, all where there are fewer (Fisher and Yates 1938, the first steps of the shuffle). */
function draw<T>(items: readonly T[], count: number, random: () => number): T[] {
  const rest = [...items]
  const drawn = Math.min(count, rest.length)
  for (let i = 0; i < drawn; i++) {
    const other = i + Math.floor(random() * (rest.length - i))
    const item = rest[other]!
    rest[other] = rest[i]!
    rest[i] = item
  }
  return rest.slice(0, drawn)
}
