/** Runs the command line as a person or a script does: a process of its own. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { resolve } from 'node:path'

export const repository = resolve(import.meta.dirname, '../../..')

export interface Outcome {
  status: number | null
  stdout: string
  stderr: string
}

/** A library of its own and nothing of the environment that would point to another. */
function environmentFor(library: string): NodeJS.ProcessEnv {
  const others = new Set(['KITH_LIBRARY', 'KITH_MODELS', 'DISPLAY', 'WAYLAND_DISPLAY'])
  const rest = Object.entries(process.env).filter(([name]) => !others.has(name))
  return { ...Object.fromEntries(rest), KITH_LIBRARY: library }
}

export function startKith(library: string, args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [resolve(repository, 'scripts/kith.mjs'), ...args], { env: environmentFor(library) })
}

/** Waits for the process; `seen` gets each piece of its output. */
export function outcomeOf(child: ChildProcessWithoutNullStreams, seen: (stdout: string, stderr: string) => void = () => {}): Promise<Outcome> {
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data: Buffer) => seen((stdout += data), stderr))
  child.stderr.on('data', (data: Buffer) => seen(stdout, (stderr += data)))
  return new Promise((resolveOutcome, reject) => {
    child.on('error', reject)
    child.on('close', (status) => resolveOutcome({ status, stdout, stderr }))
  })
}

export function runKith(library: string, ...args: string[]): Promise<Outcome> {
  const child = startKith(library, args)
  child.stdin.end()
  return outcomeOf(child)
}

/** The one JSON document of a command that has to succeed. */
export async function runForJson<T>(library: string, ...args: string[]): Promise<T> {
  const { status, stdout, stderr } = await runKith(library, ...args, '--json')
  if (status !== 0) throw new Error(`kith ${args.join(' ')} ended with ${status}: ${stderr}${stdout}`)
  return JSON.parse(stdout) as T
}
