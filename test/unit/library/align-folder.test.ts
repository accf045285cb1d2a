/** kith align: faces written person by person, again only what changed, and never over a file of somebody else's. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { alignFolder, type AlignFolderOptions } from '../../../src-main/engine/library/align-folder.ts'
import { createVisionPool, type VisionPool } from '../../../src-main/engine/vision/vision-pool.ts'
import { runKith } from '../cli/run.ts'

let root: string
let vision: VisionPool
let folder: string
let out: string
let caseNumber = 0

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'kith-align-'))
  vision = createVisionPool({ detectorId: 'kith-detector.v1', modelsDirectories: [], processes: 1, log: () => {} })
  folder = join(root, 'people')
  const picture = (sample: number, widthPx: number) =>
    sharp(`node_modules/@vladmandic/face-api/demo/sample${sample}.jpg`).resize(widthPx).jpeg().toBuffer()
  const blank = await sharp({ create: { width: 200, height: 200, channels: 3, background: '#557799' } }).png().toBuffer()
  const files: Record<string, Uint8Array | string> = {
    'anna/portrait.jpg': await picture(1, 900), 'anna/same.jpg': await picture(1, 700), 'anna/same.png': await sharp(await picture(1, 600)).png().toBuffer(),
    'bert/portrait.jpg': await picture(4, 900), 'bert/sky.png': blank, 'bert/broken.jpg': 'not a picture', 'bert/notes.txt': 'no picture',
    '.hidden/portrait.jpg': blank,
  }
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
})
afterAll(async () => {
  await vision.close()
  rmSync(root, { recursive: true, force: true })
})
beforeEach(() => { out = join(root, `out-${++caseNumber}`) })

const align = (options: Partial<AlignFolderOptions> = {}, from = folder, to = out) =>
  alignFolder(vision, from, to, { alignment: 'outer-eyes-and-nose', sidePx: 96, ...options })
const written = () => readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.')).toSorted()

test('writes a face for every picture that has one, and lists the rest', async () => {
  const progress: number[] = []
  const report = await align({ onProgress: (done, total) => progress.push(done / total) })
  expect(report).toMatchObject({ images: 6, aligned: 4, unchanged: 0, stopped: false, kept: [], withoutFace: [join(folder, 'bert/sky.png')] })
  expect(report.failed).toEqual([{ path: join(folder, 'bert/broken.jpg'), code: expect.any(String), reason: expect.stringContaining('broken.jpg') }])
  expect(written()).toEqual(['anna/portrait.png', 'anna/same.jpg.png', 'anna/same.png.png', 'bert/portrait.png'])
  expect(progress.at(-1)).toBe(1)
  for (const name of written()) expect(await sharp(join(out, name)).metadata()).toMatchObject({ width: 96, height: 96, format: 'png', channels: 3 })
  // The same photo in another size gives nearly the same face.
  const [portrait, smaller, other] = await Promise.all(
    ['anna/portrait.png', 'anna/same.jpg.png', 'bert/portrait.png'].map((name) => sharp(join(out, name)).raw().toBuffer()))
  const difference = (a: Buffer, b: Buffer) => a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length
  expect(difference(portrait!, smaller!)).toBeLessThan(difference(portrait!, other!) / 2)
})

test('again: only what changed', async () => {
  await align()
  const portrait = join(out, 'anna/portrait.png')
  const before = statSync(portrait).mtimeMs
  rmSync(join(out, 'bert/portrait.png'))
  expect(await align()).toMatchObject({ aligned: 1, unchanged: 3 })
  expect(statSync(portrait).mtimeMs).toBe(before)
  const source = join(folder, 'anna/portrait.jpg')
  utimesSync(source, new Date(), new Date('2001-01-01'))
  expect(await align()).toMatchObject({ aligned: 1, unchanged: 3 })
  const outer = readFileSync(portrait)
  expect(await align({ alignment: 'inner-eyes-and-bottom-lip' })).toMatchObject({ aligned: 4, unchanged: 0 })
  expect(readFileSync(portrait).equals(outer)).toBe(false)
})

test('a file of somebody else stays as it is', async () => {
  mkdirSync(join(out, 'anna'), { recursive: true })
  const foreign = await sharp({ create: { width: 5, height: 5, channels: 3, background: 'red' } }).png().toBuffer()
  writeFileSync(join(out, 'anna/portrait.png'), foreign)
  expect(await align()).toMatchObject({ aligned: 3, kept: [join(out, 'anna/portrait.png')] })
  expect(readFileSync(join(out, 'anna/portrait.png')).equals(foreign)).toBe(true)
})

test('stops when asked to, and goes on from there', async () => {
  const controller = new AbortController()
  const first = await align({ signal: controller.signal, onProgress: (done) => { if (done === 2) controller.abort() } })
  expect(first.stopped).toBe(true)
  expect(existsSync(out) ? written().filter((name) => name.endsWith('.part')) : []).toEqual([])
  const second = await align()
  expect(second.stopped).toBe(false)
  expect(second.unchanged).toBe(first.aligned)
  expect(second.aligned).toBe(4 - first.aligned)
})

test('is refused inside the folder it reads, or where there is nothing to read or no way to write', async () => {
  const link = join(root, `link-${caseNumber}`)
  symlinkSync(folder, link)
  for (const to of [folder, join(folder, 'faces'), join(link, 'faces/deeper'), `${folder}/anna/..`]) {
    await expect(align({}, folder, to)).rejects.toMatchObject({ code: 'invalid-input', message: expect.stringContaining(folder) })
  }
  expect(readdirSync(folder).toSorted()).toEqual(['.hidden', 'anna', 'bert'])
  await expect(align({}, join(root, 'nowhere'))).rejects.toMatchObject({ code: 'folder-unreadable' })
  mkdirSync(join(root, `empty-${caseNumber}`))
  await expect(align({}, join(root, `empty-${caseNumber}`))).rejects.toMatchObject({ code: 'invalid-input' })
  writeFileSync(out, 'a file, not a folder')
  await expect(align()).rejects.toMatchObject({ code: 'library-read-only', message: expect.stringContaining(out) })
})

test('the command', async () => {
  const outcome = await runKith(join(root, 'library'), 'align', folder, out, '--template', 'inner', '--json')
  expect(outcome.status).toBe(0)
  expect(JSON.parse(outcome.stdout)).toMatchObject({ alignment: 'inner-eyes-and-bottom-lip', sidePx: 96, aligned: 4 })
  expect((await runKith(join(root, 'library'), 'align', folder, out, '--template', 'ears')).status).toBe(2)
})
