/** The desktop window, where Electron's binary is here or can be had. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
/** A download that takes longer is given up. */
const downloadMs = 180_000
/** A window that ends this soon with an error never was one. */
const startMs = 10_000

/** The binary in an installed package `electron`; null where only the package is there. */
export function electronFile(packageDirectory: string): string | null {
  try {
    const path = join(packageDirectory, 'dist', readFileSync(join(packageDirectory, 'path.txt'), 'utf8').trim())
    return existsSync(path) ? path : null
  } catch {
    return null
  }
}

/** Has the package fetch its binary, as it does at its first run; null where that fails. */
async function downloadElectron(packageDirectory: string, signal: AbortSignal): Promise<string | null> {
  const installer = join(packageDirectory, 'install.js')
  if (!existsSync(installer)) return null
  await new Promise<void>((done) => {
    const child = spawn(process.execPath, [installer], { stdio: 'ignore', signal: AbortSignal.any([signal, AbortSignal.timeout(downloadMs)]) })
    child.on('error', () => done())
    child.on('exit', () => done())
  })
  return electronFile(packageDirectory)
}

export interface DesktopOptions {
  folders: readonly string[]
  environment: Readonly<Record<string, string | undefined>>
  signal: AbortSignal
  note(line: string): void
}

/**
 * Opens the desktop window and waits for its end.
 * @returns its exit status, or null where there can be no window: one line has said why
 */
export async function openDesktop({ folders, environment, signal, note }: DesktopOptions): Promise<number | null> {
  const packageDirectory = join(root, 'node_modules/electron')
  let file = electronFile(packageDirectory)
  if (!file) {
    note('Fetching the desktop window, once …')
    file = await downloadElectron(packageDirectory, signal)
  }
  if (!file) {
    note('The desktop window can’t be fetched here: Kith opens in the browser.')
    return null
  }
  const startedMs = performance.now()
  const child = spawn(file, [root, ...folders.map((folder) => resolve(folder))], {
    stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...environment, KITH_NODE: process.execPath },
  })
  const stop = () => void child.kill('SIGTERM')
  signal.addEventListener('abort', stop, { once: true })
  const status = await new Promise<number>((done) => {
    child.on('error', () => done(1))
    child.on('exit', (code) => done(code ?? 1))
  })
  signal.removeEventListener('abort', stop)
  if (status === 0 || signal.aborted || performance.now() - startedMs > startMs) return signal.aborted ? 0 : status
  note('The desktop window did not start here: Kith opens in the browser.')
  return null
}
