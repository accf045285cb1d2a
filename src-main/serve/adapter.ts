/** Between node:http and the web's Request and Response. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'

/** @param origin scheme, host and port; the request's target is put behind it as it is, so that it can't name another host */
export function toRequest(message: IncomingMessage, origin: string, signal: AbortSignal): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(message.headersDistinct)) for (const one of value ?? []) headers.append(name, one)
  const hasBody = message.method === 'POST'
  return new Request(origin + message.url!, {
    method: message.method!,
    headers,
    signal,
    ...(hasBody ? { body: Readable.toWeb(message) as ReadableStream<Uint8Array<ArrayBuffer>>, duplex: 'half' } : {}),
  })
}

/** Sends the head and the whole body; a client that went away, or `signal`, ends it early and frees the source. */
export async function sendResponse(response: Response, target: ServerResponse, signal: AbortSignal): Promise<void> {
  // What is left of an oversized body is not waited for.
  if (response.status === 413) target.setHeader('connection', 'close')
  target.writeHead(response.status, Object.fromEntries(response.headers))
  if (!response.body) {
    target.end()
    return
  }
  target.flushHeaders()
  const reader = response.body.getReader()
  const stop = () => void reader.cancel().catch(() => {})
  target.once('close', stop)
  signal.addEventListener('abort', stop, { once: true })
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done || target.destroyed) break
      if (!target.write(value))
        await new Promise<void>((resolve) => {
          const go = () => {
            target.off('drain', go)
            target.off('close', go)
            resolve()
          }
          target.once('drain', go)
          target.once('close', go)
        })
    }
    target.end()
  } finally {
    signal.removeEventListener('abort', stop)
    target.off('close', stop)
  }
}
