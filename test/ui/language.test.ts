/** Numbers and dates are written as the person writes them, whatever language the words are in. */
import { mkdirSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestLibrary } from '../fixtures/library.ts'
import { findChromium, launchBrowser, openWindow } from './browser.ts'
import { createKith, type RunningKith } from './kith.ts'

const chromium = findChromium()
const photoCount = 1_234
const takenAt = Date.UTC(2019, 2, 5, 12) / 1000

/** Years apart, so that there are months and years to write. */
function fill(directory: string): void {
  mkdirSync(directory, { recursive: true })
  const library = createTestLibrary({ directory })
  const folderId = library.addFolder('/photos')
  const addPhoto = library.db.prepare(`
    INSERT INTO photos (folder_id, relative_path, size_bytes, modified_ms, width_px, height_px, taken_at, taken_at_source, status)
    VALUES (?, ?, 1000, 0, 4000, 3000, ?, 'camera', 'indexed')`)
  for (let i = 0; i < photoCount; i++) addPhoto.run(folderId, `IMG_${i}.jpg`, takenAt - (i % 4) * 366 * 86_400)
  library.refreshCounts()
  library.close()
}

describe.skipIf(!chromium)('the person’s own language', () => {
  let browser: Browser
  let kith: RunningKith
  let origin: string
  let cookies: Awaited<ReturnType<Awaited<ReturnType<typeof openWindow>>['context']['cookies']>>

  beforeAll(async () => {
    kith = createKith()
    fill(kith.libraryDirectory)
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

  const cases = [
    { locale: 'en-GB', total: '1,234 photos', month: 'March 2019', year: '2019', day: '5 March 2019' },
    { locale: 'de-DE', total: '1.234 photos', month: 'März 2019', year: '2019', day: '5. März 2019' },
    // Written from right to left with digits of its own.
    { locale: 'ar-EG', total: '١٬٢٣٤ photos', month: '\u2068مارس ٢٠١٩\u2069', year: '٢٠١٩', day: '\u2068٥ مارس ٢٠١٩\u2069' },
    // A calendar of its own for days; months and years are those that photos are cut into and searched by.
    { locale: 'fa-IR', total: '۱٬۲۳۴ photos', month: '\u2068مارس ۲۰۱۹\u2069', year: '۲۰۱۹', day: '\u2068۱۴ اسفند ۱۳۹۷\u2069' },
  ]
  for (const { locale, total, month, year, day } of cases)
    it(`${locale}: numbers, months, years and days`, async () => {
      const { page, context } = await openWindow(browser, 'about:blank', { locale })
      await context.addCookies(cookies)
      await page.goto(`${origin}/#/photos`)
      await page.getByText(total, { exact: true }).waitFor()
      expect(await page.locator('.heading h2').first().textContent()).toBe(month)
      expect(await page.locator('.scrubber .year').first().textContent()).toContain(year)
      await expect.poll(() => page.locator('.photo').first().getAttribute('aria-label')).toContain(day)
      expect(await page.evaluate(() => [document.documentElement.lang, document.documentElement.scrollWidth <= innerWidth])).toEqual(['en', true])
      await page.goto(`${origin}/#/photos?photo=1`)
      const written = await page.locator('.photo-view h1').textContent()
      expect(written).toContain(day.replace(/[\u2068\u2069]/g, '').split(' ')[1])
      await context.close()
    })
})
