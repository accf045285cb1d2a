/** By keyboard alone: Tab walks every screen in reading order, the focus is always seen, dialogs keep it and give it back. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAlbum, type AlbumWindows } from './album-window.ts'
import { findChromium, goToHash } from './browser.ts'
import { leaveState } from './states.ts'

const chromium = findChromium()
/** Some forty screens and dialogs, one after the other, on a machine that may be busy. */
const walkMs = 240_000
/** More than any screen of the album has. */
const mostSteps = 150

interface Stop {
  name: string
  inDialog: boolean
  /** Place in the document. */
  place: number
  /** A ring around it, or around the line it stands in. */
  isSeen: boolean
  isInSight: boolean
  left: number
  right: number
  top: number
  bottom: number
}

/** Where the focus is; null where it is on nothing. Runs in the page. */
function stop(): Stop | null {
  const element = document.activeElement
  if (!(element instanceof HTMLElement) || element === document.body) return null
  const { left, right, top, bottom } = element.getBoundingClientRect()
  const around = [element, element.parentElement, element.parentElement?.parentElement]
  const isSeen = around.some((at) => {
    const style = at && getComputedStyle(at)
    return style ? style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 : false
  })
  const name = element.getAttribute('aria-label') ?? element.textContent?.trim() ?? ''
  return {
    name: `${element.tagName.toLowerCase()} “${name.replace(/\s+/g, ' ').slice(0, 40)}”`, isSeen, left, right, top, bottom,
    place: [...document.querySelectorAll('*')].indexOf(element),
    inDialog: element.closest('dialog, [role=dialog]') !== null,
    isInSight: right > 0 && left < innerWidth && bottom > 0 && top < innerHeight && right > left,
  }
}

/** Presses Tab until the focus has been everywhere. */
async function walk(page: Page): Promise<Stop[]> {
  const stops: Stop[] = []
  for (let i = 0; i < mostSteps; i++) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate(stop)
    const isWalked = await page.evaluate(() => {
      const element = document.activeElement!
      if (element.hasAttribute('data-walked')) return true
      if (element !== document.body) element.setAttribute('data-walked', '')
      return false
    })
    // On nothing means in the browser's own bars, on the way around.
    if (isWalked) break
    if (at) stops.push(at)
  }
  await page.evaluate(() => document.querySelectorAll('[data-walked]').forEach((element) => element.removeAttribute('data-walked')))
  // Wherever the walk began, it goes around: the first is what comes first in the document.
  const first = stops.findIndex(({ place }) => place === Math.min(...stops.map((at) => at.place)))
  return [...stops.slice(first), ...stops.slice(0, first)]
}

/** A stop entirely above the one before it, and not in a column to its right, is out of order. */
function isBefore(next: Stop, before: Stop): boolean {
  return next.bottom <= before.top && next.left < before.right
}

/** Controls in sight that neither Tab nor the arrow keys of a list they belong to reach. Runs in the page. */
function unreachable(): string[] {
  const root = document.querySelector('dialog[open], .photo-view') ?? document.body
  return [...root.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary')]
    .filter((element) => element.tabIndex < 0 && element.checkVisibility({ visibilityProperty: true }) && !element.matches(':disabled'))
    // What else does the same: a key of the field or chip beside it, or arrow keys in a list of tiles or tabs.
    .filter((element) => element.closest('[role=tablist], .grid-scroller, .chip, .group, .name-field, [aria-hidden=true], .canvas') === null)
    .map((element) => element.outerHTML.slice(0, 120))
}

describe.skipIf(!chromium)('the focus', () => {
  let album: AlbumWindows

  beforeAll(async () => {
    album = await openAlbum(chromium!)
  }, walkMs)
  afterAll(() => album?.close())

  it('walks every screen and dialog in reading order, and is seen', async () => {
    const { page, context } = await album.open({ width: 1280, height: 800 })
    const found: string[] = []
    await page.goto(album.origin)
    for (const state of album.states) {
      await goToHash(page, state.hash)
      await page.getByRole('heading').first().waitFor()
      await state.prepare?.(page)
      await page.keyboard.up('Space')
      const modal = await page.evaluate(() => document.querySelector('dialog[open], .photo-view') !== null)
      if (!modal) await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
      const stops = await walk(page)
      const complain = (what: string) => found.push(`${state.name}: ${what}`)
      if (stops.length === 0) complain('Tab leads nowhere')
      stops.forEach((at, i) => {
        if (!at.isSeen) complain(`${at.name} does not show that it has the focus`)
        if (!at.isInSight) complain(`${at.name} has the focus out of sight`)
        if (modal && !at.inDialog) complain(`${at.name} is behind the dialog`)
        const before = stops[i - 1]
        // A little dialog that hangs from its button lies over what comes after it.
        const leavesDialog = before?.inDialog && !at.inDialog
        if (before && !leavesDialog && isBefore(at, before)) complain(`${at.name} comes after ${before.name}`)
      })
      for (const control of await page.evaluate(unreachable)) complain(`no key leads to ${control}`)
      await leaveState(page)
    }
    await context.close()
    expect(found).toEqual([])
  }, walkMs)

  it('comes back from a dialog to where it was', async () => {
    const { page, context } = await album.open({ width: 1280, height: 800 })
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') || document.activeElement?.textContent?.trim() || '')
    const cases: { hash: string; opener: RegExp; close?: string }[] = [
      { hash: '#/people', opener: /^Keys$/ },
      { hash: '#/people', opener: /^History$/ },
      { hash: '#/people/1', opener: /^Merge…/ },
      { hash: '#/people/1', opener: /^Split…/ },
      { hash: '#/folders', opener: /^Add folder/ },
      { hash: '#/folders', opener: /^Remove$/ },
    ]
    for (const { hash, opener } of cases) {
      await page.goto(`${album.origin}/${hash}`)
      const button = page.getByRole('button', { name: opener }).first()
      await button.focus()
      const before = await focused()
      await page.keyboard.press('Enter')
      await page.locator('dialog[open]').waitFor()
      expect(await page.evaluate(() => document.activeElement?.closest('dialog') !== null), `${opener} opens with the focus inside`).toBe(true)
      await page.keyboard.press('Escape')
      await page.waitForFunction(() => document.querySelector('dialog[open]') === null)
      await expect.poll(focused, { message: `after ${opener}` }).toBe(before)
    }
    await page.goto(`${album.origin}/#/photos`)
    await page.locator('[data-index="2"]').focus()
    await page.keyboard.press('Enter')
    await page.locator('.photo-view').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('[data-index="2"]:focus').waitFor()
    await context.close()
  })
})
