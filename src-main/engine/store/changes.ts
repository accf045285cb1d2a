/**
 * Writes what a decision changes and remembers the rows before and after, so that it can be put back and done again.
 * Everything here runs in a transaction of the caller.
 */
import type { Database } from 'better-sqlite3'
import { createFaceLooks, type FaceLook, type LookChange, type Side } from './face-looks.ts'
import { blankState, createFaceStates, keyOf, noSuggestion, sameState, stateOf, type FaceRow, type FaceState } from './face-states.ts'
import type { PersonRow } from './people.ts'
import { createPhotoCounts } from './photo-counts.ts'

/** Rows before and after, as the journal keeps them. A person who was not there, or is no more, is null. */
export interface Changes {
  /** Faces that went from the same state to the same state stand together. */
  faces: { before: FaceState; after: FaceState; ids: number[] }[]
  people: { id: number; before: PersonRow | null; after: PersonRow | null }[]
  rejections: { faceId: number; personId: number; before: boolean; after: boolean }[]
  /** Faces that came, went or were moved; absent where none was. */
  looks?: LookChange[]
}

export { noSuggestion, type FaceRow, type FaceState }

/** Faces that changes are about, and the people who come or go with them. */
export const touchedBy = ({ faces, people, rejections, looks = [] }: Changes): { faceIds: number[]; personIds: number[] } => ({
  faceIds: [...faces.flatMap(({ ids }) => ids), ...rejections.map(({ faceId }) => faceId), ...looks.map(({ faceId }) => faceId)],
  personIds: people.filter(({ before, after }) => before === null || after === null).map(({ id }) => id),
})

export function createChanges(db: Database) {
  const photoCounts = createPhotoCounts(db)
  const { read: readFaces, write: writeFaces } = createFaceStates(db)
  const faceLooks = createFaceLooks(db)
  const personById = db.prepare<[number], PersonRow>(`
    SELECT id, name, name_key AS nameKey, cover_face_id AS coverFaceId, created_at AS createdAt FROM people WHERE id = ?`)
  const insertPerson = db.prepare<Omit<PersonRow, 'id'>>(
    'INSERT INTO people (name, name_key, cover_face_id, created_at) VALUES (:name, :nameKey, :coverFaceId, :createdAt)')
  const writePerson = db.prepare<PersonRow>(`
    INSERT INTO people (id, name, name_key, cover_face_id, created_at)
    VALUES (:id, :name, :nameKey, :coverFaceId, :createdAt)
    ON CONFLICT (id) DO UPDATE SET name = :name, name_key = :nameKey, cover_face_id = :coverFaceId, created_at = :createdAt`)
  const deletePerson = db.prepare<[number]>('DELETE FROM people WHERE id = ?')
  const parkNameKey = db.prepare<[number]>("UPDATE people SET name_key = char(0) || id WHERE id = ?")
  const personIdByNameKey = db.prepare<[string], number>('SELECT id FROM people WHERE name_key = ?').pluck()
  const coverIsTheirs = db
    .prepare<[number, number], number>('SELECT EXISTS (SELECT 1 FROM faces WHERE id = ? AND person_id = ? AND ignored = 0)')
    .pluck()
  const hasRejection = db
    .prepare<[number, number], number>('SELECT EXISTS (SELECT 1 FROM rejections WHERE face_id = ? AND person_id = ?)')
    .pluck()
  const insertRejection = db.prepare<[number, number]>('INSERT OR IGNORE INTO rejections (face_id, person_id) VALUES (?, ?)')
  const deleteRejections = db
    .prepare<[number, string], number>(`
      DELETE FROM rejections WHERE person_id = ? AND face_id IN (SELECT value FROM json_each(?)) RETURNING face_id`)
    .pluck()
  const refusedOf = db.prepare<[number], number>('SELECT person_id FROM rejections WHERE face_id = ?').pluck()
  const facesOf = db.prepare<[number], { id: number; photoId: number; assignedBy: 'user' | 'machine' }>(
    'SELECT id, photo_id AS photoId, assigned_by AS assignedBy FROM faces WHERE person_id = ?')
  const handOver = db.prepare<[number, number]>('UPDATE faces SET person_id = ? WHERE id = ?')
  const clearName = db.prepare<[number]>('UPDATE faces SET person_id = NULL, assigned_by = NULL WHERE id = ?')
  const clearSuggestion = db.prepare<[number]>(`
    UPDATE faces SET suggested_person_id = NULL, suggestion_probability = NULL, suggestion_distance = NULL WHERE id = ?`)
  const clearSuggestionsOf = db.prepare<[number]>(`
    UPDATE faces SET suggested_person_id = NULL, suggestion_probability = NULL, suggestion_distance = NULL
    WHERE suggested_person_id = ? AND person_id IS NULL AND ignored = 0`)

  /** Starts to record one decision. Reads through the recorder see its own writes. */
  const record = () => {
    const faces = new Map<number, { now: FaceRow; before: FaceState; written: FaceState }>()
    const people = new Map<number, { before: PersonRow | null; after: PersonRow | null }>()
    const rejections = new Map<string, Changes['rejections'][number]>()
    const looks: LookChange[] = []

    const notePerson = (id: number, before: PersonRow | null, after: PersonRow | null) => {
      const known = people.get(id)
      if (known) known.after = after
      else people.set(id, { before, after })
    }

    const load = (faceIds: readonly number[]): void => {
      const missing = faceIds.filter((faceId) => !faces.has(faceId))
      if (missing.length === 0) return
      for (const now of readFaces(missing)) {
        const before = stateOf(now)
        faces.set(now.id, { now, before, written: before })
      }
    }
    /** Brings the database in step with what has been set: needed before it is asked anything about these faces. */
    const flush = (): void => {
      const states = new Map<number, FaceState>()
      for (const [id, face] of faces) {
        if (sameState(face.now, face.written)) continue
        face.written = stateOf(face.now)
        states.set(id, face.written)
      }
      writeFaces(states)
    }
    const noteRejection = (faceId: number, personId: number, present: boolean): void => {
      const key = `${faceId} ${personId}`
      const known = rejections.get(key)
      if (known) known.after = present
      else rejections.set(key, { faceId, personId, before: !present, after: present })
    }

    return {
      /** Reads many faces at once; `face` then answers from memory. */
      load,
      flush,
      face(faceId: number): FaceRow | null {
        load([faceId])
        return faces.get(faceId)?.now ?? null
      },
      /** The face is written by the next flush, with all others that come to the same state. */
      setFace(face: FaceRow, patch: Partial<FaceState>): void {
        Object.assign(faces.get(face.id)!.now, patch)
      },
      /** A new face, without a name. */
      addFace(photoId: number, look: FaceLook): FaceRow {
        const faceId = faceLooks.add(photoId, look)
        looks.push({ reason: 'drawn', faceId, photoId, before: null, after: look })
        load([faceId])
        return faces.get(faceId)!.now
      },
      lookOf: (faceId: number): FaceLook | null => faceLooks.read(faceId),
      setLook(face: FaceRow, look: FaceLook): void {
        const change: LookChange = { reason: 'moved', faceId: face.id, photoId: face.photoId, before: faceLooks.read(face.id), after: look }
        faceLooks.apply(change, 'after')
        looks.push(change)
      },
      /** The face loses all that was said of it; its row goes when the recording ends. */
      removeFace(face: FaceRow): void {
        looks.push({ reason: 'deleted', faceId: face.id, photoId: face.photoId, before: faceLooks.read(face.id), after: null })
        for (const personId of refusedOf.all(face.id)) this.removeRejections([face.id], personId)
        this.setFace(face, blankState)
      },
      /** Every person a changed face had before or has now. */
      peopleOfFaces(): Set<number> {
        const ids = [...faces.values()]
          .filter(({ before, now }) => before.personId !== now.personId || before.ignored !== now.ignored)
          .flatMap(({ before, now }) => [before.personId, now.personId])
        return new Set(ids.filter((id) => id !== null))
      },
      person: (personId: number): PersonRow | null => personById.get(personId) ?? null,
      addPerson(row: Omit<PersonRow, 'id'>): PersonRow {
        const person = { ...row, id: Number(insertPerson.run(row).lastInsertRowid) }
        notePerson(person.id, null, person)
        return person
      },
      setPerson(person: PersonRow, patch: Partial<Omit<PersonRow, 'id'>>): PersonRow {
        const after = { ...person, ...patch }
        writePerson.run(after)
        notePerson(person.id, person, after)
        return after
      },
      /** The caller has moved the faces and rejections of the person elsewhere before. */
      removePerson(person: PersonRow): void {
        flush()
        deletePerson.run(person.id)
        notePerson(person.id, person, null)
      },
      hasRejection: (faceId: number, personId: number): boolean => hasRejection.get(faceId, personId) === 1,
      addRejection(faceId: number, personId: number): void {
        if (insertRejection.run(faceId, personId).changes > 0) noteRejection(faceId, personId, true)
      },
      removeRejections(faceIds: readonly number[], personId: number): void {
        for (const faceId of deleteRejections.all(personId, JSON.stringify(faceIds))) noteRejection(faceId, personId, false)
      },
      coverIsTheirs: (faceId: number, personId: number): boolean => coverIsTheirs.get(faceId, personId) === 1,
      /** Brings the counts of the photos in step; answers what was changed, or null for nothing. */
      finish(): Changes | null {
        flush()
        const photoIds = new Set<number>()
        const groups = new Map<string, Changes['faces'][number]>()
        for (const [id, { before, now }] of faces) {
          if (sameState(before, now)) continue
          const after = stateOf(now)
          if (before.personId !== after.personId || before.ignored !== after.ignored) photoIds.add(now.photoId)
          const key = `${keyOf(before)} ${keyOf(after)}`
          const group = groups.get(key)
          if (group) group.ids.push(id)
          else groups.set(key, { before, after, ids: [id] })
        }
        for (const change of looks) {
          photoIds.add(change.photoId)
          if (!change.after) faceLooks.apply(change, 'after')
        }
        photoCounts.refresh(photoIds)
        const changes: Changes = {
          faces: [...groups.values()],
          people: [...people].map(([id, change]) => ({ id, ...change })),
          rejections: [...rejections.values()].filter(({ before, after }) => before !== after),
          ...(looks.length > 0 ? { looks } : {}),
        }
        return changes.faces.length + changes.people.length + changes.rejections.length + looks.length > 0 ? changes : null
      },
    }
  }

  /** Takes a person out whom no face may carry any more: what the machine said of them goes, for it to judge again. */
  const dismissPerson = (person: PersonRow, photoIds: Set<number>): void => {
    const heirId = personIdByNameKey.get(person.nameKey) ?? null
    let tagged = 0
    for (const face of facesOf.all(person.id)) {
      if (face.assignedBy === 'machine') clearName.run(face.id)
      else if (heirId !== null && heirId !== person.id) handOver.run(heirId, face.id)
      else tagged++
      photoIds.add(face.photoId)
    }
    clearSuggestionsOf.run(person.id)
    // A face the user named outside of the journal keeps its name, so the person stays.
    if (tagged > 0) writePerson.run(person)
    else deletePerson.run(person.id)
  }

  /**
   * Puts every row of the changes into its state before or after, whatever the machine wrote there meanwhile. Faces that
   * vanished are skipped; nothing is left that points to a person, face or suggestion that is no more. Answers the faces
   * that made room for those that came back.
   */
  const replay = (changes: Changes, side: Side): { goneFaceIds: number[] } => {
    const photoIds = new Set<number>()
    const goneFaceIds: number[] = []
    const touched = new Set<number>()
    const looks = changes.looks ?? []
    for (const change of looks) {
      photoIds.add(change.photoId)
      if (change[side]) goneFaceIds.push(...faceLooks.apply(change, side))
    }
    const leaving: PersonRow[] = []
    // Names may change hands within one decision: nobody holds a name while they do.
    for (const { id, [side]: target } of changes.people) {
      const now = personById.get(id)
      if (!now) continue
      parkNameKey.run(id)
      if (!target) leaving.push(now)
    }
    for (const { [side]: target } of changes.people) if (target) writePerson.run(target)

    const exists = new Map<number, boolean>()
    const isThere = (personId: number) => {
      if (!exists.has(personId)) exists.set(personId, personById.get(personId) !== undefined)
      return exists.get(personId)!
    }
    for (const { faceId, personId, [side]: present } of changes.rejections) {
      if (!present) deleteRejections.all(personId, JSON.stringify([faceId]))
      else if (isThere(personId) && readFaces([faceId]).length > 0) insertRejection.run(faceId, personId)
    }
    const faces = new Map(readFaces(changes.faces.flatMap(({ ids }) => ids)).map((face) => [face.id, face]))
    const states = new Map<number, FaceState>()
    for (const { ids, [side]: target } of changes.faces) {
      const { personId, suggestedPersonId } = target
      if (personId !== null) touched.add(personId)
      const state: FaceState = {
        ...target,
        ...(personId === null || isThere(personId) ? {} : { personId: null, assignedBy: null }),
        ...(suggestedPersonId === null || isThere(suggestedPersonId) ? {} : noSuggestion),
      }
      const unsuggested = { ...state, ...noSuggestion }
      for (const faceId of ids) {
        const face = faces.get(faceId)
        if (!face) continue
        photoIds.add(face.photoId)
        if (face.personId !== null) touched.add(face.personId)
        const isRefused = state.suggestedPersonId !== null && hasRejection.get(faceId, state.suggestedPersonId) === 1
        states.set(faceId, isRefused ? unsuggested : state)
      }
    }
    writeFaces(states)
    // What the machine said meanwhile gives way to a refusal that is back.
    for (const { faceId, personId, [side]: present } of changes.rejections) {
      const face = present ? readFaces([faceId])[0] : undefined
      if (!face) continue
      const machine = face.personId === personId && face.assignedBy === 'machine'
      if (machine) clearName.run(faceId)
      if (machine || face.suggestedPersonId === personId) clearSuggestion.run(faceId)
      if (machine) photoIds.add(face.photoId)
    }
    for (const person of leaving) dismissPerson(person, photoIds)
    for (const change of looks) {
      if (change[side]) continue
      for (const { personId } of readFaces([change.faceId])) if (personId !== null) touched.add(personId)
      faceLooks.apply(change, side)
    }

    for (const { id } of changes.people) touched.add(id)
    for (const personId of touched) {
      const person = personById.get(personId)
      if (person && person.coverFaceId !== null && coverIsTheirs.get(person.coverFaceId, personId) === 0)
        writePerson.run({ ...person, coverFaceId: null })
    }
    photoCounts.refresh(photoIds)
    return { goneFaceIds }
  }

  return { record, replay }
}
export type Recorder = ReturnType<ReturnType<typeof createChanges>['record']>
