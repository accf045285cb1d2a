import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createVisionPool, type VisionPool, type VisionPoolOptions } from '../../../src-main/engine/vision/vision-pool.ts'
import { PhotoReadError } from '../../../src-main/engine/ports.ts'

const samples = join(import.meta.dirname, '../../../node_modules/@vladmandic/face-api/demo')
const photos = [1, 2, 3, 4, 5, 6].map((number) => join(samples, `sample${number}.jpg`))

let directory: string
let pool: VisionPool
const open = (options: Partial<VisionPoolOptions> = {}): VisionPool =>
  (pool = createVisionPool({ detectorId: 'kith-detector.v1', modelsDirectories: [], processes: 1, log: () => {}, ...options }))

beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'kith-pool-')) })
afterEach(async () => {
  await pool.close()
  rmSync(directory, { recursive: true, force: true })
})

const isAlive = (id: number): boolean => {
  try { return process.kill(id, 0) } catch { return false }
}
async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 15_000
  while (!condition()) {
    if (Date.now() > end) throw new Error('It did not happen in 15 seconds')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

test('starts nothing before the first photo, then keeps two photos in each process', async () => {
  open({ processes: 2 })
  expect(pool).toMatchObject({ detectorId: 'kith-detector.v1', embedderId: 'dlib-resnet', concurrency: 4 })
  expect(pool.processIds()).toEqual([])
  const analyses = await Promise.all(photos.map((path) => pool.analyze(path)))
  expect(analyses.map(({ faces }) => faces.length).every((count) => count > 0)).toBe(true)
  expect(analyses[0]!.faces[0]!.embedding).toBeInstanceOf(Float32Array)
  expect(analyses[0]!.thumbnail).toBeInstanceOf(Uint8Array)
  expect(pool.processIds()).toHaveLength(2)
})

test('a bad photo fails alone, with its reason', async () => {
  open()
  const bad = join(directory, 'bad.jpg')
  writeFileSync(bad, 'no picture')
  const [first, second] = await Promise.allSettled([pool.analyze(bad), pool.analyze(photos[0]!)])
  expect(first).toMatchObject({ status: 'rejected', reason: { name: 'PhotoReadError', code: 'not-an-image' } })
  expect((first as PromiseRejectedResult).reason).toBeInstanceOf(PhotoReadError)
  expect(second.status).toBe('fulfilled')
})

test('a process killed once in the middle costs no photo', async () => {
  open()
  await pool.analyze(photos[0]!)
  const [victim] = pool.processIds()
  const work = Promise.all(photos.map((path) => pool.analyze(path)))
  process.kill(victim!, 'SIGKILL')
  expect((await work).every(({ faces }) => faces.length > 0)).toBe(true)
  expect(pool.processIds()).not.toContain(victim)
})

test('the photo that kills its process is marked, the rest goes on', async () => {
  // A hand that ends every process but the first as soon as it listens, which is before any photo can be done.
  let isDeadly = false
  open({
    log(message) {
      const [, id] = /^vision (\d+): ready$/.exec(message) ?? []
      if (id && isDeadly) process.kill(Number(id), 'SIGKILL')
    },
  })
  await pool.analyze(photos[0]!)
  isDeadly = true
  const [first] = pool.processIds()
  process.kill(first!, 'SIGSTOP')
  const killer = pool.analyze(photos[1]!)
  process.kill(first!, 'SIGKILL')
  await expect(killer).rejects.toMatchObject({ name: 'PhotoReadError', code: 'crashed', message: expect.stringContaining('sample2.jpg') })
  isDeadly = false
  expect((await pool.analyze(photos[2]!)).faces.length).toBeGreaterThan(0)
})

test('of two photos in hand the innocent one is not blamed', async () => {
  let deaths = 0
  open({
    log(message) {
      // The first process dies with both photos, the second with the one that is tried alone.
      const [, id] = /^vision (\d+): ready$/.exec(message) ?? []
      if (id && deaths++ < 2) process.kill(Number(id), 'SIGKILL')
    },
  })
  const results = await Promise.allSettled([pool.analyze(photos[0]!), pool.analyze(photos[1]!)])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  expect((results[0] as PromiseRejectedResult).reason).toMatchObject({ code: 'crashed' })
})

test('processes that are killed again and again are given up in words, no photo is blamed, and it goes on when they live', async () => {
  let isDeadly = true
  let killed = 0
  open({
    processes: 2,
    log(message) {
      const [, id] = /^vision (\d+): ready$/.exec(message) ?? []
      if (!id || !isDeadly) return
      killed++
      process.kill(Number(id), 'SIGKILL')
    },
  })
  const results = await Promise.allSettled(photos.map((path) => pool.analyze(path)))
  for (const result of results)
    expect(result).toMatchObject({ status: 'rejected', reason: { name: 'KithError', code: 'vision-unavailable', message: expect.stringContaining('index again') as string } })
  expect(killed).toBeGreaterThanOrEqual(6)
  isDeadly = false
  expect((await Promise.all(photos.map((path) => pool.analyze(path)))).every(({ faces }) => faces.length > 0)).toBe(true)
})

test('a photo past its time is a timeout, and the process is replaced', async () => {
  open({ photoTimeoutMs: 2 })
  await expect(pool.analyze(photos[0]!)).rejects.toMatchObject({ name: 'PhotoReadError', code: 'timeout' })
})

test('an aborted photo is let go at once, waiting or at work', async () => {
  open()
  const controller = new AbortController()
  const work = photos.map((path) => pool.analyze(path, { signal: controller.signal }))
  setTimeout(() => controller.abort(), 20)
  const results = await Promise.allSettled(work)
  expect(results.filter(({ status }) => status === 'rejected').length).toBeGreaterThanOrEqual(4)
  for (const result of results) if (result.status === 'rejected') expect(result.reason.name).toBe('AbortError')
  expect((await pool.analyze(photos[0]!)).faces.length).toBeGreaterThan(0)
  await expect(pool.analyze(photos[0]!, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
})

test('a rendering goes ahead of waiting photos', async () => {
  open()
  await pool.analyze(photos[0]!)
  const finished: string[] = []
  const work = Array.from({ length: 12 }, (_, i) => pool.analyze(photos[i % 6]!).then(() => finished.push('photo')))
  const jpeg = await pool.render(photos[5]!, 200).finally(() => finished.push('rendering'))
  expect(await sharp(jpeg).metadata()).toMatchObject({ format: 'jpeg', width: 200 })
  await Promise.all(work)
  expect(finished.indexOf('rendering')).toBeLessThan(6)
  await expect(pool.render(join(directory, 'gone.jpg'), 200)).rejects.toMatchObject({ code: 'vanished' })
})

test('closing ends the processes and what waits', async () => {
  open({ processes: 2 })
  const work = Promise.allSettled(photos.map((path) => pool.analyze(path)))
  await until(() => pool.processIds().length === 2)
  const ids = pool.processIds()
  await pool.close()
  for (const result of await work) expect(result.status).toBe('rejected')
  await until(() => !ids.some(isAlive))
  await expect(pool.analyze(photos[0]!)).rejects.toMatchObject({ code: 'vision-unavailable' })
})

test('no process outlives its parent', async () => {
  open()
  const script = `
    import { createVisionPool } from ${JSON.stringify(join(import.meta.dirname, '../../../src-main/engine/vision/vision-pool.ts'))}
    const pool = createVisionPool({ detectorId: 'kith-detector.v1', modelsDirectories: [], processes: 2, log() {} })
    await Promise.all(${JSON.stringify(photos.slice(0, 4))}.map((path) => pool.analyze(path)))
    console.log(JSON.stringify(pool.processIds()))
    setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const line = await new Promise<string>((resolve) => parent.stdout.once('data', (data) => resolve(String(data))))
  const ids = JSON.parse(line) as number[]
  expect(ids.map(isAlive)).toEqual([true, true])
  parent.kill('SIGKILL')
  await until(() => !ids.some(isAlive))
})

test('models that are not there are told before anything starts', () => {
  open()
  expect(() => createVisionPool({ detectorId: 'yunet', modelsDirectories: [directory], log: () => {} }))
    .toThrow(expect.objectContaining({ code: 'model-missing' }))
})
