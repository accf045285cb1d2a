/**
 * Changes as the journal writes them: JSON in which each state of a face stands once, as a row, and faces name it by its place.
 * A hundred thousand confirmed suggestions, each of its own probability, take a fifth of what they take written out.
 */
import type { Changes } from './changes.ts'
import { keyOf, type FaceState } from './face-states.ts'

type StateRow = [
  personId: number | null, assignedBy: 0 | 1 | 2, ignored: 0 | 1,
  suggestedPersonId: number | null, suggestionProbability: number | null, suggestionDistance: number | null,
]

interface FacesText {
  states: StateRow[]
  /** The places of the state before and the state after, then the ids of the faces. */
  rows: [before: number, after: number, ...ids: number[]][]
}

const assigners = [null, 'user', 'machine'] as const

const rowOf = (state: FaceState): StateRow => [
  state.personId, assigners.indexOf(state.assignedBy) as 0 | 1 | 2, state.ignored,
  state.suggestedPersonId, state.suggestionProbability, state.suggestionDistance,
]

const stateOfRow = ([personId, assignedBy, ignored, suggestedPersonId, suggestionProbability, suggestionDistance]: StateRow): FaceState => ({
  personId, assignedBy: assigners[assignedBy], ignored, suggestedPersonId, suggestionProbability, suggestionDistance,
})

export function changesToText({ faces, ...rest }: Changes): string {
  const places = new Map<string, number>()
  const states: StateRow[] = []
  const placeOf = (state: FaceState): number => {
    const key = keyOf(state)
    const known = places.get(key)
    if (known !== undefined) return known
    places.set(key, states.length)
    return states.push(rowOf(state)) - 1
  }
  const rows = faces.map(({ before, after, ids }): FacesText['rows'][number] => [placeOf(before), placeOf(after), ...ids])
  return JSON.stringify({ ...rest, faces: { states, rows } satisfies FacesText })
}

/** Also reads what was written out: `faces` was then as in `Changes`. */
export function changesOfText(text: string): Changes {
  const { faces, ...rest } = JSON.parse(text) as Omit<Changes, 'faces'> & { faces: FacesText | Changes['faces'] }
  if (Array.isArray(faces)) return { ...rest, faces }
  const states = faces.states.map(stateOfRow)
  return { ...rest, faces: faces.rows.map(([before, after, ...ids]) => ({ before: states[before]!, after: states[after]!, ids })) }
}
