/** The desktop program under the stand-in: the built main process and preload script, with a Chromium as the window. */
import { fork, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import type { Control, StandinState } from '../standin/control.ts'

const root = resolve(import.meta.dirname, '../..')
const register = join(root, 'test/standin/register.ts')
const patienceMs = 20_000

export interface DesktopOptions {
  /** Of an earlier start, so that it goes on from there. */
  directory?: string
  folders?: string[]
  environment?: Record<string, string>
  /** Does not wait for the page: there is no library that could bring it. */
  withoutPage?: boolean
}

export interface Desktop {
  directory: string
  libraryDirectory: string
  main: ChildProcess
  /** The window's page. */
  page: Page
  /** What the main process wrote on stderr. */
  said(): string
  control<T = unknown>(...control: Control): Promise<T>
  state(): Promise<StandinState>
  /** Ends it as a person does; answers the exit status. */
  quit(): Promise<number | null>
  /** Ends it by force and removes everything. */
  close(): Promise<void>
}

/** The package to test, where there is one: its unpacked folder; else the sources. */
const packaged = process.env['KITH_PACKAGE']

function startMain(directory: string, folders: string[], environment: Record<string, string>): ChildProcess {
  const entry = packaged ? join(packaged, 'resources/app.asar/out/main/index.js') : join(root, 'out/main/index.js')
  return fork(entry, folders, {
    execArgv: ['--import', register], cwd: directory, stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      ...process.env, HOME: directory, KITH_MODELS: '', KITH_LIBRARY: join(directory, 'library'), KITH_NODE: process.execPath,
      STANDIN_APP_DATA: join(directory, 'app data'),
      ...(packaged ? { STANDIN_PACKAGED: '1', STANDIN_RESOURCES: join(packaged, 'resources') } : {}),
      ...environment,
    },
  })
}

/** A directory for one desktop program and its photos. */
export function makeDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'kith-desktop-'))
}

/** Starts it a second time; answers when that process has ended. */
export function startAgain(desktop: Desktop, folders: string[]): Promise<number | null> {
  const second = startMain(desktop.directory, folders, {})
  return new Promise((done) => second.once('exit', done))
}

export async function startDesktop(options: DesktopOptions = {}): Promise<Desktop> {
  if (!existsSync(join(root, 'out/main/index.js'))) throw new Error('The shell is not built. Run: npm run build')
  const directory = options.directory ?? makeDirectory()
  const main = startMain(directory, options.folders ?? [], options.environment ?? {})
  let said = ''
  main.stderr!.on('data', (chunk: Buffer) => { said += chunk.toString() })
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let lastId = 0
  main.on('message', ({ id, value, error }: { id: number; value?: unknown; error?: string }) => {
    if (error === undefined) waiting.get(id)?.resolve(value)
    else waiting.get(id)?.reject(new Error(error))
    waiting.delete(id)
  })
  const ended = new Promise<number | null>((done) => main.once('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`The main process ended (${code}):\n${said}`))
    done(code)
  }))
  const control = <T>(...message: Control) =>
    new Promise<T>((resolve_, reject) => {
      const id = ++lastId
      waiting.set(id, { resolve: resolve_ as (value: unknown) => void, reject })
      main.send({ id, control: message }, (error) => { if (error) reject(error) })
    })
  let browser: Browser | null = null
  const desktop: Desktop = {
    directory, libraryDirectory: join(directory, 'library'), main, control,
    page: undefined as unknown as Page,
    said: () => said,
    state: () => control<StandinState>('state'),
    async quit() {
      await browser?.close()
      main.kill('SIGTERM')
      return ended
    },
    async close() {
      await browser?.close()
      if (main.exitCode === null && main.signalCode === null) main.kill('SIGKILL')
      await ended
      rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
    },
  }
  if (options.withoutPage) return desktop
  const until = Date.now() + patienceMs
  for (;;) {
    const { endpoint, windows } = await control<StandinState>('state')
    if (windows[0]?.url.startsWith('app://')) {
      browser = await chromium.connectOverCDP(endpoint)
      const found = browser.contexts().flatMap((context) => context.pages()).find((page) => page.url().includes('.app.localhost'))
      if (found) {
        desktop.page = found
        found.setDefaultTimeout(15_000)
        return desktop
      }
      await browser.close()
    }
    if (Date.now() > until) throw new Error(`The window did not come:\n${said}`)
    await new Promise((resolve_) => setTimeout(resolve_, 100))
  }
}
