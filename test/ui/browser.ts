/** A real Chromium for tests of the window: finds one, opens pages in it, and notes everything it complains of. */
import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

const candidates = [
  process.env['KITH_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

/** Where a browser is, or null; then the reason is printed. */
export function findChromium(): string | null {
  const found = [...candidates, chromium.executablePath()].find((path) => path && existsSync(path))
  if (!found) console.log('skipped: no Chromium or Chrome found; install one or set KITH_CHROMIUM to its path')
  return found ?? null
}

export async function launchBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  })
}

export interface Window {
  page: Page
  context: BrowserContext
  /** Errors of the console, exceptions and violations of the content security policy, so far. */
  complaints(): Promise<string[]>
}

export interface WindowOptions {
  width?: number
  height?: number
  dark?: boolean
  locale?: string
}

/** Opens an address in a window of its own, without anything kept from another. */
export async function openWindow(browser: Browser, url: string, options: WindowOptions = {}): Promise<Window> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    colorScheme: options.dark ? 'dark' : 'light',
    locale: options.locale ?? 'en-GB',
    reducedMotion: 'reduce',
  })
  context.setDefaultTimeout(10_000)
  const noted: string[] = []
  await context.addInitScript(() => {
    const violations: string[] = []
    Object.assign(window, { policyViolations: violations })
    addEventListener('securitypolicyviolation', (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`))
  })
  const page = await context.newPage()
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') noted.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => noted.push(`exception: ${error.message}`))
  await page.goto(url)
  return {
    page,
    context,
    async complaints() {
      const violations = await page.evaluate(() => (window as unknown as { policyViolations: string[] }).policyViolations)
      return [...noted, ...violations.map((violation) => `policy: ${violation}`)]
    },
  }
}

/**
 * Goes to another address of the window, given as `#/…`, and waits until it has followed: keys and clicks before that would be
 * for the view before. Where it is there already the page is loaded anew.
 */
export async function goToHash(page: Page, hash: string): Promise<void> {
  if (new URL(hash, page.url()).hash === new URL(page.url()).hash) return void (await page.reload())
  await page.evaluate((to) => new Promise<void>((followed) => {
    addEventListener('hashchange', () => setTimeout(followed), { once: true })
    location.hash = to
  }), hash)
}

/** Asks Kith as the page does. @returns the answer's value */
export const askKith = <T>(page: Page, method: string, input: object = {}): Promise<T> =>
  page.evaluate(async ([name, body]) => {
    const answer = await fetch(`rpc/${name}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: body! })
    return ((await answer.json()) as { value: unknown }).value
  }, [method, JSON.stringify(input)] as const) as Promise<T>
