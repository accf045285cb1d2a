/**
 * What every decision of the user has in common: it is one transaction that ends with an entry of the journal, it names
 * faces and people that are there, and whoever shows or learns from them is told.
 */
import type { Decision, Target } from '../../../src-shared/api.ts'
import type { FaceId, PersonId } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { createChanges, noSuggestion, touchedBy, type Changes, type FaceRow, type Recorder } from '../store/changes.ts'
import { libraryAway, toLibraryError } from '../store/database.ts'
import { writtenFacesOf, type Side } from '../store/face-looks.ts'
import { createFacesStore } from '../store/faces.ts'
import { createJournalStore } from '../store/journal.ts'
import { createPeopleStore, type PersonRow } from '../store/people.ts'
import type { LibraryContext } from './context.ts'
import { personNameKey } from './people.ts'

/** What a decision came to: the words for people, how many faces it changed, and whom it concerns. */
export interface Outcome {
  label: string
  faces: number
  personId: number | null
}

/** What a transaction came to. `changed` is null where it changed nothing. */
interface Done<T> {
  result: T
  changed: Changes | null
  /** Which side of the changes stands now; the side after them where it is left out. */
  side?: Side
  /** Faces that made room for others. */
  goneFaceIds?: readonly number[]
}

/** The faces that a decision is about. */
export interface ChosenFaces {
  faceIds?: readonly FaceId[] | undefined
  targets?: readonly Target[] | undefined
}

export const counted = (faces: number) => (faces === 1 ? '1 face' : `${faces} faces`)

export function createDeciding(context: LibraryContext) {
  const { db } = context.database
  const people = createPeopleStore(db)
  const faces = createFacesStore(db)
  const journal = createJournalStore(db)
  const changes = createChanges(db)

  /** Runs `work` as one transaction and tells the windows and whoever learns from decisions once it is kept. */
  const commit = <T>(work: () => Done<T>): T => {
    let done: Done<T>
    if (!context.database.isInPlace()) throw libraryAway(context.libraryDirectory)
    try {
      done = db.transaction(work).immediate()
    } catch (error) {
      throw toLibraryError(error, context.libraryDirectory)
    }
    if (done.changed) {
      const { side = 'after', goneFaceIds = [], changed: { looks = [] } } = done
      if (looks.length > 0) context.facesMoved(writtenFacesOf(looks, side, context.embedder.spaceId, goneFaceIds))
      context.emit({ type: 'changed', topics: ['faces', 'people', 'clusters', 'photos', 'journal'] })
      context.decisionTaken(touchedBy(done.changed))
    }
    return done.result
  }

  /** Sees that everybody of these has a face to stand for them: the chosen one, else their largest. */
  const mendCovers = (recorder: Recorder, personIds: Iterable<number>) => {
    recorder.flush()
    for (const personId of personIds) {
      const person = recorder.person(personId)
      if (!person || (person.coverFaceId !== null && recorder.coverIsTheirs(person.coverFaceId, personId))) continue
      const coverFaceId = faces.bestFaceOf(personId)
      if (coverFaceId !== person.coverFaceId) recorder.setPerson(person, { coverFaceId })
    }
  }

  const decide = (work: (recorder: Recorder) => Outcome): Decision =>
    commit(() => {
      const recorder = changes.record()
      const { label, faces: count, personId } = work(recorder)
      mendCovers(recorder, recorder.peopleOfFaces())
      const changed = recorder.finish()
      return {
        changed,
        result: {
          journalEntryId: changed ? journal.add(label, changed).id : null,
          label: changed ? label : 'Nothing to change',
          faces: changed ? count : 0,
          personId: personId as PersonId | null,
        },
      }
    })

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

  const facesById = (recorder: Recorder, faceIds: readonly number[]): FaceRow[] => {
    recorder.load(faceIds)
    return [...new Set(faceIds)].map((faceId) => faceOf(recorder, faceId))
  }

  const idsOf = (target: Target): readonly number[] => {
    if (target.kind === 'face') return [target.id]
    if (target.kind === 'list') {
      const except = new Set<number>(target.except)
      return faces.idsOf(target.filter).filter((id) => !except.has(id))
    }
    const ids = faces.unnamedOfCluster(target.id)
    if (ids.length === 0)
      throw new KithError('not-found', `Group ${target.id} is no more: faces have been named or grouped again. Choose from the groups as they are now.`)
    return ids
  }

  return {
    people,
    faces,
    journal,
    changes,
    commit,
    decide,
    mendCovers,
    faceOf,
    personOf,
    facesById,

    /** The faces that are meant, each once. @throws KithError not-found for a face or group that is no more */
    facesOf: (recorder: Recorder, { faceIds = [], targets = [] }: ChosenFaces): FaceRow[] =>
      facesById(recorder, [...faceIds, ...targets.flatMap(idsOf)]),

    /** Who has the name; makes the person where nobody has it. */
    personNamed(recorder: Recorder, name: string): PersonRow {
      const nameKey = personNameKey(name)
      return people.rowByNameKey(nameKey) ?? recorder.addPerson({ name, nameKey, coverFaceId: null, createdAt: new Date().toISOString() })
    },

    /** The user says who it is. Answers the faces of which that was not so before. */
    giveName(recorder: Recorder, some: readonly FaceRow[], personId: number): FaceRow[] {
      recorder.removeRejections(some.map(({ id }) => id), personId)
      const unlike = some.filter((face) => face.personId !== personId || face.assignedBy !== 'user' || face.ignored === 1)
      for (const face of unlike) recorder.setFace(face, { personId, assignedBy: 'user', ignored: 0, ...noSuggestion })
      return unlike
    },
  }
}
export type Deciding = ReturnType<typeof createDeciding>
