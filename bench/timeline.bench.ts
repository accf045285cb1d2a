/**
 * The timeline of 500,000 photos in a real browser: from a click, a key or a scroll to the frame in which the tiles there
 * know their photos, the page's own long tasks meanwhile, and what comes over the wire.
 */
import type { Page } from 'playwright-core'
import { ensureBrowser } from '../scripts/ensure-browser.ts'
import { launchBrowser, openWindow } from '../test/ui/browser.ts'
import { createKith } from '../test/ui/kith.ts'
import { makeManyPhotos } from '../test/ui/many-photos.ts'

const photos = 500_000
const rounds = 15

interface Measured {
  tookMs: number
  longestTaskMs: number
}

/**
 * Runs in the page: does something, waits until every tile in sight has its photo and the grid is not what it was, and one
 * frame more. Tasks of 50 ms and more count as long: 0 is none.
 */
async function act(what: { key?: string; scrub?: number; wheelPx?: number }): Promise<Measured> {
  const scroller = document.querySelector('.grid-scroller')!
  let longestTaskMs = 0
  const observer = new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => { longestTaskMs = Math.max(longestTaskMs, duration) }))
  observer.observe({ type: 'longtask' })
  const state = () => [...scroller.querySelectorAll<HTMLElement>('.photo')].map((tile) => `${tile.dataset['key']} ${tile.getBoundingClientRect().top}`).join()
  const before = state()
  const startedAt = performance.now()
  if (what.key) document.body.dispatchEvent(new KeyboardEvent('keydown', { key: what.key, bubbles: true, cancelable: true }))
  if (what.wheelPx) scroller.scrollBy(0, what.wheelPx)
  if (what.scrub !== undefined) {
    const scrubber = document.querySelector('.scrubber')!
    const { left, top, height } = scrubber.getBoundingClientRect()
    const at = { clientX: left + 12, clientY: top + what.scrub * height, bubbles: true, pointerId: 1 }
    scrubber.setPointerCapture = () => undefined
    scrubber.dispatchEvent(new PointerEvent('pointerdown', at))
    scrubber.dispatchEvent(new PointerEvent('pointerup', at))
  }
  while (state() === before || scroller.querySelector('.photo:not([href])') || !scroller.querySelector('.photo')) {
    if (performance.now() - startedAt > 20_000) throw new Error(`nothing came of ${JSON.stringify(what)}`)
    await new Promise((resolve) => requestAnimationFrame(resolve))
  }
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
  const tookMs = performance.now() - startedAt
  await new Promise((resolve) => setTimeout(resolve, 150))
  observer.disconnect()
  return { tookMs, longestTaskMs }
}

async function row(page: Page, label: string, steps: readonly Parameters<typeof act>[0][]): Promise<void> {
  const all: Measured[] = []
  for (const step of steps) all.push(await page.evaluate(act, step))
  const sorted = all.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b)
  const longest = Math.max(...all.map(({ longestTaskMs }) => longestTaskMs))
  console.log(`| ${label} | ${sorted[Math.floor(sorted.length / 2)]!.toFixed(0)} | ${sorted.at(-1)!.toFixed(0)} | ${longest === 0 ? 'none' : longest.toFixed(0)} |`)
}

export async function run(): Promise<void> {
  const kith = createKith()
  makeManyPhotos(kith.libraryDirectory, photos)
  const browser = await launchBrowser(ensureBrowser())
  const { page } = await openWindow(browser, await kith.serve())
  // Pictures are measured elsewhere; these photos have no files.
  await page.route('**/media/**', (route) => route.abort())
  let bytes = 0
  page.on('response', (response) => {
    if (response.url().includes('/rpc/photos.')) void response.body().then((body) => { bytes += body.length })
  })
  const startedAt = performance.now()
  await page.goto(`${new URL(page.url()).origin}/#/photos`)
  await page.locator('.photo[href]').first().waitFor()
  const firstMs = performance.now() - startedAt
  await page.waitForTimeout(1000)
  console.log(`The timeline of ${photos.toLocaleString('en')} photos, from the change of the view to the first tiles: ${firstMs.toFixed(0)} ms; ${(bytes / 1000).toFixed(0)} kB came over the wire.\n`)
  console.log(`What was done, ${rounds} times each: until the tiles in sight know their photos and one frame is painted; long tasks of the page.\n`)
  console.log('| what | median ms | slowest ms | longest task of 50 ms or more |\n|---|---|---|---|')
  // Not at the top, where it begins, and never where it is.
  const spread = (i: number) => ((i * 7 + 3) % rounds) / rounds
  await row(page, 'go anywhere by the scrubber', Array.from({ length: rounds }, (_, i) => ({ scrub: spread(i) })))
  await row(page, 'scroll on by a screen', Array.from({ length: rounds }, () => ({ wheelPx: 700 })))
  await row(page, 'another size of the pictures', Array.from({ length: rounds }, (_, i) => ({ key: Math.floor(i / 2) % 2 === 0 ? '-' : '+' })))
  await row(page, 'to the oldest and the newest', Array.from({ length: rounds }, (_, i) => ({ key: i % 2 === 0 ? 'End' : 'Home' })))
  await browser.close()
  await kith.close()
}
