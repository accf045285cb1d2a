/** Suggestions on a person's page and in Review: one at a time and many at once, by key, never lost. */
import { mkdirSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestLibrary } from '../fixtures/library.ts'
import { findChromium, launchBrowser, openWindow, type Window } from './browser.ts'
import { createKith, type RunningKith } from './kith.ts'

const chromium = findChromium()
const suggested = 9
const unknown = 25

function generateLibrary(directory: string): void {
  mkdirSync(directory, { recursive: true })
  const library = createTestLibrary({ directory })
  const annaId = library.addPerson('Anna')
  const benId = library.addPerson('Ben')
  library.addFace({ personId: annaId })
  library.addFace({ personId: benId })
  for (let index = 0; index < suggested; index++)
    library.addFace({ suggestion: { personId: annaId, probability: 0.9 - index / 100, distance: 0.5 } })
  for (let index = 0; index < unknown; index++) library.addFace({ sizePx: 60 })
  library.refreshCounts()
  library.close()
}

describe.skipIf(!chromium)('suggestions', () => {
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
    await page.getByRole('link', { name: '9 suggestions to confirm for Anna' }).click()
    await page.getByRole('listbox').getByRole('option').first().waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await kith?.close()
  })

  const faces = () => page.getByRole('listbox').getByRole('option').count()
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-index'))
  const tab = (name: string) => page.getByRole('tab', { name: new RegExp(`^${name}`) }).textContent()

  it('are answered one at a time, the focus staying in place', async () => {
    await page.keyboard.press('ArrowDown')
    expect(await focused()).toBe('0')
    await page.keyboard.press('y')
    await expect.poll(faces).toBe(suggested - 1)
    expect(await focused()).toBe('0')
    await page.keyboard.press('Enter')
    await expect.poll(faces).toBe(suggested - 2)
    await page.keyboard.press('n')
    await expect.poll(faces).toBe(suggested - 3)
    await expect.poll(() => tab('Faces')).toMatch(/3$/)
  })

  it('are answered many at once, in one step that is undone in one', async () => {
    await page.keyboard.press('Space')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Shift+Space')
    await page.getByText('3 selected').waitFor()
    await page.keyboard.press('n')
    await expect.poll(faces).toBe(suggested - 6)
    await page.keyboard.press('Control+z')
    await expect.poll(faces).toBe(suggested - 3)
  })

  it('are all confirmed by one button', async () => {
    await page.getByRole('button', { name: 'Confirm all 6' }).click()
    await page.getByRole('heading', { name: 'Nothing to confirm' }).waitFor()
    await expect.poll(() => tab('Faces')).toMatch(/9$/)
    await page.keyboard.press('Control+z')
    await expect.poll(faces).toBe(6)
  })

  it('are all refused by one button, and undone in one step', async () => {
    await page.getByRole('button', { name: 'None of them' }).click()
    await page.getByRole('heading', { name: 'Nothing to confirm' }).waitFor()
    await expect.poll(() => tab('Faces')).toMatch(/3$/)
    await page.keyboard.press('Control+z')
    await expect.poll(faces).toBe(6)
    expect(await page.getByRole('option').first().locator('.caption').textContent()).toBe('likely')
    expect(await page.getByRole('link', { name: /^Review/ }).textContent()).toMatch(/6\s*$/)
  })

  it('are reviewed: Enter says yes, N says no and asks on, a number names', async () => {
    await page.getByRole('link', { name: /^Review/ }).click()
    await page.getByText('Is this Anna?').waitFor()
    const left = async () => Number.parseInt((await page.locator('.view-header .muted').textContent()) ?? '')
    const before = await left()
    await page.keyboard.press('Enter')
    await expect.poll(left).toBe(before - 1)
    await page.keyboard.press('n')
    await page.getByText('Who is this?').waitFor()
    expect(await left()).toBe(before - 1)
    await page.keyboard.press('i')
    await expect.poll(left).toBe(before - 2)
    await page.keyboard.press('1')
    await expect.poll(left).toBe(before - 3)
    for (const expected of [before - 2, before - 1, before - 1, before]) {
      await page.keyboard.press('z')
      await expect.poll(left).toBe(expected)
    }
    await page.getByText('Is this Anna?').waitFor()
  })

  it('ends with what was done, and with the skipped ones to look at again', async () => {
    const end = page.getByRole('heading', { name: 'That’s all for now' })
    // Keys that come faster than pages of faces find none in sight for a moment.
    const rest = page.getByRole('heading', { name: 'Every question is answered' })
    while (!(await rest.count())) await page.keyboard.press('s')
    // And one that was refused before.
    await page.getByText(`${unknown + 1} single faces are left`).waitFor()
    await page.keyboard.press('s')
    await page.keyboard.press('z')
    await page.getByText('Is this Anna?').waitFor()
    await page.keyboard.press('s')
    await rest.waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('Who is this?').waitFor()
    while (!(await end.count())) await page.keyboard.press('s')
    await page.getByRole('button', { name: 'Look at the skipped ones' }).click()
    await page.getByText('Is this Anna?').waitFor()
  })

  it('leave ignored faces where they can be brought back', async () => {
    await page.keyboard.press('i')
    await page.getByRole('link', { name: 'People' }).click()
    await page.getByRole('link', { name: 'Put aside (1)' }).click()
    await page.getByRole('option').first().waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('u')
    await page.getByRole('heading', { name: 'Nothing is put aside' }).waitFor()
  })

  it('had nothing to complain of', async () => {
    // The generated faces have no pictures.
    expect((await window.complaints()).filter((text) => !/status of 4\d\d/.test(text))).toEqual([])
  })
})
