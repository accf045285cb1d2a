/** Kith as a person starts it: the command line indexes, the server serves, on a library of its own. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
const command = join(root, 'scripts/kith.mjs')
const builtPage = join(root, 'out/renderer/index.html')
const stopMs = 10_000

export interface RunningKith {
  directory: string
  libraryDirectory: string
  /** Starts the server where it is not running; the address works once. */
  serve(): Promise<string>
  /** Ends the server as Ctrl-C does, or as a crash does. */
  stop(signal?: 'SIGINT' | 'SIGKILL'): Promise<void>
  /** Runs a command on the library and gives its output. */
  run(...parameters: string[]): Promise<string>
  /** Ends the server and removes everything. */
  close(): Promise<void>
}

/**
 * Makes a folder for a library and its photos. Nothing runs yet.
 * @param library where it lies, if it is made already
 */
export function createKith(library?: string): RunningKith {
  if (!existsSync(builtPage)) throw new Error(`${builtPage} is not there. Run: npm run build`)
  const directory = mkdtempSync(join(tmpdir(), 'kith-ui-'))
  const libraryDirectory = library ?? join(directory, 'library')
  const start = (parameters: string[]) =>
    spawn(process.execPath, [command, ...parameters, '--library', libraryDirectory], {
      cwd: directory,
      env: { ...process.env, HOME: directory, KITH_MODELS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  let server: ChildProcess | null = null
  let port = '0'

  const kith: RunningKith = {
    directory,
    libraryDirectory,
    async serve() {
      const child = start(['serve', '--port', port])
      server = child
      let said = ''
      return new Promise<string>((found, failed) => {
        const listen = (chunk: Buffer) => {
          said += chunk.toString()
          const address = /http:\/\/\S+/.exec(said)?.[0]
          if (!address) return
          port = new URL(address).port
          found(address)
        }
        child.stdout!.on('data', listen)
        child.stderr!.on('data', listen)
        child.once('exit', (code) => failed(new Error(`kith serve ended with ${code}: ${said}`)))
      })
    },
    async stop(signal = 'SIGINT') {
      const child = server
      server = null
      if (!child || child.exitCode !== null) return
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill(signal)
      const timer = setTimeout(() => child.kill('SIGKILL'), stopMs)
      await ended
      clearTimeout(timer)
    },
    async run(...parameters) {
      const child = start(parameters)
      let said = ''
      let complained = ''
      child.stdout!.on('data', (chunk: Buffer) => { said += chunk.toString() })
      child.stderr!.on('data', (chunk: Buffer) => { complained += chunk.toString() })
      const code = await new Promise((resolve) => child.once('close', resolve))
      if (code !== 0) throw new Error(`kith ${parameters.join(' ')} ended with ${code}: ${complained}`)
      return said
    },
    async close() {
      await kith.stop()
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
  return kith
}
