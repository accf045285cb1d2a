import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FaceFilter } from '../../../src-shared/api.ts'
import type { ClusterId, PersonId, PhotoId } from '../../../src-shared/domain.ts'
import type { z } from 'zod'
import { createPeople } from '../../../src-main/engine/library/people.ts'
import { createReview } from '../../../src-main/engine/library/review.ts'
import type { Candidate } from '../../../src-main/engine/ports.ts'
import { createTestLibrary, type TestLibrary } from '../../fixtures/library.ts'
import { createRandom } from '../../fixtures/random.ts'

interface KnownFace {
  id: number
  photoId: number
  takenAt: number
  sizePx: number
  personId: number | null
  ignored: number
  clusterId: number | null
  suggestedPersonId: number | null
  probability: number | null
  hidden: number
}

let library: TestLibrary
let candidates: (faceIds: Int32Array, limit: number) => Promise<Candidate[][]>

/** Faces of every kind, with many ties in size, time and probability. */
function fill(): void {
  const random = createRandom(11)
  const people = ['Anna', 'Ben', 'Carl'].map((name) => library.addPerson(name))
  library.db.exec('BEGIN')
  for (let i = 0; i < 120; i++) {
    const photoId = library.addPhoto({ takenAt: `2016-05-0${1 + random.below(5)}T12:00:00`, hidden: random.fraction() < 0.1 })
    for (let j = random.below(4); j > 0; j--) {
      const kind = random.fraction()
      library.addFace({
        photoId,
        sizePx: 50 * (1 + random.below(4)),
        ignored: random.fraction() < 0.1,
        personId: kind < 0.4 ? random.pick(people) : null,
        assignedBy: kind < 0.4 ? random.pick(['user', 'machine'] as const) : null,
        clusterId: kind > 0.4 && random.fraction() < 0.5 ? 1 + random.below(8) : null,
        suggestion: kind > 0.7 ? { personId: random.pick(people), probability: random.pick([0.5, 0.7, 0.9]), distance: 0.5 } : null,
      })
    }
  }
  library.db.exec('COMMIT')
}

beforeEach(() => {
  candidates = async () => []
  library = createTestLibrary({ recognition: { candidates: (faceIds, limit) => candidates(faceIds, limit) } })
  fill()
})
afterEach(() => library.close())

/** With and without a removed folder, the statements differ. */
const withRemovedFolder = [false, true]
const removeFolder = () => library.db.prepare("INSERT INTO folders (path, added_at, removed_at) VALUES ('/gone', '', '2026')").run()

/** All faces; those on hidden photos only where no folder is removed, since then nothing is hidden in truth. */
const known = (removed: boolean) =>
  (library.db.prepare(`
    SELECT f.id, f.photo_id AS photoId, p.taken_at AS takenAt, f.size_px AS sizePx, f.person_id AS personId, f.ignored,
      f.cluster_id AS clusterId, f.suggested_person_id AS suggestedPersonId, f.suggestion_probability AS probability, p.hidden
    FROM faces f JOIN photos p ON p.id = f.photo_id`).all() as KnownFace[]).filter(({ hidden }) => !removed || hidden === 0)
const isOpen = (face: KnownFace) => face.personId === null && face.ignored === 0
const by = (...keys: ((face: KnownFace) => number)[]) => (a: KnownFace, b: KnownFace) =>
  keys.reduce((order, key) => order || key(a) - key(b), 0)

/** Every page of a list, one after the other. */
function pages<Item>(page: (cursor: string | null) => { total: number; items: Item[]; nextCursor: string | null }): Item[] {
  const all: Item[] = []
  let cursor: string | null = null
  let total: number
  do {
    const next = page(cursor)
    all.push(...next.items)
    cursor = next.nextCursor
    total = next.total
  } while (cursor !== null)
  expect(total).toBe(all.length)
  return all
}

describe('lists', () => {
  it.each(withRemovedFolder)('gives faces by filter in pages, each once and in order (folder removed: %s)', (removed) => {
    if (removed) removeFolder()
    else library.db.exec('UPDATE photos SET hidden = 0')
    library.refreshCounts()
    const review = createReview(library.context)
    const newest = by((f) => -f.takenAt, (f) => -f.photoId, (f) => f.id)
    const largest = by((f) => -f.sizePx, (f) => f.id)
    const likeliest = by((f) => -f.probability!, (f) => f.id)
    const byId = by((f) => f.id)
    const photoId = known(removed).find((face) => face.personId !== null)!.photoId as PhotoId
    const cases: [z.infer<typeof FaceFilter>, (face: KnownFace) => boolean, typeof byId][] = [
      [{}, () => true, byId],
      [{ personId: 1 as PersonId }, (f) => f.personId === 1 && f.ignored === 0, newest],
      [{ personId: 2 as PersonId, photoId }, (f) => f.personId === 2 && f.ignored === 0 && f.photoId === photoId, newest],
      [{ personId: 1 as PersonId, ignored: true }, (f) => f.personId === 1 && f.ignored === 1, byId],
      [{ suggestedPersonId: 2 as PersonId }, (f) => isOpen(f) && f.suggestedPersonId === 2, likeliest],
      [{ clusterId: 3 as ClusterId }, (f) => isOpen(f) && f.clusterId === 3, largest],
      [{ clusterId: 3 as ClusterId, suggestedPersonId: 1 as PersonId }, (f) => isOpen(f) && f.clusterId === 3 && f.suggestedPersonId === 1, largest],
      [{ photoId }, (f) => f.photoId === photoId, byId],
      [{ unnamed: true }, isOpen, byId],
      [{ unnamed: false }, (f) => f.personId !== null, byId],
      [{ ignored: true }, (f) => f.ignored === 1, byId],
      [{ ignored: false }, (f) => f.ignored === 0, byId],
    ]
    for (const [filter, passes, order] of cases)
      for (const limit of [1, 7, 500]) {
        const ids = pages((cursor) => {
          const { total, faces, nextCursor } = review.faces({ filter, cursor, limit })
          return { total, items: faces.map(({ id }) => id), nextCursor }
        })
        expect({ filter, ids }).toEqual({ filter, ids: known(removed).filter(passes).sort(order).map(({ id }) => id) })
      }
  })

  it.each(withRemovedFolder)('gives groups largest first, with their largest faces (folder removed: %s)', (removed) => {
    if (removed) removeFolder()
    const review = createReview(library.context)
    const groups = Map.groupBy(known(removed).filter((face) => isOpen(face) && face.clusterId !== null), (face) => face.clusterId!)
    const expected = [...groups]
      .map(([id, faces]) => ({ id, size: faces.length, faceIds: faces.sort(by((f) => -f.sizePx, (f) => f.id)).slice(0, 3).map((f) => f.id) }))
      .sort((a, b) => b.size - a.size || a.id - b.id)
    const found = pages((cursor) => {
      const { total, clusters, nextCursor } = review.clusters({ cursor, limit: 3, facesPerCluster: 3 })
      return { total, items: clusters, nextCursor }
    })
    expect(found.map(({ id, size, faceIds }) => ({ id, size, faceIds }))).toEqual(expected)
    for (const { id, size, suggestion } of found) {
      const votes = groups.get(id)!.filter((face) => face.suggestedPersonId === suggestion?.personId)
      if (suggestion) expect(votes.length * 2).toBeGreaterThanOrEqual(size)
    }
  })

  it.each(withRemovedFolder)('asks for suggestions first, likeliest first, then for the unknown by size (folder removed: %s)', async (removed) => {
    if (removed) removeFolder()
    const review = createReview(library.context)
    const open = known(removed).filter(isOpen)
    const order = by((f) => -f.probability!, (f) => -f.sizePx, (f) => f.id)
    const suggested = open.filter(({ suggestedPersonId }) => suggestedPersonId !== null).sort(order)
    const unknown = open.filter(({ suggestedPersonId, clusterId }) => suggestedPersonId === null && clusterId === null)
    const expected = [...suggested, ...unknown.sort(by((f) => -f.sizePx, (f) => f.id))].map(({ id }) => id)
    const all = async (personId: PersonId | null, limit: number) => {
      const ids: number[] = []
      let cursor: string | null = null
      let total: number
      do {
        const page = await review.list({ personId, cursor, limit })
        ids.push(...page.items.map(({ face }) => face.id))
        cursor = page.nextCursor
        total = page.total
      } while (cursor !== null)
      expect(total).toBe(ids.length)
      return ids
    }
    for (const limit of [1, 7, 500]) expect(await all(null, limit)).toEqual(expected)
    const annas = suggested.filter((face) => face.suggestedPersonId === 1).map(({ id }) => id)
    for (const limit of [1, 500]) expect(await all(1 as PersonId, limit)).toEqual(annas)
  })

  it('offers at most nine candidates, best first, without refused or unknown people', async () => {
    const people = Array.from({ length: 12 }, (_, i) => library.addPerson(`Person ${i}`))
    const review = createReview(library.context)
    const [first] = (await review.list({ personId: null, cursor: null, limit: 1 })).items
    const suggested = first!.face.suggestion!.personId
    library.db.prepare('INSERT INTO rejections VALUES (?, ?)').run(first!.face.id, people[1])
    const asked: number[] = []
    candidates = async (faceIds, limit) => {
      asked.push(limit)
      const list = [suggested, ...people, 9999].map((personId, i) => ({ personId, probability: 0.9 - i / 100, distance: 0.4 + i / 100 }))
      return [...faceIds].map(() => list.slice(0, limit))
    }
    const [item] = (await review.list({ personId: null, cursor: null, limit: 1 })).items
    expect(asked).toEqual([10])
    expect(item!.candidates.map(({ personId }) => personId)).toEqual([suggested, people[0], ...people.slice(2, 9)])
    expect(item!.candidates[1]!.personName).toBe('Person 0')
  })

  it('has the stored suggestion where recognition can\'t answer', async () => {
    candidates = () => Promise.reject(new Error('starting'))
    const { items } = await createReview(library.context).list({ personId: null, cursor: null, limit: 500 })
    for (const { face, candidates: some } of items) expect(some).toEqual(face.suggestion ? [face.suggestion] : [])
  })

  it.each(withRemovedFolder)('counts people\'s faces, photos and suggestions (folder removed: %s)', (removed) => {
    if (removed) removeFolder()
    else library.db.exec('UPDATE photos SET hidden = 0')
    library.refreshCounts()
    const missing = known(removed).find(({ personId, ignored, hidden }) => personId === 1 && !ignored && !hidden)!.photoId
    library.db.prepare("UPDATE photos SET missing_since = '2026' WHERE id = ?").run(missing)
    const people = createPeople(library.context)
    const expected = [1, 2, 3].map((id) => {
      const faces = known(removed).filter((face) => face.personId === id && face.ignored === 0)
      const photos = new Set(faces.map(({ photoId }) => photoId))
      photos.delete(missing)
      const suggestions = known(removed).filter((face) => isOpen(face) && face.suggestedPersonId === id).length
      return { id, faces: faces.length, photos: photos.size, suggestions }
    })
    const listed = people.list().people
    expect(listed.map(({ id, faces, photos, suggestions }) => ({ id, faces, photos, suggestions })).sort((a, b) => a.id - b.id)).toEqual(expected)
    expect(listed.map(({ faces }) => faces)).toEqual(listed.map(({ faces }) => faces).sort((a, b) => b - a))
    for (const person of listed) expect(people.get({ personId: person.id }).person).toEqual(person)
    expect(() => people.get({ personId: 99 })).toThrow(expect.objectContaining({ code: 'not-found' }))
  })

  it('refuses the cursor of another list', () => {
    const review = createReview(library.context)
    const { nextCursor } = review.faces({ filter: {}, cursor: null, limit: 1 })
    const other = () => review.clusters({ cursor: nextCursor, limit: 1, facesPerCluster: 1 })
    expect(other).toThrow(expect.objectContaining({ code: 'invalid-input' }))
  })
})
