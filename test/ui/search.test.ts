/** The search line in a real browser: chips, their completion and their editors, the text, the address, and what goes wrong. */
import { mkdirSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestLibrary } from '../fixtures/library.ts'
import { findChromium, launchBrowser, openWindow, type Window } from './browser.ts'
import { createKith, type RunningKith } from './kith.ts'

const chromium = findChromium()

/** Who is on which photo, of which year, in which folder. */
const photos: [people: string[], taken: string, folder: string][] = [
  [['Anna', 'Ben'], '2015-06-10', 'Holidays'],
  [['Anna', 'Ben'], '2016-02-01', 'At home'],
  [['Anna', 'Ben', 'Carla'], '2016-07-20', 'Holidays'],
  [['Anna'], '2015-03-01', 'At home'],
  [['Anna', 'Carla'], '2018-08-08', 'Holidays'],
  [['Ben'], '2018-01-15', 'At home'],
  [['Anna Maria', 'Ben'], '2018-12-24', 'At home'],
  [[], '2017-05-05', 'Holidays'],
]

function fill(directory: string): void {
  mkdirSync(directory, { recursive: true })
  const library = createTestLibrary({ directory })
  const ids = new Map<string, number>()
  for (const [i, [people, taken, folder]] of photos.entries()) {
    const photoId = library.addPhoto({ relativePath: `${folder}/IMG_${i}.jpg`, takenAt: `${taken}T12:00:00` })
    for (const name of people) {
      const personId = ids.get(name) ?? library.addPerson(name)
      ids.set(name, personId)
      library.addFace({ photoId, personId })
    }
  }
  library.refreshCounts()
  library.close()
}

describe.skipIf(!chromium)('the search line', () => {
  let browser: Browser
  let kith: RunningKith
  let window: Window
  let page: Page

  beforeAll(async () => {
    kith = createKith()
    fill(kith.libraryDirectory)
    browser = await launchBrowser(chromium!)
    window = await openWindow(browser, await kith.serve())
    page = window.page
  })
  afterAll(async () => {
    await browser?.close()
    await kith?.close()
  })
  beforeEach(() => open('#/photos'))

  const open = async (hash: string) => {
    await page.goto(`${new URL(page.url()).origin}/#/people`)
    await page.goto(`${new URL(page.url()).origin}/${hash}`)
    await page.getByRole('heading', { name: 'Photos', level: 1 }).waitFor()
  }
  const line = () => page.getByRole('combobox', { name: 'Search photos' })
  const textLine = () => page.getByRole('textbox', { name: 'The search as text' })
  const chips = () => page.getByRole('list', { name: 'What is searched for' }).getByRole('listitem')
  const chipTexts = async () => (await chips().locator('.label').allTextContents()).map((text) => text.trim())
  const chip = (name: string) => chips().getByRole('button', { name, exact: true })
  const query = () => new URLSearchParams(new URL(page.url()).hash.split('?')[1] ?? '').get('q') ?? ''
  const found = (count: number) => page.locator('.total').getByText(`${count} ${count === 1 ? 'photo' : 'photos'}`, { exact: true }).waitFor()
  /** Types, and takes the first completion, which must be this one. */
  const complete = async (typed: string, label: string) => {
    await line().fill(typed)
    await page.getByRole('option', { selected: true }).getByText(label, { exact: true }).waitFor()
    await line().press('Enter')
  }

  it('completes people, without, only, dates and folders to chips, and finds what they say', async () => {
    await found(8)
    await complete('ann', 'Anna')
    await found(5)
    await complete('without car', 'without Carla')
    await found(3)
    await complete('2015', '2015')
    await found(2)
    await complete('in hol', 'in Holidays')
    await found(1)
    expect(await chipTexts()).toEqual(['Anna', 'without Carla', '2015', 'in Holidays'])
    expect(query()).toBe('"Anna" -Carla 2015 in:Holidays')

    await open('#/photos')
    await complete('only ann', 'only Anna')
    await found(1)
    await complete('be', 'Ben')
    await expect.poll(chipTexts).toEqual(['only Anna and Ben'])
    await found(2)
    await complete('after 2015', 'after 2015')
    await found(1)
    await open('#/photos')
    await complete('june 20', 'June 2015')
    await found(1)
    await open('#/photos')
    await complete('before feb', 'before February 2016')
    await found(2)
    await open('#/photos')
    await complete('2015 to 2016-02', '2015 to February 2016')
    await found(3)
    await open('#/photos')
    await complete('wit', 'without …')
    expect(await line().inputValue()).toBe('without ')
    await line().pressSequentially('2018')
    await page.getByRole('option', { selected: true }).getByText('without 2018').waitFor()
    await line().press('Tab')
    await found(5)
  })

  it('offers the small words in an empty line', async () => {
    await line().press('ArrowDown')
    expect(await page.getByRole('option').allTextContents()).toHaveLength(5)
    await page.getByRole('option', { name: /^only …/ }).click()
    expect(await line().inputValue()).toBe('only ')
  })

  it('changes chips by pointer: with, without, nobody else, other dates, another folder', async () => {
    await open(`#/photos?q=${encodeURIComponent('anna ben 2015..2016 in:Holidays')}`)
    await found(2)
    await chip('Ben').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Without' }).click()
    await expect.poll(chipTexts).toEqual(['Anna', 'without Ben', '2015 to 2016', 'in Holidays'])
    await page.getByRole('heading', { name: 'No photo fits' }).waitFor()
    await chip('without Ben').click()
    await page.getByRole('dialog').getByRole('button', { name: 'With', exact: true }).click()
    await found(2)
    await chip('Anna').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Nobody else' }).click()
    await expect.poll(chipTexts).toEqual(['only Anna and Ben', '2015 to 2016', 'in Holidays'])
    await found(1)
    await chip('2015 to 2016').click()
    await page.getByRole('dialog').getByRole('textbox', { name: 'From' }).fill('2016-01')
    await page.getByRole('dialog').getByRole('textbox', { name: 'To' }).fill('')
    await page.keyboard.press('Enter')
    await expect.poll(chipTexts).toEqual(['only Anna and Ben', 'since January 2016', 'in Holidays'])
    await chip('in Holidays').click()
    await page.getByRole('dialog').getByRole('textbox', { name: 'Folder' }).fill('at home')
    await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click()
    await found(1)
    await chips().getByRole('button', { name: 'Remove since January 2016' }).click()
    await expect.poll(chipTexts).toEqual(['only Anna and Ben', 'in at home'])
    expect(query()).toBe('only:("Anna" Ben) in:"at home"')
  })

  it('changes chips by keyboard alone', async () => {
    await open(`#/photos?q=${encodeURIComponent('anna ben carla')}`)
    await expect.poll(chipTexts).toEqual(['Anna', 'Ben', 'Carla'])
    await line().focus()
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Delete')
    await expect.poll(chipTexts).toEqual(['Anna', 'Carla'])
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await expect.poll(chipTexts).toEqual(['Anna', 'without Carla'])
    await found(3)
    // The changed chip has the focus, so that it can be changed on.
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Backspace')
    await expect.poll(chipTexts).toEqual(['Anna'])
  })

  it('shows the query as text, and each follows the other', async () => {
    await complete('ann', 'Anna')
    await page.getByRole('button', { name: 'Edit the search as text' }).click()
    expect(await textLine().inputValue()).toBe('"Anna"')
    // Chips follow while the text is typed, before anything is searched for.
    await textLine().fill('"Anna" -carla (2015 | 2016)')
    await expect.poll(chipTexts).toEqual(['Anna', 'without Carla', '2015 | 2016'])
    expect(query()).toBe('"Anna"')
    await textLine().press('Enter')
    await found(3)
    expect(query()).toBe('"Anna" -carla (2015 | 2016)')
    // The text follows the chips.
    await chips().getByRole('button', { name: 'Remove without Carla' }).click()
    await expect.poll(() => textLine().inputValue()).toBe('"Anna" (2015 | 2016)')
    await textLine().fill('ben')
    await expect.poll(chipTexts).toEqual(['Ben'])
    await textLine().press('Escape')
    await expect.poll(chipTexts).toEqual(['Anna', '2015 | 2016'])
    expect(await textLine().inputValue()).toBe('"Anna" (2015 | 2016)')
  })

  it('tells what is wrong and where, keeps what was found, and mends a name with a click', async () => {
    await complete('ben', 'Ben')
    await found(5)
    await line().fill('crala')
    await line().press('Enter')
    const alert = page.getByRole('alert')
    await alert.getByText('Nobody is called “crala”.').waitFor()
    expect(await alert.locator('mark').textContent()).toBe('crala')
    expect(await line().inputValue()).toBe('crala')
    expect(await chipTexts()).toEqual(['Ben'])
    await found(5)
    await alert.getByRole('button', { name: 'Carla' }).click()
    await expect.poll(chipTexts).toEqual(['Ben', 'Carla'])
    expect(await alert.count()).toBe(0)

    for (const [wrong, marked, why] of [
      ['anna faces:many', 'many', 'many is no number of faces'],
      ['anna | ', ' ', 'Something is missing at the end'],
      ['anna 2015-13 ben', '2015-13', '2015-13 is no date'],
      ['(anna ben', '(', 'no other half'],
    ] as const) {
      await open(`#/photos?q=${encodeURIComponent(wrong)}`)
      await alert.getByText(why).waitFor()
      expect(await alert.locator('mark').textContent()).toBe(marked)
      expect(await textLine().inputValue()).toBe(wrong)
    }
    await textLine().fill('anna ben')
    await textLine().press('Enter')
    await found(3)
    expect(await alert.count()).toBe(0)
  })

  it('says which part to leave out where nothing is found', async () => {
    await open(`#/photos?q=${encodeURIComponent('anna ben 2018')}`)
    await page.getByText('There is no photo of all of them together that fits.').waitFor()
    await page.getByRole('button', { name: 'Leave out “2018”: 3 photos' }).waitFor()
    await page.getByRole('button', { name: 'Leave out “Anna”: 2 photos' }).click()
    await found(2)
    await expect.poll(chipTexts).toEqual(['Ben', '2018'])
  })

  it('stands in the address, so that back and forward lead through searches', async () => {
    await complete('ben', 'Ben')
    await found(5)
    await complete('2018', '2018')
    await found(2)
    await page.goBack()
    await expect.poll(chipTexts).toEqual(['Ben'])
    await found(5)
    await page.goBack()
    await found(8)
    expect(await chips().count()).toBe(0)
    await page.goForward()
    await page.goForward()
    await expect.poll(chipTexts).toEqual(['Ben', '2018'])
    await page.reload()
    await expect.poll(chipTexts).toEqual(['Ben', '2018'])
    await found(2)
  })

  it('leads from a person to those often with them, and to the photos of both', async () => {
    await page.goto(`${new URL(page.url()).origin}/#/people/1`)
    const often = page.getByRole('region', { name: 'Often with' })
    await often.waitFor()
    expect((await often.getByRole('listitem').allTextContents()).map((text) => text.replace(/\s+/g, ' ').trim())).toEqual(['Ben 3 photos', 'Carla 2 photos'])
    await often.getByRole('link', { name: '3 photos of Anna and Ben' }).click()
    await found(3)
    await expect.poll(chipTexts).toEqual(['Anna', 'Ben'])
    // From one to the next, as they were found: the person's page has its own order, and is gone.
    await page.locator('a.photo').first().click()
    await page.getByText('1 of 3').waitFor()
    await page.keyboard.press('ArrowRight')
    await page.getByText('2 of 3').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('.photo-view').waitFor({ state: 'detached' })
    await page.goBack()
    await often.getByRole('link', { name: 'Carla', exact: true }).click()
    await page.getByRole('heading', { name: 'Carla', level: 1 }).waitFor()
    await expect.poll(async () => (await often.getByRole('listitem').allTextContents()).length).toBe(2)
  })

  it('had nothing to complain of', async () => {
    // The photos have no files, and some searches are wrong on purpose.
    expect((await window.complaints()).filter((text) => !/status of (4\d\d)/.test(text))).toEqual([])
  })
})
