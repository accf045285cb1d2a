/** The map of faces in a real browser: made, looked at, a group circled and named, a wrong name found and mended. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askKith, findChromium, launchBrowser, openWindow, type Window } from './browser.ts'
import { createKith, type RunningKith } from './kith.ts'
import { makePeopleLibrary } from './people-of-embeddings.ts'

const chromium = findChromium()
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const [annas, bens, wrong, unnamed] = [30, 24, 2, 26]
const all = annas + bens + wrong + unnamed

interface Place { id: number; x: number; y: number }

describe.skipIf(!chromium)('the map', () => {
  let browser: Browser
  let kith: RunningKith
  let window: Window
  let page: Page
  let strangers: number[]

  beforeAll(async () => {
    kith = createKith()
    makePeopleLibrary(kith.libraryDirectory, ({ library, addFaces }) => {
      const annaId = library.addPerson('Anna')
      const benId = library.addPerson('Ben')
      addFaces(0, annas, { personId: annaId })
      addFaces(1, bens, { personId: benId })
      addFaces(1, wrong, { personId: annaId })
      strangers = addFaces(2, unnamed)
    })
    browser = await launchBrowser(chromium!)
    window = await openWindow(browser, await kith.serve())
    page = window.page
    await page.getByRole('link', { name: 'People', exact: true }).waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await kith?.close()
  })

  const map = () => page.getByRole('application', { name: /^Map of/ })
  const names = async () =>
    Object.fromEntries((await askKith<{ people: { name: string; faces: number }[] }>(page, 'people.list')).people.map(({ name, faces }) => [name, faces]))

  /** Where faces are on the screen while the whole map is shown. */
  async function places(): Promise<Place[]> {
    const box = (await map().boundingBox())!
    const kept = (await askKith<{ map: { faceIds: string; positions: string } }>(page, 'map.get')).map
    const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'base64')).buffer
    const points = { ids: [...new Int32Array(bytes(kept.faceIds))], positions: [...new Float32Array(bytes(kept.positions))] }
    // As the window shows the whole map: filled up to .88 by what the faces cover around the middle.
    const covered = (axis: number) => 2 * Math.max(...points.positions.filter((_, at) => at % 2 === axis).map((value) => Math.abs(value - 0.5)))
    const side = Math.min(box.width / covered(0), box.height / covered(1)) * 0.88
    return points.ids.map((id, row) => ({
      id,
      x: box.x + box.width / 2 + (points.positions[row * 2]! - 0.5) * side,
      y: box.y + box.height / 2 + (points.positions[row * 2 + 1]! - 0.5) * side,
    }))
  }

  /** Drags a line around the places, with what is held down. */
  async function circle(around: readonly Place[], held: 'Shift' | null): Promise<void> {
    const middle = { x: mean(around.map(({ x }) => x)), y: mean(around.map(({ y }) => y)) }
    const radius = Math.max(...around.map(({ x, y }) => Math.hypot(x - middle.x, y - middle.y))) + 10
    if (held) await page.keyboard.down(held)
    for (let step = 0; step <= 24; step++) {
      const turn = (step / 24) * 2 * Math.PI
      await page.mouse.move(middle.x + radius * Math.cos(turn), middle.y + radius * Math.sin(turn))
      if (step === 0) await page.mouse.down()
    }
    await page.mouse.up()
    if (held) await page.keyboard.up(held)
  }
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

  it('is made when it is first opened, and says how far it is', async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('m')
    await page.getByRole('heading', { name: 'Map', level: 1 }).waitFor()
    await map().waitFor({ timeout: 60_000 })
    expect(await map().getAttribute('aria-label')).toContain(`${all} faces`)
    // Something is painted besides the ground.
    const colours = () => page.evaluate(() => {
      const canvas = document.querySelector('canvas')!
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
      return new Set(new Uint32Array(data.buffer)).size
    })
    await expect.poll(colours).toBeGreaterThan(10)
  })

  it('tells which faces look like somebody else, and mends a wrong name in one act', async () => {
    const group = page.getByRole('region', { name: '2 of Anna look like Ben' })
    await page.getByRole('heading', { name: '2 faces look like somebody else' }).waitFor()
    expect(await names()).toEqual({ Anna: annas + wrong, Ben: bens })
    await group.getByRole('button', { name: 'They are Ben' }).click()
    await expect.poll(names).toEqual({ Anna: annas, Ben: bens + wrong })
    await page.getByRole('heading', { name: 'Every named face looks like its name.' }).waitFor()
    await page.keyboard.press('Control+z')
    await group.waitFor()
    expect(await names()).toEqual({ Anna: annas + wrong, Ben: bens })
  })

  it('takes the word of the person that a name is right', async () => {
    const group = page.getByRole('region', { name: /of Anna looks? like Ben/ })
    // One of the two is left out.
    await group.getByRole('button', { name: 'Anna, looks like Ben, 2 of 2' }).click()
    await group.getByRole('button', { name: 'Anna is right' }).click()
    await page.getByRole('heading', { name: '1 face looks like somebody else' }).waitFor()
    await page.getByRole('region', { name: '1 of Anna looks like Ben' }).getByRole('button', { name: 'Anna is right' }).click()
    await page.getByRole('heading', { name: 'Every named face looks like its name.' }).waitFor()
    expect(await names()).toEqual({ Anna: annas + wrong, Ben: bens })
    await page.keyboard.press('Control+z')
    await page.keyboard.press('Control+z')
    await page.getByRole('heading', { name: '2 faces look like somebody else' }).waitFor()
  })

  it('names what a lasso is drawn around in one act, which one undo takes back', async () => {
    await page.keyboard.press('0')
    const around = (await places()).filter(({ id }) => strangers.includes(id))
    await circle(around, 'Shift')
    await page.getByRole('heading', { name: `${unnamed} faces chosen` }).waitFor()
    await page.getByRole('listbox', { name: 'Chosen faces' }).getByRole('option').first().waitFor()
    const field = page.getByRole('combobox', { name: `Name for ${unnamed} chosen faces` })
    await field.fill('Carla')
    await field.press('Enter')
    await expect.poll(names).toEqual({ Anna: annas + wrong, Ben: bens, Carla: unnamed })
    await page.getByRole('button', { name: `Carla ${unnamed} faces` }).waitFor()
    await page.keyboard.press('Control+z')
    await expect.poll(names).toEqual({ Anna: annas + wrong, Ben: bens })
    await page.getByRole('button', { name: `No name ${unnamed} faces` }).waitFor()
  })

  it('puts some of the chosen aside and keeps the rest chosen', async () => {
    await page.getByRole('button', { name: 'Lasso' }).click()
    const around = (await places()).filter(({ id }) => strangers.includes(id))
    await circle(around, null)
    await page.getByRole('heading', { name: `${unnamed} faces chosen` }).waitFor()
    const options = page.getByRole('listbox', { name: 'Chosen faces' }).getByRole('option')
    await options.nth(0).click()
    await options.nth(1).click()
    await page.getByRole('button', { name: 'Ignore', exact: false }).first().click()
    await page.getByRole('heading', { name: `${unnamed - 2} faces chosen` }).waitFor()
    await page.getByRole('application', { name: `Map of ${all - 2} faces` }).waitFor()
    await page.keyboard.press('Control+z')
    await page.getByRole('application', { name: `Map of ${all} faces` }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: `No name ${unnamed} faces` }).waitFor()
  })

  it('does all of it by keyboard and from the lists, too', async () => {
    await map().focus()
    for (const key of ['+', '+', 'ArrowLeft', 'ArrowUp', '-', '0', 'a']) await page.keyboard.press(key)
    await page.getByRole('heading', { name: `${all} faces chosen` }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: `Ben ${bens} faces` }).click()
    await page.getByRole('heading', { name: `${bens} faces chosen` }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('heading', { name: 'People on the map' }).waitFor()
  })

  it('shows the faces themselves where one looks near enough', async () => {
    await page.keyboard.press('0')
    const [face] = (await places()).filter(({ id }) => strangers.includes(id))
    await page.mouse.move(face!.x, face!.y)
    await page.mouse.wheel(0, -1500)
    await expect.poll(() => page.locator('.map .crop').count()).toBeGreaterThan(0)
    await page.mouse.click(face!.x, face!.y)
    await page.getByRole('heading', { name: '1 face chosen' }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('0')
  })

  it('is there at once when the window is opened again, and has nothing that axe complains of', async () => {
    await page.reload()
    await map().waitFor()
    await page.evaluate(axe)
    const results = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run())
    expect(results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
    await page.getByRole('button', { name: `No name ${unnamed} faces` }).click()
    await page.getByRole('listbox', { name: 'Chosen faces' }).waitFor()
    const chosen = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run())
    expect(chosen.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
    expect((await window.complaints()).filter((text) => !/status of 4\d\d/.test(text))).toEqual([])
  })
})
