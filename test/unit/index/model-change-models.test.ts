/** Models that are unknown, damaged, gone, or somebody's own, as what a library is to change to. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ClusterId } from '../../../src-shared/domain.ts'
import { createDecisions } from '../../../src-main/engine/library/decisions.ts'
import { createVisionPool, type VisionPool } from '../../../src-main/engine/vision/vision-pool.ts'
import { fillDisk, mountSmall } from '../../fixtures/small-disk.ts'
import { writeTestModel } from '../../fixtures/trained-models.ts'
import { openRealLibrary, placeSamples, samplePath, temporaryFolder } from './real-library.ts'
import type { RealLibrary } from './real-library.ts'

const dlib = 'dlib-resnet'
const toNn4 = { model: { name: 'nn4.small2', force: false } }
const to = (name: string, force = false) => ({ model: { name, force } })

let vision: VisionPool
let temporary: { path: string; remove(): Promise<void> }
/** A library with three pictures of each of three scenes, and their people named: made once, copied for every test. */
let template: { path: string; remove(): Promise<void> }
let photos: string
let modelsDirectory: string
let library: RealLibrary

const open = (directory = join(temporary.path, 'library')) => openRealLibrary(directory, vision, { modelsDirectory })
async function reopen(): Promise<void> {
  await library.close()
  library = open()
}

beforeAll(async () => {
  vision = createVisionPool({ modelsDirectories: [], processes: 1, log: () => {} })
  template = await temporaryFolder()
  photos = join(template.path, 'photos')
  mkdirSync(photos)
  for (const sample of [1, 3, 4]) {
    const picture = sharp(samplePath(sample)).resize(1000)
    await picture.clone().jpeg().toFile(join(photos, `${sample}.jpg`))
    await picture.clone().flop().modulate({ brightness: 0.7 }).blur(1.5).jpeg().toFile(join(photos, `${sample}, mirrored.jpg`))
    await picture.clone().rotate(10).gamma(1.6).jpeg({ quality: 40 }).toFile(join(photos, `${sample}, turned.jpg`))
  }
  const made = openRealLibrary(join(template.path, 'library'), vision)
  await made.indexer.addFolder(photos)
  await made.indexer.runToEnd()
  const groups = made.rows<{ id: ClusterId }>('SELECT cluster_id AS id FROM faces WHERE cluster_id IS NOT NULL GROUP BY 1 HAVING count(*) > 2')
  for (const { id } of groups) createDecisions(made.context).name({ targets: [{ kind: 'cluster', id }], name: `Person ${id}` })
  await made.recogniser.settled()
  await made.close()
})
afterAll(async () => {
  await vision.close()
  await template.remove()
})
beforeEach(async () => {
  temporary = await temporaryFolder()
  modelsDirectory = join(temporary.path, 'models')
  mkdirSync(modelsDirectory)
  cpSync(join(template.path, 'library'), join(temporary.path, 'library'), { recursive: true })
  library = open()
})
afterEach(async () => {
  await library.close()
  await temporary.remove()
})

const names = () => library.rows('SELECT f.id, p.name FROM faces f JOIN people p ON p.id = f.person_id ORDER BY f.id')
const settings = () => library.rows("SELECT key, value FROM settings WHERE key LIKE 'embedder%' ORDER BY key")
const embeddings = (spaceId: string) => library.rows('SELECT 1 FROM face_embeddings WHERE model_id = ?', spaceId).length

describe('a model that can not be had', () => {
  it('is refused in words, and nothing has changed: unknown, missing, damaged, of another network', async () => {
    const before = settings()
    writeTestModel(modelsDirectory, 'cut')
    writeFileSync(join(modelsDirectory, 'cut.safetensors'), 'cut off')
    writeTestModel(modelsDirectory, 'lost')
    unlinkSync(join(modelsDirectory, 'lost.safetensors'))
    writeFileSync(join(modelsDirectory, 'card.json'), '{ "id": "card" }')
    for (const [name, code, says] of [
      ['nobody', 'invalid-input', /There is no embedder called nobody.*dlib-resnet.*nn4/],
      ['lost', 'model-missing', /lost\.safetensors/],
      ['cut', 'model-damaged', /cut\.safetensors/],
      ['card', 'model-damaged', /card\.json.*kith train/],
      ['nn4.small2.openface', 'model-missing', /kith models fetch nn4.small2.openface/],
    ] as const) {
      await expect(library.indexer.runToEnd(to(name)), name).rejects.toMatchObject({ code, message: expect.stringMatching(says) })
      expect(() => library.indexer.useModel(name, false), name).toThrow(expect.objectContaining({ code }))
      expect(library.indexer.progress().state).toBe('idle')
    }
    expect(settings()).toEqual(before)
    expect(library.context.embedder.id).toBe(dlib)
  })

  it('because its file went on the way, leaves the library with the old one, and indexing goes on', async () => {
    writeTestModel(modelsDirectory, 'mine')
    library.indexer.useModel('mine', true)
    rmSync(modelsDirectory, { recursive: true })
    await library.indexer.idle()
    expect(library.context.embedder.id).toBe(dlib)
    await placeSamples(photos, { 'new.jpg': 6 })
    try {
      const report = await library.indexer.runToEnd()
      expect(report).toMatchObject({
        photos: { indexed: 1, failed: 0 },
        modelChange: { outcome: 'waiting', reason: expect.stringMatching(/mine.*--model dlib-resnet/) },
      })
    } finally {
      unlinkSync(join(photos, 'new.jpg'))
    }
    expect((await library.indexer.runToEnd(to(dlib))).modelChange).toBeNull()
    expect(library.indexer.modelChange()).toBeNull()
  })

  it('in a library that works with it: it opens, names and groups work, and it says what to do', async () => {
    writeTestModel(modelsDirectory, 'mine')
    expect((await library.indexer.runToEnd(to('mine', true))).modelChange).toMatchObject({ outcome: 'switched', to: 'mine' })
    const kept = names()
    rmSync(modelsDirectory, { recursive: true })
    // Those that run have the model in memory.
    for (const id of vision.processIds()) process.kill(id, 'SIGKILL')
    await reopen()
    expect(library.context.embedder).toMatchObject({ id: 'mine', isTrained: true })
    await library.recogniser.settled()
    expect(names()).toEqual(kept)
    const [face] = library.rows<{ id: never }>('SELECT id FROM faces ORDER BY id')
    createDecisions(library.context).name({ targets: [{ kind: 'face', id: face!.id }], name: 'Somebody' })
    await library.recogniser.settled()
    expect((await library.indexer.runToEnd()).photos).toMatchObject({ indexed: 0, unchanged: 9 })
    await placeSamples(photos, { 'new.jpg': 6 })
    try {
      await expect(library.indexer.runToEnd()).rejects.toMatchObject({
        code: 'model-missing', message: expect.stringMatching(/mine\.safetensors is missing\. Restore it, or choose another model/),
      })
      expect((await library.indexer.runToEnd(to(dlib)))).toMatchObject({ photos: { indexed: 1 }, modelChange: { outcome: 'switched' } })
    } finally {
      unlinkSync(join(photos, 'new.jpg'))
    }
  })
})

describe("somebody's own model", () => {
  it('takes over only where it does better on the faces the user named; the comparison is shown; --force takes it all the same', async () => {
    writeTestModel(modelsDirectory, 'noise', 1)
    const lost = await library.indexer.runToEnd(to('noise'))
    expect(lost.modelChange).toMatchObject({ outcome: 'kept', from: dlib, to: 'noise', reason: expect.stringContaining('--force') })
    expect(lost.comparison).toMatchObject({ wins: false, people: expect.any(Number) })
    expect(lost.comparison!.figures.length).toBeGreaterThan(0)
    for (const { current, next } of lost.comparison!.figures) expect(next).toBeLessThan(current)
    expect(lost.models.embedder).toBe(dlib)
    expect(library.indexer.modelChange()).toBeNull()
    expect(library.events).toContainEqual({ type: 'notice', level: 'warning', message: lost.modelChange!.reason })

    const forced = await library.indexer.runToEnd(to('noise', true))
    expect(forced).toMatchObject({ modelChange: { outcome: 'switched', photos: 0 }, comparison: { wins: false }, models: { embedder: 'noise' } })

    writeTestModel(modelsDirectory, 'better')
    const won = await library.indexer.runToEnd(to('better'))
    expect(won).toMatchObject({ modelChange: { outcome: 'switched', from: 'noise', to: 'better' }, comparison: { wins: true } })
    // The one before is kept, so that going back is quick; those before that are not.
    const spaces = library.rows<{ model_id: string }>('SELECT DISTINCT model_id FROM face_embeddings').map(({ model_id }) => model_id.split('@')[0])
    expect(spaces.sort()).toEqual(['better', 'noise'])
  })

  it('is not the same model when it is trained again under the same name', async () => {
    writeTestModel(modelsDirectory, 'mine', 0.1)
    await library.indexer.runToEnd(to('mine', true))
    const first = library.context.embedder.spaceId
    writeTestModel(modelsDirectory, 'mine')
    await reopen()
    expect(library.context.embedder.spaceId).toBe(first)
    const again = await library.indexer.runToEnd(to('mine', true))
    expect(again.modelChange).toMatchObject({ outcome: 'switched', photos: 9 })
    expect(library.context.embedder.spaceId).not.toBe(first)
    expect(embeddings(library.context.embedder.spaceId)).toBe(embeddings(first))
  })
})

describe('a change', () => {
  it('loses no photo when the vision process dies in it', async () => {
    library.indexer.useModel('nn4.small2', false)
    await expect.poll(() => library.indexer.progress().state, { timeout: 20_000, interval: 5 }).toBe('embedding')
    for (const id of vision.processIds()) process.kill(id, 'SIGKILL')
    await library.indexer.idle()
    expect(library.context.embedder.id).toBe('nn4.small2.kith.v1')
    expect(library.rows("SELECT 1 FROM photos WHERE status <> 'indexed'")).toEqual([])
    expect(embeddings('nn4.small2.kith.v1')).toBe(embeddings(dlib))
  })

  it('stops on a full disk in words, and goes on when there is room', async (test) => {
    const directory = join(temporary.path, 'small')
    if (!mountSmall(directory, 16)) return test.skip()
    await library.close()
    try {
      cpSync(join(template.path, 'library'), directory, { recursive: true })
      library = open(directory)
      library.context.database.db.pragma('wal_checkpoint(TRUNCATE)')
      const before = names()
      const ballast = fillDisk(directory, 16)
      await expect(library.indexer.runToEnd(toNn4)).rejects.toMatchObject({ code: 'no-space', message: expect.stringContaining('is full') })
      expect(library.context.embedder.id).toBe(dlib)
      expect(names()).toEqual(before)
      unlinkSync(ballast)
      expect((await library.indexer.runToEnd(toNn4)).modelChange).toMatchObject({ outcome: 'switched', facesLeft: 0 })
    } finally {
      await library.close()
      execFileSync('umount', [directory])
      library = open()
    }
  })

  it('is refused in a library that is open for reading only', async () => {
    await library.close()
    library = openRealLibrary(library.directory, vision, { readOnly: true })
    expect(() => library.indexer.useModel('nn4.small2', false)).toThrow(expect.objectContaining({ code: 'library-read-only' }))
    await expect(library.indexer.runToEnd(toNn4)).rejects.toMatchObject({ code: 'library-read-only' })
    expect(library.indexer.modelChange()).toBeNull()
  })
})
