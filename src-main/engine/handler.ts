/**
 * The engine's one seam: a web-standard Request in, a Response out. It knows no server and no window; who may ask is the
 * host's business, what may be asked is decided here. Nothing a request says ever becomes a path of the file system.
 */
import { httpStatusOf, type ApiError, type Method } from '../../src-shared/api.ts'
import { KithError } from '../../src-shared/errors.ts'
import { isMethod } from './call.ts'
import type { EventStreams } from './event-streams.ts'
import type { Picture, Pictures } from './library/pictures.ts'
import type { PageFile } from './page-files.ts'

/** Ten thousand targets, the most that one decision may name, are about a third of this. */
const bodyLimitBytes = 1024 * 1024

export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
}

export interface HandlerParts {
  /** Validates and runs a method. @throws KithError */
  call(method: Method, input: unknown): Promise<unknown>
  pictures: Pictures
  events: EventStreams
  pageFiles: ReadonlyMap<string, PageFile>
  log(message: string): void
}

function respond(body: ConstructorParameters<typeof Response>[0], status: number, headers: Record<string, string>): Response {
  return new Response(body, { status, headers: { ...securityHeaders, ...headers } })
}

/** An error as it goes over the wire: `{ error: ApiError }` with the status that belongs to its code. */
export function errorResponse(error: ApiError, status = httpStatusOf(error.code), headers: Record<string, string> = {}): Response {
  return respond(JSON.stringify({ error }), status, {
    'content-type': 'application/json', 'cache-control': 'no-store', ...headers,
  })
}

function wrongMethod(allow: string): Response {
  return errorResponse({ code: 'invalid-input', message: `This address answers ${allow} only.` }, 405, { allow })
}

/** The body as text, or null when it is larger than `bodyLimitBytes`: then the rest is not read. */
async function readBody(request: Request): Promise<string | null> {
  if (Number(request.headers.get('content-length') ?? 0) > bodyLimitBytes) return null
  if (!request.body) return ''
  const chunks: Uint8Array[] = []
  let bytes = 0
  // Not `for await`: leaving it early cancels the body, which cuts a host's connection before the answer is out.
  const reader = request.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return Buffer.concat(chunks).toString('utf8')
    bytes += value.byteLength
    if (bytes > bodyLimitBytes) return null
    chunks.push(value)
  }
}

/** Whether the client already has the content: RFC 9110, If-None-Match, weak comparison. */
function isFresh(request: Request, etag: string): boolean {
  const known = request.headers.get('if-none-match')
  return known !== null && known.split(',').some((tag) => [etag, '*'].includes(tag.trim().replace(/^W\//, '')))
}

/** Answers GET and HEAD for bytes that have an ETag. */
function respondWithBytes(
  request: Request,
  content: { bytes: Uint8Array<ArrayBuffer>; contentType: string; etag: string },
  headers: Record<string, string>,
): Response {
  const all = { ...headers, etag: content.etag }
  if (isFresh(request, content.etag)) return respond(null, 304, all)
  return respond(request.method === 'HEAD' ? null : content.bytes, 200, {
    ...all,
    'content-type': content.contentType,
    'content-length': String(content.bytes.byteLength),
  })
}

/** Ids begin anew in each library, so a picture is asked for again each time; its ETag makes that cheap. */
function respondWithPicture(request: Request, picture: Picture): Response {
  return respondWithBytes(request, { ...picture, contentType: 'image/jpeg' }, {
    'cache-control': 'private, no-cache',
    ...(picture.originalMissing ? { 'kith-original': 'missing' } : {}),
  })
}

export function createHandler(parts: HandlerParts): (request: Request) => Promise<Response> {
  async function rpc(request: Request, method: string): Promise<Response> {
    if (request.method !== 'POST') return wrongMethod('POST')
    if (!isMethod(method)) return errorResponse({ code: 'not-found', message: `There is no method ${method}.` })
    if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? ''))
      return errorResponse({ code: 'invalid-input', message: 'The body must be application/json.' }, 415)
    const body = await readBody(request)
    if (body === null)
      return errorResponse({ code: 'invalid-input', message: `The body is larger than ${bodyLimitBytes} bytes.` }, 413)
    let input: unknown
    try {
      input = body === '' ? {} : JSON.parse(body)
    } catch {
      return errorResponse({ code: 'invalid-input', message: 'The body is not JSON.' })
    }
    const value = await parts.call(method, input)
    return respond(JSON.stringify({ value }), 200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  }

  async function media(request: Request, url: URL): Promise<Response> {
    const [, kind, id] = /^\/media\/(face|photo)\/([1-9]\d{0,14})$/.exec(url.pathname) ?? []
    const size = url.searchParams.get('size') ?? (kind === 'face' ? '192' : '512')
    if (!/^[1-9]\d{0,4}$/.test(size))
      return errorResponse({ code: 'invalid-input', message: 'size is the longest side in pixels.', details: { field: 'size' } })
    if (kind === 'face') return respondWithPicture(request, await parts.pictures.face(Number(id), Number(size)))
    if (kind === 'photo') return respondWithPicture(request, await parts.pictures.photo(Number(id), Number(size)))
    return errorResponse({ code: 'not-found', message: 'There is no such picture.' })
  }

  function page(request: Request, pathname: string): Response {
    const file = parts.pageFiles.get(pathname)
    if (file)
      return respondWithBytes(request, file, {
        'cache-control': file.immutable ? 'private, max-age=31536000, immutable' : 'private, no-cache',
      })
    const text = parts.pageFiles.size === 0 && pathname === '/' ? 'The page is not built. Build it with: npm run build\n' : 'There is nothing here.\n'
    return respond(request.method === 'HEAD' ? null : text, 404, { 'content-type': 'text/plain; charset=utf-8' })
  }

  async function route(request: Request): Promise<Response> {
    const url = new URL(request.url)
    const rpcMethod = /^\/rpc\/(.*)$/.exec(url.pathname)?.[1]
    if (rpcMethod !== undefined) return rpc(request, rpcMethod)
    if (url.pathname === '/events') {
      if (request.method !== 'GET') return wrongMethod('GET')
      return respond(parts.events.open() as ReadableStream<Uint8Array<ArrayBuffer>>, 200, {
        'content-type': 'text/event-stream', 'cache-control': 'no-store',
      })
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return wrongMethod('GET, HEAD')
    return url.pathname.startsWith('/media/') ? media(request, url) : page(request, url.pathname)
  }

  return async function handle(request) {
    try {
      return await route(request)
    } catch (error) {
      if (error instanceof KithError) return errorResponse(error.toApiError())
      const { pathname } = new URL(request.url)
      parts.log(`${request.method} ${pathname} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
      return errorResponse({ code: 'internal', message: `Something went wrong inside Kith (${pathname}). Its log says more.` })
    }
  }
}
