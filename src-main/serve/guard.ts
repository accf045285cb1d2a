/**
 * Who may ask: the rules that keep other programs' pages out of a server on this machine, as functions of a request's
 * headers alone. The session (session.ts) says who is known; the engine says what may be asked.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { networkInterfaces, hostname } from 'node:os'

export interface Refusal {
  status: number
  /** One sentence for people. */
  message: string
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
}

function isAnyAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === ''
}

/** An address as it stands in a URL. */
export function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/**
 * The values of the Host header under which a server bound to `host` and `port` may be spoken to. A page whose own name
 * was made to point to this machine (DNS rebinding) sends its own name and is none of these.
 */
export function allowedHosts(host: string, port: number): ReadonlySet<string> {
  const names = new Set<string>([host])
  if (isLoopback(host) || isAnyAddress(host)) for (const name of ['127.0.0.1', 'localhost', '::1']) names.add(name)
  if (isAnyAddress(host)) {
    for (const { address } of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) names.add(address)
    names.add(hostname().toLowerCase())
    names.add(`${hostname().toLowerCase()}.local`)
  }
  const hosts = [...names].filter((name) => !isAnyAddress(name)).map(urlHost)
  return new Set(hosts.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`])))
}

/** Whether a browser is opening the page itself, as a person does with a link or the address bar. */
export function isPageNavigation(method: string | undefined, headers: IncomingHttpHeaders): boolean {
  const mode = headers['sec-fetch-mode']
  return (method === 'GET' || method === 'HEAD') && (mode === undefined || mode === 'navigate') &&
    (headers['sec-fetch-dest'] ?? 'document') === 'document'
}

/**
 * Null where a request may go on to the session. Everything but the opening of the page has to come from the page itself:
 * browsers say so in Sec-Fetch-Site and, on a POST, in Origin; a POST that says neither is refused.
 */
export function refuse(
  method: string | undefined,
  target: string | undefined,
  headers: IncomingHttpHeaders,
  hosts: ReadonlySet<string>,
): Refusal | null {
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST')
    return { status: 405, message: 'Kith answers GET, HEAD and POST only.' }
  if (!target?.startsWith('/')) return { status: 400, message: 'The address must be a path.' }
  const host = headers.host?.toLowerCase()
  if (!host || !hosts.has(host))
    return { status: 403, message: 'Kith does not answer under this name. Open the address that Kith printed.' }
  const { origin, 'sec-fetch-site': site } = headers
  if (origin !== undefined && origin.toLowerCase() !== `http://${host}`)
    return { status: 403, message: 'Another page asked. Kith answers its own page only.' }
  if (isPageNavigation(method, headers)) return null
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return { status: 403, message: 'Another page asked. Kith answers its own page only.' }
  if (method === 'POST' && origin === undefined && site !== 'same-origin')
    return { status: 403, message: 'A POST must name its origin.' }
  return null
}
