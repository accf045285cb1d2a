/** What should not happen and does: the library's drive pulled out, a newer library in its place, names of nothing, storms of keys, no room. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src-main/engine/store/database.ts'
import { fillDisk, mountSmall } from '../fixtures/small-disk.ts'
import { writeAlbum } from './album.ts'
import { askKith, findChromium, launchBrowser, openWindow, type Window } from './browser.ts'
import { createKith, type RunningKith } from './kith.ts'
import { makePeopleLibrary } from './people-of-embeddings.ts'

const chromium = findChromium()
const patience = { timeout: 30_000 }

const goTo = async (page: Page, hash: string) => {
  await page.goto(`${new URL(page.url()).origin}/${hash}`)
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
}
const names = async (page: Page) => (await askKith<{ people: { name: string }[] }>(page, 'people.list')).people.map(({ name }) => name).sort()
const labels = async (page: Page) => (await askKith<{ entries: { label: string; state: string }[] }>(page, 'journal.list', { limit: 100 })).entries

describe.skipIf(!chromium)('a window that meets', () => {
  let browser: Browser
  let kith: RunningKith
  let window: Window
  let page: Page
  let annaId: number

  beforeAll(async () => {
    kith = createKith()
    makePeopleLibrary(kith.libraryDirectory, ({ library, addFaces }) => {
      annaId = library.addPerson('Anna')
      addFaces(0, 10, { personId: annaId })
      addFaces(1, 6, { personId: library.addPerson('Ben') })
      for (const rank of [2, 3, 4]) addFaces(rank, 12, { clusterId: rank })
    })
    browser = await launchBrowser(chromium!)
    window = await openWindow(browser, await kith.serve())
    page = window.page
    await page.locator('.card').first().waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await kith?.close()
  })

  const rename = async (name: string) => {
    await goTo(page, `#/people/${annaId}`)
    await page.getByRole('button', { name: 'Rename', exact: true }).click()
    await page.locator('.view-header input').fill(name)
    await page.keyboard.press('Enter')
  }

  describe('a drive that is pulled out', () => {
    const elsewhere = () => `${kith.libraryDirectory} elsewhere`
    const banner = () => page.getByRole('alert').filter({ hasText: kith.libraryDirectory })

    it('says so and what to do, decides nothing meanwhile, makes no new library, and goes on when it is back', async () => {
      await rename('Mona')
      await page.getByRole('heading', { level: 1, name: 'Mona' }).waitFor()
      renameSync(kith.libraryDirectory, elsewhere())
      await banner().filter({ hasText: 'can\'t be reached' }).filter({ hasText: 'Put it back and Kith goes on by itself' }).waitFor(patience)
      await page.getByRole('button', { name: 'Rename', exact: true }).click()
      await page.locator('.view-header input').fill('Lost')
      await page.keyboard.press('Enter')
      await page.getByRole('status').filter({ hasText: 'nothing can be decided meanwhile' }).waitFor()
      // The place where a drive is mounted is still there, and empty.
      mkdirSync(kith.libraryDirectory)
      await expect.poll(() => askKith(page, 'library.status'), patience).toBeUndefined()
      expect(readdirSync(kith.libraryDirectory)).toEqual([])
      rmdirSync(kith.libraryDirectory)
      renameSync(elsewhere(), kith.libraryDirectory)
      await expect.poll(() => banner().count(), patience).toBe(0)
      expect(await names(page)).toEqual(['Ben', 'Mona'])
      await rename('Anna')
      await expect.poll(() => names(page), patience).toEqual(['Anna', 'Ben'])
      expect((await labels(page)).map(({ label }) => label)).toEqual(['Renamed Mona to Anna', 'Renamed Anna to Mona'])
    })

    it('says so where a newer Kith wrote to it meanwhile, and leaves it as it is', async () => {
      renameSync(kith.libraryDirectory, elsewhere())
      await banner().waitFor(patience)
      const database = openDatabase(elsewhere())
      const version = database.db.pragma('user_version', { simple: true }) as number
      database.db.pragma('user_version = 99')
      database.close()
      renameSync(elsewhere(), kith.libraryDirectory)
      await banner().filter({ hasText: 'was written by a newer Kith' }).filter({ hasText: 'Update Kith; nothing was changed' }).waitFor(patience)
      renameSync(kith.libraryDirectory, elsewhere())
      await banner().filter({ hasText: 'can\'t be reached' }).waitFor(patience)
      execFileSync(process.execPath, ['-e', `
        const db = new (require('better-sqlite3'))(${JSON.stringify(join(elsewhere(), 'kith.sqlite'))}); db.pragma('user_version = ${version}'); db.close()`])
      renameSync(elsewhere(), kith.libraryDirectory)
      await expect.poll(() => banner().count(), patience).toBe(0)
      expect(await names(page)).toEqual(['Anna', 'Ben'])
    })
  })

  describe('a name', () => {
    it('of blanks, of signs that nobody sees, and with line breaks is told in the field, or read as it is seen', async () => {
      await rename('   \t ')
      expect(await names(page)).toEqual(['Anna', 'Ben'])
      await rename('\u200B\u200D\u2060')
      await page.getByRole('alert').filter({ hasText: 'Nothing can be seen of this name' }).waitFor()
      expect(await names(page)).toEqual(['Anna', 'Ben'])
      await page.keyboard.press('Escape')
      await rename('Mi\u200Bra\nMaria')
      await expect.poll(() => names(page), patience).toHaveLength(2)
      await expect.poll(async () => (await names(page))[1], patience).toMatch(/^Mira ?Maria$/)
      await rename('Anna')
      await expect.poll(() => names(page), patience).toEqual(['Anna', 'Ben'])
    })

    it('from right to left stands right to left, wherever it is shown', async () => {
      await rename('(דנה) לוי')
      const heading = page.getByRole('heading', { level: 1 }).filter({ hasText: 'דנה' })
      await heading.waitFor()
      const directionOf = (selector: string) => page.locator(selector).filter({ hasText: 'דנה' }).first().evaluate((element) => getComputedStyle(element.querySelector('[dir]') ?? element.closest('[dir]') ?? element).direction)
      expect(await directionOf('h1')).toBe('rtl')
      await goTo(page, '#/people')
      await page.locator('.card').first().waitFor()
      expect(await directionOf('.card')).toBe('rtl')
      await rename('Anna')
      await expect.poll(() => names(page), patience).toEqual(['Anna', 'Ben'])
    })
  })

  describe('a storm', () => {
    it('of Enter in a name field names one group, once', async () => {
      await goTo(page, '#/people')
      await page.locator('.group').first().waitFor()
      const before = (await labels(page)).length
      await page.keyboard.press('n')
      await page.keyboard.type('Carla')
      for (let i = 0; i < 50; i++) await page.keyboard.press('Enter')
      await expect.poll(() => names(page), patience).toEqual(['Anna', 'Ben', 'Carla'])
      await expect.poll(async () => (await labels(page))[0]!.label, patience).toBe('Named 12 faces Carla')
      expect(await labels(page)).toHaveLength(before + 1)
    })

    it('of undo takes back all there is and says that there is no more; redo brings all of it back', async () => {
      const before = await labels(page)
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
      const press = (keys: string) => page.evaluate((key) => {
        for (let i = 0; i < 50; i++) document.body.dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey: true, shiftKey: key === 'Z', bubbles: true, cancelable: true }))
      }, keys)
      await press('z')
      await page.getByRole('status').filter({ hasText: 'nothing to undo' }).or(page.getByRole('status').filter({ hasText: 'Nothing to undo' })).waitFor(patience)
      await expect.poll(async () => (await labels(page)).filter(({ state }) => state === 'done'), patience).toEqual([])
      await press('Z')
      await expect.poll(() => labels(page), patience).toEqual(before)
      // What was told of the drive may still be read.
      expect(await page.locator('.toast.error').filter({ hasNotText: kith.libraryDirectory }).allTextContents()).toEqual([])
    })
  })

  it('has nothing else to complain of', async () => {
    // The library that was away, and the generated faces, which have no pictures.
    expect((await window.complaints()).filter((text) => !/status of (4\d\d|503)|ERR_INCOMPLETE/.test(text))).toEqual([])
  })
})

describe.skipIf(!chromium)('a window whose library has no room for thumbnails', () => {
  let browser: Browser | undefined
  let kith: RunningKith
  const sizeMegabytes = 4
  const images = () => join(kith.libraryDirectory, 'images')

  beforeAll(() => void (kith = createKith()))
  afterAll(async () => {
    await browser?.close()
    await kith?.stop()
    try {
      if (existsSync(images())) execFileSync('umount', [images()], { stdio: 'pipe' })
    } finally {
      await kith?.close()
    }
  })

  it('names the folder and what to do, keeps faces and names, takes more of them, and goes on when there is room', async (context) => {
    if (!mountSmall(images(), sizeMegabytes)) {
      rmSync(kith.directory, { recursive: true, force: true })
      return context.skip()
    }
    const album = join(kith.directory, 'album')
    await writeAlbum(album, { scenes: 1 })
    await kith.run('index', album)
    await writeAlbum(join(album, 'more'), { scenes: 2 })
    const ballast = fillDisk(images(), sizeMegabytes, 4096)
    browser = await launchBrowser(chromium!)
    const { page } = await openWindow(browser, await kith.serve())
    await page.locator('.group').first().waitFor(patience)
    await askKith(page, 'index.start')
    await page.getByRole('status').filter({ hasText: images() }).filter({ hasText: 'Make room there, then index again' }).waitFor({ timeout: 60_000 })
    const status = () => askKith<{ counts: { photos: number; indexed: number; failed: number }; progress: { state: string } }>(page, 'library.status')
    const { counts } = await status()
    expect(counts).toMatchObject({ photos: 12, failed: 0 })
    expect(counts.indexed).toBeLessThan(12)
    await page.keyboard.press('n')
    await page.keyboard.type('Anna')
    await page.keyboard.press('Enter')
    await expect.poll(() => names(page), patience).toEqual(['Anna'])
    rmSync(ballast)
    await askKith(page, 'index.start')
    await expect.poll(status, { timeout: 90_000 }).toMatchObject({ counts: { indexed: 12, failed: 0 }, progress: { state: 'idle' } })
    expect(await names(page)).toEqual(['Anna'])
  }, 240_000)
})
