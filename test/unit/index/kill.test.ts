import { fork } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDecisions } from '../../../src-main/engine/library/decisions.ts'
import type { VisionPort } from '../../../src-main/engine/ports.ts'
import { createTestVision, openRealLibrary, placeSamples, temporaryFolder } from './real-library.ts'

let vision: VisionPort
let temporary: { path: string; remove(): Promise<void> }
beforeAll(async () => {
  vision = createTestVision()
  temporary = await temporaryFolder()
})
afterAll(async () => {
  await vision.close()
  await temporary.remove()
})

/** Indexes in a process of its own, and kills that without warning after so many photos. @returns photos kept by then */
async function indexAndKill(libraryDirectory: string, photos: string, afterPhotos: number): Promise<number> {
  const child = fork(join(import.meta.dirname, 'indexing-process.ts'), [libraryDirectory, photos], { serialization: 'advanced' })
  let done = 0
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.on('message', (message: { done: number }) => {
    done = message.done
    if (done >= afterPhotos) child.kill('SIGKILL')
  })
  await exited
  expect(child.signalCode).toBe('SIGKILL')
  return done
}

it('a killed Kith loses no named face, and the next one goes on where it was', async () => {
  const directory = join(temporary.path, 'library')
  const photos = join(temporary.path, 'photos')
  await placeSamples(photos, { '0.jpg': 3 })
  const before = openRealLibrary(directory, vision)
  await before.indexer.addFolder(photos)
  await before.indexer.runToEnd()
  const named = before.rows<{ id: number }>('SELECT id FROM faces ORDER BY id').map(({ id }) => id)
  for (const id of named) createDecisions(before.context).name({ targets: [{ kind: 'face', id: id as never }], name: `Person ${id}` })
  await before.close()

  await placeSamples(photos, Object.fromEntries(Array.from({ length: 14 }, (_, index) => [`${index + 1}.jpg`, 1 + (index % 6)])))
  const doneFirst = await indexAndKill(directory, photos, 3)
  const doneSecond = await indexAndKill(directory, photos, 2)
  expect(doneFirst + doneSecond).toBeLessThan(14)

  const after = openRealLibrary(directory, vision)
  expect(after.context.database.db.pragma('integrity_check', { simple: true })).toBe('ok')
  expect(after.context.database.db.pragma('foreign_key_check')).toEqual([])
  const keptPhotos = after.rows("SELECT 1 FROM photos WHERE status = 'indexed'").length
  expect(keptPhotos).toBeGreaterThanOrEqual(1 + doneFirst + doneSecond)
  const report = await after.indexer.runToEnd()
  expect(report.photos).toMatchObject({ found: 15, indexed: 15 - keptPhotos, unchanged: keptPhotos, failed: 0, pending: 0 })
  for (const id of named)
    expect(after.rows('SELECT p.name, f.assigned_by FROM faces f JOIN people p ON p.id = f.person_id WHERE f.id = ?', id))
      .toEqual([{ name: `Person ${id}`, assigned_by: 'user' }])
  expect(after.rows('SELECT face_id FROM face_embeddings EXCEPT SELECT face_id FROM face_neighbours')).toEqual([])
  expect(after.rows('SELECT id FROM faces EXCEPT SELECT face_id FROM face_embeddings')).toEqual([])
  await after.close()
})
