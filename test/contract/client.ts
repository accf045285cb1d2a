/** The same requests to the same engine, by two ways: straight into its handler, and over HTTP. */
import { createEngine, type Engine } from '../../src-main/engine/engine.ts'
import { serve } from '../../src-main/serve/server.ts'
import { methods, type ApiError, type ApiEvent, type Method, type MethodInput, type MethodOutput } from '../../src-shared/api.ts'
import { ApiError as ApiErrorSchema, ApiEvent as ApiEventSchema } from '../../src-shared/api.ts'
import { signIn } from '../unit/serve/client.ts'

export interface OpenOptions {
  libraryDirectory: string
  pageDirectory?: string
  chooseFolder?: () => Promise<string | null>
}

export interface Client {
  readonly engine: Engine
  request(path: string, init?: RequestInit): Promise<Response>
  close(): Promise<void>
}

export type OpenClient = (options: OpenOptions) => Promise<Client>

const log = (message: string) => console.log(`log: ${message}`)

/** Straight into the handler. */
export const openInProcess: OpenClient = async (options) => {
  const engine = await createEngine({ modelsDirectories: [], log, ...options })
  return {
    engine,
    request: (path, init) => engine.handle(new Request(`http://kith${path}`, init)),
    close: () => engine.close(),
  }
}

/** Through a real server and a real session. */
export const openOverHttp: OpenClient = async (options) => {
  const engine = await createEngine({ modelsDirectories: [], log, ...options })
  const host = await serve({ handle: engine.handle, log })
  const cookie = await signIn(host.newUrl())
  return {
    engine,
    request: (path, init = {}) => {
      const headers = new Headers(init.headers)
      headers.set('cookie', cookie)
      headers.set('origin', host.origin)
      headers.set('sec-fetch-site', 'same-origin')
      return fetch(host.origin + path, { ...init, headers })
    },
    close: async () => {
      await host.close()
      await engine.close()
    },
  }
}

/** Calls a method that has to succeed; the answer is held against its schema, to the letter. */
export async function call<M extends Method>(client: Client, method: M, input: MethodInput<M>): Promise<MethodOutput<M>> {
  const response = await post(client, method, input)
  const body = (await response.json()) as { value?: unknown; error?: ApiError }
  if (response.status !== 200) throw new Error(`${method} answered ${response.status}: ${JSON.stringify(body.error)}`)
  return methods[method].output.strict().parse(body.value) as MethodOutput<M>
}

/** Calls a method that has to fail; answers the status with the error. */
export async function callToFail(client: Client, method: string, input: unknown): Promise<{ status: number; error: ApiError }> {
  const response = await post(client, method, input)
  const body = (await response.json()) as { error?: unknown }
  return { status: response.status, error: ApiErrorSchema.strict().parse(body.error) }
}

function post(client: Client, method: string, input: unknown): Promise<Response> {
  return client.request(`/rpc/${method}`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(input),
  })
}

export interface EventLog {
  readonly events: readonly ApiEvent[]
  /** Waits until an event, past or coming, satisfies the condition. */
  until(condition: (event: ApiEvent) => boolean, timeoutMs?: number): Promise<ApiEvent>
  /** Forgets what came so far. */
  clear(): void
  close(): Promise<void>
}

/** Reads the event stream; every event is held against its schema. */
export async function listen(client: Client): Promise<EventLog> {
  const response = await client.request('/events')
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  const events: ApiEvent[] = []
  const waiting = new Set<() => void>()
  let broken: unknown
  const reading = (async () => {
    let unread = ''
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const messages = (unread + value).split('\n\n')
      unread = messages.pop()!
      for (const message of messages)
        if (message.startsWith('data: ')) events.push(ApiEventSchema.parse(JSON.parse(message.slice(6))))
      for (const look of [...waiting]) look()
    }
  })().catch((error: unknown) => {
    broken = error
  })
  return {
    events,
    until: (condition, timeoutMs = 60_000) =>
      new Promise((resolve, reject) => {
        const timeout = setTimeout(() => {
          waiting.delete(look)
          reject(broken ?? new Error(`No such event came in ${timeoutMs} ms; the last: ${JSON.stringify(events.at(-1))}`))
        }, timeoutMs)
        const look = () => {
          const event = events.find(condition)
          if (!event) return
          clearTimeout(timeout)
          waiting.delete(look)
          resolve(event)
        }
        waiting.add(look)
        look()
      }),
    clear: () => void events.splice(0),
    async close() {
      await reader.cancel()
      await reading
    },
  }
}
