/** Two people become one by dropping, and one becomes several: both shown before they are done, both undone in one step. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askKith, findChromium, launchBrowser, openWindow, type Window } from './browser.ts'
import { createKith, type RunningKith } from './kith.ts'
import { makePeopleLibrary } from './people-of-embeddings.ts'

const chromium = findChromium()

describe.skipIf(!chromium)('merging and splitting', () => {
  let browser: Browser
  let kith: RunningKith
  let window: Window
  let page: Page

  beforeAll(async () => {
    kith = createKith()
    makePeopleLibrary(kith.libraryDirectory, ({ library, addFaces }) => {
      const [anna, annaAsChild, ben, mixed] = ['Anna', 'Anna as a child', 'Ben', 'Mixed'].map((name) => library.addPerson(name)) as [number, number, number, number]
      addFaces(0, 12, { personId: anna })
      addFaces(0, 8, { personId: annaAsChild })
      addFaces(1, 10, { personId: ben })
      addFaces(2, 14, { personId: mixed })
      addFaces(3, 9, { personId: mixed })
      addFaces(4, 6, { personId: mixed })
      addFaces(5, 7, { clusterId: 1 })
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

  const call = (method: string, input: object = {}) =>
    askKith<{ people: { id: number; name: string; faces: number }[]; entries: { label: string }[] }>(page, method, input)
  const people = async () => Object.fromEntries((await call('people.list')).people.map(({ name, faces }) => [name, faces]))
  const entries = async () => (await call('journal.list', { limit: 100 })).entries.length
  const card = (name: string) => page.getByRole('group', { name, exact: true })
  const atStart = { Anna: 12, 'Anna as a child': 8, Ben: 10, Mixed: 29 }

  it('shows where a dragged person would go, then both people side by side, and leaves them apart', async () => {
    const [from, into] = await Promise.all([card('Anna as a child').boundingBox(), card('Anna').boundingBox()])
    await page.mouse.move(from!.x + 40, from!.y + 40)
    await page.mouse.down()
    await page.mouse.move(from!.x + 60, from!.y + 60, { steps: 3 })
    await page.mouse.move(into!.x + 40, into!.y + 40, { steps: 5 })
    await page.getByText('Merge Anna as a child into Anna?').waitFor()
    await page.mouse.up()
    await page.getByRole('dialog', { name: 'Are Anna as a child and Anna the same person?' }).waitFor()
    await page.getByText('They look very much alike.').waitFor()
    await page.getByRole('img', { name: 'Some faces of Anna as a child' }).waitFor()
    expect(await people()).toEqual(atStart)
    await page.getByRole('button', { name: 'Keep apart' }).click()
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
    expect([await people(), await entries()]).toEqual([atStart, 0])
  })

  it('merges what was dropped, under either name, and undoes it in one step', async () => {
    await card('Anna as a child').dragTo(card('Anna'))
    await page.getByRole('button', { name: 'Keep “Anna as a child” instead' }).click()
    await page.getByText('Anna’s 12 faces will carry the name Anna as a child.').waitFor()
    await page.getByRole('button', { name: 'Keep “Anna” instead' }).click()
    await page.getByRole('button', { name: 'Merge', exact: true }).click()
    await expect.poll(people).toEqual({ Anna: 20, Ben: 10, Mixed: 29 })
    await page.getByText('Merged Anna as a child into Anna').waitFor()
    await page.getByRole('button', { name: 'Undo', exact: true }).last().click()
    await expect.poll(people).toEqual(atStart)
  })

  it('says so where two look like different people', async () => {
    await card('Ben').dragTo(card('Anna'))
    await page.getByText('They don’t look alike to Kith.').waitFor()
    await page.keyboard.press('Escape')
  })

  it('does the same by keyboard alone: M on a person, the name, Enter', async () => {
    await card('Anna as a child').getByRole('link').first().focus()
    await page.keyboard.press('m')
    await page.getByRole('dialog').getByRole('combobox').waitFor()
    await page.keyboard.type('anna')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Are Anna as a child and Anna the same person?' }).waitFor()
    await page.getByRole('button', { name: 'Merge', exact: true }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(people).toEqual({ Anna: 20, Ben: 10, Mixed: 29 })
    await page.keyboard.press('Control+z')
    await expect.poll(people).toEqual(atStart)
  })

  it('names a group that is dropped on a person', async () => {
    const group = page.locator('.group').first()
    const size = Number.parseInt((await group.locator('.size').textContent())!)
    await group.locator('.faces').dragTo(card('Ben'))
    await expect.poll(people).toMatchObject({ Ben: 10 + size })
    await page.keyboard.press('Control+z')
    await expect.poll(people).toEqual(atStart)
  })

  it('groups a person’s faces again, shows the groups, and changes nothing before Split', async () => {
    await card('Mixed').getByRole('link').first().click()
    await page.getByRole('heading', { name: 'Mixed' }).waitFor()
    await page.keyboard.press('s')
    await page.getByRole('dialog', { name: 'Who is among Mixed’s faces?' }).waitFor()
    const rows = page.getByRole('dialog').locator('.group')
    await rows.nth(2).waitFor()
    const labels = await rows.locator('.muted').allTextContents()
    expect(labels.slice(0, 3)).toEqual(['Group 1 · 14 faces', 'Group 2 · 9 faces', 'Group 3 · 6 faces'])
    expect(await page.getByRole('button', { name: 'Split', exact: true }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'All 14' }).click()
    expect(await rows.first().locator('.face').count()).toBe(14)

    await page.getByRole('combobox', { name: 'Name for Group 2' }).fill('Carl')
    await page.keyboard.press('Enter')
    await rows.nth(2).getByRole('button', { name: 'No name' }).click()
    await page.getByText('15 faces leave Mixed.').waitFor()
    expect(await people()).toEqual(atStart)
    await page.getByRole('button', { name: 'Split', exact: true }).click()
    await page.getByText('Split 15 faces off Mixed: 9 Carl, 6 without a name').waitFor()
    await expect.poll(people).toMatchObject({ Mixed: 14, Carl: 9 })
    expect(await entries()).toBeGreaterThan(0)
    await page.keyboard.press('Control+z')
    await expect.poll(people).toEqual(atStart)
  })

  it('makes more groups of more likeness when asked to', async () => {
    await page.keyboard.press('s')
    const slider = page.getByRole('slider', { name: 'How alike the faces of a group are' })
    await slider.waitFor()
    const labels = () => page.getByRole('dialog').locator('.group .muted').allTextContents()
    const before = await labels()
    await slider.focus()
    await page.keyboard.press('End')
    await expect.poll(labels).not.toEqual(before)
    expect((await labels()).at(-1)).toMatch(/^Like no others/)
    await page.keyboard.press('Escape')
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
  })

  it('takes a new name as it is typed, though the names of others begin like it', async () => {
    await page.evaluate(() => { location.hash = '#/people/3' })
    await page.getByRole('heading', { name: 'Ben', exact: true }).waitFor()
    for (const name of ['Ann', 'ben']) {
      await page.keyboard.press('r')
      await page.getByRole('combobox').fill(name)
      await page.getByRole('option').first().waitFor()
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name, exact: true }).waitFor()
      await expect.poll(people).toEqual({ Anna: 12, 'Anna as a child': 8, [name]: 10, Mixed: 29 })
    }
    for (let i = 0; i < 2; i++) await page.keyboard.press('Control+z')
    await expect.poll(people).toEqual(atStart)
  })

  it('had nothing to complain of', async () => {
    // The generated faces have no pictures.
    expect((await window.complaints()).filter((text) => !/status of 4\d\d/.test(text))).toEqual([])
  })
})
