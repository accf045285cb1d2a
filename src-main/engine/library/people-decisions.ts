/** What the user decides about people: their names, that two are one, that one is several, and which picture shows them. */
import type { Decision, MethodParsedInput } from '../../../src-shared/api.ts'
import type { PersonId } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { noSuggestion, type FaceRow, type Recorder } from '../store/changes.ts'
import type { PersonRow } from '../store/people.ts'
import { counted, type Deciding } from './deciding.ts'
import { personNameKey } from './people.ts'

export function createPeopleDecisions({ people, faces, decide, faceOf, facesById, personOf, personNamed, giveName }: Deciding) {
  /** Moves all that is known of `from` to `into`, and takes `from` away. Answers how many faces got the other name. */
  const absorb = (recorder: Recorder, from: PersonRow, into: PersonRow): number => {
    const moved = facesById(recorder, faces.namedIds(from.id))
    for (const face of moved) {
      const refused = face.assignedBy === 'machine' && recorder.hasRejection(face.id, into.id)
      recorder.setFace(face, refused ? { personId: null, assignedBy: null } : { personId: into.id })
    }
    recorder.removeRejections(moved.filter(({ personId }) => personId === into.id).map(({ id }) => id), into.id)
    const refusing = facesById(recorder, faces.rejectedFaces(from.id))
    recorder.removeRejections(refusing.map(({ id }) => id), from.id)
    for (const face of refusing) {
      if (face.personId === into.id && face.assignedBy === 'user') continue
      recorder.addRejection(face.id, into.id)
      if (face.personId === into.id) recorder.setFace(face, { personId: null, assignedBy: null, ...noSuggestion })
      else if (face.suggestedPersonId === into.id) recorder.setFace(face, noSuggestion)
    }
    for (const face of facesById(recorder, faces.suggestedIds(from.id)))
      recorder.setFace(face, recorder.hasRejection(face.id, into.id) ? noSuggestion : { suggestedPersonId: into.id })
    if (into.coverFaceId === null && from.coverFaceId !== null) recorder.setPerson(into, { coverFaceId: from.coverFaceId })
    recorder.removePerson(from)
    return moved.length
  }

  /** The faces get the name; without one they are nobody's, and not `from`'s for good. */
  const send = (recorder: Recorder, from: PersonRow, some: readonly FaceRow[], name: string | null): string => {
    if (name !== null) {
      const person = personNamed(recorder, name)
      if (person.id === from.id)
        throw new KithError('invalid-input', `These faces carry the name ${from.name} already. Give the group another name, or leave it.`, { field: 'groups' })
      giveName(recorder, some, person.id)
      return person.name
    }
    for (const face of some) {
      recorder.addRejection(face.id, from.id)
      recorder.setFace(face, { personId: null, assignedBy: null, ...noSuggestion })
    }
    return 'without a name'
  }

  return {
    /** @throws KithError not-found; name-taken where another has the name and `merge` is false */
    rename: ({ personId, name, merge }: MethodParsedInput<'people.rename'>): Decision =>
      decide((recorder) => {
        let person = personOf(recorder, personId)
        const nameKey = personNameKey(name)
        const other = people.rowByNameKey(nameKey)
        if (!other || other.id === personId) {
          if (person.name !== name) recorder.setPerson(person, { name, nameKey })
          return { label: `Renamed ${person.name} to ${name}`, faces: 0, personId }
        }
        if (!people.hasFaces(other.id)) {
          absorb(recorder, other, person)
          person = personOf(recorder, personId)
          recorder.setPerson(person, { name, nameKey })
          return { label: `Renamed ${person.name} to ${name}`, faces: 0, personId }
        }
        if (!merge)
          throw new KithError('name-taken', `There is already somebody called ${other.name}. Merge the two if they are the same person, or choose another name.`, { personId: other.id as PersonId })
        const moved = absorb(recorder, person, other)
        return { label: `Merged ${person.name} into ${other.name}`, faces: moved, personId: other.id }
      }),

    /** @throws KithError not-found, invalid-input where both are the same */
    merge: ({ fromPersonId, intoPersonId }: MethodParsedInput<'people.merge'>): Decision =>
      decide((recorder) => {
        const from = personOf(recorder, fromPersonId)
        const into = personOf(recorder, intoPersonId)
        if (from.id === into.id)
          throw new KithError('invalid-input', `${from.name} can't be merged with themselves. Choose another person.`, { field: 'intoPersonId' })
        const moved = absorb(recorder, from, into)
        return { label: `Merged ${from.name} into ${into.name}`, faces: moved, personId: into.id }
      }),

    /**
     * Takes groups of faces away from a person; what is not theirs (any more) is left alone.
     * @throws KithError not-found, invalid-input where a group is to get the person's own name or a face is in two groups
     */
    split: ({ personId, groups }: MethodParsedInput<'people.split'>): Decision =>
      decide((recorder) => {
        const person = personOf(recorder, personId)
        const all = groups.flatMap(({ faceIds }) => faceIds)
        if (new Set(all).size < all.length)
          throw new KithError('invalid-input', 'A face can go one way only, and one is in two of the groups. Group the faces again.', { field: 'groups' })
        let left = 0
        const ways = groups.flatMap(({ faceIds, name }) => {
          const theirs = facesById(recorder, faceIds).filter((face) => face.personId === personId)
          if (theirs.length === 0) return []
          left += theirs.length
          return [`${theirs.length} ${send(recorder, person, theirs, name)}`]
        })
        return { label: `Split ${counted(left)} off ${person.name}: ${ways.join(', ')}`, faces: left, personId }
      }),

    /** @throws KithError not-found, invalid-input where the face is not that person's */
    setCover: ({ personId, faceId }: MethodParsedInput<'people.setCover'>): Decision =>
      decide((recorder) => {
        const person = personOf(recorder, personId)
        const face = faceOf(recorder, faceId)
        if (face.personId !== personId || face.ignored === 1)
          throw new KithError('invalid-input', `That face is not ${person.name}'s. Choose one of theirs.`, { field: 'faceId' })
        if (person.coverFaceId !== faceId) recorder.setPerson(person, { coverFaceId: faceId })
        return { label: `Chose a picture for ${person.name}`, faces: 0, personId }
      }),
  }
}
