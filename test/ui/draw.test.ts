/** Faces drawn by mouse and by keyboard on a photo, moved, deleted and taken back; and a photo that goes meanwhile. */
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Face, Photo } from '../../src-shared/domain.ts'
import { writeAlbum } from './album.ts'
import { askKith, findChromium, launchBrowser, openWindow, type Window } from './browser.ts'
import { createKith, type RunningKith } from './kith.ts'

const chromium = findChromium()
/** The engine looks at a box before it is there. */
const looked = { timeout: 15_000 }

describe.skipIf(!chromium)('drawing faces', () => {
  let browser: Browser
  let kith: RunningKith
  let window: Window
  let page: Page
  let photo: Photo
  let missed: Face

  const call = <T>(method: string, input: object = {}) => askKith<T>(page, method, input)
  const look = async () => (await call<{ photo: Photo }>('photos.get', { photoId: photo.id })).photo
  const rows = () => page.getByRole('dialog').getByRole('listitem').count()
  /** A point of the photo, in fractions, on the screen. */
  const at = async (x: number, y: number) => {
    const box = (await page.locator('.overlay').boundingBox())!
    return [box.x + x * box.width, box.y + y * box.height] as const
  }
  const drag = async (from: readonly [number, number], to: readonly [number, number]) => {
    await page.mouse.move(...from)
    await page.mouse.down()
    await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, { steps: 3 })
    await page.mouse.move(...to, { steps: 3 })
    await page.mouse.up()
  }

  beforeAll(async () => {
    kith = createKith()
    await writeAlbum(join(kith.directory, 'album'), { scenes: 1 })
    await kith.run('index', join(kith.directory, 'album'))
    browser = await launchBrowser(chromium!)
    window = await openWindow(browser, await kith.serve(), { width: 1024, height: 640 })
    page = window.page
    await page.getByRole('heading', { name: 'People' }).waitFor()
    const { photoIds } = await call<{ photoIds: number[] }>('photos.grid')
    photo = (await call<{ photo: Photo }>('photos.get', { photoId: photoIds[0] })).photo
    missed = photo.faces.toSorted((a, b) => b.sizePx - a.sizePx)[0]!
    await page.goto(`${new URL(page.url()).origin}/#/photos?photo=${photo.id}`)
    await page.locator('.box').first().waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await kith?.close()
  })

  it('a face that is none is deleted by key, in one step that is undone in one', async () => {
    const count = photo.faces.length
    await page.locator(`[data-face-box="${missed.id}"] button`).click()
    await page.keyboard.press('Delete')
    await page.getByText('Deleted 1 face').waitFor()
    await expect.poll(rows, looked).toBe(count - 1)
    await page.keyboard.press('Control+z')
    await expect.poll(rows, looked).toBe(count)
    await page.keyboard.press('Control+Shift+z')
    await expect.poll(rows, looked).toBe(count - 1)
  })

  it('a missed face is drawn by dragging, named with completion, and undone', async () => {
    const { box } = missed
    const [from, to] = [await at(box.x, box.y), await at(box.x + box.width, box.y + box.height)]
    await page.keyboard.press('b')
    await page.getByText('Drag a box around a face').waitFor()
    await drag(from, to)
    const field = page.getByRole('combobox', { name: 'Name of the new face' })
    expect(await field.evaluate((input) => input === document.activeElement)).toBe(true)
    await page.keyboard.type('Anna')
    await page.getByRole('option', { name: 'New person “Anna”' }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('Drew a face of Anna').waitFor()
    await expect.poll(rows, looked).toBe(photo.faces.length)
    const drawn = (await look()).faces.find(({ personName }) => personName === 'Anna')!
    for (const side of ['x', 'y', 'width', 'height'] as const) expect(drawn.box[side]).toBeCloseTo(box[side], 1)
    expect(await page.locator('.place.selected').getAttribute('data-face-box')).toBe(String(drawn.id))
    await page.keyboard.press('Control+z')
    await expect.poll(rows, looked).toBe(photo.faces.length - 1)
    await page.keyboard.press('Control+Shift+z')
    await expect.poll(rows, looked).toBe(photo.faces.length)
    expect((await look()).faces.find(({ personName }) => personName === 'Anna')?.id).toBe(drawn.id)
  })

  it('its box is pulled by a handle, dragged, and moved and stretched by keys', async () => {
    const boxOf = async () => (await look()).faces.find(({ personName }) => personName === 'Anna')!.box
    const first = await boxOf()
    await page.locator('.place', { hasText: 'Anna' }).getByRole('button').click()
    const corner = (await page.locator('.handle.se').boundingBox())!
    await drag([corner.x + 11, corner.y + 11], [corner.x + 31, corner.y + 26])
    await page.getByText('Moved the box of Anna').waitFor()
    await expect.poll(async () => (await boxOf()).width, looked).toBeGreaterThan(first.width)
    const second = await boxOf()
    expect(second.height).toBeGreaterThan(first.height)
    expect(second.x).toBeCloseTo(first.x, 6)
    await page.locator('.looking').waitFor({ state: 'detached' })
    const middle = await at(second.x + second.width / 2, second.y + second.height / 2)
    await drag(middle, [middle[0] + 15, middle[1]])
    await expect.poll(async () => (await boxOf()).x, looked).toBeGreaterThan(second.x)
    const third = await boxOf()
    expect([third.width, third.height]).toEqual([second.width, second.height])
    await page.locator('.looking').waitFor({ state: 'detached' })
    for (const key of ['Shift+ArrowLeft', 'Shift+ArrowLeft', 'Control+ArrowDown']) await page.keyboard.press(key)
    await expect.poll(async () => (await boxOf()).x, looked).toBeLessThan(third.x)
    const fourth = await boxOf()
    expect(fourth.height).toBeGreaterThan(third.height)
    const entries = (await call<{ entries: { label: string }[] }>('journal.list')).entries
    expect(entries.filter(({ label }) => label === 'Moved the box of Anna')).toHaveLength(3)
    await page.locator('.looking').waitFor({ state: 'detached' })
    await page.keyboard.press('Control+z')
    await expect.poll(boxOf, looked).toEqual(third)
  })

  it('is drawn by keyboard alone, without a name; Escape drops it', async () => {
    const count = (await look()).faces.length
    await page.keyboard.press('Escape')
    await page.keyboard.press('b')
    await page.keyboard.press('b')
    await page.getByRole('img', { name: 'New box' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('img', { name: 'New box' }).waitFor({ state: 'detached' })
    expect((await look()).faces).toHaveLength(count)
    await page.keyboard.press('+')
    await page.keyboard.press('+')
    for (const key of ['ArrowUp', 'ArrowUp', 'Control+ArrowLeft', 'Enter']) await page.keyboard.press(key)
    await page.getByRole('combobox', { name: 'Name of the new face' }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('Drew a face', { exact: true }).waitFor()
    await expect.poll(async () => (await look()).faces.length, looked).toBe(count + 1)
    await page.keyboard.press('Control+z')
    await expect.poll(async () => (await look()).faces.length, looked).toBe(count)
  })

  it('says so where the photo was deleted while it is shown: nothing is lost, and it goes on when it is back', async () => {
    const before = await look()
    renameSync(before.path, `${before.path}.away`)
    try {
      await drag(await at(0.02, 0.02), await at(0.12, 0.2))
      await page.keyboard.type('Ben')
      await page.keyboard.press('Enter')
      await page.getByText('is not in its place now', { exact: false }).first().waitFor()
      await page.getByText('The file is not in its place now', { exact: false }).waitFor()
      // The box and the name are still there.
      const field = page.getByRole('combobox', { name: 'Name of the new face' })
      expect(await field.inputValue()).toBe('Ben')
      expect((await look()).faces).toEqual(before.faces)
      expect(await rows()).toBe(before.faces.length)
    } finally {
      renameSync(`${before.path}.away`, before.path)
    }
    await page.getByRole('combobox', { name: 'Name of the new face' }).press('Enter')
    await page.getByText('Drew a face of Ben').waitFor()
    await page.getByText('The file is not in its place now', { exact: false }).waitFor({ state: 'detached' })
  })

  it('had nothing to complain of', async () => {
    expect((await window.complaints()).filter((text) => !text.includes('status of 400'))).toEqual([])
  })
})
