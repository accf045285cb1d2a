/** What docs/security.md promises of the desktop program, on the built main process and preload script. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import type { CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../ui/browser.ts'
import { startDesktop, type Desktop } from './desktop.ts'
import { below, listeningPorts } from './processes.ts'

const chromium = findChromium()
const root = resolve(import.meta.dirname, '../..')

describe.skipIf(!chromium)('the page in its window', () => {
  let desktop: Desktop
  let page: Page
  const openedOutside = async () => (await desktop.state()).lists['openedOutside'] ?? []

  beforeAll(async () => {
    process.env['KITH_CHROMIUM'] ??= chromium!
    desktop = await startDesktop()
    page = desktop.page
    await page.getByText('Who is in your photos?').waitFor()
  })
  afterAll(() => desktop?.close())

  it('sees three functions of the shell and nothing of Node or Electron', async () => {
    expect(await page.evaluate(() => {
      const world = globalThis as unknown as Record<string, unknown>
      return {
        functions: Object.keys(world['kithShell'] as object),
        frozen: Object.isFrozen(world['kithShell']),
        others: ['require', 'process', 'module', 'Buffer', 'global', 'ipcRenderer', 'electron', 'standinSend'].filter((name) => name in world),
        secure: isSecureContext,
      }
    })).toEqual({ functions: ['onMessage', 'showInFileManager', 'openOriginal'], frozen: true, others: [], secure: true })
  })

  it('is held by a content security policy that comes as a header', async () => {
    const policy = await page.evaluate(async () => (await fetch('')).headers.get('content-security-policy'))
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toContain('unsafe')
    expect(await page.evaluate(() => {
      const script = document.createElement('script')
      script.textContent = 'window.injected = true'
      document.body.append(script)
      return 'injected' in window
    })).toBe(false)
    expect(await page.evaluate(() => fetch('https://example.org/').then(() => 'answered', () => 'refused'))).toBe('refused')
  })

  it('goes to no other address; an https one opens in the system’s browser', async () => {
    const home = page.url()
    for (const url of ['http://127.0.0.1:9/', 'data:text/html,hello', 'https://example.org/tour']) {
      await page.evaluate((to) => { location.href = to }, url)
      await page.waitForTimeout(150)
      expect(page.url()).toBe(home)
    }
    expect(await openedOutside()).toEqual(['https://example.org/tour'])
    expect(await page.getByText('Who is in your photos?').isVisible()).toBe(true)
  })

  it('opens no window; an https one opens in the system’s browser', async () => {
    await page.evaluate(() => {
      for (const url of ['https://example.org/help', 'file:///etc/passwd', 'about:blank', 'app://kith/']) window.open(url)
    })
    await expect.poll(openedOutside).toEqual(['https://example.org/tour', 'https://example.org/help'])
    expect((await desktop.state()).windows).toHaveLength(1)
    await expect.poll(() => page.context().pages().filter((one) => one.url().includes('.app.localhost'))).toHaveLength(1)
  })

  it('is given no permission', async () => {
    const states = await page.evaluate(async () => {
      const names = ['geolocation', 'notifications', 'camera', 'microphone', 'clipboard-read']
      return Promise.all(names.map(async (name) => (await navigator.permissions.query({ name: name as PermissionName })).state))
    })
    expect(new Set(states)).toEqual(new Set(['denied']))
    expect(await page.evaluate(() => Notification.requestPermission())).toBe('denied')
    expect(await page.evaluate(() => new Promise((answer) => navigator.geolocation.getCurrentPosition(() => answer('granted'), ({ code }) => answer(code)))))
      .toBe(1)
  })

  it('can hold no webview', async () => {
    expect(await desktop.control('webview')).toBe(true)
  })

  it('gets words, not a path, when it asks for a photo that is none', async () => {
    for (const value of [0, '1', { id: 1 }, '/etc/passwd', 999_999]) {
      const words = await page.evaluate((photoId) => {
        const { kithShell } = window as unknown as { kithShell: { openOriginal(id: unknown): Promise<void> } }
        return kithShell.openOriginal(photoId).then(() => 'opened', (error: Error) => error.message)
      }, value)
      expect(words).not.toBe('opened')
    }
    const { lists } = await desktop.state()
    expect(lists['openedFiles']).toBeUndefined()
    expect(lists['shownFiles']).toBeUndefined()
  })

  it('opens no port: neither the main process nor the library', async (context) => {
    if (process.platform !== 'linux') return context.skip('Which process listens is read from /proc, on Linux only.')
    const family = [desktop.main.pid!, ...below(desktop.main.pid!, 'library-process').map(({ id }) => id)]
    expect(family.length).toBe(2)
    expect(family.flatMap(listeningPorts)).toEqual([])
    // The same look finds a port where there is one.
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((done) => server.once('listening', done))
    const port = (server.address() as AddressInfo).port.toString(16).toUpperCase().padStart(4, '0')
    expect(listeningPorts(process.pid).some((address) => address.endsWith(`:${port}`))).toBe(true)
    server.close()
  })

  it('is not heard any more once another page is in its place', async () => {
    // Past every guard of the window, as a bug in Chromium might bring it there: the preload script runs beside a foreign page.
    const session: CDPSession = await page.context().newCDPSession(page)
    const contexts: { id: number; name: string }[] = []
    session.on('Runtime.executionContextCreated', ({ context }) => contexts.push(context))
    session.on('Runtime.executionContextsCleared', () => contexts.splice(0))
    await session.send('Runtime.enable')
    const ask = async (channel: string) => {
      const { id } = contexts.findLast(({ name }) => name === 'preload')!
      const { result } = await session.send('Runtime.evaluate', {
        contextId: id, awaitPromise: true, returnByValue: true,
        expression: `standinInvoke(${JSON.stringify(channel)}, 1).then(() => 'heard', (error) => error.message)`,
      })
      return result.value as string
    }
    expect(await ask('kith:open-original')).not.toContain('its own page only')
    const foreign = await foreignPage()
    await desktop.control('expect', foreign.url)
    await page.goto(foreign.url)
    await page.getByText('a foreign page').waitFor()
    for (const channel of ['kith:open-original', 'kith:show-in-file-manager']) expect(await ask(channel)).toContain('Kith answers its own page only.')
    expect(desktop.said() + readLog()).toContain(`refused kith:open-original from ${foreign.url}`)
    foreign.close()
  })

  const readLog = () => readFileSync(join(desktop.directory, 'app data/kith-window/log.txt'), 'utf8')
})

async function foreignPage(): Promise<{ url: string; close(): void }> {
  const server = createServer((_request, answer) => {
    answer.setHeader('content-type', 'text/html')
    answer.end('<!doctype html><p>a foreign page</p>')
  }).listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() }
}

describe('the program as it is built', () => {
  const builder = readFileSync(join(root, 'electron-builder.yml'), 'utf8')
  const shell = (name: string) => readFileSync(join(root, 'src-main/shell', name), 'utf8')

  it('has its fuses set', () => {
    for (const [fuse, value] of [
      ['runAsNode', false], ['enableNodeOptionsEnvironmentVariable', false], ['enableNodeCliInspectArguments', false],
      ['enableEmbeddedAsarIntegrityValidation', true], ['onlyLoadAppFromAsar', true], ['grantFileProtocolExtraPrivileges', false],
      ['enableCookieEncryption', true],
    ] as const) expect(builder).toMatch(new RegExp(`^  ${fuse}: ${value}$`, 'm'))
  })

  it('opens a sandboxed, isolated window and turns nothing on that is off by itself', () => {
    const preferences = /webPreferences: \{([^}]*)\}/.exec(shell('window.ts'))![1]!
    for (const line of ['sandbox: true', 'contextIsolation: true', 'nodeIntegration: false', 'webSecurity: true', 'webviewTag: false']) expect(preferences).toContain(line)
    for (const name of ['window.ts', 'main.ts', 'guard.ts'])
      expect(shell(name)).not.toMatch(/allowRunningInsecureContent|experimentalFeatures|enableBlinkFeatures|allowpopups|nodeIntegrationIn|bypassCSP|corsEnabled/)
  })

  it('loads its page from its own scheme and nothing from files', () => {
    for (const name of ['window.ts', 'main.ts']) expect(shell(name)).not.toMatch(/\.loadFile\(|file:\/\//)
  })

  it('is built on a version of Electron that is exact', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { devDependencies: Record<string, string> }
    expect(devDependencies['electron']).toMatch(/^\d+\.\d+\.\d+$/)
  })
})
