/** Serves the engine to a browser on this machine: node:http, one address, one session. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KithError } from '../../src-shared/errors.ts'
import { sendResponse, toRequest } from './adapter.ts'
import { allowedHosts, isPageNavigation, refuse, urlHost } from './guard.ts'
import { refusalResponse, signedOutResponse } from './refusals.ts'
import { createSession } from './session.ts'

export interface ServeOptions {
  handle(request: Request): Promise<Response>
  /** The address to listen on. */
  host?: string
  /** 0: any free one. */
  port?: number
  log(message: string): void
}

export interface ServingHost {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string
  /** An address that lets one browser in, once. */
  newUrl(): string
  /** Ends event streams, lets answers under way be finished for `graceMs`, and frees the port. */
  close(graceMs?: number): Promise<void>
}

/** @throws KithError busy where the port is taken, invalid-input where the address can't be used */
export async function serve(options: ServeOptions): Promise<ServingHost> {
  const host = options.host ?? '127.0.0.1'
  const stopping = new AbortController()
  const server = createServer({
    maxHeaderSize: 16 * 1024,
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 5_000,
    connectionsCheckingInterval: 5_000,
  })
  server.maxConnections = 256
  await listen(server, host, options.port ?? 0)
  const { port } = server.address() as AddressInfo
  const hosts = allowedHosts(host, port)
  const session = createSession(port)
  const origin = `http://${urlHost(host === '0.0.0.0' || host === '' ? '127.0.0.1' : host === '::' ? '::1' : host)}:${port}`

  async function answer(message: IncomingMessage, target: ServerResponse): Promise<Response> {
    const refusal = refuse(message.method, message.url, message.headers, hosts)
    if (refusal) return refusalResponse(refusal)
    const url = new URL(origin + message.url!)
    const isKnown = session.isKnown(message.headers.cookie)
    const token = url.searchParams.get('token')
    if (url.pathname === '/' && token !== null && message.method === 'GET') {
      if (!isKnown && !session.redeem(token)) return signedOutResponse('page')
      return new Response(null, {
        status: 303,
        headers: { location: '/', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', ...(isKnown ? {} : { 'set-cookie': session.setCookie }) },
      })
    }
    if (!isKnown) return signedOutResponse(isPageNavigation(message.method, message.headers) ? 'page' : 'api')
    const gone = new AbortController()
    target.once('close', () => gone.abort())
    return options.handle(toRequest(message, origin, gone.signal))
  }

  server.on('request', (message, target) => {
    answer(message, target)
      .then((response) => sendResponse(response, target, response.headers.get('content-type') === 'text/event-stream' ? stopping.signal : gentle))
      .catch((error: unknown) => {
        options.log(`${message.method} request broke off: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
        target.destroy()
      })
      .finally(() => {
        if (!message.complete) message.resume()
      })
  })
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
  })

  return {
    origin,
    newUrl: () => `${origin}/?token=${session.issueToken()}`,
    close: (graceMs = 2_000) =>
      new Promise<void>((resolve) => {
        stopping.abort()
        const hurry = setTimeout(() => server.closeAllConnections(), graceMs)
        server.close(() => {
          clearTimeout(hurry)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}

/** Answers that end by themselves are not cut short. */
const gentle = new AbortController().signal

function listen(server: ReturnType<typeof createServer>, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') reject(new KithError('busy', `Port ${port} is taken. Choose another with --port, or none for any that is free.`))
      else if (error.code === 'EACCES') reject(new KithError('invalid-input', `Port ${port} is not allowed for this user. Choose one above 1023.`))
      else reject(new KithError('invalid-input', `Kith can't listen on ${host}: ${error.message}.`))
    })
    server.listen({ host, port }, resolve)
  })
}
