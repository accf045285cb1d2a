/** Judging faces: a sharp crop, the whole photo while a key is held, and why a name is suggested. */
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { drawFamilyPhotos } from '../fixtures/drawings/family.ts'
import { askKith, findChromium, launchBrowser, openWindow, type Window } from './browser.ts'
import { createKith, type RunningKith } from './kith.ts'

const chromium = findChromium()

interface Person { id: number; name: string; suggestions: number }
interface Group { id: number; size: number; faceIds: number[] }

describe.skipIf(!chromium)('judging faces', () => {
  let browser: Browser
  let kith: RunningKith
  let window: Window
  let page: Page
  let origin: string

  const call = <T>(method: string, input: object = {}) => askKith<T>(page, method, input)
  const photo = () => page.getByRole('dialog', { name: 'Hold to see the photo' })
  /** Where the mark of the face lies in the photo that is held, or null while none is. */
  const mark = async () => ((await photo().count()) > 0 ? photo().locator('.box').evaluate((box: HTMLElement) => [box.style.left, box.style.top]) : null)
  const goTo = async (hash: string) => {
    await page.goto(`${origin}/${hash}`)
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  }

  beforeAll(async () => {
    kith = createKith()
    const album = join(kith.directory, 'album')
    await drawFamilyPhotos(album, 30, 11)
    await kith.run('index', album)
    browser = await launchBrowser(chromium!)
    window = await openWindow(browser, await kith.serve())
    page = window.page
    origin = new URL(page.url()).origin
    await page.locator('.group').first().waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await kith?.close()
  })

  it('a group shows the photo of a face while Space is held in its empty field, and of the next by arrow keys', async () => {
    const [group] = (await call<{ clusters: Group[] }>('clusters.list', { facesPerCluster: 10 })).clusters as [Group]
    await page.keyboard.press('n')
    await page.keyboard.down('Space')
    await photo().locator('.box').waitFor()
    const first = await mark()
    await page.keyboard.press('ArrowRight')
    await expect.poll(mark).not.toEqual(first)
    await page.keyboard.up('Space')
    await photo().waitFor({ state: 'detached' })
    expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).value)).toBe('')
    // In a name, Space is a letter.
    await page.keyboard.type('Anna M')
    expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).value)).toBe('Anna M')
    expect(await photo().count()).toBe(0)
    await page.keyboard.press('Escape')
    await page.locator('.group .face').first().hover()
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    await page.keyboard.down('Space')
    await photo().waitFor()
    await page.keyboard.up('Space')
    await photo().waitFor({ state: 'detached' })
    expect(group.size).toBeGreaterThan(1)
  })

  it('in a list of faces Space selects when pressed and shows the photo when held', async () => {
    await goTo('#/faces/unnamed')
    await page.getByRole('option').first().waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.down('Space')
    await photo().waitFor()
    await page.keyboard.up('Space')
    await photo().waitFor({ state: 'detached' })
    expect(await page.locator('[role=option][aria-selected=true]').count()).toBe(0)
    await page.keyboard.press('Space')
    expect(await page.locator('[role=option][aria-selected=true]').count()).toBe(1)
    await page.keyboard.press('Escape')
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    await page.getByRole('option').nth(2).hover()
    await page.keyboard.down('Space')
    await photo().waitFor()
    await page.keyboard.up('Space')
    await photo().waitFor({ state: 'detached' })
  })

  it('review shows a crop from the photo itself, and why: the nearest confirmed faces, in words, with dates', async () => {
    const { clusters } = await call<{ clusters: Group[] }>('clusters.list', { facesPerCluster: 20 })
    for (const [index, name] of ['Anna', 'Ben', 'Carla', 'David'].entries()) {
      const [first] = clusters[index]!.faceIds
      await call('faces.name', { targets: [{ kind: 'face', id: first }], name })
    }
    await expect.poll(async () => (await call<{ people: Person[] }>('people.list')).people.reduce((sum, { suggestions }) => sum + suggestions, 0), { timeout: 20_000 }).toBeGreaterThan(0)
    await goTo('#/review')
    const question = page.locator('.question')
    await question.filter({ hasText: 'Is this' }).waitFor()
    const name = /Is this (.+)\?/.exec((await question.textContent())!)![1]!
    const better = page.locator('.large img.better.current')
    await expect.poll(() => better.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0)
    await page.keyboard.press('w')
    const dialog = page.getByRole('dialog', { name: `Why ${name}?` })
    const neighbours = dialog.getByRole('list', { name: `The confirmed faces of ${name} that are most alike` }).getByRole('listitem')
    await expect.poll(() => neighbours.count()).toBeGreaterThan(0)
    expect(await neighbours.count()).toBeLessThanOrEqual(3)
    for (const text of await neighbours.allTextContents()) expect(text).toMatch(/(very close|close|alike|a little alike|hardly alike).*\d{4}/)
    expect(await neighbours.first().locator('strong').getAttribute('title')).toMatch(/^Distance \d\.\d\d$/)
    await page.keyboard.press('w')
    await dialog.waitFor({ state: 'detached' })
    await page.keyboard.down('Space')
    await photo().waitFor()
    await page.keyboard.up('Space')
    await photo().waitFor({ state: 'detached' })
    expect(await question.textContent()).toContain(`Is this ${name}?`)
  })

  it('a person’s suggestions and the photo answer why, too', async () => {
    const { people } = await call<{ people: Person[] }>('people.list')
    const person = people.find(({ suggestions }) => suggestions > 0)!
    await goTo(`#/people/${person.id}/suggestions`)
    await page.getByRole('option').first().waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('w')
    const dialog = page.getByRole('dialog', { name: `Why ${person.name}?` })
    await dialog.getByRole('listitem').first().waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    const { faces } = await call<{ faces: { id: number; photoId: number }[] }>('faces.list', { filter: { suggestedPersonId: person.id } })
    await goTo(`#/photos?photo=${faces[0]!.photoId}`)
    await page.getByRole('button', { name: `Why ${person.name}?` }).first().click()
    await dialog.getByRole('listitem').first().waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    // The photo is still there under it.
    await page.locator('.overlay').waitFor()
  })

  it('had nothing to complain of', async () => {
    expect(await window.complaints()).toEqual([])
  })
})
