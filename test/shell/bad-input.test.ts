/** What should not happen, in the desktop program: a newer library, a drive pulled out, readers of photos that are killed again and again. */
import { mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src-main/engine/store/database.ts'
import { writeAlbum } from '../ui/album.ts'
import { askKith, findChromium } from '../ui/browser.ts'
import { makeDirectory, startDesktop, type Desktop } from './desktop.ts'
import { below } from './processes.ts'

const chromium = findChromium()
const patience = { timeout: 40_000 }

describe.skipIf(!chromium)('the desktop program that meets', () => {
  let desktop: Desktop
  const call = <T>(method: string, input: object = {}) => askKith<T>(desktop.page, method, input)
  const status = () => call<{ counts: { photos: number; indexed: number; failed: number }; progress: { state: string } }>('library.status')

  beforeAll(async () => {
    process.env['KITH_CHROMIUM'] ??= chromium!
    const directory = makeDirectory()
    await writeAlbum(join(directory, 'album'), { scenes: 1 })
    await writeAlbum(join(directory, 'more'), { scenes: 2 })
    desktop = await startDesktop({ directory, folders: ['album'] })
  })
  afterAll(() => desktop?.close())

  it('a library of a newer Kith: it says so and what to do, and leaves the library as it is', async () => {
    const directory = makeDirectory()
    const libraryDirectory = join(directory, 'library')
    mkdirSync(libraryDirectory)
    const database = openDatabase(libraryDirectory)
    database.db.pragma('user_version = 99')
    database.close()
    const other = await startDesktop({ directory, withoutPage: true })
    try {
      await expect.poll(async () => (await other.state()).dialogs, patience).toMatchObject([{
        kind: 'message',
        options: {
          message: 'The library can’t be opened',
          detail: expect.stringMatching(/written by a newer Kith .* Update Kith; nothing was changed/) as string,
        },
      }])
      expect((await other.state()).dialogs[0]).toMatchObject({ options: { detail: expect.stringContaining(libraryDirectory) as string } })
      expect(() => openDatabase(libraryDirectory)).toThrow(expect.objectContaining({ code: 'library-newer' }))
    } finally {
      await other.close()
    }
  })

  it.skipIf(process.platform !== 'linux')('readers of photos that are killed again and again: it stops in words, blames no photo, and goes on when told to', async () => {
    const { page } = desktop
    await expect.poll(status, patience).toMatchObject({ counts: { indexed: 4 }, progress: { state: 'idle' } })
    let isDeadly = true
    const killing = (async () => {
      while (isDeadly) {
        for (const { id } of below(desktop.main.pid!, 'vision-process')) {
          try {
            process.kill(id, 'SIGKILL')
          } catch {
            // It was gone by itself.
          }
        }
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    })()
    try {
      await desktop.control('drop', join(desktop.directory, 'more'))
      await page.getByRole('status').filter({ hasText: /The process that reads photos (was killed|does not start)/ }).waitFor(patience)
    } finally {
      isDeadly = false
      await killing
    }
    await expect.poll(status, patience).toMatchObject({ counts: { photos: 12, failed: 0 }, progress: { state: 'idle' } })
    expect(await call('people.list')).toEqual({ people: [] })
    await call('index.start')
    await expect.poll(status, patience).toMatchObject({ counts: { indexed: 12, failed: 0 }, progress: { state: 'idle' } })
  })

  it('a drive that is pulled out: it says so and what to do, and goes on when it is back', async () => {
    const banner = desktop.page.getByRole('alert').filter({ hasText: desktop.libraryDirectory })
    const elsewhere = `${desktop.libraryDirectory} elsewhere`
    renameSync(desktop.libraryDirectory, elsewhere)
    await banner.filter({ hasText: 'Put it back and Kith goes on by itself' }).waitFor(patience)
    expect(await status()).toBeUndefined()
    renameSync(elsewhere, desktop.libraryDirectory)
    await expect.poll(() => banner.count(), patience).toBe(0)
    expect(await status()).toMatchObject({ counts: { indexed: 12 } })
  })

  it.skipIf(process.platform !== 'linux')('a drive that is pulled out while its process dies of it: no new library is made, and it goes on when it is back', async () => {
    const banner = desktop.page.getByRole('alert').filter({ hasText: desktop.libraryDirectory })
    const elsewhere = `${desktop.libraryDirectory} elsewhere`
    renameSync(desktop.libraryDirectory, elsewhere)
    for (const { id } of below(desktop.main.pid!, 'library-process')) process.kill(id, 'SIGBUS')
    await banner.filter({ hasText: 'can\'t be reached' }).waitFor(patience)
    expect(() => openDatabase(desktop.libraryDirectory, { readOnly: true })).toThrow(expect.objectContaining({ code: 'not-found' }))
    renameSync(elsewhere, desktop.libraryDirectory)
    await expect.poll(() => banner.count(), patience).toBe(0)
    expect(await status()).toMatchObject({ counts: { indexed: 12 } })
  })
})
