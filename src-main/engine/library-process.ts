/**
 * The library process of a desktop host: one engine on a channel to the parent. Everything it knows is in the database, so
 * it may die at any time and be started again; without its parent it ends.
 */
import { KithError } from '../../src-shared/errors.ts'
import type { Engine } from './engine.ts'
import { createLastingEngine } from './lasting-engine.ts'
import type { FromLibrary, LibraryOpening, ToLibrary, WireRequest } from './library-protocol.ts'
import { pageDirectory } from './places.ts'

/** How long the photo in hand may take once the parent is gone. */
const orphanedMs = 5_000

let engine: Engine | null = null
let isLeaving = false
let lastQuestionId = 0
const questions = new Map<number, (path: string | null) => void>()
const bodies = new Map<number, ReadableStreamDefaultReader<Uint8Array>>()
const cancellations = new Map<number, AbortController>()

process.on('message', (message: ToLibrary) => void receive(message))
process.on('disconnect', () => {
  setTimeout(() => process.exit(0), orphanedMs).unref()
  void leave()
})
// Ctrl-C reaches the whole group of processes: the parent decides when this one ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

async function receive(message: ToLibrary): Promise<void> {
  switch (message.type) {
    case 'open': return open(message.opening)
    case 'request': return answer(message.id, message.request)
    case 'pull': return sendChunk(message.id)
    case 'cancel': return cancel(message.id)
    case 'addFolders': return send({ type: 'added', id: message.id, refusals: await addFolders(message.paths) })
    case 'chosen':
      questions.get(message.id)?.(message.path)
      questions.delete(message.id)
      return
    case 'close': return leave()
  }
}

async function open({ canChooseFolder, ...options }: LibraryOpening): Promise<void> {
  try {
    engine = await createLastingEngine({
      ...options, pageDirectory,
      ...(canChooseFolder ? { chooseFolder } : {}),
      log: (message) => send({ type: 'log', message }),
    })
  } catch (error) {
    const refusal = error instanceof KithError ? error.toApiError() : { code: 'internal' as const, message: wordsOf(error) }
    process.send?.({ type: 'refused', error: refusal } satisfies FromLibrary, () => process.exit(0))
    return
  }
  engine.onEvent((event) => {
    if (event.type === 'progress') send({ type: 'progress', progress: event.progress })
  })
  send({ type: 'opened' })
  // What changed since the last time, or was not finished. A library that can only be read stays as it is.
  await engine.call('index.start', {}).catch(() => {})
}

function chooseFolder(): Promise<string | null> {
  const id = ++lastQuestionId
  return new Promise((resolve) => {
    questions.set(id, resolve)
    send({ type: 'choose', id })
  })
}

async function answer(id: number, { method, url, headers, body }: WireRequest): Promise<void> {
  const cancellation = new AbortController()
  cancellations.set(id, cancellation)
  try {
    const request = new Request(url, {
      method, headers, signal: cancellation.signal,
      ...(body ? { body: new Uint8Array(body) } : {}),
    })
    const response = await engine!.handle(request)
    if (cancellation.signal.aborted) {
      await response.body?.cancel()
      return
    }
    if (response.body) bodies.set(id, response.body.getReader())
    send({ type: 'head', id, status: response.status, headers: [...response.headers], hasBody: response.body !== null })
  } catch (error) {
    send({ type: 'log', message: `${method} ${url} broke off: ${wordsOf(error)}` })
    send({ type: 'broken', id })
  } finally {
    cancellations.delete(id)
  }
}

async function sendChunk(id: number): Promise<void> {
  const reader = bodies.get(id)
  if (!reader) return
  try {
    const { done, value } = await reader.read()
    if (done) bodies.delete(id)
    if (done) send({ type: 'end', id })
    else send({ type: 'chunk', id, bytes: value })
  } catch (error) {
    bodies.delete(id)
    send({ type: 'log', message: `An answer broke off: ${wordsOf(error)}` })
    send({ type: 'broken', id })
  }
}

async function cancel(id: number): Promise<void> {
  cancellations.get(id)?.abort()
  const reader = bodies.get(id)
  bodies.delete(id)
  await reader?.cancel().catch(() => {})
}

/** @returns one sentence for each folder that could not be added */
async function addFolders(paths: readonly string[]): Promise<string[]> {
  const refusals: string[] = []
  for (const path of paths) {
    try {
      const { id } = await engine!.paths.addFolder(path)
      await engine!.call('index.start', { folderId: id })
    } catch (error) {
      refusals.push(wordsOf(error))
    }
  }
  return refusals
}

async function leave(): Promise<void> {
  if (isLeaving) return
  isLeaving = true
  for (const resolve of questions.values()) resolve(null)
  questions.clear()
  try {
    await engine?.close()
  } finally {
    process.exit(0)
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof KithError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function send(message: FromLibrary): void {
  // The parent may be gone already; then nobody misses the message.
  process.send?.(message, () => {})
}
