import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClusterId, FaceId, PersonId } from '../../../src-shared/domain.ts'
import { createDecisions, type Decisions } from '../../../src-main/engine/library/decisions.ts'
import { createPeople } from '../../../src-main/engine/library/people.ts'
import { dumpLibrary, inconsistencies, noInconsistencies } from '../../fixtures/dump.ts'
import { createTestLibrary, type TestFace, type TestLibrary } from '../../fixtures/library.ts'

let library: TestLibrary
let decisions: Decisions

beforeEach(() => {
  library = createTestLibrary()
  decisions = createDecisions(library.context)
})
afterEach(() => library.close())

const face = (options?: TestFace) => library.addFace(options) as FaceId
const targets = (...ids: FaceId[]) => ids.map((id) => ({ kind: 'face' as const, id }))
const cluster = (id: number) => [{ kind: 'cluster' as const, id: id as ClusterId }]
const row = (id: number) =>
  library.db
    .prepare('SELECT person_id AS personId, assigned_by AS assignedBy, ignored, suggested_person_id AS suggested FROM faces WHERE id = ?')
    .get(id) as { personId: number | null; assignedBy: string | null; ignored: number; suggested: number | null }
const rejections = () => library.db.prepare('SELECT face_id, person_id FROM rejections ORDER BY 1, 2').raw().all()
const people = () => createPeople(library.context).list().people
const names = () => library.db.prepare('SELECT name FROM people ORDER BY id').pluck().all()
const history = () => decisions.history({ cursor: null, limit: 100 }).entries
const error = (code: string) => expect.objectContaining({ code })

/** Takes the decision, and expects undo and redo, with a restart after each, to give exactly what was there. */
function decideBackAndForth<T>(decide: () => T): T {
  const before = dumpLibrary(library.db)
  const result = decide()
  const after = dumpLibrary(library.db)
  expect(after).not.toEqual(before)
  expect(inconsistencies(library.db)).toEqual(noInconsistencies)
  const restart = () => {
    library.reopen()
    decisions = createDecisions(library.context)
  }
  for (let round = 0; round < 2; round++) {
    restart()
    decisions.undo()
    expect(dumpLibrary(library.db)).toEqual(before)
    restart()
    decisions.redo()
    expect(dumpLibrary(library.db)).toEqual(after)
  }
  expect(inconsistencies(library.db)).toEqual(noInconsistencies)
  return result
}

describe('naming', () => {
  it('names a group, makes the person, chooses the largest face, and can be undone', () => {
    const faces = [face({ clusterId: 7, sizePx: 90 }), face({ clusterId: 7, sizePx: 200 }), face({ clusterId: 7 })]
    face({ clusterId: 8 })
    const decision = decideBackAndForth(() => decisions.name({ targets: cluster(7), name: 'Anna' }))
    expect(decision).toMatchObject({ label: 'Named 3 faces Anna', faces: 3 })
    expect(people()).toEqual([{ id: decision.personId, name: 'Anna', faces: 3, photos: 3, suggestions: 0, coverFaceId: faces[1] }])
    expect(library.events.at(-1)).toEqual({ type: 'changed', topics: ['faces', 'people', 'clusters', 'photos', 'journal'] })
    expect(library.decisionsTaken).toBe(5)
  })

  it('finds the person whatever the case and the accents, and keeps the first spelling', () => {
    const [a, b] = [face(), face()]
    const first = decisions.name({ targets: targets(a), name: 'Zoë Müller' })
    const second = decisions.name({ targets: targets(b), name: 'ZOE MULLER' })
    expect(second.personId).toBe(first.personId)
    expect(second.label).toBe('Named 1 face Zoë Müller')
    expect(names()).toEqual(['Zoë Müller'])
  })

  it('names mixed targets once each, and nothing that has the name already', () => {
    const [a, b] = [face({ clusterId: 7 }), face({ clusterId: 7 })]
    expect(decisions.name({ targets: [...targets(a, a), ...cluster(7)], name: 'Anna' }).faces).toBe(2)
    expect(decisions.name({ targets: targets(a, b), name: 'anna' })).toMatchObject({ journalEntryId: null, label: 'Nothing to change', faces: 0 })
    expect(history()).toHaveLength(1)
    expect(library.decisionsTaken).toBe(1)
  })

  it('takes a name over from another person, from the machine, and from among the ignored', () => {
    const ben = library.addPerson('Ben')
    const carl = library.addPerson('Carl')
    const a = face({ personId: ben })
    const b = face({ personId: carl, assignedBy: 'machine' })
    const c = face({ ignored: true })
    const d = face({ suggestion: { personId: ben, probability: 0.7, distance: 0.4 } })
    decideBackAndForth(() => decisions.name({ targets: targets(a, b, c, d), name: 'Anna' }))
    for (const id of [a, b, c, d]) expect(row(id)).toMatchObject({ assignedBy: 'user', ignored: 0, suggested: null })
    expect(people().map(({ name }) => name)).toEqual(['Anna'])
  })

  it('says which target is not there and changes nothing', () => {
    const a = face()
    const before = dumpLibrary(library.db)
    expect(() => decisions.name({ targets: targets(a, 99 as FaceId), name: 'Anna' })).toThrow(error('not-found'))
    expect(() => decisions.name({ targets: cluster(12), name: 'Anna' })).toThrow(error('not-found'))
    expect(dumpLibrary(library.db)).toEqual(before)
    expect(library.decisionsTaken).toBe(0)
  })

  it('leaves faces of a removed folder out of a group', () => {
    const shown = face({ clusterId: 7 })
    library.db.prepare("UPDATE folders SET removed_at = '2026-01-01'").run()
    const folderId = library.addFolder('/other')
    const hidden = face({ clusterId: 7, photoId: library.addPhoto({ folderId, hidden: true }) })
    expect(decisions.name({ targets: cluster(7), name: 'Anna' }).faces).toBe(1)
    expect([row(shown).assignedBy, row(hidden).assignedBy]).toEqual(['user', null])
  })

  it('never gives the number of a person who was undone to another', () => {
    const a = face()
    const first = decisions.name({ targets: targets(a), name: 'Anna' }).personId!
    decisions.undo()
    expect(decisions.name({ targets: targets(a), name: 'Ben' }).personId).toBeGreaterThan(first)
  })
})

describe('answering', () => {
  it('confirms suggestions and the machine\'s names', () => {
    const anna = library.addPerson('Anna')
    const a = face({ suggestion: { personId: anna, probability: 0.8, distance: 0.5 } })
    const b = face({ personId: anna, assignedBy: 'machine' })
    const c = face()
    const decision = decideBackAndForth(() => decisions.confirm({ faceIds: [a, b, c] }))
    expect(decision).toMatchObject({ label: 'Confirmed 2 faces as Anna', faces: 2, personId: anna })
    expect(row(a)).toEqual({ personId: anna, assignedBy: 'user', ignored: 0, suggested: null })
    expect(row(c)).toMatchObject({ personId: null })
    expect(decisions.confirm({ faceIds: [a, b, c] }).journalEntryId).toBeNull()
  })

  it('rejects a suggestion, the machine\'s name and the user\'s', () => {
    const anna = library.addPerson('Anna')
    const a = face({ suggestion: { personId: anna, probability: 0.8, distance: 0.5 } })
    const b = face({ personId: anna, assignedBy: 'machine' })
    const c = face({ personId: anna })
    const decision = decideBackAndForth(() => decisions.reject({ faceIds: [a, b, c], personId: null }))
    expect(decision).toMatchObject({ label: 'Said 3 faces are not Anna', faces: 3, personId: anna })
    expect(rejections()).toEqual([[a, anna], [b, anna], [c, anna]])
    for (const id of [a, b, c]) expect(row(id)).toEqual({ personId: null, assignedBy: null, ignored: 0, suggested: null })
  })

  it('rejects somebody else and leaves the name that stands', () => {
    const anna = library.addPerson('Anna')
    const ben = library.addPerson('Ben') as PersonId
    const a = face({ personId: anna })
    decideBackAndForth(() => decisions.reject({ faceIds: [a], personId: ben }))
    expect(row(a)).toMatchObject({ personId: anna, assignedBy: 'user' })
    expect(rejections()).toEqual([[a, ben]])
    expect(decisions.reject({ faceIds: [a], personId: ben }).journalEntryId).toBeNull()
    expect(() => decisions.reject({ faceIds: [a], personId: 99 as PersonId })).toThrow(error('not-found'))
  })

  it('has nothing to refuse on a face nobody is suggested for', () => {
    expect(decisions.reject({ faceIds: [face()], personId: null }).journalEntryId).toBeNull()
  })

  it('forgets the refusal when the user gives that name after all', () => {
    const anna = library.addPerson('Anna')
    const a = face({ suggestion: { personId: anna, probability: 0.8, distance: 0.5 } })
    decisions.reject({ faceIds: [a], personId: null })
    decideBackAndForth(() => decisions.name({ targets: targets(a), name: 'Anna' }))
    expect(rejections()).toEqual([])
    decisions.undo()
    expect(rejections()).toEqual([[a, anna]])
  })

  it('ignores and brings back; a name of the user survives that, one of the machine does not', () => {
    const anna = library.addPerson('Anna')
    const a = face({ personId: anna })
    const b = face({ personId: anna, assignedBy: 'machine' })
    const c = face({ clusterId: 7, suggestion: { personId: anna, probability: 0.8, distance: 0.5 } })
    const decision = decideBackAndForth(() => decisions.ignore({ targets: [...targets(a, b), ...cluster(7)] }))
    expect(decision.label).toBe('Ignored 3 faces')
    expect(row(a)).toMatchObject({ personId: anna, ignored: 1 })
    expect(row(b)).toMatchObject({ personId: null, ignored: 1 })
    expect(row(c)).toMatchObject({ suggested: null, ignored: 1 })
    expect(people()).toEqual([])
    const back = decideBackAndForth(() => decisions.unignore({ faceIds: [a, b, c] }))
    expect(back.label).toBe('Brought back 3 faces')
    expect(people()).toMatchObject([{ name: 'Anna', faces: 1 }])
    expect(decisions.unignore({ faceIds: [a] }).journalEntryId).toBeNull()
  })
})

describe('people', () => {
  it('renames, also to another spelling of the same name', () => {
    const anna = library.addPerson('Anna') as PersonId
    face({ personId: anna })
    expect(decideBackAndForth(() => decisions.rename({ personId: anna, name: 'Änna', merge: false })).label).toBe('Renamed Anna to Änna')
    decideBackAndForth(() => decisions.rename({ personId: anna, name: 'Maria', merge: false }))
    expect(names()).toEqual(['Maria'])
    expect(decisions.rename({ personId: anna, name: 'Maria', merge: false }).journalEntryId).toBeNull()
    expect(() => decisions.rename({ personId: 99 as PersonId, name: 'Maria', merge: false })).toThrow(error('not-found'))
  })

  it('refuses a name that is taken, and merges where it is asked to', () => {
    const ann = library.addPerson('Ann') as PersonId
    const anna = library.addPerson('Anna') as PersonId
    face({ personId: ann })
    face({ personId: anna })
    expect(() => decisions.rename({ personId: ann, name: 'ANNA', merge: false })).toThrow(
      expect.objectContaining({ code: 'name-taken', details: { personId: anna } }))
    const decision = decideBackAndForth(() => decisions.rename({ personId: ann, name: 'ANNA', merge: true }))
    expect(decision).toMatchObject({ label: 'Merged Ann into Anna', faces: 1, personId: anna })
    expect(names()).toEqual(['Anna'])
  })

  it('takes the name of somebody who has no face left without asking', () => {
    const ann = library.addPerson('Ann') as PersonId
    const anna = library.addPerson('Anna') as PersonId
    const a = face({ personId: ann })
    const b = face({ personId: anna })
    decisions.reject({ faceIds: [b], personId: null })
    const decision = decideBackAndForth(() => decisions.rename({ personId: ann, name: 'Anna', merge: false }))
    expect(decision).toMatchObject({ label: 'Renamed Ann to Anna', personId: ann })
    expect(names()).toEqual(['Anna'])
    expect(row(a)).toMatchObject({ personId: ann })
    expect(rejections()).toEqual([[b, ann]])
  })

  it('merges faces, refusals, suggestions and the cover, and puts all of them back', () => {
    const ann = library.addPerson('Ann') as PersonId
    const anna = library.addPerson('Anna') as PersonId
    const own = face({ personId: ann })
    face({ personId: ann, assignedBy: 'machine' })
    face({ personId: ann, ignored: true })
    decisions.setCover({ personId: ann, faceId: own })
    const refusedByMachine = face({ personId: ann, assignedBy: 'machine' })
    const refusedByUser = face({ personId: ann })
    const suggested = face({ suggestion: { personId: ann, probability: 0.8, distance: 0.5 } })
    const suggestedButRefused = face({ suggestion: { personId: ann, probability: 0.8, distance: 0.5 } })
    const otherSuggested = face({ suggestion: { personId: anna, probability: 0.6, distance: 0.5 } })
    const otherNamed = face({ personId: anna })
    const otherMachine = face({ personId: anna, assignedBy: 'machine' })
    for (const id of [refusedByMachine, refusedByUser, suggestedButRefused]) decisions.reject({ faceIds: [id], personId: anna })
    for (const id of [otherSuggested, otherNamed, otherMachine]) decisions.reject({ faceIds: [id], personId: ann })

    decideBackAndForth(() => decisions.merge({ fromPersonId: ann, intoPersonId: anna }))
    expect(names()).toEqual(['Anna'])
    expect(row(own)).toMatchObject({ personId: anna, assignedBy: 'user' })
    expect(row(refusedByMachine)).toMatchObject({ personId: null })
    expect(row(refusedByUser)).toMatchObject({ personId: anna })
    expect(row(suggested)).toMatchObject({ suggested: anna })
    expect(row(suggestedButRefused)).toMatchObject({ suggested: null })
    expect(row(otherSuggested)).toMatchObject({ suggested: null })
    expect(row(otherNamed)).toMatchObject({ personId: anna })
    expect(row(otherMachine)).toMatchObject({ personId: null })
    expect(people()[0]).toMatchObject({ coverFaceId: own, faces: 4, suggestions: 1 })
    expect(() => decisions.merge({ fromPersonId: anna, intoPersonId: anna })).toThrow(error('invalid-input'))
    expect(() => decisions.merge({ fromPersonId: ann, intoPersonId: anna })).toThrow(error('not-found'))
  })

  it('keeps the chosen cover until that face is somebody else\'s', () => {
    const [a, b] = [face({ sizePx: 200 }), face({ sizePx: 50 })]
    const anna = decisions.name({ targets: targets(a, b), name: 'Anna' }).personId!
    expect(decideBackAndForth(() => decisions.setCover({ personId: anna, faceId: b })).label).toBe('Chose a picture for Anna')
    expect(people()[0]!.coverFaceId).toBe(b)
    decideBackAndForth(() => decisions.reject({ faceIds: [b], personId: null }))
    expect(people()[0]!.coverFaceId).toBe(a)
    expect(() => decisions.setCover({ personId: anna, faceId: b })).toThrow(error('invalid-input'))
    expect(decisions.setCover({ personId: anna, faceId: a }).journalEntryId).toBeNull()
  })
})

describe('the journal', () => {
  it('goes back to the beginning and forth to the end, newest first in the history', () => {
    const faces = Array.from({ length: 5 }, () => face())
    const states = [dumpLibrary(library.db)]
    for (const [i, id] of faces.entries()) {
      decisions.name({ targets: targets(id), name: `Person ${i}` })
      states.push(dumpLibrary(library.db))
    }
    expect(history().map(({ label }) => label)).toEqual([4, 3, 2, 1, 0].map((i) => `Named 1 face Person ${i}`))
    for (let i = 4; i >= 0; i--) {
      expect(decisions.nextLabels().undo).toBe(`Named 1 face Person ${i}`)
      expect(decisions.undo()).toMatchObject({ state: 'undone', label: `Named 1 face Person ${i}` })
      expect(dumpLibrary(library.db)).toEqual(states[i])
    }
    expect(decisions.nextLabels()).toEqual({ undo: null, redo: 'Named 1 face Person 0' })
    expect(() => decisions.undo()).toThrow(error('nothing-to-undo'))
    for (let i = 0; i < 5; i++) {
      expect(decisions.redo().state).toBe('done')
      expect(dumpLibrary(library.db)).toEqual(states[i + 1])
    }
    expect(() => decisions.redo()).toThrow(error('nothing-to-undo'))
  })

  it('drops what was undone once another decision is taken, but keeps it as history', () => {
    const [a, b, c] = [face(), face(), face()]
    decisions.name({ targets: targets(a), name: 'Anna' })
    decisions.name({ targets: targets(b), name: 'Ben' })
    decisions.undo()
    decisions.name({ targets: targets(c), name: 'Carl' })
    expect(() => decisions.redo()).toThrow(error('nothing-to-undo'))
    expect(history().map(({ label, state }) => [label, state])).toEqual([
      ['Named 1 face Carl', 'done'], ['Named 1 face Ben', 'undone'], ['Named 1 face Anna', 'done'],
    ])
    decisions.undo()
    decisions.undo()
    expect(names()).toEqual([])
  })

  it('is read in pages', () => {
    for (let i = 0; i < 5; i++) decisions.name({ targets: targets(face()), name: `Person ${i}` })
    const labels: string[] = []
    let cursor: string | null = null
    do {
      const page = decisions.history({ cursor, limit: 2 })
      labels.push(...page.entries.map(({ label }) => label))
      cursor = page.nextCursor
    } while (cursor)
    expect(labels).toEqual(history().map(({ label }) => label))
  })

  it('undoes a naming though the machine has named and suggested more since', () => {
    const [a, b, c, d] = [face(), face(), face(), face()]
    const anna = decisions.name({ targets: targets(a), name: 'Anna' }).personId!
    library.db.prepare("UPDATE faces SET person_id = ?, assigned_by = 'machine' WHERE id = ?").run(anna, b)
    library.db.prepare('UPDATE faces SET suggested_person_id = ?, suggestion_probability = 0.7, suggestion_distance = 0.4 WHERE id = ?').run(anna, c)
    library.refreshCounts()
    decisions.undo()
    expect(names()).toEqual([])
    for (const id of [a, b, c, d]) expect(row(id)).toEqual({ personId: null, assignedBy: null, ignored: 0, suggested: null })
    expect(inconsistencies(library.db)).toEqual(noInconsistencies)
    decisions.redo()
    expect(row(a)).toMatchObject({ personId: anna, assignedBy: 'user' })
    expect(inconsistencies(library.db)).toEqual(noInconsistencies)
  })

  it('puts the user\'s word back over the machine\'s', () => {
    const anna = library.addPerson('Anna')
    const ben = library.addPerson('Ben')
    const a = face({ suggestion: { personId: anna, probability: 0.8, distance: 0.5 } })
    decisions.confirm({ faceIds: [a] })
    decisions.undo()
    library.db.prepare("UPDATE faces SET person_id = ?, assigned_by = 'machine', suggested_person_id = NULL WHERE id = ?").run(ben, a)
    decisions.redo()
    expect(row(a)).toEqual({ personId: anna, assignedBy: 'user', ignored: 0, suggested: null })
    decisions.reject({ faceIds: [a], personId: null })
    library.db.prepare("UPDATE faces SET person_id = ?, assigned_by = 'machine' WHERE id = ?").run(ben, a)
    decisions.undo()
    expect(row(a)).toMatchObject({ personId: anna, assignedBy: 'user' })
  })

  it('leaves a cover alone that the machine took back meanwhile', () => {
    const [a, b] = [face(), face()]
    const anna = decisions.name({ targets: targets(a), name: 'Anna' }).personId!
    library.db.prepare("UPDATE faces SET person_id = ?, assigned_by = 'machine' WHERE id = ?").run(anna, b)
    decisions.setCover({ personId: anna, faceId: b })
    decisions.setCover({ personId: anna, faceId: a })
    library.db.prepare('UPDATE faces SET person_id = NULL, assigned_by = NULL WHERE id = ?').run(b)
    library.refreshCounts()
    decisions.undo()
    expect(inconsistencies(library.db)).toEqual(noInconsistencies)
    expect(people()[0]!.coverFaceId).toBe(a)
  })

  it('skips faces that are gone', () => {
    const [a, b] = [face(), face()]
    const anna = library.addPerson('Anna')
    decisions.name({ targets: targets(a, b), name: 'Anna' })
    decisions.reject({ faceIds: [a], personId: null })
    library.db.prepare('DELETE FROM faces WHERE id = ?').run(a)
    library.refreshCounts()
    decisions.undo()
    expect(row(b)).toMatchObject({ personId: anna })
    expect(inconsistencies(library.db)).toEqual(noInconsistencies)
    decisions.undo()
    expect(row(b)).toMatchObject({ personId: null })
    decisions.redo()
    decisions.redo()
    expect(row(b)).toMatchObject({ personId: anna })
    expect(inconsistencies(library.db)).toEqual(noInconsistencies)
  })

  it('keeps a person whom the user has named faces of outside of the journal', () => {
    const [a, b] = [face(), face()]
    const anna = decisions.name({ targets: targets(a), name: 'Anna' }).personId!
    library.db.prepare("UPDATE faces SET person_id = ?, assigned_by = 'user' WHERE id = ?").run(anna, b)
    library.refreshCounts()
    decisions.undo()
    expect(people()).toMatchObject([{ id: anna, name: 'Anna', faces: 1, coverFaceId: b }])
    decisions.redo()
    expect(people()).toMatchObject([{ id: anna, faces: 2 }])
  })

  it('takes nothing half: where a write fails, all is as it was', () => {
    const a = face()
    const before = dumpLibrary(library.db)
    library.db.exec("CREATE TRIGGER refusal BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'no'); END")
    expect(() => decisions.name({ targets: targets(a), name: 'Anna' })).toThrow('no')
    expect(dumpLibrary(library.db)).toEqual(before)
    expect(library.events).toEqual([])
    library.db.exec('DROP TRIGGER refusal')
    library.db.pragma('query_only = ON')
    expect(() => decisions.name({ targets: targets(a), name: 'Anna' })).toThrow(error('library-read-only'))
  })

  it('says that the disk is full, and has kept what was decided before', () => {
    const faces = Array.from({ length: 300 }, () => face())
    library.db.pragma(`max_page_count = ${library.db.pragma('page_count', { simple: true }) as number}`)
    let kept = dumpLibrary(library.db)
    const fillDisk = () => {
      for (let i = 0; i < 1000; i++) {
        decisions.name({ targets: targets(...faces), name: `Somebody with quite a long name ${i}` })
        kept = dumpLibrary(library.db)
      }
    }
    expect(fillDisk).toThrow(error('no-space'))
    expect(dumpLibrary(library.db)).toEqual(kept)
    library.reopen()
    expect(dumpLibrary(library.db)).toEqual(kept)
  })
})
