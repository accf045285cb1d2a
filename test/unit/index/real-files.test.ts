import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sharedPath } from '../../fixtures/shared.ts'
import { createTestVision, openRealLibrary, temporaryFolder } from './real-library.ts'

describe('real files from cameras and from other programs’ tests', () => {
  it('are each indexed or listed', async (test) => {
    const names = ['corrupt_formats_sharp', 'camera_photoprism', 'corrupt_libheif', 'groups_dlib', 'faces_lfw100']
    const folders = names.map((name) => sharedPath(`data/${name}`))
    if (folders.some((folder) => folder === null)) return test.skip()
    const temporary = await temporaryFolder()
    const vision = createTestVision()
    const library = openRealLibrary(join(temporary.path, 'library'), vision)
    for (const folder of folders) await library.indexer.addFolder(folder!)
    const { photos: counts, failed, faces } = await library.indexer.runToEnd()
    expect(counts.found).toBeGreaterThan(300)
    expect(counts.indexed + counts.failed).toBe(counts.found)
    expect(failed).toHaveLength(counts.failed)
    expect(failed.every(({ reason }) => reason.length > 20)).toBe(true)
    expect(failed.filter(({ path }) => path.includes('faces_lfw100') || path.includes('groups_dlib'))).toEqual([])
    expect(faces).toBeGreaterThan(100)
    expect(library.rows("SELECT 1 FROM photos WHERE status = 'pending'")).toEqual([])
    await library.close()
    await vision.close()
    await temporary.remove()
  })
})
