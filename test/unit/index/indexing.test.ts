import { existsSync, rmSync, unlinkSync } from 'node:fs'
import { appendFile, copyFile, readdir, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { IndexProgress, PhotoId } from '../../../src-shared/domain.ts'
import type { VisionPort } from '../../../src-main/engine/ports.ts'
import { createTestVision, openRealLibrary, placeSamples, samplePath, temporaryFolder } from './real-library.ts'
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

const faces = () => library.rows<{ id: number }>('SELECT id FROM faces ORDER BY id')
async function imageFiles(): Promise<string[]> {
  const directory = join(library.directory, 'images')
  return existsSync(directory) ? (await readdir(directory, { recursive: true })).filter((file) => file.endsWith('.jpg')) : []
}

describe('a first run', () => {
  it('finds the faces, keeps images and embeddings, and reports numbers that add up', async () => {
    await placeSamples(photos, { 'three.jpg': 3, 'deeper/four.jpg': 6 })
    await library.indexer.addFolder(photos)
    const seen: IndexProgress[] = []
    const report = await library.indexer.runToEnd({ onProgress: (progress) => seen.push(progress) })
    expect(report.photos).toEqual({ found: 2, indexed: 2, unchanged: 0, moved: 0, missing: 0, failed: 0, pending: 0 })
    expect(report.newFaces).toBe(7)
    expect(report).toMatchObject({ faces: report.newFaces, failed: [], named: 0, models: { embedder: vision.embedderId } })
    expect(faces()).toHaveLength(report.faces)
    expect(library.rows('SELECT 1 FROM face_embeddings')).toHaveLength(report.faces)
    expect(library.rows('SELECT 1 FROM face_neighbours')).toHaveLength(report.faces)
    expect(await imageFiles()).toHaveLength(report.faces + 2)
    expect(new Set(seen.map(({ state }) => state))).toEqual(new Set(['scanning', 'indexing', 'grouping', 'idle']))
    expect(seen.at(-1)).toMatchObject({ state: 'idle', done: 2, total: 2, facesFound: report.faces })

    await library.close()
    library = openRealLibrary(library.directory, vision)
    library.context.recognition.load = () => Promise.reject(new Error('nothing changed, so nothing needs to be learnt'))
    const again = await library.indexer.runToEnd()
    expect(again.photos).toMatchObject({ found: 2, indexed: 0, unchanged: 2 })
    expect(again).toMatchObject({ faces: report.faces, newFaces: 0 })
  })

  it('groups the same person on several photos, and never two faces of one photo', async () => {
    await placeSamples(photos, { 'a.jpg': 1, 'b.jpg': 1, 'c.jpg': 1 })
    await appendFile(join(photos, 'b.jpg'), 'b')
    await appendFile(join(photos, 'c.jpg'), 'c')
    await library.indexer.addFolder(photos)
    const report = await library.indexer.runToEnd()
    expect(report.clusters).toBeGreaterThanOrEqual(3)
    const groups = library.rows<{ faces: number; photos: number }>(
      'SELECT count(*) AS faces, count(DISTINCT photo_id) AS photos FROM faces WHERE cluster_id IS NOT NULL GROUP BY cluster_id')
    expect(groups.every((group) => group.faces === group.photos)).toBe(true)
    expect(groups.some((group) => group.faces === 3)).toBe(true)
  })
})

describe('a run', () => {
  it('can be paused, resumed and cancelled, and the next goes on where it stopped', async () => {
    await placeSamples(photos, Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`${index}.jpg`, 1 + (index % 6)])))
    await library.indexer.addFolder(photos)
    expect(library.indexer.progress().state).toBe('idle')
    library.indexer.start(null)
    await untilDone(2)
    expect(library.indexer.pause().state).toBe('paused')
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const { done } = library.indexer.progress()
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(library.indexer.progress()).toMatchObject({ state: 'paused', done })
    expect(done).toBeLessThan(12)
    expect(library.indexer.resume().state).toBe('indexing')
    await untilDone(done + 1)
    library.indexer.cancel()
    await library.indexer.idle()
    expect(library.indexer.progress().state).toBe('idle')
    const indexed = library.rows("SELECT 1 FROM photos WHERE status = 'indexed'").length
    const report = await library.indexer.runToEnd()
    expect(report.photos).toMatchObject({ found: 12, indexed: 12 - indexed, unchanged: indexed, failed: 0, pending: 0 })
  })

  it('reports what is done when its signal stops it', async () => {
    await placeSamples(photos, Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`${index}.jpg`, 1 + (index % 6)])))
    await library.indexer.addFolder(photos)
    const stop = new AbortController()
    const report = await library.indexer.runToEnd({
      signal: stop.signal, onProgress: ({ done, state }) => void (state === 'indexing' && done > 0 && stop.abort()),
    })
    expect(report.photos.indexed + report.photos.pending).toBe(8)
    expect(report.photos.pending).toBeGreaterThan(0)
    expect(report.photos.indexed).toBeGreaterThan(0)
  })

  it('is refused while another goes on, and follows it when it was only asked for', async () => {
    await placeSamples(photos, { '1.jpg': 1 })
    const folder = await library.indexer.addFolder(photos)
    library.indexer.start(folder.id)
    await expect(library.indexer.runToEnd()).rejects.toMatchObject({ code: 'busy' })
    await placeSamples(photos, { 'later/2.jpg': 2 })
    library.indexer.start(folder.id)
    await library.indexer.idle()
    expect(library.rows("SELECT 1 FROM photos WHERE status = 'indexed'")).toHaveLength(2)
  })

  it('tells its progress five times a second at the most', async () => {
    await placeSamples(photos, Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`${index}.jpg`, 1 + index])))
    await library.indexer.addFolder(photos)
    const startedAt = performance.now()
    let told = 0
    let states = 0
    let last = ''
    await library.indexer.runToEnd({
      onProgress({ state }) {
        told++
        if (state !== last) states++
        last = state
      },
    })
    expect(told).toBeLessThanOrEqual(((performance.now() - startedAt) / 1000) * 5 + states)
  })
})

describe('what can go wrong with one photo', () => {
  it('does not stop the others, is listed, and is tried again when the person asks', async () => {
    await placeSamples(photos, { 'good.jpg': 1, 'bad.jpg': 2 })
    await truncate(join(photos, 'bad.jpg'), 20_000)
    await library.indexer.addFolder(photos)
    const report = await library.indexer.runToEnd()
    expect(report.photos).toMatchObject({ found: 2, indexed: 1, failed: 1 })
    expect(report.failed).toMatchObject([{ path: join(photos, 'bad.jpg'), code: 'damaged' }])
    const listed = () => library.indexer.failures({ cursor: null, limit: 10, folderId: null })
    expect(listed()).toMatchObject({ total: 1, failures: [{ path: join(photos, 'bad.jpg'), attempts: 1 }], nextCursor: null })
    expect((await library.indexer.runToEnd()).photos).toMatchObject({ indexed: 0, unchanged: 1, failed: 1 })
    expect(listed().failures).toMatchObject([{ attempts: 1 }])
    library.indexer.retry([listed().failures[0]!.photoId])
    await library.indexer.idle()
    expect(listed().failures).toMatchObject([{ attempts: 2 }])
    await copyFile(samplePath(2), join(photos, 'bad.jpg'))
    expect((await library.indexer.runToEnd()).photos).toMatchObject({ indexed: 1, unchanged: 1, failed: 0 })
    expect(listed().total).toBe(0)
  })

  it('like losing its file while it waits, is said as it is', async () => {
    await placeSamples(photos, { 'a.jpg': 1, 'b.jpg': 2 })
    await library.indexer.addFolder(photos)
    const report = await library.indexer.runToEnd({
      onProgress({ state }) {
        if (state === 'indexing' && existsSync(join(photos, 'b.jpg'))) unlinkSync(join(photos, 'b.jpg'))
      },
    })
    expect(report.failed).toMatchObject([{ path: join(photos, 'b.jpg'), code: 'vanished' }])
    expect((await library.indexer.runToEnd()).photos).toMatchObject({ found: 1, unchanged: 1, missing: 1, failed: 0 })
  })
})

describe('images', () => {
  it('that are lost are made again from the photo', async () => {
    await placeSamples(photos, { '1.jpg': 1 })
    await library.indexer.addFolder(photos)
    await library.indexer.runToEnd()
    const before = await imageFiles()
    const ids = faces().map(({ id }) => id)
    rmSync(join(library.directory, 'images'), { recursive: true })
    const [{ id }] = library.rows<{ id: PhotoId }>('SELECT id FROM photos') as [{ id: PhotoId }]
    await Promise.all([library.indexer.remakeImages(id), library.indexer.remakeImages(id)])
    expect(await imageFiles()).toEqual(before)
    expect(faces().map((face) => face.id)).toEqual(ids)
    await library.recogniser.settled()
  })
})

/** Waits until a run has kept so many photos. */
async function untilDone(count: number): Promise<void> {
  for (;;) {
    const { state, done } = library.indexer.progress()
    if (state === 'indexing' && done >= count) return
    if (state === 'idle') throw new Error('the run ended before')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
