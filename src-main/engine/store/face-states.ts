/** What a decision may change of a face beside its place: its name, a suggestion, whether it is ignored. Many rows at a time. */
import type { Database } from 'better-sqlite3'

/** A suggestion stands only on a face without a name that is not ignored. */
export interface FaceState {
  personId: number | null
  assignedBy: 'user' | 'machine' | null
  ignored: 0 | 1
  suggestedPersonId: number | null
  suggestionProbability: number | null
  suggestionDistance: number | null
}

export interface FaceRow extends FaceState {
  id: number
  photoId: number
}

export const noSuggestion = { suggestedPersonId: null, suggestionProbability: null, suggestionDistance: null }
/** A face about which nobody has said anything. */
export const blankState: FaceState = { personId: null, assignedBy: null, ignored: 0, ...noSuggestion }

export const sameState = (a: FaceState, b: FaceState) =>
  a.personId === b.personId && a.assignedBy === b.assignedBy && a.ignored === b.ignored &&
  a.suggestedPersonId === b.suggestedPersonId && a.suggestionProbability === b.suggestionProbability &&
  a.suggestionDistance === b.suggestionDistance

/** The same text for the same state alone. */
export const keyOf = (state: FaceState): string =>
  `${state.personId} ${state.assignedBy} ${state.ignored} ${state.suggestedPersonId} ${state.suggestionProbability} ${state.suggestionDistance}`

export const stateOf = (face: FaceState): FaceState => ({
  personId: face.personId,
  assignedBy: face.assignedBy,
  ignored: face.ignored,
  suggestedPersonId: face.suggestedPersonId,
  suggestionProbability: face.suggestionProbability,
  suggestionDistance: face.suggestionDistance,
})

/** From here on one statement for all faces that come to the same state is faster than one for each. */
const fewFaces = 4

/** Faces are read many at a time, their ids given as a JSON array: a group of hundreds is named at one go. */
export function createFaceStates(db: Database) {
  const facesById = db
    .prepare<[string]>(`
      SELECT f.id, f.photo_id, f.person_id, f.assigned_by, f.ignored, f.suggested_person_id, f.suggestion_probability,
        f.suggestion_distance
      FROM json_each(?) asked CROSS JOIN faces f ON f.id = asked.value`)
    .raw()
  const updateFace = db.prepare<[number | null, 'user' | 'machine' | null, 0 | 1, number | null, number | null, number | null, number]>(`
    UPDATE faces SET person_id = ?, assigned_by = ?, ignored = ?, suggested_person_id = ?, suggestion_probability = ?,
      suggestion_distance = ?
    WHERE id = ?`)
  const updateFaces = db.prepare<FaceState & { ids: string }>(`
    UPDATE faces SET person_id = :personId, assigned_by = :assignedBy, ignored = :ignored,
      suggested_person_id = :suggestedPersonId, suggestion_probability = :suggestionProbability,
      suggestion_distance = :suggestionDistance
    WHERE id IN (SELECT value FROM json_each(:ids))`)

  function writeSame(state: FaceState, faceIds: readonly number[]): void {
    if (faceIds.length > fewFaces) return void updateFaces.run({ ...state, ids: JSON.stringify(faceIds) })
    const { personId, assignedBy, ignored, suggestedPersonId, suggestionProbability, suggestionDistance } = state
    for (const faceId of faceIds)
      updateFace.run(personId, assignedBy, ignored, suggestedPersonId, suggestionProbability, suggestionDistance, faceId)
  }

  return {
    read: (faceIds: readonly number[]): FaceRow[] =>
      (facesById.all(JSON.stringify(faceIds)) as [
        number, number, number | null, 'user' | 'machine' | null, 0 | 1, number | null, number | null, number | null,
      ][]).map(([id, photoId, personId, assignedBy, ignored, suggestedPersonId, suggestionProbability, suggestionDistance]) => ({
        id, photoId, personId, assignedBy, ignored, suggestedPersonId, suggestionProbability, suggestionDistance,
      })),
    /** Brings each face to its state. */
    write(states: ReadonlyMap<number, FaceState>): void {
      const groups = new Map<string, { state: FaceState; faceIds: number[] }>()
      for (const [faceId, state] of states) {
        const key = keyOf(state)
        const group = groups.get(key)
        if (group) group.faceIds.push(faceId)
        else groups.set(key, { state, faceIds: [faceId] })
      }
      for (const { state, faceIds } of groups.values()) writeSame(state, faceIds)
    },
  }
}
