/** The main job in a real browser: groups get names, faces are reviewed, photos are found; by keyboard alone, and undone. */
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeAlbum } from './album.ts'
import { askKith, findChromium, launchBrowser, openWindow, type Window } from './browser.ts'
import { createKith, type RunningKith } from './kith.ts'

const chromium = findChromium()

describe.skipIf(!chromium)('the main job', () => {
  let browser: Browser
  let kith: RunningKith
  let window: Window
  let page: Page

  beforeAll(async () => {
    kith = createKith()
    await writeAlbum(join(kith.directory, 'album'))
    await kith.run('index', join(kith.directory, 'album'))
    browser = await launchBrowser(chromium!)
    window = await openWindow(browser, await kith.serve())
    page = window.page
  })
  afterAll(async () => {
    await browser?.close()
    await kith?.close()
  })

  const names = ['Anna', 'Ben', 'Carla Sofie']
  /** Goes to a view, with nothing focused. */
  const goTo = async (hash: string) => {
    await page.goto(`${new URL(page.url()).origin}/${hash}`)
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  }
  const people = async () => (await askKith<{ people: { name: string }[] }>(page, 'people.list')).people.map(({ name }) => name)
  const groupCount = () => page.locator('.group').count()

  it('shows the groups, largest first', async () => {
    await page.locator('.group').first().waitFor()
    const sizes = await page.locator('.group .size').allTextContents()
    const counted = sizes.map((text) => Number.parseInt(text))
    expect(counted.length).toBeGreaterThanOrEqual(3)
    expect(counted).toEqual([...counted].sort((a, b) => b - a))
    expect(await page.locator('.group').first().locator('img').count()).toBe(counted[0])
  })

  it('names three groups by keyboard, the focus going on by itself', async () => {
    const before = await groupCount()
    await page.keyboard.press('n')
    for (const name of names) {
      expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('combobox')
      await page.keyboard.type(name)
      await page.keyboard.press('Enter')
      await page.getByRole('link', { name }).first().waitFor()
    }
    expect(await groupCount()).toBe(before - 3)
    expect(await page.getByText(/^Named \d faces Carla Sofie$/).count()).toBe(1)
  })

  it('undoes and does again from the empty field, and from the toast', async () => {
    await page.keyboard.press('Control+z')
    await page.getByText('Undone: Named').waitFor()
    await expect.poll(() => page.getByRole('link', { name: 'Carla Sofie' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Redo', exact: true }).last().click()
    await page.getByRole('link', { name: 'Carla Sofie' }).first().waitFor()
  })

  it('completes names: arrow keys choose, Escape leaves, text undoes its own typing', async () => {
    await goTo('#/people')
    await page.keyboard.press('n')
    await page.keyboard.type('an')
    const options = page.getByRole('option')
    await expect.poll(async () => (await options.allTextContents()).map((text) => text.trim().replace(/ .*/, ''))).toEqual(['Anna', 'New'])
    await page.keyboard.press('ArrowDown')
    expect(await options.nth(1).getAttribute('aria-selected')).toBe('true')
    await page.keyboard.press('Escape')
    expect(await options.count()).toBe(0)
    expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).value)).toBe('')
  })

  it('finds the photos of two people, as chips and as text', async () => {
    await goTo('#/people')
    await page.keyboard.press('g')
    await page.keyboard.press('o')
    await page.getByRole('heading', { name: 'Photos', level: 1 }).waitFor()
    await page.keyboard.press('/')
    for (const letters of ['ann', 'carla']) {
      await page.keyboard.type(letters)
      await page.getByRole('option').first().waitFor()
      await page.keyboard.press('Enter')
    }
    const chips = page.getByRole('list', { name: 'What is searched for' }).getByRole('listitem')
    await expect.poll(async () => (await chips.allTextContents()).map((text) => text.trim())).toEqual(['Anna', 'Carla Sofie'])
    const expected = JSON.parse(await kith.run('search', 'anna "carla sofie"', '--json')) as { total: number }
    await page.getByText(new RegExp(`^${expected.total} photos?$`)).waitFor()

    await page.getByRole('button', { name: 'Edit the search as text' }).click()
    const text = page.getByRole('textbox', { name: 'The search as text' })
    expect(await text.inputValue()).toBe('Anna "Carla Sofie"')
    await text.fill('anna | ben')
    await page.keyboard.press('Enter')
    await expect.poll(async () => (await chips.allTextContents()).map((chip) => chip.trim())).toEqual(['Anna or Ben'])
    await page.getByRole('combobox', { name: 'Search photos' }).focus()
    await page.keyboard.press('Backspace')
    await expect.poll(() => chips.count()).toBe(0)
  })

  it('tells who was meant when nobody has a name, and mends the search with a click', async () => {
    await goTo('#/photos')
    const field = page.getByRole('combobox', { name: 'Search photos' })
    await field.fill('anan')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByRole('button', { name: 'Anna' }).click()
    await expect.poll(() => page.getByRole('alert').count()).toBe(0)
    await page.getByRole('button', { name: 'Remove Anna' }).waitFor()
  })

  it('says what to do when nothing is found', async () => {
    await page.getByRole('combobox', { name: 'Search photos' }).fill('1999')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'No photo fits' }).waitFor()
    await page.getByRole('button', { name: 'Show all photos' }).click()
    await page.getByRole('listitem').getByRole('link').first().waitFor()
  })

  it('opens a photo, goes on with arrows, names a face, and comes back to the same place', async () => {
    await goTo('#/photos')
    await page.locator('[data-index="0"][href]').waitFor()
    await page.keyboard.press('ArrowDown')
    await page.locator('[data-index="0"]:focus').waitFor()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/^2 of 12$/).waitFor()
    await page.keyboard.press('ArrowRight')
    await dialog.getByText(/^3 of 12$/).waitFor()
    await dialog.getByRole('listitem').first().waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('t')
    await page.keyboard.press('Control+a')
    await page.keyboard.type('Zoe')
    await page.keyboard.press('Enter')
    await dialog.getByRole('link', { name: 'Zoe' }).waitFor()
    await page.keyboard.press('Control+z')
    await expect.poll(() => dialog.getByRole('link', { name: 'Zoe' }).count()).toBe(0)
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await expect.poll(() => dialog.count()).toBe(0)
    await expect.poll(() => page.evaluate(() => (document.activeElement as HTMLElement).dataset['index'])).toBe('2')
  })

  it('reviews faces with one key an answer, and goes back', async () => {
    await goTo('#/review')
    const left = async () => Number.parseInt((await page.locator('.view-header .muted').textContent()) ?? '')
    await page.locator('.large .current:not(.better)').waitFor()
    const before = await left()
    const source = () => page.locator('.large .current:not(.better)').getAttribute('src')
    const first = await source()
    await page.keyboard.press('s')
    await expect.poll(source).not.toBe(first)
    await page.keyboard.press('z')
    await expect.poll(source).toBe(first)
    await page.keyboard.press('i')
    await expect.poll(left).toBe(before - 1)
    await expect.poll(source).not.toBe(first)
    await page.keyboard.press('z')
    await expect.poll(source).toBe(first)
    await expect.poll(left).toBe(before)
    await page.keyboard.press('t')
    await page.keyboard.type('Dora')
    await page.keyboard.press('Enter')
    await expect.poll(source).not.toBe(first)
    await expect.poll(people).toContain('Dora')
    await page.keyboard.down(' ')
    await page.getByRole('dialog', { name: 'Hold to see the photo' }).waitFor()
    await page.keyboard.up(' ')
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
  })

  it('renames a person, asks before merging, and takes faces away', async () => {
    await goTo('#/people')
    await page.getByRole('link', { name: 'Ben' }).first().click()
    await page.getByRole('heading', { name: 'Ben' }).waitFor()
    await page.keyboard.press('r')
    await page.keyboard.type('Benjamin')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Benjamin' }).waitFor()

    const faces = page.getByRole('listbox').getByRole('option')
    const count = await faces.count()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('n')
    await expect.poll(() => faces.count()).toBe(count - 1)
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('option')
    await page.keyboard.press('Control+z')
    await expect.poll(() => faces.count()).toBe(count)

    await page.getByRole('button', { name: 'Rename', exact: true }).click()
    await page.keyboard.press('Control+a')
    await page.keyboard.type('anna')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Are Benjamin and Anna the same person?' }).waitFor()
    await page.getByRole('button', { name: 'Merge', exact: true }).click()
    await page.getByRole('heading', { name: 'Anna', level: 1 }).waitFor()
    await page.keyboard.press('Control+z')
    await expect.poll(people).toContain('Benjamin')
  })

  it('selects many and names them in one act', async () => {
    await goTo('#/people')
    await page.getByRole('link', { name: 'Carla Sofie' }).first().click()
    const faces = page.getByRole('listbox').getByRole('option')
    await faces.first().waitFor()
    const count = await faces.count()
    await faces.nth(0).click()
    await faces.nth(1).click({ modifiers: ['Shift'] })
    await page.getByText('2 selected').waitFor()
    await page.getByRole('button', { name: 'Someone else…' }).click()
    await page.keyboard.type('Emil')
    await page.keyboard.press('Enter')
    await expect.poll(() => faces.count()).toBe(count - 2)
    await page.getByText('Named 2 faces Emil').waitFor()
  })

  it('keeps a history and goes back to before any decision', async () => {
    await goTo('#/people')
    await page.keyboard.press('h')
    const panel = page.getByRole('dialog', { name: 'History' })
    await panel.getByRole('listitem').first().waitFor()
    await panel.getByRole('listitem').filter({ hasText: 'Dora' }).getByRole('button').click()
    await expect.poll(people).not.toContain('Dora')
    expect(await people()).not.toContain('Emil')
    await page.keyboard.press('Escape')
  })

  it('tells when the engine is gone, and goes on when it is back', async () => {
    await kith.stop('SIGKILL')
    await page.getByRole('alert').filter({ hasText: 'The connection to Kith is gone' }).waitFor()
    const link = await kith.serve()
    await page.getByRole('alert').filter({ hasText: 'does not know this window' }).waitFor()
    const other = await window.context.newPage()
    await other.goto(link)
    await other.getByRole('heading', { name: 'People' }).waitFor()
    await expect.poll(() => page.getByRole('alert').count(), { timeout: 5000 }).toBe(0)
    expect(await people()).toContain('Anna')
  })

  it('had nothing to complain of', async () => {
    // A wrong search, a name that is taken, and an engine that was taken away: on purpose.
    const complaints = (await window.complaints()).filter((text) => !/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|status of (400|401|409)/.test(text))
    expect(complaints).toEqual([])
  })
})
