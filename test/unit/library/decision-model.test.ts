/** The journal against a model of its own: names, faces, refusals and covers are the same after every step of a long walk. */
import { describe, expect, it } from 'vitest'
import type { FaceId, JournalEntryId, PersonId } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { createDecisions } from '../../../src-main/engine/library/decisions.ts'
import { DecisionModel, type Facts } from '../../fixtures/decision-model.ts'
import { createTestLibrary, type TestLibrary } from '../../fixtures/library.ts'
import { createRandom } from '../../fixtures/random.ts'

const names = ['Anna', 'Ben', 'Carl', 'Dora', 'Emma']
const steps = 150

function factsOf({ db }: TestLibrary): Facts {
  const rows = db.prepare(`
    SELECT 'face ' || id AS key, person_id AS fact FROM faces WHERE person_id IS NOT NULL
    UNION ALL SELECT 'ignored ' || id, 1 FROM faces WHERE ignored = 1
    UNION ALL SELECT 'refused ' || face_id || ' ' || person_id, 1 FROM rejections
    UNION ALL SELECT 'name ' || id, name FROM people
    UNION ALL SELECT 'cover ' || id, cover_face_id FROM people WHERE cover_face_id IS NOT NULL`).all() as { key: string; fact: string | number }[]
  return new Map(rows.map(({ key, fact }) => [key, fact]))
}

const sorted = (facts: Facts) => [...facts].sort(([a], [b]) => (a < b ? -1 : 1))

describe('decisions, undo, redo and taking back one of them', () => {
  it.each(Array.from({ length: 15 }, (_, i) => i + 1))('come to what a model of them says, after every step (%i)', (seed) => {
    const random = createRandom(seed)
    const library = createTestLibrary()
    const sizes = new Map<number, number>()
    for (let i = 0; i < 14; i++) {
      const sizePx = 100 + ((i * 5) % 14)
      sizes.set(library.addFace({ sizePx }), sizePx)
    }
    const decisions = createDecisions(library.context)
    const model = new DecisionModel(sizes)
    const takenBack = { of: 0, refused: 0 }

    const decideBoth = (said: () => { journalEntryId: JournalEntryId | null }, meant: () => void) => {
      const difference = model.decide(meant)
      const { journalEntryId } = said()
      expect(journalEntryId !== null).toBe(difference !== null)
      if (difference) model.keep(journalEntryId!, difference)
    }
    const decide = () => {
      const faceIds = random.some([...sizes.keys()], 1 + random.below(4)) as FaceId[]
      const people = model.people() as PersonId[]
      const name = random.pick(names)
      const [one, other] = people.length > 0 ? [random.pick(people), random.pick(people)] : [null, null]
      const kind = one === null ? 0 : random.below(9)
      if (kind <= 2) return decideBoth(() => decisions.name({ faceIds, name }), () => model.name(faceIds, name))
      if (kind === 3) return decideBoth(() => decisions.reject({ faceIds, personId: one }), () => model.reject(faceIds, one!))
      if (kind === 4) return decideBoth(() => decisions.ignore({ faceIds }), () => model.ignore(faceIds, true))
      if (kind === 5) return decideBoth(() => decisions.unignore({ faceIds }), () => model.ignore(faceIds, false))
      if (kind === 6 && model.personCalled(name) === null)
        return decideBoth(() => decisions.rename({ personId: one!, name, merge: false }), () => model.rename(one!, name))
      if (kind === 7 && one !== other && random.fraction() < 0.5)
        return decideBoth(() => decisions.merge({ fromPersonId: one!, intoPersonId: other! }), () => model.merge(one!, other!))
      const theirs = model.shownFacesOf(one!) as FaceId[]
      if (theirs.length === 0) return
      const faceId = random.pick(theirs)
      decideBoth(() => decisions.setCover({ personId: one!, faceId }), () => model.setCover(one!, faceId))
    }
    const turn = (direction: 'undo' | 'redo') => {
      if (model.turn(direction)) decisions[direction]()
      else expect(() => decisions[direction]()).toThrow(expect.objectContaining({ code: 'nothing-to-undo' }))
    }
    const takeBack = () => {
      const earlier = model.history.filter(({ isDone }) => isDone).slice(0, -1)
      if (earlier.length === 0) return
      const entry = random.pick(earlier.slice(-6))
      let id: number
      try {
        ({ id } = decisions.undo({ entryId: entry.journalEntryId as JournalEntryId }))
      } catch (error) {
        if (!(error instanceof KithError) || error.code !== 'changed-meanwhile') throw error
        takenBack.refused++
        return
      }
      takenBack.of++
      model.keep(id, model.takeBack(entry))
    }

    for (let step = 0; step < steps; step++) {
      const way = random.fraction()
      if (way < 0.55) decide()
      else if (way < 0.7) turn('undo')
      else if (way < 0.8) turn('redo')
      else takeBack()
      expect(sorted(factsOf(library))).toEqual(sorted(model.facts))
    }
    while (model.history.some(({ isDone }) => isDone)) turn('undo')
    expect(factsOf(library)).toEqual(new Map())
    while (model.history.some(({ isDone }) => !isDone)) turn('redo')
    expect(sorted(factsOf(library))).toEqual(sorted(model.facts))
    expect(takenBack.of).toBeGreaterThan(0)
    expect(takenBack.refused).toBeGreaterThan(0)
    library.close()
  })
})
