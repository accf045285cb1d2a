/** Every screen and dialog in a small window and on a large display: nothing hangs over, nothing is cut, what it is for is in sight. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAlbum, type AlbumWindows } from './album-window.ts'
import { findChromium, goToHash } from './browser.ts'
import { leaveState } from './states.ts'

const chromium = findChromium()
/** Some forty screens and dialogs, one after the other, on a machine that may be busy. */
const walkMs = 240_000
/** For looking at them: every state is written there as a picture. */
const picturesDirectory = process.env['KITH_TEST_PICTURES']

/** Runs in the page: what can't be read or reached. */
function faults(): string[] {
  const found: string[] = []
  const name = (element: Element) => `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''} “${(element.textContent ?? '').trim().slice(0, 40)}”`
  const { documentElement: root } = document
  if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth - root.clientWidth} px wider than the window`)
  const dialog = document.querySelector('dialog[open], .photo-view') ?? document.body
  const isShown = (element: Element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && element.closest('.visually-hidden') === null
  for (const element of dialog.querySelectorAll<HTMLElement>('*')) {
    if (!isShown(element)) continue
    const style = getComputedStyle(element)
    if (/auto|scroll/.test(style.overflowX) && element.scrollWidth > element.clientWidth + 1) found.push(`scrolls sideways: ${name(element)}`)
    // A long name may end in dots where its title or label tells it in full; any other text is there as a whole.
    const mayEndInDots = style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none'
    const hasText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent!.trim() !== '')
    if (hasText && !mayEndInDots && style.overflow === 'hidden' && (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 2))
      found.push(`cut: ${name(element)}`)
  }
  // What the screen is for, its first button, is in sight without scrolling.
  for (const element of dialog.querySelectorAll<HTMLElement>('.button.primary, .view-header .button, dialog footer .button, .answers .buttons .button')) {
    if (!isShown(element) || element.closest('.scroller, .toasts, .body') !== null) continue
    const { left, right, top, bottom } = element.getBoundingClientRect()
    if (left < 0 || top < 0 || right > innerWidth + 1 || bottom > innerHeight + 1) found.push(`out of sight: ${name(element)}`)
    if (element.scrollWidth > element.clientWidth + 1) found.push(`text hangs over: ${name(element)}`)
  }
  return found
}

describe.skipIf(!chromium)('sizes of the window', () => {
  let album: AlbumWindows

  beforeAll(async () => {
    album = await openAlbum(chromium!)
    if (picturesDirectory) mkdirSync(picturesDirectory, { recursive: true })
  }, walkMs)
  afterAll(() => album?.close())

  it('would be noticed if it did not', async () => {
    const { page, context } = await album.open({ width: 1024, height: 640 })
    await page.goto(`${album.origin}/#/folders`)
    await page.getByRole('button', { name: 'Add folder' }).waitFor()
    expect(await page.evaluate(faults)).toEqual([])
    await page.evaluate(() => {
      const button = document.querySelector<HTMLElement>('.view-header .primary')!
      button.style.transform = 'translate(400px, 0)'
      const cut = document.querySelector<HTMLElement>('.folder h2')!
      Object.assign(cut.style, { width: '20px', overflow: 'hidden', whiteSpace: 'nowrap' })
      document.querySelector<HTMLElement>('.failures')!.style.width = '3000px'
    })
    const found = (await page.evaluate(faults)).join('\n')
    for (const fault of [/out of sight: button.*Add folder/, /cut: h2.*album/, /scrolls sideways: div\.scroller/]) expect(found).toMatch(fault)
    await context.close()
  })

  for (const [width, height] of [[1024, 640], [3840, 2160]] as const)
    it(`shows everything at ${width} × ${height}`, async () => {
      const { page, context } = await album.open({ width, height })
      const found: string[] = []
      await page.goto(album.origin)
      for (const state of album.states) {
        await goToHash(page, state.hash)
        await page.getByRole('heading').first().waitFor()
        await state.prepare?.(page)
        found.push(...(await page.evaluate(faults)).map((fault) => `${state.name}: ${fault}`))
        if (picturesDirectory) await page.screenshot({ path: join(picturesDirectory, `${width} ${state.name}.png`) })
        await leaveState(page)
      }
      await context.close()
      expect(found).toEqual([])
    }, walkMs)
})
