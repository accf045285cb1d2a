/** A generated library of 100,000 photos in a real browser: only what is seen exists, wherever one scrolls. */
import { mkdirSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestLibrary } from '../fixtures/library.ts'
import { findChromium, launchBrowser, openWindow, type Window } from './browser.ts'
import { createKith, type RunningKith } from './kith.ts'

const chromium = findChromium()
const photoCount = 100_000
const firstSecond = Date.UTC(2005, 0, 1) / 1000
/** About twenty years. */
const stepSeconds = 6300

function generateLibrary(directory: string): void {
  mkdirSync(directory, { recursive: true })
  const library = createTestLibrary({ directory })
  const folderId = library.addFolder('/photos')
  const annaId = library.addPerson('Anna')
  const addPhoto = library.db.prepare(
    `INSERT INTO photos (folder_id, relative_path, size_bytes, modified_ms, width_px, height_px, taken_at, taken_at_source, status)
     VALUES (?, ?, 1000, 0, 4000, 3000, ?, 'camera', 'indexed')`,
  )
  const addFace = library.db.prepare(
    `INSERT INTO faces (photo_id, x, y, width, height, score, size_px, sharpness, person_id, assigned_by)
     VALUES (?, 0.4, 0.3, 0.1, 0.13, 0.9, 400, 200, ?, 'user')`,
  )
  library.db.transaction(() => {
    for (let index = 0; index < photoCount; index++) {
      const { lastInsertRowid } = addPhoto.run(folderId, `IMG_${index}.jpg`, firstSecond + index * stepSeconds)
      if (index % 10 === 0) addFace.run(lastInsertRowid, annaId)
    }
    library.refreshCounts()
  })()
  library.close()
}

describe.skipIf(!chromium)('a library of 100,000 photos', () => {
  let browser: Browser
  let kith: RunningKith
  let window: Window
  let page: Page

  beforeAll(async () => {
    kith = createKith()
    generateLibrary(kith.libraryDirectory)
    browser = await launchBrowser(chromium!)
    window = await openWindow(browser, await kith.serve())
    page = window.page
    await page.goto(`${new URL(page.url()).origin}/#/photos`)
    await page.locator('.photo').first().waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await kith?.close()
  })

  const tiles = () => page.locator('.photo').count()
  const scrollTo = (fraction: number) =>
    page.evaluate((to) => {
      const scroller = document.querySelector('.grid-scroller')!
      scroller.scrollTop = to * (scroller.scrollHeight - scroller.clientHeight)
    }, fraction)
  const headings = () => page.locator('.heading h2').allTextContents()

  it('holds no more tiles than fit on a few screens, wherever one is', async () => {
    await page.getByText('100,000 photos').waitFor()
    expect(await headings()).toContain('December 2024')
    for (const fraction of [0.5, 1, 0.25, 0]) {
      await scrollTo(fraction)
      await expect.poll(tiles).toBeGreaterThan(5)
      expect(await tiles()).toBeLessThan(120)
    }
    await scrollTo(1)
    await expect.poll(headings).toContain('January 2005')
  })

  it('goes to a year by the scrubber, by mouse and by keyboard', async () => {
    const scrubber = page.getByRole('slider', { name: 'Go to a time' })
    await scrubber.getByText('2015', { exact: true }).click()
    await expect.poll(() => scrubber.getAttribute('aria-valuetext')).toMatch(/201[45]/)
    await scrubber.focus()
    await page.keyboard.press('Home')
    await expect.poll(() => scrubber.getAttribute('aria-valuetext')).toBe('December 2024')
    await page.keyboard.press('PageDown')
    await expect.poll(() => scrubber.getAttribute('aria-valuetext')).toBe('December 2023')
  })

  it('keeps the focus while keys lead through it, and the place while another view is open', async () => {
    await scrollTo(0)
    await page.locator('[data-index="0"]').focus()
    await page.keyboard.press('End')
    await page.locator(`[data-index="${photoCount - 1}"]:focus`).waitFor()
    await page.keyboard.press('PageUp')
    await expect.poll(() => page.evaluate(() => Number((document.activeElement as HTMLElement).dataset['index']))).toBeGreaterThan(photoCount - 200)

    await scrollTo(0.4)
    const place = () => page.evaluate(() => document.querySelector('.grid-scroller')?.scrollTop ?? -1)
    const before = await place()
    await page.getByRole('link', { name: 'Folders' }).click()
    await page.getByRole('heading', { name: 'Folders', level: 1 }).waitFor()
    await page.goBack()
    await expect.poll(place).toBe(before)
  })

  it('keeps what is in the middle of the view where it is when the tiles change their size', async () => {
    await scrollTo(0.6)
    const first = () => page.evaluate(() => {
      const top = document.querySelector('.grid-scroller')!.getBoundingClientRect().top + 60
      return [...document.querySelectorAll<HTMLElement>('.photo')].filter((tile) => tile.getBoundingClientRect().bottom > top).map((tile) => Number(tile.dataset['key'])).sort((a, b) => b - a)[0]!
    })
    const before = await first()
    await page.getByRole('button', { name: 'Larger pictures' }).click()
    expect(Math.abs((await first()) - before)).toBeLessThan(20)
    await page.getByRole('button', { name: 'Smaller pictures' }).click()
  })

  it('narrows to 10,000 photos of a person', async () => {
    await page.keyboard.press('/')
    await page.keyboard.type('anna')
    await page.getByRole('option').first().waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('10,000 photos').first().waitFor()
    expect(await tiles()).toBeLessThan(120)
  })

  it('had nothing to complain of', async () => {
    // The generated photos have no files, so there are no pictures of them.
    expect((await window.complaints()).filter((text) => !/status of (4\d\d)/.test(text))).toEqual([])
  })
})
