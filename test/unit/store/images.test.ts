import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createImageStore } from '../../../src-main/engine/store/images.ts'
import { fillDisk, mountSmall } from '../../fixtures/small-disk.ts'
import { execFileSync } from 'node:child_process'

const jpeg = new Uint8Array(100_000).fill(7)
let directory: string
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'kith-images-'))))
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('an image is kept by its content, and read again', async () => {
  const images = createImageStore(directory)
  const hash = await images.put(jpeg)
  expect(await images.put(jpeg)).toBe(hash)
  expect(await images.read(hash)).toHaveLength(jpeg.length)
})

test('a folder that can not be written to is named', async () => {
  writeFileSync(join(directory, 'images'), 'in the way')
  await expect(createImageStore(directory).put(jpeg)).rejects.toMatchObject({
    code: 'library-read-only', message: expect.stringContaining(join(directory, 'images')) as string,
  })
})

test('a library that is gone is not made anew', async () => {
  const library = join(directory, 'library')
  const images = createImageStore(library)
  await expect(images.put(jpeg)).rejects.toMatchObject({ code: 'library-away' })
  expect(readdirSync(directory)).toEqual([])
  mkdirSync(library)
  await images.put(jpeg)
})

test('a disk without room is named, nothing half is left, and it goes on when there is room', async (context) => {
  const folder = join(directory, 'images')
  if (!mountSmall(folder, 1)) return context.skip()
  try {
    const ballast = fillDisk(folder, 1, 8192)
    const images = createImageStore(directory)
    await expect(images.put(jpeg)).rejects.toMatchObject({ code: 'no-space', message: expect.stringContaining(folder) as string })
    expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).includes('.'))).toEqual([])
    rmSync(ballast)
    expect(await images.read(await images.put(jpeg))).toHaveLength(jpeg.length)
  } finally {
    execFileSync('umount', [folder])
  }
})
