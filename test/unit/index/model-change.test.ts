import { fork } from 'node:child_process'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ClusterId, FaceId } from '../../../src-shared/domain.ts'
import { createDecisions } from '../../../src-main/engine/library/decisions.ts'
import type { VisionPort } from '../../../src-main/engine/ports.ts'
import { dumpUserState, inconsistencies, noInconsistencies } from '../../fixtures/dump.ts'
import { createTestVision, openRealLibrary, placeSamples, temporaryFolder } from './real-library.ts'
import type { RealLibrary } from './real-library.ts'

const dlib = 'dlib-resnet'
const nn4 = 'nn4.small2.kith.v1'
const toDlib = { model: { name: dlib, force: false } }

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

async function reopen(): Promise<void> {
  await library.close()
  library = openRealLibrary(library.directory, vision)
}

const faceIds = () => library.rows<{ id: FaceId }>('SELECT id FROM faces ORDER BY id').map(({ id }) => id)
const embeddedBy = (model: string) =>
  library.rows<{ face_id: number }>('SELECT face_id FROM face_embeddings WHERE model_id = ? ORDER BY face_id', model).map(({ face_id }) => face_id)
const neighbourModels = () =>
  library.rows<{ model_id: string }>('SELECT DISTINCT model_id FROM face_neighbours').map(({ model_id }) => model_id)

/** Each sample three times, as three files: groups, and a suggestion or a name for every copy of a named face. */
async function placeAlbum(): Promise<void> {
  for (const copy of [1, 2, 3]) {
    await placeSamples(photos, Object.fromEntries([1, 2, 3, 4, 5, 6].map((sample) => [`${copy}/${sample}.jpg`, sample])))
    for (const sample of [1, 2, 3, 4, 5, 6]) await appendFile(join(photos, `${copy}/${sample}.jpg`), `copy ${copy}`)
  }
}

/** Names, a merge, a confirmation, a rejection, an ignored face, a cover, and something undone: all that a user may do. */
async function decideAll(): Promise<void> {
  const decisions = createDecisions(library.context)
  const clusters = library.rows<{ id: ClusterId }>(
    'SELECT cluster_id AS id FROM faces WHERE cluster_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1').map(({ id }) => id)
  expect(clusters.length).toBeGreaterThan(4)
  const anna = decisions.name({ targets: [{ kind: 'cluster', id: clusters[0]! }], name: 'Anna' }).personId!
  const ben = decisions.name({ targets: [{ kind: 'cluster', id: clusters[1]! }], name: 'Ben' }).personId!
  const [one] = library.rows<{ id: FaceId }>('SELECT id FROM faces WHERE cluster_id = ? ORDER BY id', clusters[2]!)
  decisions.name({ targets: [{ kind: 'face', id: one!.id }], name: 'Carla' })
  await library.recogniser.settled()
  const guesses = library.rows<{ id: FaceId; personId: number }>(`
    SELECT id, coalesce(person_id, suggested_person_id) AS personId FROM faces
    WHERE assigned_by = 'machine' OR suggested_person_id IS NOT NULL ORDER BY id`)
  expect(guesses.length).toBeGreaterThan(1)
  decisions.confirm({ faceIds: [guesses[0]!.id] })
  decisions.reject({ faceIds: [guesses[1]!.id], personId: null })
  const [annas] = library.rows<{ id: FaceId }>('SELECT max(id) AS id FROM faces WHERE person_id = ?', anna)
  decisions.setCover({ personId: anna, faceId: annas!.id })
  const [ignored] = library.rows<{ id: FaceId }>('SELECT id FROM faces WHERE cluster_id = ? ORDER BY id', clusters[3]!)
  decisions.ignore({ targets: [{ kind: 'face', id: ignored!.id }] })
  decisions.rename({ personId: ben, name: 'Benedikt', merge: false })
  decisions.undo()
  await library.recogniser.settled()
}

const userState = () => ({
  ...dumpUserState(library.context.database.db),
  covers: library.rows('SELECT id, cover_face_id FROM people ORDER BY id'),
  faces: library.rows('SELECT id, photo_id, x, y, width, height, crop_hash FROM faces ORDER BY id'),
  journal: library.rows('SELECT * FROM journal ORDER BY id'),
})

/** Changes the model in a process of its own, and kills that without warning after so many photos. */
async function changeAndKill(afterPhotos: number): Promise<void> {
  const child = fork(join(import.meta.dirname, 'indexing-process.ts'), [library.directory, photos, 'nn4.small2'], { serialization: 'advanced' })
  child.on('message', (message: { state: string; done: number }) => {
    if (message.state === 'embedding' && message.done >= afterPhotos) child.kill('SIGKILL')
  })
  await new Promise((resolve) => child.once('exit', resolve))
  expect(child.signalCode).toBe('SIGKILL')
}

describe('a library that changes its embedder', () => {
  it('keeps all that the user said, also when it is killed on the way, and goes back', async () => {
    await placeAlbum()
    await library.indexer.addFolder(photos)
    await library.indexer.runToEnd()
    await decideAll()
    const before = userState()
    const verdicts = library.rows('SELECT id, person_id, assigned_by, cluster_id, suggested_person_id FROM faces ORDER BY id')
    await library.close()

    await changeAndKill(3)
    library = openRealLibrary(library.directory, vision)
    const doneBefore = embeddedBy(nn4).length
    expect(doneBefore).toBeGreaterThan(0)
    expect(doneBefore).toBeLessThan(faceIds().length)
    // Half-way all is as it was: the old model answers.
    expect(library.context.embedder.id).toBe(dlib)
    expect(library.indexer.modelChange()).toEqual({ embedder: nn4, facesDone: doneBefore, facesTotal: faceIds().length })
    await library.recogniser.settled()
    expect(neighbourModels()).toEqual([dlib])
    expect(library.rows('SELECT id, person_id, assigned_by, cluster_id, suggested_person_id FROM faces ORDER BY id')).toEqual(verdicts)

    const report = await library.indexer.runToEnd()
    expect(report).toMatchObject({
      models: { embedder: nn4 }, comparison: null,
      photos: { indexed: 0, failed: 0 }, newFaces: 0,
      modelChange: { from: dlib, to: nn4, outcome: 'switched', reason: null, faces: faceIds().length - doneBefore, facesLeft: 0 },
    })
    expect(userState()).toEqual(before)
    expect(embeddedBy(nn4)).toEqual(faceIds())
    expect(embeddedBy(dlib)).toEqual(faceIds())
    expect(neighbourModels()).toEqual([nn4])
    expect(library.indexer.modelChange()).toBeNull()
    expect(inconsistencies(library.context.database.db)).toEqual(noInconsistencies)
    expect(library.events).toContainEqual({ type: 'notice', level: 'info', message: `Names and groups work with ${nn4} now.` })
    // The machine says something again, by the new model: a copy of a named face is that person to any model.
    expect(library.rows("SELECT 1 FROM faces WHERE cluster_id IS NOT NULL OR assigned_by = 'machine'")).not.toEqual([])

    await reopen()
    expect(library.context.embedder.id).toBe(nn4)
    const decisions = createDecisions(library.context)
    expect(decisions.redo().label).toContain('Benedikt')
    decisions.undo()
    expect(userState()).toEqual(before)

    const back = await library.indexer.runToEnd(toDlib)
    expect(back.modelChange).toMatchObject({ from: nn4, to: dlib, outcome: 'switched', photos: 0, faces: 0, facesLeft: 0 })
    expect(userState()).toEqual(before)
    await library.recogniser.settled()
    expect(neighbourModels()).toEqual([dlib])
    // The same embeddings and the same decisions: the same names and suggestions as before it all.
    expect(library.rows('SELECT id, person_id, suggested_person_id FROM faces ORDER BY id')).toEqual(
      verdicts.map((row) => {
        const { id, person_id, suggested_person_id } = row as Record<string, unknown>
        return { id, person_id, suggested_person_id }
      }))
  })
})
