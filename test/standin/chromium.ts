/** A Chromium, and a bare connection to it over its debugging protocol. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Protocol } from '../../node_modules/playwright-core/types/protocol.d.ts'

type Commands = Protocol.CommandParameters
type Answers = Protocol.CommandReturnValues
type Events = Protocol.Events

export interface Chromium {
  endpoint: string
  processId: number
  send<C extends keyof Commands & keyof Answers>(command: C, parameters?: Commands[C], sessionId?: string): Promise<Answers[C]>
  on<E extends keyof Events>(event: E, listener: (parameters: Events[E], sessionId: string | undefined) => void): void
  stop(): Promise<void>
}

export async function startChromium(executablePath: string): Promise<Chromium> {
  const profile = mkdtempSync(join(tmpdir(), 'kith-standin-'))
  const child = spawn(executablePath, [
    '--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`, '--no-sandbox', '--disable-gpu', '--disable-quic',
    '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--lang=en-GB', 'about:blank',
  ], { stdio: ['ignore', 'ignore', 'pipe'] })
  let endpoint = ''
  for await (const line of createInterface(child.stderr)) {
    endpoint = /DevTools listening on (ws:\S+)/.exec(line)?.[1] ?? ''
    if (endpoint) break
  }
  if (!endpoint) throw new Error(`${executablePath} did not start`)
  child.stderr.resume()
  const socket = new WebSocket(endpoint)
  await new Promise((resolve, reject) => {
    socket.onopen = resolve
    socket.onerror = reject
  })
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  const listeners = new Map<string, ((parameters: unknown, sessionId: string | undefined) => void)[]>()
  let lastId = 0
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(String(data)) as { id?: number; method?: string; params?: unknown; result?: unknown; error?: { message: string }; sessionId?: string }
    if (message.id === undefined) {
      for (const listener of listeners.get(message.method!) ?? []) listener(message.params, message.sessionId)
      return
    }
    const asked = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.error) asked?.reject(new Error(message.error.message))
    else asked?.resolve(message.result)
  }
  return {
    endpoint,
    processId: child.pid!,
    send: (command, parameters, sessionId) =>
      new Promise((resolve, reject) => {
        const id = ++lastId
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject: (error) => reject(new Error(`${command}: ${error.message}`)) })
        socket.send(JSON.stringify({ id, method: command, params: parameters ?? {}, sessionId }))
      }),
    on(event, listener) {
      listeners.set(event, [...(listeners.get(event) ?? []), listener as (parameters: unknown, sessionId: string | undefined) => void])
    },
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await gone
      socket.close()
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
