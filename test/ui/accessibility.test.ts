/** Every view, light and dark, small and large, against axe's rules and the page's own security policy. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAlbum, type AlbumWindows } from './album-window.ts'
import { findChromium, goToHash } from './browser.ts'
import { leaveState } from './states.ts'

const chromium = findChromium()
/** Some forty screens and dialogs, one after the other, on a machine that may be busy. */
const walkMs = 240_000
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Runs in the page. */
function runAxe(): Promise<AxeResults> {
  const { axe } = window as unknown as { axe: { run(context: Document, options: object): Promise<AxeResults> } }
  return axe.run(document, { resultTypes: ['violations'], preload: false })
}

describe.skipIf(!chromium)('accessibility', () => {
  let album: AlbumWindows

  beforeAll(async () => {
    album = await openAlbum(chromium!)
  }, walkMs)
  afterAll(() => album?.close())

  for (const look of [
    { name: 'light, 1440 × 900', dark: false, width: 1440, height: 900 },
    { name: 'dark, 1024 × 640', dark: true, width: 1024, height: 640 },
  ])
    it(`finds nothing wrong: ${look.name}`, async () => {
      const window = await album.open({ ...look, script: axe })
      const { page } = window
      const response = await page.goto(album.origin)
      expect(response?.headers()['content-security-policy']).toContain("default-src 'none'")
      const found: string[] = []
      for (const state of album.states) {
        await goToHash(page, state.hash)
        await page.getByRole('heading').first().waitFor()
        await state.prepare?.(page)
        for (const dark of [look.dark, !look.dark]) {
          await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' })
          const { violations } = await page.evaluate(runAxe)
          for (const { id, nodes } of violations)
            found.push(`${state.name}, ${dark ? 'dark' : 'light'}: ${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary ?? ''}`).join(' | ').slice(0, 600)}`)
        }
        await leaveState(page)
      }
      // One search is wrong on purpose.
      found.push(...(await window.complaints()).filter((text) => !text.includes('status of 400')))
      await window.context.close()
      expect(found).toEqual([])
    }, walkMs)
})
