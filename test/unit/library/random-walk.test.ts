import { describe, expect, it } from 'vitest'
import type { Decision } from '../../../src-shared/api.ts'
import { createDecisions } from '../../../src-main/engine/library/decisions.ts'
import { createDrawing } from '../../../src-main/engine/library/draw.ts'
import { dumpLibrary, dumpUserState, inconsistencies, noInconsistencies } from '../../fixtures/dump.ts'
import { createTestLibrary } from '../../fixtures/library.ts'
import { createRandom } from '../../fixtures/random.ts'
import { decideAnything, fillWithFaces, judgeAnything } from '../../fixtures/random-decisions.ts'

const journalled = (decision: Decision | null) => decision !== null && decision.journalEntryId !== null
const seeds = [1, 2, 3, 4, 5, 6, 12]

describe('any decisions in any order', () => {
  it.each([...seeds.map((seed) => [seed, 'faces stay'] as const), [1, 'faces are deleted'] as const, [2, 'faces are deleted'] as const])('are undone to the first state and done again to the last, every state between included (%i, %s)', (seed, how) => {
    const random = createRandom(seed)
    const library = createTestLibrary()
    fillWithFaces(library, random, 25)
    // The machine has had its say before; from here on it is silent.
    let decisions = createDecisions(library.context)
    const drawing = how === 'faces are deleted' ? createDrawing(library.context) : null
    for (let i = 0; i < 6; i++) {
      decideAnything(library, decisions, random, drawing)
      judgeAnything(library, random)
    }
    library.db.exec('DELETE FROM journal')
    library.db.exec('UPDATE people SET cover_face_id = NULL')

    const states = [dumpLibrary(library.db)]
    while (states.length < 60) {
      if (!journalled(decideAnything(library, decisions, random, drawing))) continue
      states.push(dumpLibrary(library.db))
      expect(inconsistencies(library.db)).toEqual(noInconsistencies)
    }
    const last = states.length - 1
    let at = last
    const goTo = (target: number) => {
      while (at !== target) {
        if (at > target) decisions.undo()
        else decisions.redo()
        at += at > target ? -1 : 1
        expect(dumpLibrary(library.db)).toEqual(states[at])
      }
      library.reopen()
      decisions = createDecisions(library.context)
    }
    for (const target of [0, last, 20, 40, 0, last]) goTo(target)
    expect(() => decisions.redo()).toThrow(expect.objectContaining({ code: 'nothing-to-undo' }))
    library.close()
  })

  it.each(seeds)('keep the user\'s word whatever the machine says meanwhile, and leave nothing dangling (%i)', (seed) => {
    const random = createRandom(1000 + seed)
    const library = createTestLibrary()
    fillWithFaces(library, random, 25)
    const decisions = createDecisions(library.context)
    const states = [dumpUserState(library.db)]
    const machine = () => {
      judgeAnything(library, random)
      expect(inconsistencies(library.db)).toMatchObject({ ...noInconsistencies, foreignCovers: expect.anything() })
    }
    while (states.length < 50) {
      machine()
      if (journalled(decideAnything(library, decisions, random))) states.push(dumpUserState(library.db))
    }
    for (let i = states.length - 2; i >= 0; i--) {
      machine()
      decisions.undo()
      expect(inconsistencies(library.db)).toMatchObject({ ...noInconsistencies, foreignCovers: expect.anything() })
      expect(dumpUserState(library.db)).toEqual(states[i])
    }
    for (let i = 1; i < states.length; i++) {
      machine()
      decisions.redo()
      expect(inconsistencies(library.db)).toMatchObject({ ...noInconsistencies, foreignCovers: expect.anything() })
      expect(dumpUserState(library.db)).toEqual(states[i])
    }
    library.close()
  })
})
