/** What the user decides about faces: who they are, who they are not, and that they are nobody's business. */
import type { Decision, MethodParsedInput } from '../../../src-shared/api.ts'
import { noSuggestion, type FaceRow, type FaceState, type Recorder } from '../store/changes.ts'
import type { PersonRow } from '../store/people.ts'
import { counted, type Deciding } from './deciding.ts'

export function createFaceDecisions({ decide, facesOf, facesById, personOf, personNamed, giveName }: Deciding) {
  /** Puts faces aside; a name of the machine goes, one of the user stays with the face. Answers how many were not aside. */
  const putAside = (recorder: Recorder, some: readonly FaceRow[]): number => {
    const shown = some.filter((face) => face.ignored === 0)
    for (const face of shown) {
      const machine = face.assignedBy === 'machine' ? { personId: null, assignedBy: null } : {}
      recorder.setFace(face, { ignored: 1, ...machine, ...noSuggestion })
    }
    return shown.length
  }

  return {
    /** Gives faces, groups and lists a name; makes the person where nobody has it. @throws KithError not-found */
    name: ({ name, ...chosen }: MethodParsedInput<'faces.name'>): Decision =>
      decide((recorder) => {
        const meant = facesOf(recorder, chosen)
        if (meant.length === 0) return { label: 'Named no face', faces: 0, personId: null }
        const person = personNamed(recorder, name)
        const named = giveName(recorder, meant, person.id).length
        return { label: `Named ${counted(named)} ${person.name}`, faces: named, personId: person.id }
      }),

    /** Accepts what the machine named or suggested; other faces stay as they are. @throws KithError not-found */
    confirm: (chosen: MethodParsedInput<'faces.confirm'>): Decision =>
      decide((recorder) => {
        const meant = new Map<number, FaceRow[]>()
        for (const face of facesOf(recorder, chosen)) {
          const personId = face.personId ?? face.suggestedPersonId
          if (personId === null || face.ignored === 1) continue
          const known = meant.get(personId)
          if (known) known.push(face)
          else meant.set(personId, [face])
        }
        const concerned: PersonRow[] = []
        let confirmed = 0
        for (const [personId, some] of meant) {
          const person = recorder.person(personId)
          const changed = person ? giveName(recorder, some, personId).length : 0
          if (person && changed > 0) concerned.push(person)
          confirmed += changed
        }
        const only = concerned.length === 1 ? concerned[0]! : null
        const label = `Confirmed ${counted(confirmed)}${only ? ` as ${only.name}` : ''}`
        return { label, faces: confirmed, personId: only?.id ?? null }
      }),

    /** Says who a face is not; with no person, not the one it is named, else suggested. @throws KithError not-found */
    reject: ({ personId: given, ...chosen }: MethodParsedInput<'faces.reject'>): Decision =>
      decide((recorder) => {
        if (given !== null) personOf(recorder, given)
        const refused = new Set<number>()
        let count = 0
        for (const face of facesOf(recorder, chosen)) {
          const personId = given ?? face.personId ?? face.suggestedPersonId
          if (personId === null || !recorder.person(personId)) continue
          const patch: Partial<FaceState> = {
            ...(face.personId === personId ? { personId: null, assignedBy: null } : {}),
            ...(face.suggestedPersonId === personId ? noSuggestion : {}),
          }
          const known = recorder.hasRejection(face.id, personId)
          if (known && Object.keys(patch).length === 0) continue
          recorder.addRejection(face.id, personId)
          if (Object.keys(patch).length > 0) recorder.setFace(face, patch)
          refused.add(personId)
          count++
        }
        const only = refused.size === 1 ? recorder.person([...refused][0]!) : null
        return { label: `Said ${counted(count)} ${count === 1 ? 'is' : 'are'} not ${only?.name ?? 'who was suggested'}`, faces: count, personId: only?.id ?? null }
      }),

    /** Puts faces aside. A name the user gave stays with the face, for the day it comes back. @throws KithError not-found */
    ignore: (chosen: MethodParsedInput<'faces.ignore'>): Decision =>
      decide((recorder) => {
        const count = putAside(recorder, facesOf(recorder, chosen))
        return { label: `Ignored ${counted(count)}`, faces: count, personId: null }
      }),

    /**
     * Puts passers-by aside, under a label that tells them from faces ignored by hand. One that has a name or a suggestion
     * by now stays. @throws KithError not-found
     */
    foldAway: (faceIds: readonly number[]): Decision =>
      decide((recorder) => {
        const strangers = facesById(recorder, faceIds).filter((face) => face.personId === null && face.suggestedPersonId === null)
        const count = putAside(recorder, strangers)
        return { label: `Folded away ${count === 1 ? '1 bystander' : `${count} bystanders`}`, faces: count, personId: null }
      }),

    /** Brings ignored faces back. @throws KithError not-found */
    unignore: (chosen: MethodParsedInput<'faces.unignore'>): Decision =>
      decide((recorder) => {
        let count = 0
        for (const face of facesOf(recorder, chosen)) {
          if (face.ignored === 0) continue
          recorder.setFace(face, { ignored: 0 })
          count++
        }
        return { label: `Brought back ${counted(count)}`, faces: count, personId: null }
      }),
  }
}
