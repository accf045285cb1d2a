import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PersonId, PhotoId } from '../../../src-shared/domain.ts'
import { createFolderNames } from '../../../src-main/engine/library/folder-names.ts'
import { createPeople, personNameKey } from '../../../src-main/engine/library/people.ts'
import { parseQuery, type QueryNode } from '../../../src-main/engine/library/query-language.ts'
import { createSearch } from '../../../src-main/engine/library/search.ts'
import { createTestLibrary, type TestFace, type TestLibrary } from '../../fixtures/library.ts'
import { namesOf } from '../../fixtures/query-names.ts'
import { createRandom, type Random } from '../../fixtures/random.ts'

const people = ['Anna', 'Ben', 'Carl', 'Dora', 'Anna Maria', 'Zoë']
const directories = ['', 'Holidays/', 'Holidays/2016/', 'home/Ferie\u0301s/', 'home/holidays at sea/', 'HOME/']

interface KnownPhoto {
  id: number
  takenAt: number
  status: string
  visible: boolean
  /** Folded names of the folders above it. */
  folders: string[]
  faces: TestFace[]
}

/** Photos and faces as they were put in, to be searched by plain code. */
function fill(library: TestLibrary, random: Random, count: number): KnownPhoto[] {
  const roots = [library.addFolder('/pictures/Family'), library.addFolder('/pictures/work')]
  const ids = people.map((name) => library.addPerson(name, personNameKey(name)))
  return Array.from({ length: count }, (_, i) => {
    const root = random.below(2)
    const directory = random.pick(directories)
    // Many photos share a second, so that the order within one is put to the test.
    const takenAt = Date.UTC(2014 + random.below(4), random.below(12), 1 + random.below(28), 12, 0, random.below(2)) / 1000
    const status = random.fraction() < 0.1 ? 'pending' : 'indexed'
    const hidden = random.fraction() < 0.05
    const missing = random.fraction() < 0.05
    const photo = {
      folderId: roots[root]!, relativePath: `${directory}${i}.jpg`, takenAt: new Date(takenAt * 1000).toISOString().slice(0, 19),
      status: status as 'pending' | 'indexed', hidden, missing,
    }
    const id = library.addPhoto(photo)
    const faces = Array.from({ length: status === 'indexed' ? random.below(5) : 0 }, (): TestFace => {
      const kind = random.fraction()
      const ignored = random.fraction() < 0.1
      if (kind < 0.65) return { photoId: id, ignored, personId: random.pick(ids.slice(0, 2 + random.below(5))), assignedBy: random.fraction() < 0.5 ? 'user' : 'machine' }
      if (kind < 0.75) return { photoId: id, ignored, suggestion: { personId: random.pick(ids), probability: 0.8, distance: 0.5 } }
      return { photoId: id, ignored, clusterId: kind < 0.85 ? 7 : null }
    })
    for (const face of faces) library.addFace(face)
    const folders = `${['pictures/family', 'pictures/work'][root]!}/${personNameKey(directory)}`.split('/').filter(Boolean)
    return { id, takenAt, status, visible: !hidden && !missing, folders, faces }
  })
}

/** What a query means, said once more in the plainest way. */
function matches(node: QueryNode | null, photo: KnownPhoto): boolean {
  if (node === null) return true
  const seen = photo.faces.filter(({ ignored }) => !ignored)
  const unnamed = seen.filter(({ personId }) => personId === undefined)
  const has = (personId: number) => seen.some((face) => face.personId === personId)
  switch (node.kind) {
    case 'person': return has(node.person.id)
    case 'only':
      return node.people.every(({ id }) => has(id)) && seen.every((face) => node.people.some(({ id }) => id === face.personId))
    case 'date': return photo.takenAt >= (node.from ?? -Infinity) && photo.takenAt < (node.until ?? Infinity)
    case 'folder': return photo.folders.includes(node.key) || photo.folders.join('/').includes(node.key) && node.key.includes('/')
    case 'faces': return photo.status === 'indexed' && seen.length >= node.least && seen.length <= (node.most ?? Infinity)
    case 'is':
      return node.what === 'unnamed' ? unnamed.length > 0 : unnamed.some(({ suggestion, clusterId }) => !suggestion && !clusterId)
    case 'not': return !matches(node.part, photo)
    case 'both': return node.parts.every((part) => matches(part, photo))
    case 'either': return node.parts.some((part) => matches(part, photo))
  }
}

function randomQuery(random: Random, depth = 0): string {
  const name = () => `"${random.pick(people)}"`
  const part = (): string => {
    const kind = random.below(depth < 3 ? 12 : 9)
    if (kind < 4) return name()
    if (kind === 4) return `only: ${Array.from({ length: 1 + random.below(3) }, name).join(' ')}`
    if (kind === 5) return random.pick(['2015', '2015..2016-06', 'after:2015-03', 'before:2016', '2014..', '..2016-05-10', '2016-02'])
    if (kind === 6) return random.pick(['in:holidays', 'in:Féries', 'in:family', 'in:"holidays at sea"', 'in:home', 'in:Holidays/2016', 'in:holi'])
    if (kind === 7) return random.pick(['faces:0', 'faces:2..4', 'faces:1', 'faces:3..'])
    if (kind === 8) return random.pick(['is:unknown', 'is:unnamed'])
    return `(${randomQuery(random, depth + 1)})`
  }
  const parts = Array.from({ length: 1 + random.below(4) }, () => (random.fraction() < 0.25 ? '-' : '') + part())
  return parts.reduce((query, next) => query + random.pick([' ', ' ', ' & ', ' | ']) + next)
}

describe('search', () => {
  const random = createRandom(20150601)
  let library: TestLibrary
  let photos: KnownPhoto[]
  let search: ReturnType<typeof createSearch>
  const names = namesOf(people)

  beforeAll(() => {
    library = createTestLibrary()
    library.db.exec('BEGIN')
    photos = fill(library, random, 1200)
    library.db.exec('COMMIT')
    search = createSearch(library.context)
  })
  afterAll(() => library.close())

  const expected = (query: string) => {
    const tree = parseQuery(query, names)
    return photos
      .filter((photo) => photo.visible && matches(tree, photo))
      .sort((a, b) => b.takenAt - a.takenAt || b.id - a.id)
      .map(({ id }) => id)
  }
  const paged = (query: string, limit: number) => {
    const ids: number[] = []
    const total = expected(query).length
    let cursor: string | null = null
    do {
      const page = search.search({ query, cursor, limit })
      ids.push(...page.photos.map(({ id }) => id))
      expect(page.total).toBe(total)
      expect(page.photos.length).toBeLessThanOrEqual(limit)
      cursor = page.nextCursor
    } while (cursor !== null)
    return ids
  }

  it('finds what a plain filter finds, for 400 random queries', () => {
    let found = 0
    for (let i = 0; i < 400; i++) {
      const query = randomQuery(random)
      const grid = search.grid({ query })
      expect({ query, ids: grid.photoIds }).toEqual({ query, ids: expected(query) })
      expect(grid.total).toBe(grid.photoIds.length)
      if (i % 10 === 0) expect(paged(query, 7 + random.below(60))).toEqual(grid.photoIds)
      found += grid.total
    }
    expect(found).toBeGreaterThan(10_000)
  })

  it('lays out as a timeline, hands over in pages of a month or day, and locates what a grid finds, for 150 random queries', () => {
    for (let i = 0; i < 150; i++) {
      const query = i === 0 ? '' : i % 3 === 0 ? `-${random.pick(people.slice(0, 4))} ${randomQuery(random, 2)}` : randomQuery(random)
      const { photoIds, total, months, terms } = search.grid({ query })
      const byMonth = search.timeline({ query, by: 'month', first: 7 })
      const periods = months.map(({ month, count }) => ({ period: month, photos: count }))
      expect({ query, ...byMonth }).toEqual({ query, total, firstIds: photoIds.slice(0, 7), periods, terms })
      const byDay = search.timeline({ query, by: 'day', first: 0 })
      expect(byDay.periods.reduce((sum, day) => sum + day.photos, 0)).toBe(total)
      for (const { periods: asked, limit } of [{ periods: byMonth.periods, limit: 7 }, ...(i % 30 === 0 ? [{ periods: byDay.periods, limit: 1000 }] : [])]) {
        const paged = asked.flatMap(({ period, photos: count }) =>
          Array.from({ length: Math.ceil(count / limit) }, (_, page) => search.ids({ query, period, offset: page * limit, limit }).photoIds).flat())
        expect({ query, paged }).toEqual({ query, paged: photoIds })
      }
      const index = random.below(Math.max(1, total))
      if (total > 0) expect({ query, ...search.locate({ query, photoId: photoIds[index]! }) }).toEqual({ query, index })
      const other = photos.find(({ id }) => !photoIds.includes(id as PhotoId))
      if (other) expect(search.locate({ query, photoId: other.id as PhotoId }).index).toBeNull()
    }
    expect(() => search.ids({ query: '', period: '2015-13', offset: 0, limit: 10 })).toThrow(expect.objectContaining({ code: 'invalid-input' }))
  })

  it('knows who is often with somebody, as counted one by one', () => {
    const companions = createPeople(library.context)
    for (const [i, name] of people.entries()) {
      const id = i + 1
      const seen = photos.filter(({ visible, faces }) => visible && faces.some(({ personId, ignored }) => personId === id && !ignored))
      const naive = people
        .map((other, j) => ({ personId: j + 1, name: other, photos: seen.filter(({ faces }) => faces.some((face) => face.personId === j + 1 && !face.ignored)).length }))
        .filter((other) => other.personId !== id && other.photos > 0)
        .sort((a, b) => b.photos - a.photos || a.personId - b.personId)
      const found = companions.oftenWith({ personId: id as PersonId, limit: 500 }).companions
      expect({ name, found: found.map(({ personId, name: other, photos: count }) => ({ personId, name: other, photos: count })) }).toEqual({ name, found: naive })
      expect(companions.oftenWith({ personId: id as PersonId, limit: 2 }).companions).toEqual(found.slice(0, 2))
      // What a search for both finds is what was counted.
      for (const { name: other, photos: count } of found) expect(search.grid({ query: `"${name}" "${other}"` }).total).toBe(count)
    }
    expect(companions.oftenWith({ personId: 999 as PersonId, limit: 2 })).toEqual({ companions: [] })
  })

  it('completes the names of directories, however they are written, with the number of photos that in: finds', async () => {
    const complete = createFolderNames(library.context)
    const { folders } = await complete({ text: 'ho', limit: 10 })
    expect(folders.map(({ name }) => personNameKey(name)).sort()).toEqual(['holidays', 'holidays at sea', 'home'])
    for (const { name, photos: count } of folders) expect(search.grid({ query: `in:"${name}"` }).total).toBe(count)
    expect((await complete({ text: 'SEA', limit: 10 })).folders.map(({ name }) => name)).toEqual(['holidays at sea'])
    expect((await complete({ text: 'feries', limit: 10 })).folders).toHaveLength(1)
    expect((await complete({ text: 'nowhere', limit: 10 })).folders).toEqual([])
    // What has moved is read again behind an answer.
    const seen = photos.find(({ visible }) => visible)!
    const { path } = library.db.prepare<[number], { path: string }>('SELECT relative_path AS path FROM photos WHERE id = ?').get(seen.id)!
    const move = library.db.prepare('UPDATE photos SET relative_path = ? WHERE id = ?')
    move.run('nowhere near/moved.jpg', seen.id)
    await expect.poll(async () => (await complete({ text: 'nowhere', limit: 10 })).folders).toEqual([{ name: 'nowhere near', photos: 1 }])
    move.run(path, seen.id)
    await expect.poll(async () => (await complete({ text: 'nowhere', limit: 10 })).folders).toEqual([])
  })

  it('finds the same while no photo is missing', () => {
    const away = library.db.prepare('SELECT id FROM photos WHERE missing_since IS NOT NULL').pluck().all() as number[]
    library.db.exec("UPDATE photos SET hidden = 1, missing_since = NULL WHERE missing_since IS NOT NULL")
    library.refreshCounts()
    for (const query of ['', 'anna ben', 'anna | carl', 'only: anna', 'faces:0', '-anna 2015']) expect(search.grid({ query }).photoIds).toEqual(expected(query))
    library.db.exec(`UPDATE photos SET hidden = 0, missing_since = '2026-01-01' WHERE id IN (${away.join(', ')})`)
    library.refreshCounts()
  })

  it('counts the months in the order of the photos', () => {
    const { months, photoIds } = search.grid({ query: 'anna' })
    const takenAt = new Map(photos.map((photo) => [photo.id, photo.takenAt]))
    const monthOf = (id: PhotoId) => new Date(takenAt.get(id)! * 1000).toISOString().slice(0, 7)
    const naive = [...new Set(photoIds.map(monthOf))].map((month) => ({ month, count: photoIds.filter((id) => monthOf(id) === month).length }))
    expect(months).toEqual(naive)
    expect(search.grid({ query: 'before:1999' })).toMatchObject({ total: 0, photoIds: [], months: [] })
  })

  it('answers with terms, names the people on a photo, and refuses a foreign cursor', () => {
    const { terms } = search.grid({ query: 'anna maria -zoe' })
    expect(terms.map(({ text, negated }) => [text, negated])).toEqual([['"Anna Maria"', false], ['-Zoë', true]])
    const [first] = search.search({ query: 'anna ben', cursor: null, limit: 1 }).photos
    expect(first!.people).toEqual(expect.arrayContaining(['Anna', 'Ben']))
    expect(first!.path).toMatch(/^\/pictures\/(Family|work)\//u)
    expect(() => search.search({ query: 'anna', cursor: 'bm9uc2Vuc2U', limit: 1 })).toThrow(expect.objectContaining({ code: 'invalid-input' }))
    expect(() => search.search({ query: 'any', cursor: null, limit: 1 })).toThrow(expect.objectContaining({ code: 'unknown-name' }))
  })

  it('shows a photo with its faces, and few words about many', async () => {
    const photo = photos.find(({ visible, faces }) => visible && faces.length === 4)!
    const seen = (await search.get({ photoId: photo.id as PhotoId })).photo
    expect(seen.faces).toHaveLength(4)
    expect(seen.fileName).toMatch(/^\d+\.jpg$/u)
    expect(seen.takenAt).toBe(new Date(photo.takenAt * 1000).toISOString().slice(0, 19))
    const [summary] = search.summaries({ photoIds: [photo.id as PhotoId, 999_999 as PhotoId] }).photos
    expect(summary).toMatchObject({ id: photo.id, fileName: seen.fileName, faces: photo.faces.filter(({ ignored }) => !ignored).length, status: 'indexed', missing: false })
    await expect(search.get({ photoId: 999_999 as PhotoId })).rejects.toThrow(expect.objectContaining({ code: 'not-found' }))
  })
})

describe('people with very many photos', () => {
  it('are counted together as each photo says, three at a time too', () => {
    const library = createTestLibrary()
    const ids = ['Anna', 'Ben', 'Carl'].map((name) => library.addPerson(name, personNameKey(name)))
    const onPhoto = library.db.prepare('INSERT INTO person_photo (person_id, taken_at, photo_id, face_count) VALUES (?, ?, ?, 1)')
    const together = [0, 0]
    library.db.transaction(() => {
      for (let i = 0; i < 22_000; i++) {
        // Two photos a second, so that the order within one counts.
        const seconds = Date.UTC(2015, 0, 1) / 1000 + (i >> 1)
        const photoId = library.addPhoto({ takenAt: new Date(seconds * 1000).toISOString().slice(0, 19) })
        const shown = [i % 2 === 0 || i % 5 === 0, i % 3 > 0, i % 7 > 2]
        shown.forEach((there, person) => there && onPhoto.run(ids[person]!, seconds, photoId))
        if (shown[0] && shown[1]) together[0]!++
        if (shown.every(Boolean)) together[1]!++
      }
    })()
    const search = createSearch(library.context)
    expect(search.search({ query: 'anna ben', cursor: null, limit: 50 }).total).toBe(together[0])
    expect(search.search({ query: 'ben carl anna', cursor: null, limit: 50 }).total).toBe(together[1])
    library.close()
  })
})
