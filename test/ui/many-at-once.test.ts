/** Many faces at once by box and by list, bystanders in one step, two windows, names of all kinds, and a storm of clicks. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addSuggestions } from '../fixtures/many-suggestions.ts'
import { askKith, findChromium, goToHash, launchBrowser, openWindow, type Window } from './browser.ts'
import { createKith, type RunningKith } from './kith.ts'
import { makePeopleLibrary } from './people-of-embeddings.ts'

const chromium = findChromium()
/** More than one decision may name by id in a list of targets, and far more than is fetched. */
const suggested = 12_000
const passersBy = 30

describe.skipIf(!chromium)('many at once', () => {
  let browser: Browser
  let kith: RunningKith
  let window: Window
  let page: Page
  let annaId: number

  beforeAll(async () => {
    kith = createKith()
    makePeopleLibrary(kith.libraryDirectory, ({ library, addFaces }) => {
      annaId = library.addPerson('Anna')
      addFaces(0, 20, { personId: annaId })
      addFaces(1, 6, { personId: library.addPerson('Ben') })
      for (let rank = 10; rank < 10 + passersBy; rank++) addFaces(rank, 1, { sizePx: 30 })
      addSuggestions(library, annaId, suggested)
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

  const call = <T>(method: string, input: object = {}, at = page) => askKith<T>(at, method, input)
  const labels = async () => (await call<{ entries: { label: string; state: string }[] }>('journal.list', { limit: 50 })).entries
  const people = async () => Object.fromEntries((await call<{ people: { name: string; faces: number }[] }>('people.list')).people.map(({ name, faces }) => [name, faces]))
  const goTo = async (hash: string, at = page) => {
    await goToHash(at, hash)
    await at.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  }
  const selected = () => page.getByRole('toolbar', { name: 'Selected faces' }).locator('.count').textContent()
  const tile = (index: number) => page.locator(`[data-index="${index}"]`)
  const middleOf = async (index: number) => {
    const { x, y, width, height } = (await tile(index).boundingBox())!
    return { x: x + width / 2, y: y + height / 2 }
  }
  const drag = async (from: { x: number; y: number }, to: { x: number; y: number }) => {
    await page.mouse.move(from.x, from.y)
    await page.mouse.down()
    await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 4 })
    await page.mouse.move(to.x, to.y, { steps: 4 })
  }

  it('selects what a box touches, takes out what another does with Ctrl, and Escape leaves all as it was', async () => {
    await goTo(`#/people/${annaId}/suggestions`)
    await tile(0).waitFor()
    const columns = await page.evaluate(() => {
      const tops = [...document.querySelectorAll('[data-index]')].map((tile) => tile.getBoundingClientRect().top)
      return tops.filter((top) => top === tops[0]).length
    })
    await drag(await middleOf(0), await middleOf(columns + 2))
    expect(await selected()).toBe('6 selected')
    await page.mouse.up()
    expect(await selected()).toBe('6 selected')
    expect(await tile(columns + 2).getAttribute('aria-selected')).toBe('true')
    await page.keyboard.down('Control')
    await drag(await middleOf(1), await middleOf(2))
    await page.mouse.up()
    await page.keyboard.up('Control')
    expect(await selected()).toBe('4 selected')
    await drag(await middleOf(3), await middleOf(2 * columns + 3))
    expect(await selected()).toBe('7 selected')
    await page.keyboard.press('Escape')
    expect(await selected()).toBe('4 selected')
    await page.mouse.up()
    expect(await selected()).toBe('4 selected')
    // A press that does not move is still a click.
    await tile(columns).click()
    expect(await selected()).toBe('3 selected')
    await page.keyboard.press('Escape')
  })

  it('goes on scrolling while the box is held at the edge', async () => {
    const { x, y, height } = (await page.locator('.grid-scroller').boundingBox())!
    await drag(await middleOf(0), { x: x + 200, y: y + height - 5 })
    await expect.poll(() => page.evaluate(() => document.querySelector('.grid-scroller')!.scrollTop), { timeout: 10_000 }).toBeGreaterThan(1500)
    await page.mouse.up()
    expect(Number.parseInt((await selected())!)).toBeGreaterThan(20)
    await page.keyboard.press('Escape')
    await page.evaluate(() => { document.querySelector('.grid-scroller')!.scrollTop = 0 })
    await tile(0).waitFor()
  })

  it('selects on the way with Shift and an arrow key', async () => {
    await tile(0).focus()
    for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowRight')
    expect(await selected()).toBe('4 selected')
    await page.keyboard.press('Escape')
  })

  it('takes the whole list, however long, less what is taken out again: one act, one undo', async () => {
    await tile(0).focus()
    await page.keyboard.press('Control+a')
    expect(await selected()).toBe('12,000 selected')
    await tile(0).click()
    await tile(1).click()
    expect(await selected()).toBe('11,998 selected')
    await page.keyboard.press('y')
    await expect.poll(people).toMatchObject({ Anna: 20 + 11_998 })
    expect((await labels())[0]).toMatchObject({ label: 'Confirmed 11998 faces as Anna', state: 'done' })
    await expect.poll(() => page.getByRole('listbox').getByRole('option').count()).toBe(2)
    await page.keyboard.press('Control+z')
    await expect.poll(people).toMatchObject({ Anna: 20 })
    await page.getByRole('button', { name: 'Confirm all 12,000' }).click()
    await expect.poll(people).toMatchObject({ Anna: 20 + 12_000 })
    await page.keyboard.press('Control+z')
    await expect.poll(people).toMatchObject({ Anna: 20 })
  })

  it('moves many to another person', async () => {
    await goTo(`#/people/${annaId}`)
    await page.getByRole('tab', { name: /^Faces/, selected: true }).waitFor()
    await tile(0).click()
    await tile(3).click({ modifiers: ['Shift'] })
    expect(await selected()).toBe('4 selected')
    await page.keyboard.press('t')
    await page.keyboard.type('ben')
    await page.keyboard.press('Enter')
    await expect.poll(people).toEqual({ Anna: 16, Ben: 10 })
    await page.keyboard.press('Control+z')
    await expect.poll(people).toEqual({ Anna: 20, Ben: 6 })
  })

  it('folds bystanders away in one step, keeps those that are none, and keeps the rest where they can be brought back', async () => {
    await goTo('#/people')
    await page.getByRole('link', { name: /30 faces are very likely passers-by/ }).click()
    await page.getByRole('heading', { name: 'Bystanders', level: 1 }).waitFor()
    await expect.poll(() => page.getByRole('option').count()).toBe(passersBy)
    await tile(0).click()
    await page.keyboard.press('k')
    await expect.poll(() => page.getByRole('option').count()).toBe(passersBy - 1)
    await page.getByRole('button', { name: /^Fold away all 29/ }).click()
    await page.getByText('Folded away 29 bystanders').waitFor()
    await page.getByRole('heading', { name: 'People', level: 1 }).waitFor()
    await page.getByRole('link', { name: 'Put aside (29)' }).waitFor()
    expect((await labels())[0]!.label).toBe('Folded away 29 bystanders')
    await page.keyboard.press('Control+z')
    await expect.poll(() => page.getByRole('link', { name: /^Put aside/ }).count()).toBe(0)
  })

  describe('two windows', () => {
    let other: Page
    beforeAll(async () => {
      other = await window.context.newPage()
      await other.goto(`${new URL(page.url()).origin}/#/people`)
      await other.locator('.card').first().waitFor()
    })
    afterAll(() => other?.close())

    const question = () => page.locator('.large .current, .large .missing').first().getAttribute('src')
    const left = async () => Number.parseInt(((await page.locator('.view-header .muted').textContent()) ?? '').replaceAll(',', ''))
    const faceInSight = () => page.evaluate(() => document.querySelector('figcaption')?.textContent)

    it('each keeps its place: what the other decides is not asked any more, and the face in sight stays', async () => {
      await goTo(`#/review/${annaId}`)
      await expect.poll(left).toBe(suggested)
      const inSight = await faceInSight()
      const { items } = await call<{ items: { face: { id: number } }[] }>('review.list', { limit: 5, personId: annaId })
      // The first face is in sight here; the other window answers it and the next two.
      await call('faces.ignore', { faceIds: items.slice(0, 3).map(({ face }) => face.id) }, other)
      await expect.poll(left, { timeout: 10_000 }).toBe(suggested - 2)
      expect([await question(), await faceInSight()]).toEqual([await question(), inSight])
      await page.keyboard.press('s')
      await page.keyboard.press('Enter')
      await expect.poll(async () => (await labels())[0]!.label).toBe('Confirmed 1 face as Anna')
      const answered = await call<{ faces: { id: number }[] }>('faces.list', { filter: { personId: annaId }, limit: 500 })
      expect(answered.faces.map(({ id }) => id)).toContain(items[3]!.face.id)
    })

    it('Z takes back what was answered here, though the other has decided since', async () => {
      await call('people.rename', { personId: annaId, name: 'Annabel' }, other)
      await page.keyboard.press('z')
      await page.getByText('Took back: Confirmed 1 face as Anna').waitFor()
      expect(await people()).toEqual({ Annabel: 20, Ben: 6 })
      await call('people.rename', { personId: annaId, name: 'Anna' }, other)
    })

    it('says what stands in the way where the other has decided about the same face', async () => {
      const before = (await labels()).length
      await page.keyboard.press('Enter')
      await expect.poll(async () => (await labels()).length).toBe(before + 1)
      const [face] = (await call<{ entries: unknown[]; faces: { id: number }[] }>('faces.list', { filter: { personId: annaId }, limit: 1 })).faces
      await goTo(`#/people/${annaId}`)
      await page.getByRole('tab', { name: /^Faces/, selected: true }).waitFor()
      await tile(0).click()
      await page.keyboard.press('i')
      await page.getByText('Ignored 1 face').waitFor()
      await call('faces.name', { faceIds: [face!.id], name: 'Carl' }, other)
      await page.getByRole('button', { name: 'Undo', exact: true }).last().click()
      await page.getByText(/can't be taken back by itself/).waitFor()
      await call('journal.undo', {}, other)
      await call('journal.undo', {}, other)
    })

    it('tells the one that looks at a person who is merged away by the other', async () => {
      const carl = await call<{ personId: number }>('faces.name', { targets: [{ kind: 'list', filter: { personId: annaId }, except: [] }], name: 'Carl' }, other)
      await call('journal.undo', {}, other)
      const { personId } = await call<{ personId: number }>('faces.name', { faceIds: [(await call<{ faces: { id: number }[] }>('faces.list', { filter: { personId: annaId }, limit: 1 })).faces[0]!.id], name: 'Dora' }, other)
      expect(personId).not.toBe(carl.personId)
      await goTo(`#/people/${personId}`)
      await page.getByRole('heading', { name: 'Dora' }).waitFor()
      await call('people.merge', { fromPersonId: personId, intoPersonId: annaId }, other)
      await page.getByRole('heading', { name: 'This person is not here any more' }).waitFor()
    })
  })

  describe('a name', () => {
    const rename = async (name: string) => {
      await goTo(`#/people/${annaId}`)
      await page.getByRole('button', { name: 'Rename', exact: true }).click()
      await page.locator('.view-header input').fill(name)
      await page.keyboard.press('Enter')
    }
    const widerPx = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

    it('of 10,000 characters is refused in words, and what was typed stays', async () => {
      await rename('x'.repeat(10_000))
      await page.getByRole('alert').getByText('A name can have 200 characters at the most. This one has 10,000.').waitFor()
      expect((await page.locator('.view-header input').inputValue()).length).toBe(10_000)
      await page.keyboard.press('Escape')
      expect(await people()).toHaveProperty('Anna')
    })

    it('of 200 characters, of emoji, and from right to left fits everywhere', async () => {
      for (const name of ['W'.repeat(200), '👨‍👩‍👧‍👦🦊', 'דנה (לוי)']) {
        await rename(name)
        await page.getByRole('heading', { level: 1 }).filter({ hasText: name }).waitFor()
        expect(await widerPx()).toBe(0)
        const header = (await page.locator('.view-header').boundingBox())!
        expect(header.height).toBeLessThan(260)
        for (const hash of ['#/people', `#/review/${annaId}`, '#/photos']) {
          await goTo(hash)
          await page.getByRole('heading', { level: 1 }).waitFor()
          expect(await widerPx()).toBe(0)
        }
      }
      await rename('Anna')
      await expect.poll(people).toHaveProperty('Anna')
    })

    it('loses its invisible signs of direction', async () => {
      await rename('An\u202Ena\u2069')
      await page.getByRole('heading', { level: 1, name: 'Anna', exact: true }).waitFor()
      expect(Object.keys(await people()).sort()).toEqual(['Anna', 'Ben'])
    })
  })

  describe('a storm', () => {
    it('of clicks on Yes answers each face once, and only faces that were seen', async () => {
      await goTo(`#/review/${annaId}`)
      await page.getByText('Is this Anna?').waitFor()
      const before = (await people())['Anna']!
      const yes = (await page.getByRole('button', { name: /^Yes/ }).boundingBox())!
      const startedAt = performance.now()
      for (let i = 0; i < 20; i++) await page.mouse.click(yes.x + 20, yes.y + 20)
      const possible = Math.ceil((performance.now() - startedAt) / 250) + 1
      const answered = async () => (await people())['Anna']! - before
      await expect.poll(answered).toBeGreaterThan(0)
      const shown = async () => Number(/(\d+) answered/.exec((await page.locator('.view-header').textContent()) ?? '')?.[1])
      await expect.poll(async () => (await answered()) - (await shown())).toBe(0)
      expect(await answered()).toBeLessThanOrEqual(possible)
      const taken = (await labels()).filter(({ label }) => label === 'Confirmed 1 face as Anna').length
      expect(taken).toBeGreaterThanOrEqual(await answered())
    })

    it('of a held key answers once', async () => {
      // Longer than a double click: a press that soon after a click would not count.
      await page.waitForTimeout(300)
      const before = (await people())['Anna']!
      await page.keyboard.down('Enter')
      for (let i = 0; i < 10; i++) await page.keyboard.down('Enter')
      await page.keyboard.up('Enter')
      await expect.poll(async () => (await people())['Anna']).toBe(before + 1)
      await page.waitForTimeout(300)
      expect((await people())['Anna']).toBe(before + 1)
    })

    it('on Confirm all confirms once', async () => {
      await goTo(`#/people/${annaId}/suggestions`)
      const button = (await page.getByRole('button', { name: /^Confirm all/ }).boundingBox())!
      for (let i = 0; i < 6; i++) await page.mouse.click(button.x + 20, button.y + 10)
      await page.getByRole('heading', { name: 'Nothing to confirm' }).waitFor()
      // What is in sight answers before the library has done it.
      const allAtOnce = /^Confirmed \d{5} faces as Anna$/
      await expect.poll(async () => (await labels())[0]!.label, { timeout: 20_000 }).toMatch(allAtOnce)
      expect((await labels())[1]!.label).not.toMatch(allAtOnce)
    })
  })

  it('had nothing to complain of', async () => {
    // The generated faces have no pictures.
    expect((await window.complaints()).filter((text) => !/status of 4\d\d/.test(text))).toEqual([])
  })
})
