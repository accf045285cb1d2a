/** Which people are learned from and which are held out to measure: nobody is both. */
import { KithError } from '../../../src-shared/errors.ts'
import { createRandom } from '../math/random.ts'
import type { TrainingPerson } from '../training-port.ts'

export interface PeopleSplit {
  readonly training: readonly TrainingPerson[]
  readonly validation: readonly TrainingPerson[]
  /** People with a single face, from whom no pair can be made. */
  readonly tooFew: number
}

const heldOutShare = 0.2
const fewestPeople = { training: 2, validation: 2 }
/** More faces than this make no figure better that an epoch should wait for. */
const mostValidationFaces = 400

/**
 * Holds out a fifth of the people at random, two at the least.
 * @throws KithError invalid-input where fewer than four people have two faces
 */
export function splitPeople(people: readonly TrainingPerson[], seed: number): PeopleSplit {
  const usable = people.filter(({ faces }) => faces.length >= 2)
  const least = fewestPeople.training + fewestPeople.validation
  if (usable.length < least) {
    throw new KithError('invalid-input',
      `Faces were found on two or more pictures of ${usable.length === 0 ? 'nobody' : usable.length === 1 ? 'one person only' : `${usable.length} people only`}. ` +
      `Training needs ${least} such people: ${fewestPeople.training} to learn from and ${fewestPeople.validation} to measure. Add pictures on which faces can be seen.`)
  }
  const random = createRandom(seed)
  const shuffled = usable.map((person) => ({ person, key: random() })).sort((a, b) => a.key - b.key).map(({ person }) => person)
  const wanted = Math.max(fewestPeople.validation, Math.round(usable.length * heldOutShare))
  let held = 0, faces = 0
  while (held < wanted && (held < fewestPeople.validation || faces + shuffled[held]!.faces.length <= mostValidationFaces)) {
    faces += shuffled[held++]!.faces.length
  }
  return { validation: shuffled.slice(0, held), training: shuffled.slice(held), tooFew: people.length - usable.length }
}
