/** Requests and answers over the channel of one library process; it ends with the process. */
import type { FromLibrary, ToLibrary, WireRequest } from '../engine/library-protocol.ts'

type Answer = Extract<FromLibrary, { id: number }>

export interface LibraryConversation {
  /** @throws Error where the process died before it answered, or `signal` was aborted */
  request(request: WireRequest, signal: AbortSignal): Promise<Response>
  addFolders(paths: readonly string[]): Promise<string[]>
  receive(message: Answer): void
  /** The process is gone. */
  breakOff(): void
}

/** Someone who waits for answers under a number. */
interface Waiting {
  take(message: Answer): void
  lose(error: Error): void
}

export function createLibraryConversation(post: (message: ToLibrary) => void): LibraryConversation {
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  let isOver = false

  /** The body of an answer: a chunk is asked for when somebody wants to read it. */
  function openBody(id: number): ReadableStream<Uint8Array<ArrayBuffer>> {
    let pulled: PromiseWithResolvers<void> | null = null
    return new ReadableStream({
      start(controller) {
        const settle = () => {
          pulled?.resolve()
          pulled = null
        }
        waiting.set(id, {
          take(message) {
            if (message.type === 'chunk') controller.enqueue(new Uint8Array(message.bytes))
            else {
              waiting.delete(id)
              if (message.type === 'end') controller.close()
              else controller.error(new Error('The answer broke off.'))
            }
            settle()
          },
          lose(error) {
            controller.error(error)
            settle()
          },
        })
      },
      pull() {
        pulled = Promise.withResolvers()
        post({ type: 'pull', id })
        return pulled.promise
      },
      cancel() {
        waiting.delete(id)
        post({ type: 'cancel', id })
      },
    }, { highWaterMark: 0 })
  }

  function begin<T>(message: (id: number) => ToLibrary, take: (id: number, message: Answer) => T, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      if (isOver) return reject(new Error('The library process is gone.'))
      if (signal?.aborted) return reject(signal.reason as Error)
      const id = ++lastId
      const abort = () => {
        waiting.delete(id)
        post({ type: 'cancel', id })
        reject(signal!.reason as Error)
      }
      signal?.addEventListener('abort', abort, { once: true })
      waiting.set(id, {
        take(answer) {
          signal?.removeEventListener('abort', abort)
          waiting.delete(id)
          try {
            resolve(take(id, answer))
          } catch (error) {
            reject(error as Error)
          }
        },
        lose: reject,
      })
      post(message(id))
    })
  }

  return {
    request(request, signal) {
      return begin((id) => ({ type: 'request', id, request }), (id, answer) => {
        if (answer.type !== 'head') throw new Error('The answer broke off.')
        return new Response(answer.hasBody ? openBody(id) : null, { status: answer.status, headers: answer.headers })
      }, signal)
    },
    addFolders(paths) {
      return begin((id) => ({ type: 'addFolders', id, paths: [...paths] }), (_id, answer) =>
        answer.type === 'added' ? answer.refusals : [])
    },
    receive: (message) => waiting.get(message.id)?.take(message),
    breakOff() {
      isOver = true
      for (const { lose } of waiting.values()) lose(new Error('The library process died.'))
      waiting.clear()
    },
  }
}
