/** Naming groups: what is in hand keeps its place, several are named at once, few are shown, and odd faces are taken out. */
import { mkdirSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestLibrary } from '../fixtures/library.ts'
import { askKith, findChromium, launchBrowser, openWindow, type Window } from './browser.ts'
import { createKith, type RunningKith } from './kith.ts'

const chromium = findChromium()
const groupCount = 26
const sizeOf = (rank: number) => (rank === 0 ? 40 : Math.max(3, 14 - Math.floor(rank / 2)))
const total = (ranks: readonly number[]) => ranks.reduce((sum, rank) => sum + sizeOf(rank), 0)

/** Groups without embeddings: nobody groups them anew, so that they stay what they are. */
function generateGroups(directory: string): void {
  mkdirSync(directory, { recursive: true })
  const library = createTestLibrary({ directory })
  library.db.transaction(() => {
    for (let rank = 0; rank < groupCount; rank++)
      for (let face = 0; face < sizeOf(rank); face++) library.addFace({ clusterId: rank + 1 })
  })()
  library.close()
}

describe.skipIf(!chromium)('naming groups', () => {
  let browser: Browser
  let kith: RunningKith
  let window: Window
  let page: Page

  beforeAll(async () => {
    kith = createKith()
    generateGroups(kith.libraryDirectory)
    browser = await launchBrowser(chromium!)
    window = await openWindow(browser, await kith.serve())
    page = window.page
  })
  afterAll(async () => {
    await browser?.close()
    await kith?.close()
  })

  const call = <T>(method: string, input: object = {}) => askKith<T>(page, method, input)
  const people = async () => Object.fromEntries((await call<{ people: { name: string; faces: number }[] }>('people.list')).people.map(({ name, faces }) => [name, faces]))
  const groups = () => page.locator('.group')
  const sizes = async () => (await page.locator('.group .size').allTextContents()).map((text) => Number.parseInt(text))
  const field = (index: number) => groups().nth(index).getByRole('combobox')
  const tick = (index: number) => groups().nth(index).getByRole('checkbox')
  const toolbar = () => page.getByRole('toolbar', { name: 'Selected groups' })
  const focusedTop = () => page.evaluate(() => Math.round(document.activeElement!.getBoundingClientRect().top))
  const undoAll = async () => {
    while ((await call<{ undo: string | null }>('library.status')).undo !== null) await call('journal.undo')
  }

  beforeEach(async () => {
    await undoAll()
    await page.goto(`${new URL(page.url()).origin}/#/people`)
    await page.reload()
    await expect.poll(sizes).toEqual(Array.from({ length: 20 }, (_, rank) => sizeOf(rank)))
  })

  it('shows the largest groups, says what is behind them, and goes on where they end', async () => {
    await page.getByText('6 smaller groups of 5 faces at the most').waitFor()
    await page.getByRole('button', { name: 'Show 6 more' }).click()
    await expect.poll(() => groups().count()).toBe(groupCount)
    await expect.poll(() => field(20).evaluate((input) => input === document.activeElement)).toBe(true)
    expect(await page.getByRole('button', { name: /^Show \d+ more/ }).count()).toBe(0)
  })

  it('leads from group to group, the one in hand staying where it is while people appear above', async () => {
    await field(0).click()
    const top = await focusedTop()
    const names = ['Anna', 'Ben', 'Carla', 'David', 'Emma', 'Fritz', 'Greta', 'Hanno', 'Ida', 'Jan']
    for (const [rank, name] of names.entries()) {
      await page.keyboard.type(name)
      await page.keyboard.press('Enter')
      await page.getByRole('group', { name, exact: true }).waitFor()
      expect(Math.abs((await focusedTop()) - top)).toBeLessThanOrEqual(4)
      expect((await sizes())[0]).toBe(sizeOf(rank + 1))
    }
    expect(await people()).toEqual(Object.fromEntries(names.map((name, rank) => [name, sizeOf(rank)])))
    // There was more above than fits: the list has been scrolled, so that nothing moved under the eyes.
    expect(await page.locator('.scroller').evaluate((scroller) => scroller.scrollTop)).toBeGreaterThan(50)
  })

  it('brings a group that is taken back to where it was, above the one in hand, which does not move', async () => {
    await field(0).click()
    for (const name of ['Anna', 'Ben']) {
      await page.keyboard.type(name)
      await page.keyboard.press('Enter')
    }
    await expect.poll(people).toEqual({ Anna: sizeOf(0), Ben: sizeOf(1) })
    const top = await focusedTop()
    await page.keyboard.press('Control+z')
    await expect.poll(async () => (await sizes()).slice(0, 3)).toEqual([1, 2, 3].map(sizeOf))
    expect(await field(1).evaluate((input) => input === document.activeElement)).toBe(true)
    expect(Math.abs((await focusedTop()) - top)).toBeLessThanOrEqual(4)
  })

  it('moves nothing that is in hand when a larger group is found, and shows the largest first when nothing is', async () => {
    // Put aside before the window is there, and brought back while somebody works: a group that it has never seen.
    await call('faces.ignore', { targets: [{ kind: 'cluster', id: 1 }] })
    await page.reload()
    await expect.poll(async () => (await sizes())[2]).toBe(sizeOf(3))
    await field(1).click()
    await call('journal.undo')
    await expect.poll(sizes).toContain(sizeOf(0))
    expect((await sizes()).slice(0, 3)).toEqual([1, 2, 3].map(sizeOf))
    expect(await field(1).evaluate((input) => input === document.activeElement)).toBe(true)

    await page.evaluate(() => (document.activeElement as HTMLElement).blur())
    await page.mouse.move(5, 5)
    await call('faces.ignore', { targets: [{ kind: 'cluster', id: groupCount }] })
    await expect.poll(async () => (await sizes())[0]).toBe(sizeOf(0))
  })

  it('names several at once: ticked one by one and up to here, in one step that is undone in one', async () => {
    await tick(0).click()
    await tick(2).click({ modifiers: ['Shift'] })
    await tick(4).click()
    await toolbar().getByText(`4 groups · ${total([0, 1, 2, 4])} faces`).waitFor()
    expect(await field(1).getAttribute('placeholder')).toBe('Name the 4 selected groups')
    expect(await field(3).getAttribute('placeholder')).toBe('Who is this?')
    await field(1).fill('Anna')
    await page.keyboard.press('Enter')
    await expect.poll(people).toEqual({ Anna: total([0, 1, 2, 4]) })
    expect((await sizes())[0]).toBe(sizeOf(3))
    expect(await toolbar().count()).toBe(0)
    await page.keyboard.press('Control+z')
    await expect.poll(people).toEqual({})
    await expect.poll(async () => (await sizes()).slice(0, 5)).toEqual([0, 1, 2, 3, 4].map(sizeOf))
  })

  it('selects with Ctrl on the faces and by a box drawn beside them, and names by the bar', async () => {
    await groups().nth(1).locator('.faces').click({ modifiers: ['Control'] })
    await toolbar().getByText(`1 group · ${sizeOf(1)} faces`).waitFor()
    // Once something is selected, a plain click selects, too.
    await groups().nth(0).locator('.faces').click()
    await toolbar().getByText(`2 groups · ${total([0, 1])} faces`).waitFor()
    await page.keyboard.press('Escape')
    expect(await toolbar().count()).toBe(0)

    const from = (await groups().nth(0).locator('.size').boundingBox())!
    const to = (await groups().nth(1).locator('.size').boundingBox())!
    await page.mouse.move(from.x + 150, from.y + 4)
    await page.mouse.down()
    await page.mouse.move(to.x + 170, to.y + 2, { steps: 5 })
    await toolbar().getByText(`2 groups · ${total([0, 1])} faces`).waitFor()
    await page.mouse.up()
    await page.keyboard.press('n')
    await page.getByRole('dialog', { name: 'Who are these?' }).getByRole('combobox').fill('Ben')
    await page.keyboard.press('Enter')
    await expect.poll(people).toEqual({ Ben: total([0, 1]) })
  })

  it('drops all that is selected on a person', async () => {
    await field(0).fill('Carla')
    await page.keyboard.press('Enter')
    await page.getByRole('group', { name: 'Carla', exact: true }).waitFor()
    await tick(0).click()
    await tick(1).click()
    await groups().nth(1).locator('.faces').dragTo(page.getByRole('group', { name: 'Carla', exact: true }))
    await expect.poll(people).toEqual({ Carla: total([0, 1, 2]) })
  })

  it('does it by keyboard alone, and lets nobody I know go in one step', async () => {
    await page.keyboard.press('n')
    await page.keyboard.press('Alt+s')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Alt+s')
    await page.keyboard.type('Emma')
    await page.keyboard.press('Enter')
    await expect.poll(people).toEqual({ Emma: total([0, 1]) })
    await page.keyboard.press('Alt+s')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Alt+s')
    await page.keyboard.press('Alt+i')
    await expect.poll(async () => (await call<{ counts: { ignored: number } }>('library.status')).counts.ignored).toBe(total([2, 3]))
    await page.keyboard.press('Control+z')
    await expect.poll(async () => (await call<{ counts: { ignored: number } }>('library.status')).counts.ignored).toBe(0)
  })

  it('shows enough faces of a group, and names all but those that are ticked', async () => {
    const first = groups().first()
    const shown = await first.locator('.face').count()
    const hidden = sizeOf(0) - shown
    expect(await first.locator('.rest').count()).toBe(hidden > 0 ? 1 : 0)
    expect(shown).toBeGreaterThanOrEqual(10)
    await first.locator('.faces').click()
    await page.getByRole('heading', { name: 'Who is this?' }).waitFor()
    await page.getByRole('option').nth(0).click()
    await page.getByRole('option').nth(3).click()
    await page.getByRole('button', { name: `The other ${sizeOf(0) - 2}` }).click()
    await page.getByRole('toolbar', { name: 'Selected faces' }).getByText(`${sizeOf(0) - 2} selected`).waitFor()
    await page.locator('.view-header').getByRole('combobox').fill('Fritz')
    await page.keyboard.press('Enter')
    await expect.poll(people).toEqual({ Fritz: sizeOf(0) - 2 })
  })

  it('had nothing to complain of', async () => {
    // The generated faces have no pictures.
    expect((await window.complaints()).filter((text) => !/status of 404/.test(text))).toEqual([])
  })
})
