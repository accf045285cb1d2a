import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { PhotoReadError } from '../../../src-main/engine/ports.ts'
import { createVisionPool } from '../../../src-main/engine/vision/vision-pool.ts'
import { sharedPath } from '../../fixtures/shared.ts'

const sample = join(import.meta.dirname, '../../../node_modules/@vladmandic/face-api/demo/sample1.jpg')
const pool = createVisionPool({ detectorId: 'kith-detector.v1', modelsDirectories: [], processes: 2, log: () => {} })
afterAll(() => pool.close())

const badFolders = ['data/corrupt_formats_sharp', 'data/camera_photoprism', 'data/corrupt_libheif'].map(sharedPath)
describe.skipIf(badFolders.includes(null))('real bad pictures', () => {
  test.each(badFolders.map((folder) => [folder!]))('%s: each ends as faces or as a reason', async (folder) => {
    await pool.analyze(sample)
    const ids = pool.processIds()
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(files.length).toBeGreaterThan(40)
    const results = await Promise.allSettled(files.map((file) => pool.analyze(join(file.parentPath, file.name))))
    results.forEach((result, i) => {
      if (result.status === 'fulfilled') return
      expect(result.reason, files[i]!.name).toBeInstanceOf(PhotoReadError)
      expect(['empty', 'not-an-image', 'unsupported-format', 'damaged', 'too-large']).toContain(result.reason.code)
    })
    expect(results.some(({ status }) => status === 'fulfilled')).toBe(true)
    expect(pool.processIds()).toEqual(expect.arrayContaining(ids))
  })
})
