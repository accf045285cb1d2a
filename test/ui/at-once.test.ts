/** What the window shows before the engine, or its own program, has answered: it is what comes of it, and goes where nothing does. */
import type { Page, Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Face, Photo } from '../../src-shared/domain.ts'
import { openAlbum, type AlbumWindows } from './album-window.ts'
import { askKith, findChromium } from './browser.ts'

const chromium = findChromium()

/** Holds requests until they are let go. */
async function hold(page: Page, pattern: string): Promise<{ held(): number; release(): Promise<void> }> {
  const routes: Route[] = []
  await page.route(pattern, (route) => void routes.push(route))
  return {
    held: () => routes.length,
    async release() {
      await Promise.all(routes.splice(0).map((route) => route.continue()))
      await page.unroute(pattern)
    },
  }
}

describe.skipIf(!chromium)('at once', () => {
  let album: AlbumWindows

  beforeAll(async () => {
    album = await openAlbum(chromium!)
  })
  afterAll(() => album?.close())

  it('shows the way around before the program runs, where the program has it, too', async () => {
    const { page, complaints } = await album.open({ width: 1280, height: 800 })
    const program = await hold(page, '**/assets/*.js')
    await page.goto(`${album.origin}/#/people`, { waitUntil: 'commit' })
    const links = page.getByRole('navigation').getByRole('link')
    await links.getByText('Folders').waitFor()
    await expect.poll(program.held).toBe(1)
    const places = () => links.evaluateAll((all) => all.map((link) => [link.textContent.trim(), ...Object.values(link.getBoundingClientRect().toJSON() as object)]))
    const before = await places()
    expect(before.map(([label]) => label)).toEqual(['People', 'Review', 'Map', 'Photos', 'Folders'])
    // Its links are links already.
    await links.getByText('Folders').click()
    await program.release()
    await page.getByRole('heading', { name: 'Folders', level: 1 }).waitFor()
    expect(await page.getByRole('navigation').count()).toBe(1)
    const labelled = (all: typeof before) => all.map(([label, ...box]) => [String(label).replace(/\d+$/, '').trim(), ...box])
    expect(labelled(await places())).toEqual(labelled(before))
    expect(await complaints()).toEqual([])
  })

  it('shows a name on a photo, and takes it back where it could not be kept', async () => {
    const { page } = await album.open()
    await page.goto(`${album.origin}/#/people`)
    const { faces } = await askKith<{ faces: Face[] }>(page, 'faces.list', { filter: { unnamed: true }, limit: 1 })
    const { photoId } = faces[0]!
    await page.goto(`${album.origin}/#/photos?photo=${photoId}`)
    const row = page.locator('.photo-view .row').first()
    await row.waitFor()
    const names = async () => (await askKith<{ photo: Photo }>(page, 'photos.get', { photoId })).photo.faces.map(({ personName }) => personName)
    const before = await row.locator('.name').textContent()
    const name = async (text: string) => {
      await page.keyboard.press('t')
      await page.locator('.photo-view aside input').fill(text)
      await page.keyboard.press('Enter')
    }
    await page.route('**/rpc/faces.name', (route) => route.abort())
    await page.keyboard.press('ArrowDown')
    await name('Lost')
    await page.locator('.toast').waitFor()
    await expect.poll(() => row.locator('.name').textContent()).toBe(before)
    await page.unroute('**/rpc/faces.name')

    const engine = await hold(page, '**/rpc/faces.name')
    await name('Zoe')
    await row.getByText('Zoe', { exact: true }).waitFor()
    await expect.poll(engine.held).toBe(1)
    expect(await names()).not.toContain('Zoe')
    await engine.release()
    await expect.poll(names).toContain('Zoe')
    await row.getByRole('link', { name: 'Zoe' }).waitFor()
  })
})
