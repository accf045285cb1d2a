import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDetectionStore } from '../../../src-main/engine/store/detections.ts'
import type { SeenFace, SeenPhoto } from '../../../src-main/engine/store/detections.ts'
import { createEmbeddingStore } from '../../../src-main/engine/store/embeddings.ts'
import { createFaceMapStore } from '../../../src-main/engine/store/face-maps.ts'
import { createImageStore } from '../../../src-main/engine/store/images.ts'
import { createJudgementStore } from '../../../src-main/engine/store/judgements.ts'
import { matchFaces, overlapOf } from '../../../src-main/engine/store/match-faces.ts'
import { createTestLibrary } from '../../fixtures/library.ts'
import type { TestFace, TestLibrary } from '../../fixtures/library.ts'

let library: TestLibrary
beforeEach(() => void (library = createTestLibrary()))
afterEach(() => library.close())

/** A vector that differs for each seed, of about unit length. */
function vector(seed: number): Float32Array {
  return Float32Array.from({ length: 128 }, (_, index) => Math.sin(seed * 97 + index * (seed + 1)) / 8)
}

function seenFace(x: number, seed: number): SeenFace {
  return {
    box: { x, y: 0.2, width: 0.2, height: 0.3 }, score: 0.9, sizePx: 100, sharpness: 50,
    landmarks: new Float32Array(136), embedding: vector(seed), cropHash: `crop-${seed}`,
  }
}

function seenPhoto(photoId: number, faces: SeenFace[], contentHash = 'hash'): SeenPhoto {
  return {
    photoId, widthPx: 4000, heightPx: 3000, takenAt: 1000, contentHash, thumbnailHash: 'thumbnail',
    detectorId: 'detector', embedderId: 'model', faces,
  }
}

const at = '2026-01-01T00:00:00.000Z'
const faceRows = () => library.db.prepare('SELECT id, x, person_id, assigned_by, ignored FROM faces ORDER BY id').all()

describe('matching faces', () => {
  it('measures overlap as intersection over union', () => {
    const box = { x: 0, y: 0, width: 0.4, height: 0.4 }
    expect(overlapOf(box, box)).toBe(1)
    expect(overlapOf(box, { ...box, x: 0.2 })).toBeCloseTo(1 / 3)
    expect(overlapOf(box, { ...box, x: 0.4 })).toBe(0)
  })

  it('pairs by overlap on the same content, each face once', () => {
    const at = (x: number, seed: number) => ({ box: { x, y: 0, width: 0.2, height: 0.2 }, embedding: vector(seed) })
    expect([...matchFaces([at(0, 1), at(0.5, 2)], [at(0.52, 9), at(0.02, 8), at(0.03, 7)], true)]).toEqual([1, 0, -1])
  })

  it('asks for likeness too where the content is another', () => {
    const at = (x: number, seed: number) => ({ box: { x, y: 0, width: 0.2, height: 0.2 }, embedding: vector(seed) })
    expect([...matchFaces([at(0, 1)], [at(0, 2)], false)]).toEqual([-1])
    expect([...matchFaces([at(0, 1)], [at(0.7, 1)], false)]).toEqual([0])
  })
})

describe('writing what vision saw', () => {
  it('marks the photo, writes its faces and counts them', () => {
    const photoId = library.addPhoto({ status: 'pending' })
    const written = createDetectionStore(library.db).write([seenPhoto(photoId, [seenFace(0.1, 1), seenFace(0.6, 2)])], at)
    expect(written).toMatchObject({ newFaces: 2, outdatedFaceIds: [], photoIds: [photoId, photoId], sizesPx: [100, 100] })
    expect(library.db.prepare('SELECT status, face_count, unnamed_count, taken_at, taken_at_source FROM photos').get())
      .toEqual({ status: 'indexed', face_count: 2, unnamed_count: 2, taken_at: 1000, taken_at_source: 'camera' })
  })

  it('keeps ids, names, refusals and what is ignored when the photo is seen again', () => {
    const photoId = library.addPhoto()
    const store = createDetectionStore(library.db)
    const { faceIds } = store.write([seenPhoto(photoId, [0.1, 0.35, 0.6, 0.8].map((x, index) => seenFace(x, index)))], at)
    const [named, refused, ignored, plain] = faceIds as [number, number, number, number]
    const anna = library.addPerson('Anna')
    library.db.prepare("UPDATE faces SET person_id = ?, assigned_by = 'user' WHERE id = ?").run(anna, named)
    library.db.prepare('INSERT INTO rejections (face_id, person_id) VALUES (?, ?)').run(refused, anna)
    library.db.prepare('UPDATE faces SET ignored = 1 WHERE id = ?').run(ignored)
    const again = store.write([seenPhoto(photoId, [seenFace(0.82, 13), seenFace(0.12, 10)])], at)
    expect(again).toMatchObject({ newFaces: 0, faceIds: [plain, named], outdatedFaceIds: [plain, named] })
    expect(faceRows()).toMatchObject([
      { id: named, x: 0.12, person_id: anna, assigned_by: 'user' },
      { id: refused, x: 0.35 },
      { id: ignored, x: 0.6, ignored: 1 },
      { id: plain, x: 0.82 },
    ])
    expect(library.db.prepare('SELECT count(*) FROM rejections').pluck().get()).toBe(1)
    expect(library.db.prepare('SELECT face_count FROM photos').pluck().get()).toBe(3)
  })

  it('takes away a face without a decision that is not seen any more, and never gives its id again', () => {
    const photoId = library.addPhoto()
    const store = createDetectionStore(library.db)
    const { faceIds } = store.write([seenPhoto(photoId, [seenFace(0.1, 1)])], at)
    expect(store.write([seenPhoto(photoId, [])], at).outdatedFaceIds).toEqual(faceIds)
    expect(store.write([seenPhoto(photoId, [seenFace(0.1, 1)])], at).faceIds[0]).toBeGreaterThan(faceIds[0]!)
  })

  it('does not hand a name to another face when the file was replaced by another picture', () => {
    const photoId = library.addPhoto()
    const store = createDetectionStore(library.db)
    const [annas] = store.write([seenPhoto(photoId, [seenFace(0.1, 1)], 'first')], at).faceIds as [number]
    const anna = library.addPerson('Anna')
    library.db.prepare("UPDATE faces SET person_id = ?, assigned_by = 'user' WHERE id = ?").run(anna, annas)
    const written = store.write([seenPhoto(photoId, [seenFace(0.1, 2)], 'second')], at)
    expect(written).toMatchObject({ newFaces: 1 })
    expect(faceRows()).toMatchObject([{ id: annas, person_id: anna }, { person_id: null }])
  })

  it('writes all of a batch or nothing', () => {
    const photoId = library.addPhoto({ status: 'pending' })
    const broken = { ...seenFace(0.5, 2), score: NaN }
    expect(() => createDetectionStore(library.db).write([seenPhoto(photoId, [seenFace(0.1, 1), broken])], at)).toThrow()
    expect(faceRows()).toEqual([])
    expect(library.db.prepare('SELECT status FROM photos').pluck().get()).toBe('pending')
  })
})

describe('embeddings', () => {
  it('reads every embedding of one model back, in blocks and by face id', async () => {
    const store = createEmbeddingStore(library.db)
    const photoId = library.addPhoto()
    const ids = library.db.transaction(() => Array.from({ length: 2500 }, (_, index) => {
      const id = library.addFace({ photoId, sizePx: index })
      store.write(id, index % 500 === 7 ? 'other' : 'model', vector(index))
      return id
    }))()
    const read = await store.readAll('model')
    const expected = ids.filter((_, index) => index % 500 !== 7)
    expect([...read.faceIds]).toEqual(expected)
    expect(read.dimension).toBe(128)
    expect(read.embeddings.length).toBe(expected.length * 128)
    for (const row of [0, 1023, 1024, 2000]) {
      const index = expected[row]! - ids[0]!
      expect(read.sizesPx[row]).toBe(index)
      expect(read.photoIds[row]).toBe(photoId)
      expect(read.embeddings.subarray(row * 128, row * 128 + 128)).toEqual(vector(index))
    }
    expect((await store.readAll('nobody')).faceIds).toHaveLength(0)
  })

  it('keeps neighbours, and forgets them with the embedding they came from', async () => {
    const store = createEmbeddingStore(library.db)
    const photoId = library.addPhoto()
    const ids = [1, 2, 3].map((seed) => {
      const id = library.addFace({ photoId })
      store.write(id, 'model', vector(seed))
      return id
    })
    const lists = {
      faceIds: Int32Array.from([...ids, 999]), neighbourIds: Int32Array.of(2, 3, 1, 3, 1, 2, 1, 2),
      distances: Float32Array.of(0.5, 0.75, 0.5, 0.25, 0.25, Infinity, 0, 0),
    }
    store.writeNeighbours('model', lists, 2)
    const read = await store.readNeighbours('model', 2)
    expect(read).toEqual({
      faceIds: lists.faceIds.slice(0, 3), neighbourIds: lists.neighbourIds.slice(0, 6), distances: lists.distances.slice(0, 6),
    })
    store.write(ids[1]!, 'model', vector(9))
    expect([...(await store.readNeighbours('model', 2)).faceIds]).toEqual([ids[0], ids[2]])
    expect((await store.readNeighbours('model', 16)).faceIds).toHaveLength(0)
    expect(await store.readNeighboursOf('model', 2, [ids[1]!, ids[2]!, 999])).toEqual({
      faceIds: Int32Array.of(ids[2]!), neighbourIds: Int32Array.of(1, 2), distances: Float32Array.of(0.25, Infinity),
    })
    expect((await store.readNeighboursOf('model', 16, ids)).faceIds).toHaveLength(0)
  })

  it('has those faces on the map that are embedded, seen and not put aside', async () => {
    const store = createEmbeddingStore(library.db)
    const maps = createFaceMapStore(library.db)
    const [anna, ben] = [library.addPerson('Anna'), library.addPerson('Ben')]
    const [photoId, hiddenPhoto] = [library.addPhoto(), library.addPhoto()]
    const faces: TestFace[] = [
      { personId: anna }, { personId: ben, assignedBy: 'machine' }, { suggestion: { personId: ben, probability: 0.9, distance: 0.3 } }, {}, { ignored: true }, {}, { photoId: hiddenPhoto, personId: anna },
    ]
    const ids = faces.map((face) => library.addFace({ photoId, ...face }))
    ids.forEach((id, i) => store.write(id, i === 5 ? 'another model' : 'model', vector(i)))
    const check = async (...rows: [faceId: number, personId: number, standing: number][]) => {
      expect(await maps.count('model')).toBe(rows.length)
      expect((await maps.faces('model')).map(({ id }) => id)).toEqual(rows.map(([id]) => id))
      const { faceIds, personIds, standings } = await maps.shown('model')
      expect([...faceIds].map((id, row) => [id, personIds[row], standings[row]])).toEqual(rows)
    }
    const seen: [number, number, number][] = [[ids[0]!, anna, 3], [ids[1]!, ben, 2], [ids[2]!, ben, 1], [ids[3]!, 0, 0]]
    await check(...seen, [ids[6]!, anna, 3])
    library.db.prepare("UPDATE photos SET hidden = 1, missing_since = '2026' WHERE id = ?").run(hiddenPhoto)
    await check(...seen)
  })
})

describe('judgements', () => {
  const verdict = (faceId: number, photoId: number, personId: number | null, clusterId: number | null = null) => ({
    faceId, photoId, personId, clusterId, suggestedPersonId: null, probability: null, distance: null, nameChanges: true,
  })

  it('never go over what the user said', () => {
    const photoId = library.addPhoto()
    const [anna, ben] = [library.addPerson('Anna'), library.addPerson('Ben')]
    const named = library.addFace({ photoId, personId: anna })
    const ignored = library.addFace({ photoId, ignored: true })
    const refused = library.addFace({ photoId })
    const open = library.addFace({ photoId })
    library.db.prepare('INSERT INTO rejections (face_id, person_id) VALUES (?, ?)').run(refused, ben)
    const store = createJudgementStore(library.db)
    const changed = store.write([named, ignored, refused, open].map((faceId) => verdict(faceId, photoId, ben)), 0, 'state')
    expect(changed).toBe(1)
    expect(faceRows()).toMatchObject([
      { person_id: anna, assigned_by: 'user' }, { person_id: null }, { person_id: null }, { person_id: ben, assigned_by: 'machine' },
    ])
    expect(library.db.prepare('SELECT person_id, photo_id FROM person_photo ORDER BY person_id').all())
      .toEqual([{ person_id: anna, photo_id: photoId }, { person_id: ben, photo_id: photoId }])
  })

  it('say of each face whether it may be judged', () => {
    const shown = library.addPhoto()
    const hidden = library.addPhoto({ hidden: true })
    const anna = library.addPerson('Anna')
    library.addFace({ photoId: shown })
    library.addFace({ photoId: shown, personId: anna, assignedBy: 'machine' })
    library.addFace({ photoId: hidden, personId: anna })
    library.addFace({ photoId: hidden })
    library.addFace({ photoId: shown, ignored: true })
    const store = createJudgementStore(library.db)
    expect(store.page(0, 10).map(({ standing }) => standing)).toEqual(['open', 'open', 'labelled', 'closed', 'closed'])
    expect(store.page(2, 2).map(({ id }) => id)).toEqual([3, 4])
  })

  it('know whether anything changed since', () => {
    const photoId = library.addPhoto()
    const faceId = library.addFace({ photoId })
    const store = createJudgementStore(library.db)
    expect(store.judgedState()).toBeNull()
    store.write([verdict(faceId, photoId, null)], 0, store.state())
    expect(store.judgedState()).toBe(store.state())
    library.db.prepare('UPDATE photos SET hidden = 1').run()
    expect(store.judgedState()).not.toBe(store.state())
    library.db.prepare('UPDATE photos SET hidden = 0').run()
    expect(store.judgedState()).toBe(store.state())
    library.addFace({ photoId })
    expect(store.judgedState()).not.toBe(store.state())
  })

  it('do not give the number of a cluster twice', () => {
    const photoId = library.addPhoto()
    const faceId = library.addFace({ photoId, clusterId: 7 })
    const store = createJudgementStore(library.db)
    expect(store.lastClusterId()).toBe(7)
    store.write([verdict(faceId, photoId, null, 9)], 9, 'state')
    store.write([verdict(faceId, photoId, null, null)], 9, 'state')
    expect(store.lastClusterId()).toBe(9)
  })
})

describe('images', () => {
  it('are files named by their content, whole or not at all', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kith-images-'))
    const images = createImageStore(directory)
    const bytes = Buffer.from('a picture')
    const hash = await images.put(bytes)
    expect(hash).toBe(createHash('sha256').update(bytes).digest('hex'))
    await Promise.all([images.put(bytes), images.put(bytes)])
    expect(readdirSync(join(directory, 'images', hash.slice(0, 2)))).toEqual([`${hash}.jpg`])
    expect(Buffer.from((await images.read(hash))!)).toEqual(bytes)
    expect(await images.read('0'.repeat(64))).toBeNull()
    writeFileSync(join(directory, 'images', hash.slice(0, 2), `${hash}.jpg`), '')
    expect(await images.read(hash)).toBeNull()
    await images.put(bytes)
    expect(Buffer.from((await images.read(hash))!)).toEqual(bytes)
    rmSync(directory, { recursive: true })
  })
})
