import { describe, expect, it } from 'vitest'
import { changesOfText, changesToText } from '../../../src-main/engine/store/changes-text.ts'
import type { Changes } from '../../../src-main/engine/store/changes.ts'
import { blankState, type FaceState } from '../../../src-main/engine/store/face-states.ts'

const suggested = (probability: number): FaceState => ({ ...blankState, suggestedPersonId: 7, suggestionProbability: probability, suggestionDistance: 0.5 })
const named: FaceState = { ...blankState, personId: 7, assignedBy: 'user' }
const changes: Changes = {
  faces: [
    { before: suggested(0.9), after: named, ids: [1, 2] },
    { before: suggested(0.1 + 0.2), after: named, ids: [3] },
    { before: { ...named, assignedBy: 'machine' }, after: { ...blankState, ignored: 1 }, ids: [4] },
  ],
  people: [{ id: 7, before: null, after: { id: 7, name: 'Anna', nameKey: 'anna', coverFaceId: 1, createdAt: '2026-01-01T00:00:00.000Z' } }],
  rejections: [{ faceId: 4, personId: 7, before: false, after: true }],
}

describe('changes in the journal', () => {
  it('come back from text as they were', () => {
    expect(changesOfText(changesToText(changes))).toEqual(changes)
    expect(changesOfText(changesToText({ faces: [], people: [], rejections: [] }))).toEqual({ faces: [], people: [], rejections: [] })
  })

  it('of older libraries, which wrote every state out, are read too', () => {
    expect(changesOfText(JSON.stringify(changes))).toEqual(changes)
  })

  it('take a few bytes for each of very many faces', () => {
    const many = Array.from({ length: 1000 }, (_, i) => ({ before: suggested(i / 1000), after: named, ids: [i + 1] }))
    expect(changesToText({ faces: many, people: [], rejections: [] }).length).toBeLessThan(1000 * 50)
  })
})
