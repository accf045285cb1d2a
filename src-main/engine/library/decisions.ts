/**
 * Everything the user decides about faces and people. Each decision is one transaction that ends with an entry of the
 * journal; undo and redo go through the entries without limit. The user outranks the machine: what is decided here is
 * never asked of it again, and undoing puts the user's state back whatever the machine wrote meanwhile.
 */
import type { Decision, MethodOutput, MethodParsedInput, Target } from '../../../src-shared/api.ts'
import type { JournalEntry, PersonId } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { createChanges, noSuggestion, type FaceRow, type FaceState, type Recorder } from '../store/changes.ts'
import { toLibraryError } from '../store/database.ts'
import { createFacesStore } from '../store/faces.ts'
import { createJournalStore } from '../store/journal.ts'
import { createPeopleStore, type PersonRow } from '../store/people.ts'
import type { LibraryContext } from './context.ts'
import { personNameKey } from './people.ts'

/** What a decision came to: the words for people, how many faces it changed, and whom it concerns. */
interface Outcome {
  label: string
  faces: number
  personId: number | null
}

const counted = (faces: number) => (faces === 1 ? '1 face' : `${faces} faces`)

export function createDecisions(context: LibraryContext) {
  const { db } = context.database
  const people = createPeopleStore(db)
  const faces = createFacesStore(db)
  const journal = createJournalStore(db)
  const changes = createChanges(db)

  /** Runs `work` as one transaction and tells the windows and whoever learns from decisions once it is kept. */
  const commit = <T>(work: () => T, changed: (result: T) => boolean): T => {
    let result: T
    try {
      result = db.transaction(work).immediate()
    } catch (error) {
      throw toLibraryError(error, context.libraryDirectory)
    }
    if (changed(result)) {
      context.emit({ type: 'changed', topics: ['faces', 'people', 'clusters', 'photos', 'journal'] })
      context.decisionTaken()
    }
    return result
  }

  /** Sees that everybody a decision touched has a face to stand for them: the chosen one, else their largest. */
  const mendCovers = (recorder: Recorder) => {
    recorder.flush()
    for (const personId of recorder.peopleOfFaces()) {
      const person = recorder.person(personId)
      if (!person || (person.coverFaceId !== null && recorder.coverIsTheirs(person.coverFaceId, personId))) continue
      const coverFaceId = faces.bestFaceOf(personId)
      if (coverFaceId !== person.coverFaceId) recorder.setPerson(person, { coverFaceId })
    }
  }

  const decide = (work: (recorder: Recorder) => Outcome): Decision =>
    commit(
      () => {
        const recorder = changes.record()
        const { label, faces: count, personId } = work(recorder)
        mendCovers(recorder)
        const changed = recorder.finish()
        return {
          journalEntryId: changed ? journal.add(label, changed) : null,
          label: changed ? label : 'Nothing to change',
          faces: changed ? count : 0,
          personId: personId as PersonId | null,
        }
      },
      ({ journalEntryId }) => journalEntryId !== null,
    )

  const faceOf = (recorder: Recorder, faceId: number) => {
    const face = recorder.face(faceId)
    if (!face) throw new KithError('not-found', `Face ${faceId} is not in the library any more. Look at the photo again.`)
    return face
  }

  const personOf = (recorder: Recorder, personId: number): PersonRow => {
    const person = recorder.person(personId)
    if (!person) throw new KithError('not-found', `Person ${personId} is not in the library any more. Choose from the people again.`)
    return person
  }

  /** The faces that the targets mean, each once. */
  const facesOf = (recorder: Recorder, targets: readonly Target[]): FaceRow[] => {
    const faceIds = new Set<number>()
    for (const target of targets) {
      const ids = target.kind === 'face' ? [target.id] : faces.unnamedOfCluster(target.id)
      if (ids.length === 0)
        throw new KithError('not-found', `Group ${target.id} is no more: faces have been named or grouped again. Choose from the groups as they are now.`)
      for (const id of ids) faceIds.add(id)
    }
    return facesById(recorder, [...faceIds])
  }

  const facesById = (recorder: Recorder, faceIds: readonly number[]): FaceRow[] => {
    recorder.load(faceIds)
    return [...new Set(faceIds)].map((faceId) => faceOf(recorder, faceId))
  }

  /** The user says who it is. Answers the faces of which that was not so before. */
  const giveName = (recorder: Recorder, some: readonly FaceRow[], personId: number): FaceRow[] => {
    recorder.removeRejections(some.map(({ id }) => id), personId)
    const unlike = some.filter((face) => face.personId !== personId || face.assignedBy !== 'user' || face.ignored === 1)
    for (const face of unlike) recorder.setFace(face, { personId, assignedBy: 'user', ignored: 0, ...noSuggestion })
    return unlike
  }

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

  const turn = (direction: 'undo' | 'redo'): JournalEntry =>
    commit(
      () => {
        const turned = journal.turn(direction)
        if (!turned) throw new KithError('nothing-to-undo', `There is nothing to ${direction}.`)
        changes.replay(turned.changes, direction === 'undo' ? 'before' : 'after')
        return turned.entry
      },
      () => true,
    )

  return {
    /** Gives faces and whole groups a name; makes the person where nobody has it. @throws KithError not-found */
    name: ({ targets, name }: MethodParsedInput<'faces.name'>): Decision =>
      decide((recorder) => {
        const meant = facesOf(recorder, targets)
        const nameKey = personNameKey(name)
        const person =
          people.rowByNameKey(nameKey) ??
          recorder.addPerson({ name, nameKey, coverFaceId: null, createdAt: new Date().toISOString() })
        const named = giveName(recorder, meant, person.id).length
        return { label: `Named ${counted(named)} ${person.name}`, faces: named, personId: person.id }
      }),

    /** Accepts what the machine named or suggested; other faces stay as they are. @throws KithError not-found */
    confirm: ({ faceIds }: MethodParsedInput<'faces.confirm'>): Decision =>
      decide((recorder) => {
        const meant = new Map<number, FaceRow[]>()
        for (const face of facesById(recorder, faceIds)) {
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
    reject: ({ faceIds, personId: given }: MethodParsedInput<'faces.reject'>): Decision =>
      decide((recorder) => {
        if (given !== null) personOf(recorder, given)
        const refused = new Set<number>()
        let count = 0
        for (const face of facesById(recorder, faceIds)) {
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
    ignore: ({ targets }: MethodParsedInput<'faces.ignore'>): Decision =>
      decide((recorder) => {
        let count = 0
        for (const face of facesOf(recorder, targets)) {
          if (face.ignored === 1) continue
          const machine = face.assignedBy === 'machine' ? { personId: null, assignedBy: null } : {}
          recorder.setFace(face, { ignored: 1, ...machine, ...noSuggestion })
          count++
        }
        return { label: `Ignored ${counted(count)}`, faces: count, personId: null }
      }),

    /** Brings ignored faces back. @throws KithError not-found */
    unignore: ({ faceIds }: MethodParsedInput<'faces.unignore'>): Decision =>
      decide((recorder) => {
        let count = 0
        for (const face of facesById(recorder, faceIds)) {
          if (face.ignored === 0) continue
          recorder.setFace(face, { ignored: 0 })
          count++
        }
        return { label: `Brought back ${counted(count)}`, faces: count, personId: null }
      }),

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

    /** Takes back the newest decision that stands. @throws KithError nothing-to-undo */
    undo: (): JournalEntry => turn('undo'),
    /** Does again what was undone last. @throws KithError nothing-to-undo */
    redo: (): JournalEntry => turn('redo'),
    /** What undo and redo would turn, or null. */
    nextLabels: () => journal.nextLabels(),
    /** Newest first. @throws KithError invalid-input for a foreign cursor */
    history: ({ cursor, limit }: MethodParsedInput<'journal.list'>): MethodOutput<'journal.list'> =>
      journal.list(cursor, limit),
  }
}
export type Decisions = ReturnType<typeof createDecisions>
