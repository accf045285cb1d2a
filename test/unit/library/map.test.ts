/** The map of faces by the real engine on a real library of generated embeddings: made, kept, refreshed, stopped. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEngine, type Engine } from '../../../src-main/engine/engine.ts'
import { minimumMapFaces } from '../../../src-shared/limits.ts'
import type { ApiEvent, MethodOutput } from '../../../src-shared/api.ts'
import type { FaceId } from '../../../src-shared/domain.ts'
import { generateFaces } from '../../fixtures/embeddings.ts'
import { createTestLibrary } from '../../fixtures/library.ts'

const embedderId = 'dlib-resnet'
const dimension = 128
const generated = generateFaces(700, { seed: 9, meanFaces: 40 })

let directory: string
let engine: Engine | null = null
let events: ApiEvent[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kith-map-'))
})
afterEach(async () => {
  await engine?.close()
  engine = null
  rmSync(directory, { recursive: true, force: true })
})

/** Writes generated faces from one row to another. @returns face ids; row i is the face of row `from + i` */
function writeFaces(from: number, to: number, nameOf: (person: number, row: number) => string | null = () => null): number[] {
  const library = createTestLibrary({ directory })
  const writeEmbedding = library.db.prepare('INSERT INTO face_embeddings (face_id, model_id, vector) VALUES (?, ?, ?)')
  const ids = library.db.transaction(() => {
    const people = new Map(library.db.prepare<[], [string, number]>('SELECT name, id FROM people').raw().all())
    const photos = new Map<number, number>()
    const faceIds: number[] = []
    for (let row = from; row < to; row++) {
      const name = nameOf(generated.people[row]!, row)
      if (name !== null && !people.has(name)) people.set(name, library.addPerson(name))
      const photo = generated.photoIds[row]!
      if (!photos.has(photo)) photos.set(photo, library.addPhoto())
      const id = library.addFace({ photoId: photos.get(photo)!, personId: name === null ? null : people.get(name)! })
      writeEmbedding.run(id, embedderId, Buffer.from(generated.embeddings.slice(row * dimension, (row + 1) * dimension).buffer))
      faceIds.push(id)
    }
    library.refreshCounts()
    return faceIds
  })()
  library.close()
  return ids
}

async function open(): Promise<Engine> {
  engine = await createEngine({ libraryDirectory: directory, modelsDirectories: [], log: () => {} })
  events = []
  engine.onEvent((event) => events.push(event))
  return engine
}

/** Waits for the next map that is made. */
async function made(): Promise<MethodOutput<'map.get'>> {
  await expect.poll(() => events.some((event) => event.type === 'changed' && event.topics.includes('map')), { timeout: 60_000 }).toBe(true)
  events.length = 0
  return engine!.call('map.get', {})
}

function unpack({ map }: MethodOutput<'map.get'>) {
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64')).buffer
  return {
    faceIds: new Int32Array(bytes(map!.faceIds)), positions: new Float32Array(bytes(map!.positions)),
    personIds: new Int32Array(bytes(map!.personIds)), standings: new Uint8Array(bytes(map!.standings)),
  }
}

/** Of the ten nearest on the map, how many are of the same person; and how many would be by chance. */
function purity(faceIds: Int32Array, positions: Float32Array, personOf: (faceId: number) => number) {
  const people = Array.from(faceIds, personOf)
  const sizes = new Map<number, number>()
  for (const person of people) sizes.set(person, (sizes.get(person) ?? 0) + 1)
  let same = 0, chance = 0, asked = 0
  people.forEach((person, i) => {
    if (sizes.get(person)! < 11) return
    const nearest = [...people.keys()].filter((j) => j !== i)
      .sort((a, b) => distance(a, i) - distance(b, i)).slice(0, 10)
    same += nearest.filter((j) => people[j] === person).length / 10
    chance += (sizes.get(person)! - 1) / (people.length - 1)
    asked++
  })
  return { purity: same / asked, chance: chance / asked }

  function distance(a: number, b: number): number {
    return Math.hypot(positions[a * 2]! - positions[b * 2]!, positions[a * 2 + 1]! - positions[b * 2 + 1]!)
  }
}

describe('the map of faces', () => {
  it('is made when it is first asked for, lays the faces of a person together, and is kept', async () => {
    const ids = writeFaces(0, 600, (person) => (person === 0 ? 'Anna' : null))
    await open()
    const first = await engine!.call('map.get', {})
    expect(first).toMatchObject({ map: null, faces: 600, progress: { state: 'making', faces: 600 } })
    const answer = await made()
    expect(answer.progress.state).toBe('idle')
    expect(answer.map).toMatchObject({ faces: 600, laidOut: 600, added: 0 })
    const { faceIds, positions, personIds, standings } = unpack(answer)
    expect([...faceIds]).toEqual(ids)
    expect(Math.min(...positions)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...positions)).toBeLessThanOrEqual(1)
    const anna = (await engine!.call('people.list', {})).people[0]!
    faceIds.forEach((_, row) => {
      if (generated.people[row] === 0) expect([personIds[row], standings[row]]).toEqual([anna.id, 3])
    })
    const found = purity(faceIds, positions, (faceId) => generated.people[faceId - ids[0]!]!)
    expect(found.purity).toBeGreaterThan(0.9)
    expect(found.chance).toBeLessThan(0.4)

    await engine!.close()
    await open()
    const again = await engine!.call('map.get', {})
    expect(again.progress.state).toBe('idle')
    expect(again.map).toMatchObject({ madeAt: answer.map!.madeAt, positions: answer.map!.positions })
  })

  it('comes to the same places when it is made again', async () => {
    writeFaces(0, 200)
    await open()
    await engine!.call('map.get', {})
    const first = await made()
    expect(await engine!.call('map.make', {})).toMatchObject({ state: 'making', faces: 200 })
    const second = await made()
    expect(second.map!.madeAt > first.map!.madeAt).toBe(true)
    expect(second.map!.positions).toBe(first.map!.positions)
  })

  it('puts new faces between their neighbours, and is made anew when there are many', async () => {
    const before = writeFaces(0, 400)
    await open()
    await engine!.call('map.get', {})
    const { map } = await made()
    await engine!.close()
    const few = writeFaces(400, 430)
    await open()
    await engine!.paths.settled()
    const withFew = await engine!.call('map.get', {})
    expect(withFew).toMatchObject({ faces: 430, map: { added: 30, madeAt: map!.madeAt }, progress: { state: 'idle' } })
    const { faceIds, positions } = unpack(withFew)
    expect(positions.every(Number.isFinite)).toBe(true)
    const personOf = (faceId: number) => generated.people[faceId - before[0]!]!
    const near = few.filter((faceId) => {
      const row = faceIds.indexOf(faceId)
      const nearest = [...faceIds.keys()].filter((other) => other !== row).sort((a, b) => distance(a, row) - distance(b, row))[0]!
      return personOf(faceIds[nearest]!) === personOf(faceId)
    })
    expect(near.length).toBeGreaterThan(few.length * 0.7)
    function distance(a: number, b: number): number {
      return Math.hypot(positions[a * 2]! - positions[b * 2]!, positions[a * 2 + 1]! - positions[b * 2 + 1]!)
    }

    await engine!.close()
    writeFaces(430, 600)
    await open()
    expect(await engine!.call('map.get', {})).toMatchObject({ map: { madeAt: map!.madeAt }, progress: { state: 'making' } })
    expect((await made()).map).toMatchObject({ added: 0, laidOut: 600 })
  })

  it('can be stopped, and is not begun again by itself', async () => {
    writeFaces(0, 700)
    await open()
    await engine!.call('map.get', {})
    await expect.poll(() => events.some((event) => event.type === 'map-progress' && event.progress.done > 0), { timeout: 60_000 }).toBe(true)
    expect(await engine!.call('map.cancel', {})).toMatchObject({ state: 'idle' })
    expect(events.at(-1)).toEqual({ type: 'changed', topics: ['map'] })
    expect(events.some((event) => event.type === 'notice')).toBe(false)
    expect(await engine!.call('map.get', {})).toMatchObject({ map: null, progress: { state: 'idle' } })
    expect(await engine!.call('map.make', {})).toMatchObject({ state: 'making' })
    expect((await engine!.call('library.status', {})).counts.faces).toBe(700)
  })

  it('needs a few faces, and leaves out what is put aside', async () => {
    const ids = writeFaces(0, minimumMapFaces)
    await open()
    await engine!.call('faces.ignore', { faceIds: [ids[0] as FaceId] })
    expect(await engine!.call('map.get', {})).toMatchObject({ map: null, faces: minimumMapFaces - 1, progress: { state: 'idle' } })
    await expect(engine!.call('map.make', {})).rejects.toMatchObject({ code: 'invalid-input' })
    await engine!.call('journal.undo', {})
    await engine!.call('map.get', {})
    expect((await made()).map).toMatchObject({ faces: minimumMapFaces })
  })
})

describe('faces that look like somebody else', () => {
  const names = ['Anna', 'Ben', 'Carla']
  const bySize = [...Map.groupBy(generated.people.keys(), (row) => generated.people[row]!).entries()]
    .map(([person, rows]) => ({ person, rows: [...rows] })).sort((a, b) => b.rows.length - a.rows.length).slice(0, 3)
  const nameOf = (person: number) => names[bySize.findIndex((one) => one.person === person)] ?? null

  it('are those that got the wrong name; saying that they are right, or naming them, ends it', async () => {
    // Ben is not on the photos of these two, so they could be his.
    const onPhotoWithBen = new Set(bySize[1]!.rows.map((row) => generated.photoIds[row]!))
    const wrong = bySize[1]!.rows.slice(0, 2)
    expect(onPhotoWithBen.size).toBe(bySize[1]!.rows.length)
    const ids = writeFaces(0, 700, (person, row) => (wrong.includes(row) ? 'Anna' : nameOf(person)))
    await open()
    await engine!.paths.settled()
    const { people } = await engine!.call('people.list', {})
    const idOf = (name: string) => people.find((person) => person.name === name)!.id
    const doubt = (row: number) => ({ faceId: ids[row]! as FaceId, personId: idOf('Anna'), likePersonId: idOf('Ben') })
    expect(await engine!.call('faces.doubtful', {})).toEqual({ faces: wrong.map(doubt) })

    await engine!.call('faces.reject', { faceIds: [ids[wrong[0]!]! as FaceId], personId: idOf('Ben') })
    expect(await engine!.call('faces.doubtful', {})).toEqual({ faces: [doubt(wrong[1]!)] })
    await engine!.call('journal.undo', {})
    expect((await engine!.call('faces.doubtful', {})).faces).toHaveLength(2)
    await engine!.call('faces.name', { faceIds: wrong.map((row) => ids[row]! as FaceId), name: 'Ben' })
    expect(await engine!.call('faces.doubtful', {})).toEqual({ faces: [] })
  })
})

it('is begun anew after Kith was closed while it was made', async () => {
  writeFaces(0, 100)
  await open()
  await engine!.call('map.get', {})
  await engine!.close()
  await open()
  expect(await engine!.call('map.get', {})).toMatchObject({ map: null, progress: { state: 'making' } })
  expect((await made()).map).toMatchObject({ faces: 100 })
})
