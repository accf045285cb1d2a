/** Faces that the user draws, moves and deletes, with real photos, real vision and real recognition. */
import { execFileSync } from 'node:child_process'
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { BoundingBox, Face, FaceId, PhotoId } from '../../../src-shared/domain.ts'
import { createDecisions, type Decisions } from '../../../src-main/engine/library/decisions.ts'
import { createDrawing, type Drawing } from '../../../src-main/engine/library/draw.ts'
import { distanceBetween } from '../../../src-main/engine/math/vector.ts'
import type { VisionPort } from '../../../src-main/engine/ports.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { toFloat32 } from '../../../src-main/engine/store/blobs.ts'
import { createFacesStore } from '../../../src-main/engine/store/faces.ts'
import { overlapOf } from '../../../src-main/engine/store/match-faces.ts'
import { fillDisk, mountSmall } from '../../fixtures/small-disk.ts'
import { dumpLibrary, inconsistencies, noInconsistencies } from '../../fixtures/dump.ts'
import { createTestVision, openRealLibrary, placeSamples, temporaryFolder } from './real-library.ts'
import type { RealLibrary } from './real-library.ts'

let vision: VisionPort
let temporary: { path: string; remove(): Promise<void> }
let library: RealLibrary
let decisions: Decisions
let drawing: Drawing
let photos: string

beforeAll(() => void (vision = createTestVision()))
afterAll(() => vision.close())
beforeEach(async () => {
  temporary = await temporaryFolder()
  photos = join(temporary.path, 'photos')
  open()
})
afterEach(async () => {
  await library.close()
  await temporary.remove()
})

function open(): void {
  library = openRealLibrary(join(temporary.path, 'library'), vision)
  decisions = createDecisions(library.context)
  drawing = createDrawing(library.context)
}
async function restart(): Promise<void> {
  await library.recogniser.settled()
  await library.close()
  open()
}
async function index(): Promise<void> {
  if (library.indexer.folders().length === 0) await library.indexer.addFolder(photos)
  await library.indexer.runToEnd()
}
/** Looks at every photo again, as after an update of a model. */
async function indexAnew(): Promise<void> {
  library.context.database.db.exec("UPDATE photos SET status = 'pending'")
  await library.indexer.runToEnd()
}

const photoId = () => library.rows<{ id: PhotoId }>('SELECT id FROM photos ORDER BY id')[0]!.id
const faces = (): Face[] => createFacesStore(library.context.database.db).ofPhoto(photoId())
const dump = () => dumpLibrary(library.context.database.db)
const embeddingOf = (faceId: FaceId) => library.rows<{ vector: Buffer }>('SELECT vector FROM face_embeddings WHERE face_id = ?', faceId)[0]?.vector
const error = (code: string, words: string) => expect.objectContaining({ code, message: expect.stringContaining(words) })
/** A person's box: looser than a detector's, and not quite in its middle. */
const loose = ({ x, y, width, height }: BoundingBox): BoundingBox => ({
  x: Math.max(0, x - width * 0.25), y: Math.max(0, y - height * 0.2), width: Math.min(width * 1.6, 1 - x + width * 0.25), height: height * 1.45,
})

/** What the user sees must not change by what the machine says meanwhile. */
const places = () => faces().map(({ id, box, personName }) => ({ id, box, personName }))

describe('a face that was missed', () => {
  it('is drawn with a name, teaches, and comes and goes with undo and redo as it was', async () => {
    await placeSamples(photos, { 'a.jpg': 6 })
    await index()
    const [face] = faces() as [Face]
    drawing.delete({ faceIds: [face.id] })
    const before = dump()
    const drawn = await drawing.draw({ photoId: photoId(), box: loose(face.box), name: 'Anna' })
    expect(drawn).toMatchObject({ label: 'Drew a face of Anna', faces: 1, teaches: true, journalEntryId: expect.any(Number) })
    const after = dump()
    const embedding = embeddingOf(drawn.faceId)!
    expect(embedding.byteLength).toBe(512)
    expect(faces().find(({ id }) => id === drawn.faceId)).toMatchObject({ personName: 'Anna', assignedBy: 'user', box: loose(face.box) })
    for (let round = 0; round < 2; round++) {
      await restart()
      decisions.undo()
      expect(dump()).toEqual(before)
      await restart()
      decisions.redo()
      expect(dump()).toEqual(after)
      expect(embeddingOf(drawn.faceId)).toEqual(embedding)
    }
    expect(inconsistencies(library.context.database.db)).toEqual(noInconsistencies)
  })

  it('names the same person elsewhere, until it is undone', async () => {
    await placeSamples(photos, { 'a.jpg': 6, 'b.jpg': 6 })
    await appendFile(join(photos, 'b.jpg'), 'b')
    await index()
    const [face] = faces() as [Face]
    const twin = createFacesStore(library.context.database.db).ofPhoto((photoId() + 1) as PhotoId).find(({ box }) => overlapOf(box, face.box) > 0.9)!
    drawing.delete({ faceIds: [face.id] })
    const { faceId } = await drawing.draw({ photoId: photoId(), box: loose(face.box), name: 'Anna' })
    await library.recogniser.settled()
    const named = () => createFacesStore(library.context.database.db).byIds([twin.id])[0]!
    expect(named().personName ?? named().suggestion?.personName).toBe('Anna')
    expect(await library.context.recognition.nearest(twin.id, Int32Array.of(faceId), 3)).toMatchObject([{ faceId }])
    decisions.undo()
    await library.recogniser.settled()
    expect(named()).toMatchObject({ personName: null, suggestion: null })
    expect(await library.context.recognition.nearest(faceId, Int32Array.of(twin.id), 3)).toBeNull()
  })

  it('stays as it was drawn when photos are looked at again, and is not found a second time', async () => {
    await placeSamples(photos, { 'a.jpg': 6 })
    await index()
    const before = faces()
    const [face] = before as [Face]
    drawing.delete({ faceIds: [face.id] })
    await drawing.draw({ photoId: photoId(), box: loose(face.box), name: 'Anna' })
    // A place without a face: no detector will ever find it, and it stays all the same.
    const nothing = await drawing.draw({ photoId: photoId(), box: { x: 0.02, y: 0.02, width: 0.06, height: 0.07 }, name: null })
    const drawn = places()
    expect(drawn).toHaveLength(before.length + 1)
    const embeddings = () => new Map(faces().map(({ id }) => [id, toFloat32(embeddingOf(id)!)]))
    const kept = embeddings()
    await indexAnew()
    expect(places()).toEqual(drawn)
    for (const [id, embedding] of embeddings()) expect(distanceBetween(embedding, kept.get(id)!)).toBeLessThan(0.001)
    // The file's date in its header is another: the content is not the same, but the picture is.
    await writeFile(join(photos, 'a.jpg'), await sharp(await readFile(join(photos, 'a.jpg'))).keepMetadata().jpeg({ quality: 97 }).toBuffer())
    await index()
    expect(library.rows('SELECT 1 FROM photos')).toHaveLength(1)
    expect(new Set(places().map(({ id }) => id))).toEqual(new Set(drawn.map(({ id }) => id)))
    expect(places().find(({ id }) => id === nothing.faceId)).toBeDefined()
  })

  it('takes its place back from what the detector found there while it was undone', async () => {
    await placeSamples(photos, { 'a.jpg': 6 })
    await index()
    const [face, ...others] = faces() as [Face, ...Face[]]
    library.context.database.db.prepare('DELETE FROM faces WHERE id = ?').run(face.id)
    const drawn = await drawing.draw({ photoId: photoId(), box: face.box, name: 'Anna' })
    decisions.undo()
    await indexAnew()
    expect(faces()).toHaveLength(others.length + 1)
    expect(faces().map(({ id }) => id)).not.toContain(drawn.faceId)
    decisions.redo()
    expect(new Set(faces().map(({ id }) => id))).toEqual(new Set([drawn.faceId, ...others.map(({ id }) => id)]))
    expect(faces().find(({ id }) => id === drawn.faceId)?.personName).toBe('Anna')
    expect(inconsistencies(library.context.database.db)).toEqual(noInconsistencies)
  })
})

describe('a box', () => {
  it('is moved and stays where it was moved to; the detector does not find its old place again', async () => {
    await placeSamples(photos, { 'a.jpg': 6 })
    await index()
    const [face] = faces() as [Face]
    decisions.name({ targets: [{ kind: 'face', id: face.id }], name: 'Anna' })
    const before = dump()
    const away = { x: 0.01, y: 0.01, width: 0.08, height: 0.1 }
    expect(await drawing.move({ faceId: face.id, box: away })).toMatchObject({ label: 'Moved the box of Anna', faceId: face.id })
    const after = dump()
    expect(faces().find(({ id }) => id === face.id)).toMatchObject({ box: away, personName: 'Anna' })
    await indexAnew()
    expect(places().find(({ id }) => id === face.id)).toEqual({ id: face.id, box: away, personName: 'Anna' })
    expect(faces().filter(({ box }) => overlapOf(box, face.box) > 0.4)).toEqual([])
    await restart()
    decisions.undo()
    expect(dump().boxes).toEqual(before.boxes)
    expect(dump().embeddings).toEqual(before.embeddings)
    expect(dump().refusedBoxes).toEqual(before.refusedBoxes)
    decisions.redo()
    expect(dump().boxes).toEqual(after.boxes)
    expect(dump().refusedBoxes).toEqual(after.refusedBoxes)
  })

  it('that was deleted stays away through restarts and new looks, and comes back with name and refusals by undo', async () => {
    await placeSamples(photos, { 'a.jpg': 6 })
    await index()
    const [face, other] = faces() as [Face, Face]
    decisions.name({ targets: [{ kind: 'face', id: other.id }], name: 'Ben' })
    const { personId } = decisions.name({ targets: [{ kind: 'face', id: face.id }], name: 'Anna' })
    decisions.reject({ faceIds: [face.id], personId: faces().find(({ id }) => id === other.id)!.personId })
    const before = dump()
    const count = faces().length
    expect(drawing.delete({ faceIds: [face.id] })).toMatchObject({ label: 'Deleted 1 face', faces: 1 })
    expect(library.rows('SELECT cover_face_id FROM people WHERE id = ?', personId)).toEqual([{ cover_face_id: null }])
    expect(inconsistencies(library.context.database.db)).toEqual(noInconsistencies)
    for (let round = 0; round < 2; round++) {
      await restart()
      await indexAnew()
      expect(faces()).toHaveLength(count - 1)
      // The same picture in another file, as after its date was put right.
      await appendFile(join(photos, 'a.jpg'), 'x')
      await index()
      expect(faces()).toHaveLength(count - 1)
    }
    decisions.undo()
    for (const table of ['people', 'rejections', 'refusedBoxes'] as const) expect(dump()[table]).toEqual(before[table])
    expect(faces().find(({ id }) => id === face.id)).toMatchObject({ personName: 'Anna', box: face.box })
    await indexAnew()
    expect(faces()).toHaveLength(count)
  })
})

it('each of them is taken back by itself though others were decided since, and the detector keeps to it', async () => {
  await placeSamples(photos, { 'a.jpg': 6 })
  await index()
  const [face, other, third] = faces() as [Face, Face, Face]
  const before = places()
  const moved = await drawing.move({ faceId: other.id, box: { x: 0.01, y: 0.01, width: 0.08, height: 0.1 } })
  const deleted = drawing.delete({ faceIds: [face.id] })
  const drawn = await drawing.draw({ photoId: photoId(), box: { x: 0.9, y: 0.02, width: 0.06, height: 0.07 }, name: null })
  decisions.ignore({ faceIds: [third.id] })
  for (const { journalEntryId } of [moved, deleted, drawn]) decisions.undo({ entryId: journalEntryId })
  expect(places()).toEqual(before)
  await indexAnew()
  expect(places().map(({ id }) => id)).toEqual(before.map(({ id }) => id))
  for (let step = 0; step < 3; step++) decisions.undo()
  await indexAnew()
  expect(faces().map(({ id }) => id).sort()).toEqual([other.id, third.id, ...before.slice(3).map(({ id }) => id), drawn.faceId].sort())
  expect(inconsistencies(library.context.database.db)).toEqual(noInconsistencies)
})

describe('what is refused, in words, and changes nothing', () => {
  const box = { x: 0.02, y: 0.02, width: 0.06, height: 0.07 }

  it('a box that is too small, a box where there is a face, and a face or photo that is no more', async () => {
    await placeSamples(photos, { 'a.jpg': 6 })
    await index()
    const [face, other] = faces() as [Face, Face]
    const before = dump()
    await expect(drawing.draw({ photoId: photoId(), box: { ...box, width: 0.003 }, name: 'Anna' })).rejects.toThrow(error('invalid-input', '5 pixels'))
    await expect(drawing.draw({ photoId: photoId(), box: face.box, name: 'Anna' })).rejects.toThrow(error('invalid-input', 'already'))
    await expect(drawing.move({ faceId: face.id, box: other.box })).rejects.toThrow(error('invalid-input', 'already'))
    await expect(drawing.draw({ photoId: 99 as PhotoId, box, name: null })).rejects.toThrow(error('not-found', 'photo'))
    await expect(drawing.move({ faceId: 99 as FaceId, box })).rejects.toThrow(error('not-found', 'Face 99'))
    expect(() => drawing.delete({ faceIds: [99 as FaceId] })).toThrow(error('not-found', 'Face 99'))
    expect(dump()).toEqual(before)
  })

  it('a face too small to be recognised is kept and named, and says that it teaches nothing', async () => {
    await placeSamples(photos, { 'a.jpg': 6 })
    await index()
    const drawn = await drawing.draw({ photoId: photoId(), box: { x: 0.02, y: 0.02, width: 0.01, height: 0.013 }, name: 'Anna' })
    expect(drawn.teaches).toBe(false)
    expect(faces().find(({ id }) => id === drawn.faceId)?.personName).toBe('Anna')
    await library.recogniser.settled()
    expect(await library.context.recognition.candidates(Int32Array.of(faces()[1]!.id), 9)).toEqual([[]])
  })

  it('a photo that is gone, or damaged by now', async () => {
    await placeSamples(photos, { 'a.jpg': 6 })
    await index()
    const before = dump()
    await writeFile(join(photos, 'a.jpg'), 'no photo any more')
    await expect(drawing.draw({ photoId: photoId(), box, name: 'Anna' })).rejects.toThrow(error('picture-unreadable', 'a.jpg'))
    await rm(join(photos, 'a.jpg'))
    await expect(drawing.draw({ photoId: photoId(), box, name: 'Anna' })).rejects.toThrow(error('picture-unreadable', 'a.jpg is not in its place'))
    expect(dump()).toEqual(before)
  })

  it('a reader of photos that does not start', async () => {
    await placeSamples(photos, { 'a.jpg': 6 })
    await index()
    const before = dump()
    await library.close()
    library = openRealLibrary(join(temporary.path, 'library'), {
      ...vision, describe: () => Promise.reject(new KithError('vision-unavailable', 'The process that reads photos does not start.')),
    })
    drawing = createDrawing(library.context)
    await expect(drawing.draw({ photoId: photoId(), box, name: 'Anna' })).rejects.toThrow(error('vision-unavailable', 'does not start'))
    expect(dump()).toEqual(before)
  })

  it('a disk that has no room for the crop', async (test) => {
    const directory = join(temporary.path, 'small')
    if (!mountSmall(directory, 16)) return test.skip()
    try {
      await library.close()
      await placeSamples(photos, { 'a.jpg': 6 })
      library = openRealLibrary(directory, vision)
      drawing = createDrawing(library.context)
      await index()
      library.context.database.db.pragma('wal_checkpoint(TRUNCATE)')
      const before = dump()
      const ballast = fillDisk(directory, 16, 0)
      await expect(drawing.draw({ photoId: photoId(), box, name: 'Anna' })).rejects.toThrow(error('no-space', 'is full'))
      expect(dump()).toEqual(before)
      await rm(ballast)
      await expect(drawing.draw({ photoId: photoId(), box, name: 'Anna' })).resolves.toMatchObject({ faces: 1 })
    } finally {
      await library.close()
      execFileSync('umount', [directory])
      open()
    }
  })
})
