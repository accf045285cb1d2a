import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serve, type ServingHost } from '../../../src-main/serve/server.ts'
import { readPageFiles } from '../../../src-main/engine/page-files.ts'
import { createHandler } from '../../../src-main/engine/handler.ts'
import { createEventStreams } from '../../../src-main/engine/event-streams.ts'
import { createPictures } from '../../../src-main/engine/library/pictures.ts'
import { ask, signIn } from './client.ts'

const directory = mkdtempSync(join(tmpdir(), 'kith-serve-'))
const pageDirectory = join(directory, 'page')
const secret = 'nobody may read this'
let host: ServingHost
let cookie: string
const subscribers = new Set<unknown>()

/** The real handler over an empty library: what is tested here is the door, not the house. */
function createEmptyHouse() {
  return createHandler({
    call: async (_method, input) => input,
    pictures: createPictures({
      face: () => undefined,
      photo: () => undefined,
      readImage: async () => null,
      render: async () => new Uint8Array(),
    }),
    events: createEventStreams((listener) => {
      subscribers.add(listener)
      return () => subscribers.delete(listener)
    }),
    pageFiles: readPageFiles(pageDirectory),
    log: () => {},
  })
}

beforeAll(async () => {
  mkdirSync(join(pageDirectory, 'assets'), { recursive: true })
  writeFileSync(join(pageDirectory, 'index.html'), '<!doctype html><title>Kith</title>')
  writeFileSync(join(pageDirectory, 'assets', 'main-1.js'), 'export {}')
  writeFileSync(join(directory, 'secret.txt'), secret)
  host = await serve({ handle: createEmptyHouse(), log: () => {} })
  cookie = await signIn(host.newUrl())
})

afterAll(async () => {
  await host.close()
  rmSync(directory, { recursive: true })
})

const rpc = (headers: Record<string, string>, body = '{}') =>
  ask(host.origin, '/rpc/library.status', {
    method: 'POST', body, headers: { cookie, origin: host.origin, 'content-type': 'application/json', ...headers },
  })

describe('the door', () => {
  it('lets the browser with the session in, with a strict policy on everything', async () => {
    const page = await ask(host.origin, '/', { headers: { cookie } })
    expect(page.status).toBe(200)
    expect(page.body).toContain('<title>Kith</title>')
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': expect.stringContaining("default-src 'none'; script-src 'self'"),
    })
    expect((await rpc({})).status).toBe(200)
    expect((await ask(host.origin, '/assets/main-1.js', { headers: { cookie } })).headers['cache-control']).toContain('immutable')
    const again = await ask(host.origin, '/', { headers: { cookie, 'if-none-match': page.headers.etag! } })
    expect([again.status, again.body]).toEqual([304, ''])
    const head = await ask(host.origin, '/', { method: 'HEAD', headers: { cookie } })
    expect([head.status, head.body]).toEqual([200, ''])
  })

  it('gives a cookie that scripts and other sites never see', async () => {
    const answer = await ask(host.origin, host.newUrl().slice(host.origin.length))
    expect(answer.status).toBe(303)
    expect(answer.headers.location).toBe('/')
    expect(answer.headers['set-cookie']![0]).toMatch(/^kith-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/)
  })

  it('refuses a name that was made to point here (DNS rebinding)', async () => {
    const { port } = new URL(host.origin)
    for (const name of ['photos.example', `photos.example:${port}`, `127.0.0.1.example:${port}`, '127.0.0.1:1', '127.0.0.1'])
      expect((await ask(host.origin, '/', { headers: { cookie, host: name } })).status, name).toBe(403)
    expect((await ask(host.origin, '/', { headers: { cookie, host: `localhost:${port}` } })).status).toBe(200)
    expect((await ask(host.origin, '/', { headers: { cookie, host: `[::1]:${port}` } })).status).toBe(200)
  })

  it('finds no file outside the list, however the path is written', async () => {
    const attempts = [
      '/../secret.txt', '/%2e%2e/secret.txt', '/%252e%252e/secret.txt', '/..%2fsecret.txt', '/..%5csecret.txt',
      '/..\\secret.txt', '/assets/..\\..\\secret.txt', '/assets/../../secret.txt', '/assets/%2e%2e/%2e%2e/secret.txt',
      `/${join(directory, 'secret.txt')}`, `/${encodeURIComponent(join(directory, 'secret.txt'))}`, '//etc/passwd', '/etc/passwd',
      '/file:///etc/passwd', '/assets/', '/assets', '/index.html%00.js', '/media/photo/../../secret.txt', '/media/photo/%2e%2e%2fsecret.txt',
      '/media/face/1.5', '/media/face/-1', '/media/photo/1e3',
    ]
    for (const path of attempts) {
      const answer = await ask(host.origin, path, { headers: { cookie } })
      expect(answer.status, path).toBe(404)
      expect(answer.body, path).not.toContain(secret)
      expect(answer.body, path).not.toContain('root:')
    }
    for (const target of ['http://photos.example/', `${host.origin}/`, '*']) {
      const answer = await ask(host.origin, target, { headers: { cookie } })
      expect(answer.status, target).toBe(400)
    }
  })

  it('refuses what another page asks for', async () => {
    expect((await rpc({ origin: 'https://photos.example' })).status).toBe(403)
    expect((await rpc({ origin: 'null' })).status).toBe(403)
    expect((await rpc({ origin: host.origin.replace('http:', 'https:') })).status).toBe(403)
    expect((await rpc({ 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await rpc({ 'sec-fetch-site': 'same-site' })).status).toBe(403)
    const withoutOrigin = await ask(host.origin, '/rpc/library.status', {
      method: 'POST', body: '{}', headers: { cookie, 'content-type': 'application/json' },
    })
    expect(withoutOrigin.status).toBe(403)
    const image = { cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }
    expect((await ask(host.origin, '/media/face/1', { headers: image })).status).toBe(403)
    expect((await ask(host.origin, '/events', { headers: { ...image, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' } })).status).toBe(403)
    const frame = { cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }
    expect((await ask(host.origin, '/', { headers: frame })).status).toBe(403)
    const link = { cookie, 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    expect((await ask(host.origin, '/', { headers: link })).status).toBe(200)
  })

  it('refuses a form, which needs no permission to be sent', async () => {
    expect((await rpc({ 'content-type': 'text/plain' })).status).toBe(415)
    expect((await rpc({ 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415)
  })

  it('knows nobody without the cookie', async () => {
    const page = await ask(host.origin, '/')
    expect(page.status).toBe(401)
    expect(page.headers['content-type']).toContain('text/html')
    expect(page.body).toContain('press Enter in the terminal')
    for (const path of ['/events', '/media/face/1', '/assets/main-1.js']) expect((await ask(host.origin, path)).status, path).toBe(401)
    const { status, body } = await rpc({ cookie: '' })
    expect([status, JSON.parse(body).error.code]).toEqual([401, 'forbidden'])
    const [name, value] = cookie.split('=') as [string, string]
    for (const wrong of [`${name}=`, `${name}=${value}x`, `${name}=${value.slice(1)}`, `other=${value}`, name, ';;='])
      expect((await rpc({ cookie: wrong })).status, wrong).toBe(401)
    expect((await rpc({ cookie: `theme=dark; ${cookie}; a=b` })).status).toBe(200)
  })

  it('takes a token once', async () => {
    const path = host.newUrl().slice(host.origin.length)
    expect((await ask(host.origin, path, { method: 'HEAD' })).status).toBe(401)
    expect((await ask(host.origin, path)).status).toBe(303)
    const second = await ask(host.origin, path)
    expect([second.status, second.headers['set-cookie']]).toEqual([401, undefined])
    const known = await ask(host.origin, path, { headers: { cookie } })
    expect([known.status, known.headers.location, known.headers['set-cookie']]).toEqual([303, '/', undefined])
    expect((await ask(host.origin, '/?token=')).status).toBe(401)
    expect((await ask(host.origin, '/?token=guess')).status).toBe(401)
    expect((await ask(host.origin, `/index.html${path.slice(1)}`)).status).toBe(401)
  })

  it('answers three methods, each where it belongs', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'])
      expect((await ask(host.origin, '/', { method, headers: { cookie } })).status, method).toBe(405)
    expect((await ask(host.origin, '/rpc/library.status', { headers: { cookie } })).status).toBe(405)
    expect((await ask(host.origin, '/', { method: 'POST', headers: { cookie, origin: host.origin } })).status).toBe(405)
  })

  it('refuses a body that is too large, announced or not', async () => {
    const large = `"${'x'.repeat(1024 * 1024)}"`
    expect((await rpc({}, large)).status).toBe(413)
    expect((await rpc({ 'transfer-encoding': 'chunked' }, large)).status).toBe(413)
    expect((await rpc({}, `{"a":"${'x'.repeat(1000 * 1024)}"}`)).status).toBe(200)
  })

  it('refuses headers that are too large', async () => {
    expect((await ask(host.origin, '/', { headers: { cookie, 'x-long': 'x'.repeat(20_000) } })).status).toBe(400)
  })

  it('has no picture that is not in the library', async () => {
    for (const path of ['/media/face/999', '/media/photo/999', '/media/photo/999?size=2048', '/media/photo/99999999999999999999']) {
      const answer = await ask(host.origin, path, { headers: { cookie } })
      expect([answer.status, JSON.parse(answer.body).error.code], path).toEqual([404, 'not-found'])
    }
    expect((await ask(host.origin, '/media/photo/1?size=../etc', { headers: { cookie } })).status).toBe(400)
  })
})

describe('the event stream', () => {
  it('is opened at once, and forgotten when the browser leaves', async () => {
    const before = subscribers.size
    const { hostname, port } = new URL(host.origin)
    const socket = connect(Number(port), hostname)
    const head = await new Promise<string>((resolve) => {
      socket.once('data', (data) => resolve(data.toString()))
      socket.write(`GET /events HTTP/1.1\r\nHost: ${hostname}:${port}\r\nCookie: ${cookie}\r\n\r\n`)
    })
    expect(head).toContain('text/event-stream')
    expect(subscribers.size).toBe(before + 1)
    socket.destroy()
    await expect.poll(() => subscribers.size).toBe(before)
  })

  it('ends when the host closes, so that closing does not wait for windows', async () => {
    const other = await serve({ handle: createEmptyHouse(), log: () => {} })
    const otherCookie = await signIn(other.newUrl())
    const stream = ask(other.origin, '/events', { headers: { cookie: otherCookie } })
    await expect.poll(() => subscribers.size).toBe(1)
    const startedAt = performance.now()
    await other.close(10_000)
    expect((await stream).body).toContain('retry: 1000')
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    expect(subscribers.size).toBe(0)
    await expect(ask(other.origin, '/')).rejects.toThrow('ECONNREFUSED')
  })
})

it('says that a port is taken', async () => {
  await expect(serve({ handle: createEmptyHouse(), port: Number(new URL(host.origin).port), log: () => {} }))
    .rejects.toMatchObject({ code: 'busy', message: expect.stringContaining('--port') })
})
