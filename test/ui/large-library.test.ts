/** A generated library of 200,000 photos in a real browser: only what is seen exists and is known, wherever one scrolls. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium, launchBrowser, openWindow, type Window } from './browser.ts'
import { createKith, type RunningKith } from './kith.ts'
import { makeManyPhotos } from './many-photos.ts'

const chromium = findChromium()
const photoCount = 200_000

describe.skipIf(!chromium)('a library of 200,000 photos', () => {
  let browser: Browser
  let kith: RunningKith
  let window: Window
  let page: Page

  beforeAll(async () => {
    kith = createKith()
    makeManyPhotos(kith.libraryDirectory, photoCount)
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
  /** Clicks beside the years, where a fraction of the way lies. */
  const goTo = async (fraction: number) => {
    const box = (await page.getByRole('slider', { name: 'Go to a time' }).boundingBox())!
    await page.mouse.click(box.x + 12, Math.min(box.y + box.height - 1, Math.max(box.y + 1, box.y + fraction * box.height)))
  }
  const headings = () => page.locator('.heading h2').allTextContents()

  it('holds no more tiles than fit on a few screens, wherever one is', async () => {
    await page.getByText('200,000 photos').waitFor()
    expect(await headings()).toContain('December 2024')
    for (const fraction of [0.5, 1, 0.25, 0]) {
      await goTo(fraction)
      await expect.poll(() => page.locator('.photo[href]').count()).toBeGreaterThan(5)
      expect(await tiles()).toBeLessThan(120)
    }
    await page.keyboard.press('End')
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
    await goTo(0)
    await page.locator('[data-index="0"]').focus()
    await page.keyboard.press('End')
    await page.locator(`[data-index="${photoCount - 1}"]:focus`).waitFor()
    await page.keyboard.press('PageUp')
    await expect.poll(() => page.evaluate(() => Number((document.activeElement as HTMLElement).dataset['index']))).toBeGreaterThan(photoCount - 200)

    await goTo(0.4)
    /** The oldest photo that is there, once all are known. */
    const place = () =>
      page.evaluate(() => {
        const tiles = [...document.querySelectorAll<HTMLElement>('.photo')]
        return tiles.every((tile) => tile.hasAttribute('href')) ? Math.min(...tiles.map((tile) => Number(tile.dataset['key']))) : 0
      })
    const inTheMiddle = async () => Math.abs((await place()) - photoCount * 0.6) < 1000
    await expect.poll(inTheMiddle).toBe(true)
    const before = await place()
    await page.getByRole('link', { name: 'Folders' }).click()
    await page.getByRole('heading', { name: 'Folders', level: 1 }).waitFor()
    await page.goBack()
    await expect.poll(place).toBe(before)
  })

  /** The id of the photo in the middle of the grid, and of those in sight. */
  const seen = () =>
    page.evaluate(() => {
      const box = document.querySelector('.grid-scroller')!.getBoundingClientRect()
      const keys = [...document.querySelectorAll<HTMLElement>('.photo')]
        .filter((tile) => tile.getBoundingClientRect().bottom > box.top && tile.getBoundingClientRect().top < box.bottom)
        .map((tile) => Number(tile.dataset['key']))
      const middle = document.elementFromPoint(box.left + (box.width - 60) / 2, box.top + box.height / 2)?.closest<HTMLElement>('.photo')
      return { keys, middle: Number(middle?.dataset['key'] ?? 0) }
    })
  const smaller = () => page.getByRole('button', { name: 'Smaller pictures' })
  const larger = () => page.getByRole('button', { name: 'Larger pictures' })

  it('keeps the photo in the middle in sight through every size, and leads back to where it was', async () => {
    await goTo(0.6)
    await page.locator('main').focus()
    await expect.poll(async () => (await seen()).middle).toBeGreaterThan(0)
    const before = await seen()
    const years = () => headings().then((all) => all.every((text) => /^\d{4}$/.test(text)))
    for (let i = 0; i < 3; i++) await page.keyboard.press('-')
    await expect.poll(years).toBe(true)
    await expect.poll(async () => (await seen()).keys).toContain(before.middle)
    expect(await smaller().isDisabled()).toBe(true)
    for (let i = 0; i < 5; i++) await page.keyboard.press('+')
    await expect.poll(async () => (await headings())[0]).toMatch(/^\w+day, \d+ \w+ \d{4}$/)
    await expect.poll(async () => (await seen()).keys).toContain(before.middle)
    expect(await larger().isDisabled()).toBe(true)
    await smaller().click()
    await smaller().click()
    await expect.poll(async () => (await headings())[0]).toMatch(/^[A-Z][a-z]+ \d{4}$/)
    await expect.poll(async () => (await seen()).keys).toContain(before.middle)
  })

  it('keeps the photo under the pointer there while Ctrl and the wheel change the size', async () => {
    await expect.poll(async () => (await seen()).middle).toBeGreaterThan(0)
    const key = (await seen()).middle
    const box = (await page.locator(`.photo[data-key="${key}"]`).boundingBox())!
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
    await page.mouse.move(x, y)
    /** At one moment: with other sections a photo is another element. */
    const placed = () =>
      page.evaluate((id) => {
        const { top = 0, width = 0 } = document.querySelector(`.photo[data-key="${id}"]`)?.getBoundingClientRect() ?? {}
        return { top, width }
      }, key)
    const isGrown = async () => {
      const { top, width } = await placed()
      return width > box.width * 1.1 && y > top && y < top + width
    }
    await page.keyboard.down('Control')
    try {
      await page.mouse.wheel(0, -100)
      await expect.poll(isGrown).toBe(true)
      await page.mouse.wheel(0, 100)
    } finally {
      await page.keyboard.up('Control')
    }
    await expect.poll(async () => (await placed()).width).toBeCloseTo(box.width, 0)
  })

  it('comes to both ends of all photos at the largest size, and keeps the size when it is opened anew', async () => {
    for (let i = 0; i < 5; i++) await page.keyboard.press('+')
    await page.keyboard.press('End')
    await page.locator(`[data-index="${photoCount - 1}"][data-key="1"]:focus`).waitFor()
    await page.keyboard.press('ArrowLeft')
    await page.locator('[data-key="2"]:focus').waitFor()
    await page.keyboard.press('Home')
    await page.locator(`[data-index="0"][data-key="${photoCount}"]:focus`).waitFor()
    await page.keyboard.press('PageDown')
    await expect.poll(() => page.evaluate(() => Number((document.activeElement as HTMLElement).dataset['index']))).toBeGreaterThan(0)
    const size = await page.locator('.photo').first().boundingBox()
    await page.reload()
    await page.locator('.photo').first().waitFor()
    await expect.poll(async () => (await page.locator('.photo').first().boundingBox())?.width).toBeCloseTo(size!.width, 0)
    await smaller().click()
    await smaller().click()
  })

  it('says where one is while the scrubber is dragged', async () => {
    const scrubber = page.getByRole('slider', { name: 'Go to a time' })
    const box = (await scrubber.boundingBox())!
    await page.mouse.move(box.x + 30, box.y + 2)
    await page.mouse.down()
    const said: string[] = []
    for (const part of [0.2, 0.4, 0.6, 0.8, 0.99]) {
      await page.mouse.move(box.x + 30, box.y + box.height * part)
      await expect.poll(async () => (await scrubber.locator('.now').textContent()) !== said.at(-1)).toBe(true)
      said.push((await scrubber.locator('.now').textContent())!)
    }
    await page.mouse.up()
    expect(said.map((text) => Number(/\d{4}$/.exec(text)![0])).every((year, i, all) => i === 0 || year < all[i - 1]!)).toBe(true)
    await expect.poll(async () => (await seen()).middle).toBeGreaterThan(0)
  })

  it('shows a photo by its address with its place, its neighbours, and the grid around it', async () => {
    const origin = new URL(page.url()).origin
    await page.goto(`${origin}/#/people`)
    await page.goto(`${origin}/#/photos?photo=100000`)
    await page.getByText('100,001 of 200,000').waitFor()
    await page.getByRole('button', { name: 'Next photo' }).waitFor()
    await page.keyboard.press('ArrowRight')
    await page.getByText('100,002 of 200,000').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('[data-key="99999"]:focus').waitFor()
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
