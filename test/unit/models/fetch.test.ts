import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { gitBlobId } from '../../../src-main/engine/models/checksum.ts'
import { fetchModel } from '../../../src-main/engine/models/fetch.ts'
import { findModel, type ModelRow } from '../../../src-main/engine/models/registry.ts'

const content = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 31) % 251))
const row: ModelRow = {
  ...findModel('detector', 'yunet')!,
  checksum: { algorithm: 'sha256', hex: createHash('sha256').update(content).digest('hex') },
  bytes: content.length,
}
type Answer = (request: IncomingMessage, response: ServerResponse) => void

let directory: string
let server: Server
let url: string
let requests: IncomingMessage[]
let answers: Answer[]

/** Sends the file, or the part of it that the Range header asks for. */
const honest: Answer = (request, response) => {
  const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
  if (request.headers.range) {
    response.writeHead(206, { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` })
  }
  response.end(content.subarray(from))
}
/** Promises everything, sends 70,000 bytes and hangs up. */
const breaksOff: Answer = (_, response) => {
  response.writeHead(200, { 'content-length': content.length })
  response.write(content.subarray(0, 70_000), () => setTimeout(() => response.destroy(), 50))
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'kith-fetch-'))
  requests = []
  answers = [honest]
  server = createServer((request, response) => {
    requests.push(request)
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!
    answer(request, response)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.onnx`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
  rmSync(directory, { recursive: true, force: true })
})

const target = (): string => join(directory, 'models', 'yunet_n_dynamic.onnx')
const fetchIt = (options: Parameters<typeof fetchModel>[2] = {}) => fetchModel(row, join(directory, 'models'), { url, ...options })

test('fetches, tells how far it is, and leaves nothing beside the file', async () => {
  const progress: number[] = []
  expect(await fetchIt({ onProgress: ({ receivedBytes, totalBytes }) => progress.push(receivedBytes / totalBytes!) })).toBe(target())
  expect(readFileSync(target()).equals(content)).toBe(true)
  expect(progress.at(-1)).toBe(1)
  expect(progress).toEqual(progress.toSorted((a, b) => a - b))
  expect(existsSync(`${target()}.part`)).toBe(false)
})

test('asks for nothing when the file is there', async () => {
  await fetchIt()
  await fetchIt()
  expect(requests).toHaveLength(1)
})

test('goes on where the connection broke off', async () => {
  answers = [breaksOff, honest]
  await expect(fetchIt()).rejects.toMatchObject({ code: 'model-missing', message: expect.stringContaining('again') })
  expect(existsSync(target())).toBe(false)
  const kept = readFileSync(`${target()}.part`).length
  expect(kept).toBe(70_000)
  await fetchIt()
  expect(requests[1]!.headers.range).toBe(`bytes=${kept}-`)
  expect(readFileSync(target()).equals(content)).toBe(true)
})

test('starts over with a server that knows no ranges', async () => {
  answers = [breaksOff, (_, response) => response.end(content)]
  await expect(fetchIt()).rejects.toThrow()
  await fetchIt()
  expect(readFileSync(target()).equals(content)).toBe(true)
})

test('refuses another part than it asked for', async () => {
  answers = [breaksOff, (_, response) => {
    response.writeHead(206, { 'content-range': `bytes 0-99/${content.length}` })
    response.end(content.subarray(0, 100))
  }]
  await expect(fetchIt()).rejects.toThrow()
  await expect(fetchIt()).rejects.toMatchObject({ code: 'model-missing' })
  expect(existsSync(target())).toBe(false)
})

test('a server that lies about the content leaves nothing', async () => {
  const forged = Buffer.from(content)
  forged[123_456]! ^= 1
  answers = [(_, response) => response.end(forged)]
  await expect(fetchIt()).rejects.toMatchObject({ code: 'model-damaged' })
  expect(existsSync(target())).toBe(false)
  expect(existsSync(`${target()}.part`)).toBe(false)
})

test('stops a server that sends without end', async () => {
  answers = [(_, response) => {
    const timer = setInterval(() => response.write(Buffer.alloc(65_536)), 1)
    response.on('close', () => clearInterval(timer))
  }]
  await expect(fetchIt()).rejects.toMatchObject({ code: 'model-damaged' })
  expect(existsSync(target())).toBe(false)
})

test('a rest of some other file is thrown away, and the next attempt is clean', async () => {
  await fetchIt()
  rmSync(target())
  writeFileSync(`${target()}.part`, Buffer.alloc(1000, 7))
  await expect(fetchIt()).rejects.toMatchObject({ code: 'model-damaged' })
  await fetchIt()
  expect(readFileSync(target()).equals(content)).toBe(true)
})

test('names the address and the status of a refusal', async () => {
  answers = [(_, response) => { response.writeHead(404); response.end('no') }]
  await expect(fetchIt()).rejects.toMatchObject({ code: 'model-missing', message: expect.stringMatching(/127\.0\.0\.1.*404/) })
})

test('says so when nobody answers', async () => {
  await expect(fetchIt({ url: 'http://127.0.0.1:9/model.onnx' })).rejects.toMatchObject({ code: 'model-missing' })
})

test('ends when asked to', async () => {
  answers = [(_, response) => { response.write(content.subarray(0, 1000)) }]
  const controller = new AbortController()
  const fetching = fetchIt({ signal: controller.signal, onProgress: () => controller.abort() })
  await expect(fetching).rejects.toMatchObject({ name: 'AbortError' })
  expect(existsSync(target())).toBe(false)
})

describe('a model of which only the id as an object of Git is known', () => {
  const gitRow: ModelRow = {
    ...row,
    checksum: { algorithm: 'git-blob', hex: createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex') },
    bytes: null,
  }
  const fetchByGit = (options: Parameters<typeof fetchModel>[2] = {}) => fetchModel(gitRow, join(directory, 'models'), { url, ...options })

  test('is fetched; its size is what the server says, or unknown', async () => {
    const totals = new Set<number | null>()
    const onProgress = ({ totalBytes }: { totalBytes: number | null }) => totals.add(totalBytes)
    answers = [(_, response) => { response.write(content.subarray(0, 10)); response.end(content.subarray(10)) }]
    await fetchByGit({ onProgress })
    expect(readFileSync(target()).equals(content)).toBe(true)
    expect([...totals]).toEqual([null])
    rmSync(target())
    answers = [(_, response) => { response.writeHead(200, { 'content-length': content.length }); response.end(content) }]
    totals.clear()
    await fetchByGit({ onProgress })
    expect([...totals]).toEqual([content.length])
  })

  test('goes on where the connection broke off', async () => {
    answers = [breaksOff, honest]
    await expect(fetchByGit()).rejects.toMatchObject({ code: 'model-missing' })
    await fetchByGit()
    expect(requests[1]!.headers.range).toBe('bytes=70000-')
    expect(readFileSync(target()).equals(content)).toBe(true)
  })

  test('that came whole but was not named yet is not fetched again', async () => {
    mkdirSync(join(directory, 'models'))
    writeFileSync(`${target()}.part`, content)
    await fetchByGit()
    expect(requests).toHaveLength(0)
    expect(readFileSync(target()).equals(content)).toBe(true)
  })

  test('starts over where what is left is no part of it', async () => {
    mkdirSync(join(directory, 'models'))
    writeFileSync(`${target()}.part`, Buffer.alloc(content.length + 5))
    answers = [(_, response) => { response.writeHead(416); response.end() }, (_, response) => response.end(content)]
    await fetchByGit()
    expect(readFileSync(target()).equals(content)).toBe(true)
  })

  test('that is another file leaves nothing', async () => {
    const forged = Buffer.from(content)
    forged[5]! ^= 1
    answers = [(_, response) => response.end(forged)]
    await expect(fetchByGit()).rejects.toMatchObject({ code: 'model-damaged', message: expect.stringContaining(url) })
    expect(existsSync(target())).toBe(false)
    expect(existsSync(`${target()}.part`)).toBe(false)
  })

  test('an id is what Git gives', () => {
    expect(gitBlobId(Buffer.from('hello\n'))).toBe('ce013625030ba8dba906f756967f9e9ca394464a')
  })
})

// Every write to this device fails for want of room.
test.skipIf(!existsSync('/dev/full'))('a full disk is told', async () => {
  mkdirSync(join(directory, 'models'))
  symlinkSync('/dev/full', `${target()}.part`)
  await expect(fetchIt()).rejects.toMatchObject({ code: 'no-space', message: expect.stringContaining(directory) })
  expect(existsSync(target())).toBe(false)
})

test('what comes with the program is not fetched', async () => {
  await expect(fetchModel(findModel('embedder', 'dlib-resnet')!, directory)).rejects.toMatchObject({ code: 'invalid-input' })
})
