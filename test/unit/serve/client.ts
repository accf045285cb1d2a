/** A client that sends exactly the bytes it is told to, where fetch and browsers would tidy them up first. */
import { request, type IncomingHttpHeaders } from 'node:http'

export interface RawAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** `path` goes out as it is written. */
export function ask(
  origin: string,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Uint8Array } = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const call = request(
      { hostname, port, path, method: options.method ?? 'GET', headers: options.headers ?? {}, agent: false },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () =>
          resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(chunks).toString('utf8') }))
      },
    )
    call.on('error', reject)
    call.end(options.body)
  })
}

/** Opens the printed link as a browser does and answers the cookie it was given. */
export async function signIn(url: string): Promise<string> {
  const { origin, pathname, search } = new URL(url)
  const answer = await ask(origin, pathname + search)
  const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0]
  if (!cookie) throw new Error(`No cookie came with status ${answer.status}`)
  return cookie
}
