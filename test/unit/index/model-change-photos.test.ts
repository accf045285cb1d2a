/** What photos and people do to a change of the embedder while it is made: nothing stops it, nothing is lost. */
import { copyFileSync, renameSync, truncateSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { FaceId } from '../../../src-shared/domain.ts'
import { createDecisions } from '../../../src-main/engine/library/decisions.ts'
import { identifyPicture } from '../../../src-main/engine/library/verify.ts'
import type { VisionPort } from '../../../src-main/engine/ports.ts'
import { createVisionPool, type VisionPool } from '../../../src-main/engine/vision/vision-pool.ts'
import { openRealLibrary, placeSamples, samplePath, temporaryFolder } from './real-library.ts'
import type { RealLibrary } from './real-library.ts'

const dlib = 'dlib-resnet'
const nn4 = 'nn4.small2.kith.v1'
const toNn4 = { model: { name: 'nn4.small2', force: false } }

let vision: VisionPool
let temporary: { path: string; remove(): Promise<void> }
let library: RealLibrary
let photos: string

beforeAll(() => void (vision = createVisionPool({ modelsDirectories: [], processes: 1, log: () => {} })))
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

async function indexed(samples: Record<string, number>): Promise<void> {
  await placeSamples(photos, samples)
  await library.indexer.addFolder(photos)
  await library.indexer.runToEnd()
}

const photoOf = (relativePath: string) =>
  library.rows<{ id: number; status: string; failure_code: string | null }>(
    'SELECT id, status, failure_code FROM photos WHERE relative_path = ?', relativePath)[0]!
const facesOf = (relativePath: string) =>
  library.rows<{ id: FaceId }>('SELECT id FROM faces WHERE photo_id = ? ORDER BY id', photoOf(relativePath).id).map(({ id }) => id)
const embeddedBy = (model: string, relativePath: string) => library.rows(
  'SELECT 1 FROM face_embeddings WHERE model_id = ? AND face_id IN (SELECT id FROM faces WHERE photo_id = ?)', model, photoOf(relativePath).id).length

async function untilEmbedded(count: number): Promise<void> {
  await expect.poll(() => {
    const { state, done } = library.indexer.progress()
    if (state === 'idle') throw new Error('the run ended before')
    return state === 'embedding' && done >= count
  }, { timeout: 30_000, interval: 10 }).toBe(true)
}

const album = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`${index}.jpg`, 1 + (index % 6)]))

describe('a person', () => {
  it('can pause the change, let it go on, stop it and take it up again', async () => {
    await indexed(album(40))
    library.indexer.useModel('nn4.small2', false)
    await untilEmbedded(1)
    expect(library.indexer.pause().state).toBe('paused')
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const { done } = library.indexer.progress()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(library.indexer.progress()).toMatchObject({ state: 'paused', done, total: 40 })
    expect(library.indexer.resume().state).toBe('embedding')
    await untilEmbedded(done + 1)
    library.indexer.cancel()
    await library.indexer.idle()
    const stopped = library.indexer.modelChange()!
    expect(stopped.facesDone).toBeGreaterThan(0)
    expect(stopped.facesDone).toBeLessThan(stopped.facesTotal)
    expect(library.context.embedder.id).toBe(dlib)
    library.indexer.useModel('nn4.small2', false)
    await library.indexer.idle()
    expect(library.context.embedder.id).toBe(nn4)
    expect(library.events).toContainEqual({ type: 'notice', level: 'info', message: `Names and groups work with ${nn4} now.` })
  })

  it('can give it up on the way, and nothing has changed', async () => {
    await indexed(album(40))
    library.indexer.useModel('nn4.small2', false)
    await untilEmbedded(1)
    library.indexer.useModel(dlib, false)
    await library.indexer.idle()
    expect(library.indexer.modelChange()).toBeNull()
    expect((await library.indexer.runToEnd()).modelChange).toBeNull()
    expect(library.context.embedder.id).toBe(dlib)
  })

  it('goes on naming, searching and asking while it is made, by the old model', async () => {
    await library.close()
    const heard: { spaceId: string; norms: number[] }[] = []
    library = openRealLibrary(library.directory, vision, {
      onEmbeddings: (spaceId, values) => heard.push({ spaceId, norms: normsOf(values) }),
    })
    await indexed(album(40))
    const [face] = facesOf('2.jpg')
    library.indexer.useModel('nn4.small2', false)
    await untilEmbedded(1)
    library.indexer.pause()
    createDecisions(library.context).name({ targets: [{ kind: 'face', id: face! }], name: 'Anna' })
    await library.recogniser.settled()
    const nameOf = (personId: number) => library.rows<{ name: string }>('SELECT name FROM people WHERE id = ?', personId)[0]?.name
    const ask = () => identifyPicture(library.context, () => library.recogniser.settled(), nameOf, samplePath(3))
    const during = await ask()
    expect(library.context.embedder.id).toBe(dlib)
    library.indexer.resume()
    await library.indexer.idle()
    expect(library.context.embedder.id).toBe(nn4)
    const after = await ask()
    for (const answer of [during, after]) expect(answer.map(({ person }) => person)).toContain('Anna')
    expect(after.map(({ distance }) => distance)).not.toEqual(during.map(({ distance }) => distance))
    // dlib's vectors are about 1.35 long, nn4.small2's exactly 1: neither is ever given to the other's recognition.
    expect(new Set(heard.map(({ spaceId }) => spaceId))).toEqual(new Set([dlib, nn4]))
    for (const { spaceId, norms } of heard)
      for (const norm of norms) expect(Math.abs(norm - 1) < 1e-3).toBe(spaceId === nn4)
  })
})

function normsOf(values: Float32Array): number[] {
  return Array.from({ length: values.length / 128 }, (_, row) => Math.hypot(...values.subarray(row * 128, (row + 1) * 128)))
}

describe('photos that can not be read now', () => {
  it('do not hold the change up, keep their names, and follow when they are back', async () => {
    await indexed({ 'here.jpg': 3, 'gone.jpg': 1, 'damaged.jpg': 6 })
    const [gone] = facesOf('gone.jpg')
    createDecisions(library.context).name({ targets: [{ kind: 'face', id: gone! }], name: 'Anna' })
    await library.recogniser.settled()
    renameSync(join(photos, 'gone.jpg'), join(temporary.path, 'gone.jpg'))
    library.indexer.useModel('nn4.small2', false)
    truncateSync(join(photos, 'damaged.jpg'), 20_000)
    await library.indexer.idle()
    expect(library.context.embedder.id).toBe(nn4)
    expect(library.rows('SELECT status, missing_since IS NOT NULL AS missing FROM photos ORDER BY relative_path'))
      .toMatchObject([{ status: 'failed' }, { missing: 1 }, { status: 'indexed' }])
    expect(embeddedBy(nn4, 'here.jpg')).toBe(facesOf('here.jpg').length)
    expect(embeddedBy(nn4, 'gone.jpg')).toBe(0)
    expect(library.rows('SELECT p.name FROM faces f JOIN people p ON p.id = f.person_id WHERE f.id = ?', gone)).toEqual([{ name: 'Anna' }])
    expect(library.events).toContainEqual(expect.objectContaining({ message: expect.stringMatching(/\d+ faces on photos that can't be read now keep their names/) }))

    renameSync(join(temporary.path, 'gone.jpg'), join(photos, 'gone.jpg'))
    await copyFile(samplePath(6), join(photos, 'damaged.jpg'))
    await library.indexer.runToEnd()
    for (const name of ['here.jpg', 'gone.jpg', 'damaged.jpg']) expect(embeddedBy(nn4, name)).toBe(facesOf(name).length)
    expect(library.rows('SELECT face_id FROM face_embeddings WHERE model_id = ? EXCEPT SELECT face_id FROM face_neighbours', nn4)).toEqual([])
  })

  it('because the whole folder is away, make it wait: the library keeps its model, until it is forced', async () => {
    await indexed({ 'a.jpg': 3 })
    renameSync(photos, `${photos} away`)
    const report = await library.indexer.runToEnd(toNn4)
    expect(report.modelChange).toMatchObject({ outcome: 'waiting', photos: 0, facesLeft: 3, reason: expect.stringContaining('Connect the drive') })
    expect(library.context.embedder.id).toBe(dlib)
    renameSync(`${photos} away`, photos)
    expect((await library.indexer.runToEnd()).modelChange).toMatchObject({ outcome: 'switched', facesLeft: 0 })
  })

  it('because they were edited, are looked at by the new model, and the old one forgets them', async () => {
    await indexed({ 'a.jpg': 3, 'b.jpg': 6 })
    expect((await library.indexer.runToEnd(toNn4)).modelChange).toMatchObject({ outcome: 'switched' })
    await copyFile(samplePath(5), join(photos, 'b.jpg'))
    await library.indexer.runToEnd()
    expect(embeddedBy(dlib, 'a.jpg')).toBe(3)
    expect(embeddedBy(dlib, 'b.jpg')).toBe(0)
    expect(embeddedBy(nn4, 'b.jpg')).toBe(facesOf('b.jpg').length)
    const back = await library.indexer.runToEnd({ model: { name: dlib, force: false } })
    expect(back.modelChange).toMatchObject({ outcome: 'switched', photos: 1, faces: facesOf('b.jpg').length, facesLeft: 0 })
  })

  it('since a face the user named is not on the new content, leave that face alone', async () => {
    await indexed({ 'a.jpg': 3, 'b.jpg': 6 })
    const [named] = facesOf('b.jpg')
    createDecisions(library.context).name({ targets: [{ kind: 'face', id: named! }], name: 'Anna' })
    await copyFile(samplePath(5), join(photos, 'b.jpg'))
    await library.indexer.runToEnd()
    const report = await library.indexer.runToEnd(toNn4)
    expect(report.modelChange).toMatchObject({ outcome: 'switched', facesLeft: 1 })
    expect(library.rows('SELECT model_id FROM face_embeddings WHERE face_id = ?', named)).toEqual([{ model_id: dlib }])
  })

  it('because the scan has not seen yet that they are others, wait to be looked at', async () => {
    await indexed({ 'a.jpg': 3, 'b.jpg': 6 })
    const slow: VisionPort = {
      ...vision,
      embed: (path, faces, options) => {
        // Between the scan and the look, the worst moment.
        if (path.endsWith('b.jpg')) copyFileSync(samplePath(5), path)
        return vision.embed(path, faces, options)
      },
    }
    await library.close()
    library = openRealLibrary(library.directory, slow)
    const report = await library.indexer.runToEnd(toNn4)
    expect(report.modelChange).toMatchObject({ outcome: 'switched', faces: 3 })
    expect(report.photos).toMatchObject({ indexed: 1, failed: 0, pending: 0 })
    expect(embeddedBy(nn4, 'b.jpg')).toBe(facesOf('b.jpg').length)
  })
})
