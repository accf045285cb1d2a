/** From an empty library to faces in the window: choosing a folder, progress, what could not be read, removing. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { brokenFile, writeAlbum } from './album.ts'
import { findChromium, launchBrowser, openWindow, type Window } from './browser.ts'
import { createKith, type RunningKith } from './kith.ts'

const chromium = findChromium()
const indexMs = 60_000

describe.skipIf(!chromium)('folders', () => {
  let browser: Browser
  let kith: RunningKith
  let window: Window
  let page: Page

  beforeAll(async () => {
    kith = createKith()
    await writeAlbum(join(kith.directory, 'Our album'), { scenes: 2, broken: true })
    browser = await launchBrowser(chromium!)
    window = await openWindow(browser, await kith.serve(), { width: 1024, height: 640 })
    page = window.page
  })
  afterAll(async () => {
    await browser?.close()
    await kith?.close()
  })

  it('says in every empty view what to do', async () => {
    await page.getByRole('heading', { name: 'Who is in your photos?' }).waitFor()
    for (const [key, heading] of [['r', 'Nothing to review'], ['o', 'No photos yet'], ['f', 'Where are your photos?']] as const) {
      await page.keyboard.press('g')
      await page.keyboard.press(key)
      await page.getByRole('heading', { name: heading }).waitFor()
      expect(await page.getByRole(key === 'f' ? 'button' : 'link', { name: 'Add folder' }).count()).toBe(1)
    }
    await page.keyboard.press('h')
    await page.getByRole('heading', { name: 'No decisions yet' }).waitFor()
    await page.keyboard.press('Escape')
  })

  it('opens the choice of a folder from wherever "Add folder" is pressed, once', async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('p')
    await page.getByRole('link', { name: 'Add folder' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add a folder of photos' })
    await dialog.getByRole('listitem').first().waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => dialog.count()).toBe(0)
    expect(new URL(page.url()).hash).toBe('#/folders')
  })

  it('adds a folder by keyboard, shows how far it is, and invites to begin with the names', async () => {
    await page.keyboard.press('a')
    const dialog = page.getByRole('dialog', { name: 'Add a folder of photos' })
    await dialog.getByRole('listitem').first().waitFor()
    await dialog.getByRole('button', { name: /home/i }).first().click()
    await dialog.getByRole('button', { name: /Our album/ }).click()
    await dialog.getByRole('button', { name: 'Add “Our album”' }).click()
    await page.getByText(/^Added .*Our album$/).waitFor()
    await page.getByRole('progressbar').waitFor()
    await page.getByText(/\d of 9 photos/).waitFor({ timeout: indexMs })
    await expect.poll(() => page.getByRole('progressbar').count(), { timeout: indexMs }).toBe(0)
    await page.getByRole('heading', { name: 'Our album' }).waitFor()
    // Faces that look like nobody are no debt: nothing is asked before there is a name.
    expect(await page.getByRole('link', { name: /^Review/ }).textContent()).toMatch(/^\s*Review\s*$/)
    await page.getByRole('link', { name: /groups of faces are waiting for a name.*Start naming/s }).click()
    await page.locator('.group').first().waitFor()
    await page.getByText(/^Nobody has a name yet/).waitFor()
    await page.getByRole('link', { name: 'Folders' }).click()
  })

  it('lists the file that could not be read, with the reason, and tries it again', async () => {
    await page.getByRole('heading', { name: '1 file could not be read' }).waitFor()
    const failure = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: brokenFile }) })
    expect((await failure.locator('p').first().textContent())?.length).toBeGreaterThan(15)
    await failure.getByRole('button', { name: `Try again: ${brokenFile}` }).click()
    await page.getByText('Trying 1 file again').waitFor()
    await expect.poll(() => page.getByRole('progressbar').count(), { timeout: indexMs }).toBe(0)
    await page.getByRole('heading', { name: '1 file could not be read' }).waitFor()
  })

  it('keeps names when a folder is removed and added again', async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('p')
    await page.locator('.group').first().waitFor()
    await page.keyboard.press('n')
    await page.keyboard.type('Anna')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Anna' }).first().waitFor()

    await page.getByRole('link', { name: 'Folders' }).click()
    await page.getByRole('heading', { name: 'Our album' }).waitFor()
    expect(await page.getByRole('link', { name: /Start naming/ }).count()).toBe(0)
    await page.getByRole('button', { name: 'Remove' }).click()
    const dialog = page.getByRole('dialog', { name: 'Remove Our album?' })
    await dialog.getByText(/names are kept/).waitFor()
    await dialog.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('heading', { name: 'Where are your photos?' }).waitFor()

    await kith.stop()
    await kith.run('index', join(kith.directory, 'Our album'))
    await page.goto(await kith.serve())
    await page.getByRole('link', { name: 'Anna' }).first().waitFor()
    expect(await page.getByRole('link', { name: 'Anna' }).first().textContent()).toMatch(/Anna\s*[1-9]\d* photos/)
  })

  it('changes the face model by keyboard, shows how far it is, and keeps the names', async () => {
    await page.getByRole('link', { name: 'Folders' }).click()
    const models = page.getByRole('region', { name: 'Face model' })
    const row = (name: string) => models.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) })
    await models.locator('summary').focus()
    await page.keyboard.press('Enter')
    await row('dlib-resnet').getByText('In use').waitFor()
    await row('nn4.small2.openface').getByText(/Not here/).waitFor()
    await row('nn4.small2.kith.v1').getByRole('button', { name: 'Use nn4.small2.kith.v1' }).focus()
    await page.keyboard.press('Enter')
    await models.getByText(/^Changing to nn4.small2.kith.v1: \d+ of \d+ faces/).waitFor()
    await page.getByRole('heading', { name: /Describing known faces|Grouping faces/ }).waitFor({ timeout: indexMs })
    await page.getByText('Names and groups work with nn4.small2.kith.v1 now.').waitFor({ timeout: indexMs })
    await row('nn4.small2.kith.v1').getByText('In use').waitFor()
    await row('dlib-resnet').getByRole('button', { name: 'Use dlib-resnet' }).click()
    await row('dlib-resnet').getByText('In use').waitFor({ timeout: indexMs })
    await page.getByRole('link', { name: 'People' }).click()
    await page.getByRole('link', { name: 'Anna' }).first().waitFor()
  })

  it('tells of a photo whose file is gone', async () => {
    rmSync(join(kith.directory, 'Our album'), { recursive: true })
    await page.goto(`${new URL(page.url()).origin}/#/folders`)
    await page.getByRole('button', { name: 'Look for new photos' }).click()
    await page.getByText(/Plug its drive in/).waitFor({ timeout: indexMs })
  })

  it('had nothing to complain of', async () => {
    expect((await window.complaints()).filter((text) => !/ERR_|status of (401|404)/.test(text))).toEqual([])
  })
})
