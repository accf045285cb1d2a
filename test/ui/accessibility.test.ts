/** Every view, light and dark, small and large, against axe's rules and the page's own security policy. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeAlbum } from './album.ts'
import { findChromium, launchBrowser, openWindow } from './browser.ts'
import { createKith, type RunningKith } from './kith.ts'

const chromium = findChromium()
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const states: { name: string; hash: string; prepare?: (page: Page) => Promise<void> }[] = [
  { name: 'people', hash: '#/people', prepare: (page) => page.locator('.group').first().waitFor() },
  {
    name: 'naming a group',
    hash: '#/people',
    prepare: async (page) => {
      await page.locator('.group input').first().fill('a')
      await page.getByRole('option').first().waitFor()
    },
  },
  { name: 'a person', hash: '#/people/1', prepare: (page) => page.getByRole('option').first().click() },
  { name: 'the photos of a person', hash: '#/people/1/photos', prepare: (page) => page.locator('.photo').first().waitFor() },
  { name: 'suggestions', hash: '#/people/1/suggestions' },
  { name: 'all unnamed faces', hash: '#/faces/unnamed', prepare: (page) => page.getByRole('option').first().waitFor() },
  { name: 'ignored faces', hash: '#/faces/ignored' },
  { name: 'review', hash: '#/review', prepare: (page) => page.locator('.large, .empty').first().waitFor() },
  { name: 'photos', hash: '#/photos', prepare: (page) => page.locator('.photo').first().waitFor() },
  {
    name: 'a search that was not understood',
    hash: '#/photos?q=nobdy',
    prepare: (page) => page.getByRole('alert').waitFor(),
  },
  { name: 'a photo', hash: '#/photos?photo=3', prepare: (page) => page.getByRole('dialog').getByRole('listitem').first().waitFor() },
  { name: 'folders', hash: '#/folders', prepare: (page) => page.getByRole('heading', { name: 'album' }).waitFor() },
  {
    name: 'help',
    hash: '#/people',
    prepare: async (page) => {
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'history',
    hash: '#/people',
    prepare: async (page) => {
      await page.keyboard.press('h')
      await page.getByRole('dialog').getByRole('listitem').first().waitFor()
    },
  },
]

/** Runs in the page. */
function runAxe(): Promise<AxeResults> {
  const { axe } = window as unknown as { axe: { run(context: Document, options: object): Promise<AxeResults> } }
  return axe.run(document, { resultTypes: ['violations'], preload: false })
}

describe.skipIf(!chromium)('accessibility', () => {
  let browser: Browser
  let kith: RunningKith
  let origin: string
  let cookies: Awaited<ReturnType<Awaited<ReturnType<typeof openWindow>>['context']['cookies']>>

  beforeAll(async () => {
    kith = createKith()
    await writeAlbum(join(kith.directory, 'album'), { scenes: 3, broken: true })
    await kith.run('index', join(kith.directory, 'album'))
    const [cluster] = JSON.parse(await kith.run('clusters', '--json')) as { id: number }[]
    await kith.run('name', `cluster:${cluster!.id}`, 'Anna')
    browser = await launchBrowser(chromium!)
    const link = await kith.serve()
    origin = new URL(link).origin
    const first = await openWindow(browser, link)
    await first.page.getByRole('heading', { name: 'People' }).waitFor()
    cookies = await first.context.cookies()
    await first.context.close()
  })
  afterAll(async () => {
    await browser?.close()
    await kith?.close()
  })

  for (const look of [
    { name: 'light, 1440 × 900', dark: false, width: 1440, height: 900 },
    { name: 'dark, 1024 × 640', dark: true, width: 1024, height: 640 },
  ])
    it(`finds nothing wrong: ${look.name}`, async () => {
      const window = await openWindow(browser, 'about:blank', look)
      await window.context.addCookies(cookies)
      await window.context.addInitScript(axe)
      const { page } = window
      const response = await page.goto(origin)
      expect(response?.headers()['content-security-policy']).toContain("default-src 'none'")
      const found: string[] = []
      for (const state of states) {
        await page.goto(`${origin}/${state.hash}`)
        await page.getByRole('heading').first().waitFor()
        await state.prepare?.(page)
        const { violations } = await page.evaluate(runAxe)
        for (const { id, nodes } of violations)
          found.push(`${state.name}: ${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary ?? ''}`).join(' | ').slice(0, 600)}`)
        const widerPx = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        if (widerPx > 0) found.push(`${state.name}: ${widerPx} px wider than the window`)
        await page.keyboard.press('Escape')
      }
      // One search is wrong on purpose.
      found.push(...(await window.complaints()).filter((text) => !text.includes('status of 400')))
      await window.context.close()
      expect(found).toEqual([])
    })
})
