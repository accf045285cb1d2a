import { renameSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PersonId } from '../../../src-shared/domain.ts'
import { createDecisions } from '../../../src-main/engine/library/decisions.ts'
import type { VisionPort } from '../../../src-main/engine/ports.ts'
import { createTestVision, openRealLibrary, placeSamples, temporaryFolder } from './real-library.ts'
import type { RealLibrary } from './real-library.ts'

let vision: VisionPort
let temporary: { path: string; remove(): Promise<void> }
let library: RealLibrary
let photos: string

beforeAll(() => void (vision = createTestVision()))
afterAll(() => vision.close())
beforeEach(async () => {
  temporary = await temporaryFolder()
  photos = join(temporary.path, 'photos')
  library = openRealLibrary(join(temporary.path, 'library'), vision)
})
afterEach(async () => {
  await library.close()
  await temporary.remove()
})

const faces = () => library.rows<{ id: number; photo_id: number; person_id: number | null; assigned_by: string | null }>(
  'SELECT id, photo_id, person_id, assigned_by FROM faces ORDER BY id')
const largestFaceOf = (relativePath: string) => library.rows<{ id: number }>(
  `SELECT f.id FROM faces f JOIN photos p ON p.id = f.photo_id WHERE p.relative_path = ? ORDER BY f.size_px DESC, f.id LIMIT 1`,
  relativePath)[0]!.id
const nameOf = (faceId: number) => library.rows<{ name: string; assigned_by: string }>(
  'SELECT p.name, f.assigned_by FROM faces f JOIN people p ON p.id = f.person_id WHERE f.id = ?', faceId)[0]
function name(faceId: number, person: string) {
  return createDecisions(library.context).name({ targets: [{ kind: 'face', id: faceId as never }], name: person })
}

describe('names', () => {
  it('given by the user reach the same person on other photos, and survive everything that happens to files', async () => {
    await placeSamples(photos, { 'a.jpg': 1, 'b.jpg': 1 })
    await appendFile(join(photos, 'b.jpg'), 'another file')
    await library.indexer.addFolder(photos)
    await library.indexer.runToEnd()
    const [a, b] = [largestFaceOf('a.jpg'), largestFaceOf('b.jpg')]
    name(a, 'Anna')
    await library.recogniser.settled()
    const verdict = library.rows<{ person: number | null; suggested: number | null }>(
      'SELECT person_id AS person, suggested_person_id AS suggested FROM faces WHERE id = ?', b)[0]!
    expect(verdict.person ?? verdict.suggested).toBe(faces().find(({ id }) => id === a)!.person_id)

    renameSync(join(photos, 'a.jpg'), join(photos, 'renamed.jpg'))
    expect((await library.indexer.runToEnd()).photos).toMatchObject({ found: 2, moved: 1, indexed: 0, unchanged: 1 })
    expect(nameOf(a)).toEqual({ name: 'Anna', assigned_by: 'user' })

    await appendFile(join(photos, 'renamed.jpg'), 'an edit that leaves the picture as it is')
    expect((await library.indexer.runToEnd()).photos).toMatchObject({ indexed: 1, unchanged: 1 })
    expect(nameOf(a)).toEqual({ name: 'Anna', assigned_by: 'user' })

    const changed = await library.indexer.runToEnd({ model: { name: 'nn4.small2', force: false } })
    expect(changed).toMatchObject({ photos: { indexed: 0, unchanged: 2 }, modelChange: { outcome: 'switched', photos: 2, facesLeft: 0 } })
    expect(nameOf(a)).toEqual({ name: 'Anna', assigned_by: 'user' })
    expect(new Set(faces().map(({ photo_id }) => photo_id)).size).toBe(2)

    await library.close()
    library = openRealLibrary(library.directory, vision)
    expect(nameOf(a)).toEqual({ name: 'Anna', assigned_by: 'user' })
  })

  it('that were refused do not come back, and what is undone is unlearnt', async () => {
    await placeSamples(photos, { 'a.jpg': 1, 'b.jpg': 1 })
    await appendFile(join(photos, 'b.jpg'), 'another file')
    await library.indexer.addFolder(photos)
    await library.indexer.runToEnd()
    const [a, b] = [largestFaceOf('a.jpg'), largestFaceOf('b.jpg')]
    const decisions = createDecisions(library.context)
    const { personId } = name(a, 'Anna')
    await library.recogniser.settled()
    decisions.reject({ faceIds: [b as never], personId: personId as PersonId })
    await library.recogniser.settled()
    await library.indexer.runToEnd()
    const verdictOnB = () => library.rows('SELECT person_id, suggested_person_id FROM faces WHERE id = ?', b)[0]
    expect(verdictOnB()).toEqual({ person_id: null, suggested_person_id: null })
    decisions.undo()
    decisions.undo()
    await library.recogniser.settled()
    expect(verdictOnB()).toEqual({ person_id: null, suggested_person_id: null })
    expect(faces().every(({ person_id }) => person_id === null)).toBe(true)
  })

  it('are followed at once, before anything is grouped, and so is taking them back', async () => {
    await placeSamples(photos, { 'a.jpg': 1, 'b.jpg': 1 })
    await appendFile(join(photos, 'b.jpg'), 'another file')
    await library.indexer.addFolder(photos)
    await library.indexer.runToEnd()
    const [a, b] = [largestFaceOf('a.jpg'), largestFaceOf('b.jpg')]
    const { recognition } = library.context
    const grouped: unknown[] = []
    const { group, learn } = recognition
    recognition.group = (faceIds) => {
      grouped.push(faceIds)
      return group(faceIds)
    }
    let learnt = Promise.withResolvers<void>()
    recognition.learn = async (change) => {
      const verdicts = await learn(change)
      setImmediate(learnt.resolve)
      return verdicts
    }
    const said = () => library.rows<{ said: number | null }>('SELECT coalesce(person_id, suggested_person_id) AS said FROM faces WHERE id = ?', b)[0]!.said
    const { personId } = name(a, 'Anna')
    await learnt.promise
    expect(said()).toBe(personId)
    learnt = Promise.withResolvers<void>()
    createDecisions(library.context).undo()
    await learnt.promise
    expect(said()).toBeNull()
    expect(grouped).toEqual([])
    await library.recogniser.settled()
    expect(grouped.length).toBeGreaterThan(0)
  })

  it('taken back while the machine was thinking are not written by it', async () => {
    await placeSamples(photos, { 'a.jpg': 1, 'b.jpg': 1 })
    await appendFile(join(photos, 'b.jpg'), 'another file')
    await library.indexer.addFolder(photos)
    await library.indexer.runToEnd()
    const decisions = createDecisions(library.context)
    const { recognition } = library.context
    const judge = recognition.judge.bind(recognition)
    let judged = 0
    recognition.judge = async () => {
      const verdicts = await judge()
      if (++judged === 1) decisions.undo()
      return verdicts
    }
    name(largestFaceOf('a.jpg'), 'Anna')
    await library.recogniser.settled()
    expect(judged).toBe(2)
    expect(library.rows('SELECT 1 FROM faces WHERE person_id IS NOT NULL OR suggested_person_id IS NOT NULL')).toEqual([])
  })

  it('and groups keep their numbers when more photos come', async () => {
    await placeSamples(photos, { 'a.jpg': 1, 'b.jpg': 1, 'c.jpg': 1 })
    await appendFile(join(photos, 'b.jpg'), 'b')
    await appendFile(join(photos, 'c.jpg'), 'c')
    await library.indexer.addFolder(photos)
    await library.indexer.runToEnd()
    const clusters = () => new Map(library.rows<{ id: number; cluster_id: number }>(
      'SELECT id, cluster_id FROM faces WHERE cluster_id IS NOT NULL').map((row) => [row.id, row.cluster_id]))
    const before = clusters()
    await placeSamples(photos, { '0.jpg': 2, 'd.jpg': 1, 'e.jpg': 3 })
    await appendFile(join(photos, 'd.jpg'), 'd')
    await library.indexer.runToEnd()
    const after = clusters()
    expect(after.size).toBeGreaterThan(before.size)
    for (const [faceId, clusterId] of before) expect(after.get(faceId)).toBe(clusterId)
  })
})

describe('a removed folder', () => {
  it('takes its faces out of the groups, and brings them and their names back', async () => {
    await placeSamples(photos, { 'a.jpg': 1, 'b.jpg': 1, 'c.jpg': 1 })
    await appendFile(join(photos, 'b.jpg'), 'b')
    await appendFile(join(photos, 'c.jpg'), 'c')
    const folder = await library.indexer.addFolder(photos)
    await library.indexer.runToEnd()
    const named = largestFaceOf('a.jpg')
    name(named, 'Anna')
    await library.recogniser.settled()
    const clusters = () => library.rows('SELECT DISTINCT cluster_id FROM faces WHERE cluster_id IS NOT NULL AND person_id IS NULL').length
    const before = clusters()
    library.indexer.removeFolder(folder.id)
    await library.recogniser.settled()
    expect(library.indexer.folders()).toEqual([])
    expect(clusters()).toBe(0)
    await library.indexer.addFolder(photos)
    await library.recogniser.settled()
    expect(clusters()).toBe(before)
    expect(nameOf(named)).toEqual({ name: 'Anna', assigned_by: 'user' })
    expect((await library.indexer.runToEnd()).photos).toMatchObject({ found: 3, unchanged: 3 })
  })
})
