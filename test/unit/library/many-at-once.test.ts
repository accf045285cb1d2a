/** Whole lists in one decision, splitting a person, folding bystanders away, and taking back a decision that is not the newest. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FaceId, JournalEntryId, PersonId } from '../../../src-shared/domain.ts'
import { createDecisions, type Decisions } from '../../../src-main/engine/library/decisions.ts'
import { createFoldAway } from '../../../src-main/engine/library/fold-away.ts'
import { createReview } from '../../../src-main/engine/library/review.ts'
import type { RecognitionPort } from '../../../src-main/engine/ports.ts'
import { dumpLibrary, inconsistencies, noInconsistencies } from '../../fixtures/dump.ts'
import { createTestLibrary, type TestFace, type TestLibrary } from '../../fixtures/library.ts'
import { addSuggestions } from '../../fixtures/many-suggestions.ts'

/** A port that knows every face and no neighbour of any. */
const withoutNeighbours: Partial<RecognitionPort> = {
  neighbourCount: 1,
  neighbours: async (faceIds) => ({
    faceIds, neighbourIds: new Int32Array(faceIds.length).fill(-1), distances: new Float32Array(faceIds.length).fill(Infinity),
    limits: { mayBe: 0.6, same: 0.4 },
  }),
  candidates: async (faceIds) => Array.from(faceIds, () => []),
}

let library: TestLibrary
let decisions: Decisions

beforeEach(() => {
  library = createTestLibrary({ recognition: withoutNeighbours })
  decisions = createDecisions(library.context)
})
afterEach(() => library.close())

const face = (options?: TestFace) => library.addFace(options) as FaceId
const person = (name: string) => library.addPerson(name) as PersonId
const row = (id: number) =>
  library.db.prepare('SELECT person_id AS personId, assigned_by AS assignedBy, ignored, suggested_person_id AS suggested FROM faces WHERE id = ?').get(id)
const rejections = () => library.db.prepare('SELECT face_id, person_id FROM rejections ORDER BY 1, 2').raw().all()
const error = (code: string) => expect.objectContaining({ code })

function backAndForth<T>(decide: () => T): T {
  const before = dumpLibrary(library.db)
  const result = decide()
  const after = dumpLibrary(library.db)
  expect(after).not.toEqual(before)
  expect(inconsistencies(library.db)).toEqual(noInconsistencies)
  for (let round = 0; round < 2; round++) {
    library.reopen()
    decisions = createDecisions(library.context)
    decisions.undo()
    expect(dumpLibrary(library.db)).toEqual(before)
    decisions.redo()
    expect(dumpLibrary(library.db)).toEqual(after)
  }
  return result
}

const list = (filter: object, except: FaceId[] = []) => [{ kind: 'list' as const, filter, except }]

describe('a whole list', () => {
  it('of 12,000 suggestions is confirmed in one decision, less those that were taken out, and undone in one', () => {
    const anna = person('Anna')
    const faces = addSuggestions(library, anna, 12_000)
    const other = face({ suggestion: { personId: person('Ben'), probability: 0.9, distance: 0.5 } })
    const decision = decisions.confirm({ targets: list({ suggestedPersonId: anna }, faces.slice(0, 2)) })
    expect(decision).toMatchObject({ faces: 11_998, personId: anna, label: 'Confirmed 11998 faces as Anna' })
    expect(row(faces[0]!)).toMatchObject({ personId: null, suggested: anna })
    expect(row(other)).toMatchObject({ personId: null })
    expect(decisions.history({ cursor: null, limit: 10 }).entries).toHaveLength(1)
    decisions.undo()
    expect(library.db.prepare('SELECT count(*) FROM faces WHERE suggested_person_id = ?').pluck().get(anna)).toBe(12_000)
  })

  it('can be named, refused, put aside, brought back and moved to somebody else', () => {
    const anna = person('Anna')
    const faces = [face({ personId: anna }), face({ personId: anna, assignedBy: 'machine' })]
    face()
    expect(backAndForth(() => decisions.name({ targets: list({ personId: anna }), name: 'Ben' }))).toMatchObject({ faces: 2 })
    const ben = decisions.name({ faceIds: [faces[0]!], name: 'Ben' }).personId!
    expect(backAndForth(() => decisions.reject({ targets: list({ personId: ben }, [faces[1]!]), personId: ben }))).toMatchObject({ faces: 1 })
    expect(backAndForth(() => decisions.ignore({ targets: list({ unnamed: true }) }))).toMatchObject({ faces: 2 })
    expect(backAndForth(() => decisions.unignore({ targets: list({ ignored: true }) }))).toMatchObject({ faces: 2 })
  })

  it('that is empty changes nothing, and makes no person', () => {
    expect(decisions.name({ targets: list({ ignored: true }), name: 'Nobody' })).toMatchObject({ journalEntryId: null, faces: 0, personId: null })
    expect(library.db.prepare('SELECT count(*) FROM people').pluck().get()).toBe(0)
  })

  it('is what can be seen: faces of hidden photos stay out', () => {
    const shown = face()
    const hidden = face({ photoId: library.addPhoto({ folderId: library.addFolder('/other'), hidden: true }) })
    library.db.prepare("UPDATE folders SET removed_at = '2026-01-01' WHERE path = '/other'").run()
    decisions.ignore({ targets: list({ unnamed: true }) })
    expect([row(shown), row(hidden)]).toMatchObject([{ ignored: 1 }, { ignored: 0 }])
  })
})

describe('splitting a person', () => {
  it('sends groups to others and to nobody, in one decision', () => {
    const anna = person('Anna')
    const [a, b, c, d] = [face({ personId: anna }), face({ personId: anna, assignedBy: 'machine' }), face({ personId: anna }), face({ personId: anna })] as [FaceId, FaceId, FaceId, FaceId]
    const decision = backAndForth(() => decisions.split({ personId: anna, groups: [{ faceIds: [a, b], name: 'Ben' }, { faceIds: [c], name: null }] }))
    expect(decision).toMatchObject({ faces: 3, personId: anna, label: 'Split 3 faces off Anna: 2 Ben, 1 without a name' })
    const ben = library.db.prepare("SELECT id FROM people WHERE name = 'Ben'").pluck().get()
    expect([row(a), row(b)]).toMatchObject([{ personId: ben, assignedBy: 'user' }, { personId: ben, assignedBy: 'user' }])
    expect(row(c)).toMatchObject({ personId: null, assignedBy: null })
    expect(rejections()).toEqual([[c, anna]])
    expect(row(d)).toMatchObject({ personId: anna })
  })

  it('leaves faces alone that are somebody else\'s by now', () => {
    const [anna, ben] = [person('Anna'), person('Ben')]
    const [a, b] = [face({ personId: anna }), face({ personId: ben })]
    expect(decisions.split({ personId: anna, groups: [{ faceIds: [a, b], name: null }] })).toMatchObject({ faces: 1 })
    expect(row(b)).toMatchObject({ personId: ben })
    expect(decisions.split({ personId: anna, groups: [{ faceIds: [b], name: 'Carl' }] })).toMatchObject({ journalEntryId: null, faces: 0 })
  })

  it('refuses a face in two groups, the person\'s own name, and somebody who is not there', () => {
    const anna = person('Anna')
    const a = face({ personId: anna })
    const before = dumpLibrary(library.db)
    expect(() => decisions.split({ personId: anna, groups: [{ faceIds: [a], name: null }, { faceIds: [a], name: 'Ben' }] })).toThrow(error('invalid-input'))
    expect(() => decisions.split({ personId: anna, groups: [{ faceIds: [a], name: 'ANNA' }] })).toThrow(error('invalid-input'))
    expect(() => decisions.split({ personId: 99 as PersonId, groups: [{ faceIds: [a], name: null }] })).toThrow(error('not-found'))
    expect(dumpLibrary(library.db)).toEqual(before)
  })
})

describe('bystanders', () => {
  const learnt = async () => {}
  const photo = (takenAt: string) => library.addPhoto({ takenAt })

  it('are found and folded away in one decision; what got a name or a suggestion meanwhile stays', async () => {
    const anna = person('Anna')
    const withAnna = photo('2020-05-01T12:00:00')
    face({ photoId: withAnna, personId: anna, sizePx: 600 })
    const beside = face({ photoId: withAnna, sizePx: 40 })
    const street = photo('2020-05-02T12:00:00')
    const [small, large, likeAnna] = [face({ photoId: street, sizePx: 40 }), face({ photoId: street, sizePx: 500 }), face({ photoId: street, sizePx: 40, suggestion: { personId: anna, probability: 0.5, distance: 0.55 } })]
    const later = face({ photoId: street, sizePx: 40 })
    const foldAway = createFoldAway(library.context, decisions, learnt)
    expect(await foldAway.list()).toEqual({ total: 2, photos: 1, faceIds: [small, later] })
    library.db.prepare('UPDATE faces SET suggested_person_id = ?, suggestion_probability = 0.6, suggestion_distance = 0.5 WHERE id = ?').run(anna, small)
    const decision = await foldAway.foldAway({ faceIds: [small, later, beside, large, likeAnna] })
    expect(decision).toMatchObject({ faces: 1, label: 'Folded away 1 bystander' })
    expect([small, large, beside, likeAnna, later].map((id) => row(id))).toMatchObject([{ ignored: 0 }, { ignored: 0 }, { ignored: 0 }, { ignored: 0 }, { ignored: 1 }])
    decisions.undo()
    expect(row(later)).toMatchObject({ ignored: 0 })
  })

  it('are nobody while nobody has a name, and no face that recognition does not know', async () => {
    const stranger = face({ sizePx: 40 })
    const foldAway = createFoldAway(library.context, decisions, learnt)
    expect((await foldAway.list()).total).toBe(0)
    face({ personId: person('Anna'), sizePx: 400 })
    expect((await foldAway.list()).faceIds).toEqual([stranger])
    library.close()
    library = createTestLibrary({ recognition: {
      ...withoutNeighbours,
      neighbours: async () => ({ faceIds: new Int32Array(0), neighbourIds: new Int32Array(0), distances: new Float32Array(0), limits: { mayBe: 0.6, same: 0.4 } }),
    } })
    face({ sizePx: 40 })
    face({ personId: person('Anna'), sizePx: 400 })
    expect((await createFoldAway(library.context, createDecisions(library.context), learnt).list()).total).toBe(0)
  })
})

describe('taking back one decision', () => {
  const entryOf = (decision: { journalEntryId: JournalEntryId | null }) => ({ entryId: decision.journalEntryId })

  it('is plain undo where it is the newest', () => {
    const decision = decisions.name({ faceIds: [face()], name: 'Anna' })
    expect(decisions.undo(entryOf(decision))).toMatchObject({ id: decision.journalEntryId, state: 'undone' })
    expect(decisions.nextLabels()).toEqual({ undo: null, redo: 'Named 1 face Anna' })
  })

  it('decides the opposite where others were taken since, and that can be undone itself', () => {
    const anna = person('Anna')
    const [a, b] = [0.9, 0.8].map((probability) => face({ suggestion: { personId: anna, probability, distance: 0.5 } })) as [FaceId, FaceId]
    face({ personId: anna, sizePx: 500 })
    const first = decisions.confirm({ faceIds: [a] })
    const second = decisions.confirm({ faceIds: [b] })
    const after = dumpLibrary(library.db)
    expect(decisions.undo(entryOf(first))).toMatchObject({ label: 'Took back: Confirmed 1 face as Anna', state: 'done' })
    expect([row(a), row(b)]).toMatchObject([{ personId: null, suggested: anna }, { personId: anna }])
    expect(inconsistencies(library.db)).toEqual(noInconsistencies)
    decisions.undo()
    expect(dumpLibrary(library.db)).toEqual(after)
    expect(decisions.undo(entryOf(second))).toMatchObject({ state: 'undone' })
  })

  it('leaves a name that the person got since, and a cover that was chosen since', () => {
    const anna = person('Anna')
    const [a, b] = [face(), face()]
    const first = decisions.name({ faceIds: [a], name: 'Anna' })
    decisions.rename({ personId: anna, name: 'Annabel', merge: false })
    decisions.name({ faceIds: [b], name: 'Annabel' })
    decisions.setCover({ personId: anna, faceId: b })
    expect(decisions.undo(entryOf(first))).toMatchObject({ state: 'done' })
    expect(library.db.prepare('SELECT name, cover_face_id AS cover FROM people').all()).toEqual([{ name: 'Annabel', cover: b }])
    expect([row(a), row(b)]).toMatchObject([{ personId: null }, { personId: anna }])
    expect(inconsistencies(library.db)).toEqual(noInconsistencies)
  })

  it('is refused where somebody else has the name since', () => {
    const anna = person('Anna')
    const renamed = decisions.rename({ personId: anna, name: 'Annabel', merge: false })
    decisions.name({ faceIds: [face()], name: 'Anna' })
    const before = dumpLibrary(library.db)
    expect(() => decisions.undo(entryOf(renamed))).toThrow(error('changed-meanwhile'))
    expect(dumpLibrary(library.db)).toEqual(before)
  })

  it('is refused where later decisions stand on it, and changes nothing then', () => {
    const [a, b] = [face(), face()]
    const made = decisions.name({ faceIds: [a], name: 'Anna' })
    decisions.name({ faceIds: [b], name: 'Anna' })
    const before = dumpLibrary(library.db)
    expect(() => decisions.undo(entryOf(made))).toThrow(error('changed-meanwhile'))
    const third = decisions.ignore({ faceIds: [a] })
    decisions.undo(entryOf(third))
    expect(() => decisions.undo(entryOf(third))).toThrow(error('nothing-to-undo'))
    expect(() => decisions.undo({ entryId: 999 as JournalEntryId })).toThrow(error('nothing-to-undo'))
    expect(dumpLibrary(library.db)).toEqual(before)
  })
})

describe('the review queue', () => {
  it('leaves out what is known, in its list and in its count, and tells what still waits', async () => {
    const anna = person('Anna')
    const suggested = [0.9, 0.8, 0.7].map((probability) => face({ suggestion: { personId: anna, probability, distance: 0.5 } }))
    const [unknown, grouped, named] = [face({ sizePx: 300 }), face({ clusterId: 3 }), face({ personId: anna })]
    const review = createReview(library.context)
    const all = await review.list({ cursor: null, limit: 10, personId: null })
    expect([all.total, all.items.map((item) => item.face.id)]).toEqual([4, [...suggested, unknown]])
    const rest = await review.list({ cursor: null, limit: 10, personId: null, except: [suggested[0]!, unknown] })
    expect([rest.total, rest.items.map((item) => item.face.id)]).toEqual([2, suggested.slice(1)])
    const hers = await review.list({ cursor: null, limit: 10, personId: anna, except: [suggested[1]!] })
    expect([hers.total, hers.items.map((item) => item.face.id)]).toEqual([2, [suggested[0], suggested[2]]])
    const waiting = async (personId: PersonId | null) =>
      (await review.items({ faceIds: [named, unknown, suggested[2]!, grouped, suggested[0]!], personId })).items.map((item) => item.face.id)
    expect(await waiting(null)).toEqual([unknown, suggested[2], suggested[0]])
    expect(await waiting(anna)).toEqual([suggested[2], suggested[0]])
  })
})
