/** More people and groups than fit into a window: all of them appear, keys lead to the groups, and one comes back to where one was. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium, launchBrowser, openWindow, type Window } from './browser.ts'
import { createKith, type RunningKith } from './kith.ts'
import { makePeopleLibrary } from './people-of-embeddings.ts'

const chromium = findChromium()
const named = 150
const unnamed = 27
const groupsAtOnce = 20

describe.skipIf(!chromium)('many people', () => {
  let browser: Browser
  let kith: RunningKith
  let window: Window
  let page: Page

  beforeAll(async () => {
    kith = createKith()
    makePeopleLibrary(kith.libraryDirectory, ({ library, addFaces }) => {
      for (let i = 1; i <= named; i++) library.addFace({ personId: library.addPerson(`Person ${i}`) })
      for (let rank = 0; rank < unnamed; rank++) addFaces(rank, 4)
    })
    browser = await launchBrowser(chromium!)
    window = await openWindow(browser, await kith.serve())
    page = window.page
    await page.locator('.group').first().waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await kith?.close()
  })

  const countOf = (selector: string) => page.locator(selector).count()
  const focusedGroup = () => page.evaluate(() => [...document.querySelectorAll('.group')].findIndex((group) => group.contains(document.activeElement)))

  it('are all there, and so are the largest groups', async () => {
    await expect.poll(() => countOf('.card')).toBe(named)
    await expect.poll(() => countOf('.group')).toBe(groupsAtOnce)
  })

  it('are searched by name, and come back', async () => {
    await page.getByRole('searchbox', { name: 'Find a person' }).fill('person 7')
    await expect.poll(() => countOf('.card')).toBe(11)
    await page.getByRole('searchbox', { name: 'Find a person' }).fill('')
    await expect.poll(() => countOf('.card')).toBe(named)
    await page.getByRole('searchbox', { name: 'Find a person' }).blur()
  })

  it('are found where they were left, after a look at somebody', async () => {
    const scrollTop = () => page.locator('.scroller').evaluate((scroller) => scroller.scrollTop)
    const last = page.getByRole('link', { name: `Person ${named - 1}`, exact: false }).first()
    await last.scrollIntoViewIfNeeded()
    const before = await scrollTop()
    expect(before).toBeGreaterThan(500)
    await last.click()
    await page.getByRole('heading', { level: 1, name: `Person ${named - 1}` }).waitFor()
    await page.goBack()
    await page.getByRole('heading', { level: 1, name: 'People' }).waitFor()
    await expect.poll(scrollTop).toBe(before)
    expect(await last.isVisible()).toBe(true)
  })

  it('leave the keys to the groups: N leads to the first, and more are shown from the first new one on', async () => {
    await page.keyboard.press('n')
    await expect.poll(focusedGroup).toBe(0)
    await page.getByRole('button', { name: `Show ${unnamed - groupsAtOnce} more` }).click()
    await expect.poll(focusedGroup).toBe(groupsAtOnce)
    await expect.poll(() => countOf('.group')).toBe(unnamed)
  })

  it('a key right after the page was loaded is that key alone: R leads to Review after G only', async () => {
    await page.reload()
    await page.locator('.card').first().waitFor()
    await page.keyboard.press('r')
    await page.locator('.group').first().waitFor()
    await page.keyboard.press('n')
    await expect.poll(focusedGroup).toBe(0)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('People')
  })

  it('had nothing to complain of', async () => {
    // The faces have no pictures.
    expect((await window.complaints()).filter((text) => !/status of 404/.test(text))).toEqual([])
  })
})
