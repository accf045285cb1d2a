/** The same program on a real Electron, wherever its binary is there: what a stand-in can't prove. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { electronFile } from '../../src-main/cli/desktop.ts'
import { writeAlbum } from '../ui/album.ts'

const root = resolve(import.meta.dirname, '../..')
const file = electronFile(join(root, 'node_modules/electron'))
if (!file) console.log('skipped: there is no Electron binary here, so the desktop program is tested with a stand-in alone; node node_modules/electron/install.js fetches one')

describe.skipIf(!file || process.env['KITH_PACKAGE'])('the desktop program on a real Electron', () => {
  let directory: string
  let electron: ElectronApplication
  let page: Page
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'kith-electron-'))
    await writeAlbum(join(directory, 'album'), { scenes: 1 })
    electron = await _electron.launch({
      executablePath: file!,
      args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), root, join(directory, 'album')],
      env: { ...process.env as Record<string, string>, HOME: directory, XDG_CONFIG_HOME: join(directory, 'config'), KITH_MODELS: '', KITH_LIBRARY: join(directory, 'library'), KITH_NODE: process.execPath },
    })
    page = await electron.firstWindow()
  })
  afterAll(async () => {
    await electron?.close()
    rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  })

  it('loads its page from its own scheme, held by its policy', async () => {
    expect(page.url()).toMatch(/^app:\/\/kith\//)
    expect(await page.evaluate(async () => ({
      isSecure: isSecureContext, origin: location.origin, policy: (await fetch('')).headers.get('content-security-policy'),
      bridge: Object.keys((window as unknown as { kithShell: object }).kithShell), require: typeof (globalThis as { require?: unknown }).require,
    }))).toMatchObject({
      isSecure: true, origin: 'app://kith', policy: expect.stringContaining("default-src 'none'") as string,
      bridge: ['onMessage', 'showInFileManager', 'openOriginal'], require: 'undefined',
    })
  })

  it('hears the news of the work, shows faces and names them', async () => {
    await page.locator('.group').first().waitFor({ timeout: 60_000 })
    expect(await page.locator('.group img').first().evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth))).toBeGreaterThan(100)
    await page.keyboard.press('n')
    await page.keyboard.type('Anna')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Anna' }).first().waitFor()
  })

  it('undoes from the menu', async () => {
    await electron.evaluate(({ Menu }, label) => {
      const edit = Menu.getApplicationMenu()!.items.find((item) => item.label === 'Edit')!
      edit.submenu!.items.find((item) => item.label === label)!.click()
    }, 'Undo')
    await expect.poll(() => page.getByRole('link', { name: 'Anna' }).count()).toBe(0)
  })

  it('goes nowhere else, opens no window and is given no permission', async () => {
    const home = page.url()
    await page.evaluate(() => { location.href = 'http://127.0.0.1:9/' })
    await page.evaluate(() => window.open('file:///etc/passwd'))
    await page.waitForTimeout(500)
    expect(page.url()).toBe(home)
    expect(electron.windows()).toHaveLength(1)
    expect(await page.evaluate(async () => (await navigator.permissions.query({ name: 'geolocation' })).state)).toBe('denied')
  })

  it('ends when its window is closed', async () => {
    const ended = electron.waitForEvent('close')
    await page.close()
    await ended
  })
})
