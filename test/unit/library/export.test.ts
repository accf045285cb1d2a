import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exportCsv } from '../../../src-main/engine/library/csv.ts'
import { encodePngStrips } from '../../../src-main/engine/library/png-file.ts'
import { exportProjector, layOutSprite } from '../../../src-main/engine/library/projector.ts'
import { writeWholeFiles } from '../../../src-main/engine/library/whole-files.ts'
import { createImageStore } from '../../../src-main/engine/store/images.ts'
import { createVisionPool } from '../../../src-main/engine/vision/vision-pool.ts'
import type { VisionPool } from '../../../src-main/engine/vision/vision-pool.ts'
import { createRandom } from '../../fixtures/random.ts'
import { createTestLibrary, testEmbedderId, type TestLibrary } from '../../fixtures/library.ts'

const faceCount = 11, dimension = 8
const hostileName = 'Anna\t"Bärbel"\n\u2028 <b>'
let library: TestLibrary
let vision: VisionPool
let target: string
const colours = Array.from({ length: faceCount }, (_, i) => ({ r: 20 * i, g: 255 - 20 * i, b: (90 * i) % 256 }))
const vectors: Float32Array[] = []

/** Eleven faces to be exported: each with a crop of a colour of its own, the fourth without one; and three that are not. */
beforeAll(async () => {
  vision = createVisionPool({ modelsDirectories: [], processes: 1, log: () => {} })
  library = createTestLibrary({
    vision: { embedderId: testEmbedderId, concurrency: 2, tile: (...given) => vision.tile(...given) },
  })
  target = join(library.directory, 'projector')
  const images = createImageStore(library.directory)
  const random = createRandom(1)
  const anna = library.addPerson(hostileName, 'anna')
  const embedding = () => Float32Array.from({ length: dimension }, () => random.fraction() * 2 - 1)
  for (const [i, background] of colours.entries()) {
    const id = library.addFace({
      photoId: library.addPhoto({ relativePath: `album\t${i},"x".jpg` }), embedding: vectors[i] = embedding(),
      personId: i < 3 ? anna : null, clusterId: i >= 3 && i < 7 ? 5 : null,
    })
    const crop = await sharp({ create: { width: 192, height: 192, channels: 3, background } }).jpeg().toBuffer()
    if (i !== 3) library.db.prepare('UPDATE faces SET crop_hash = ? WHERE id = ?').run(await images.put(crop), id)
  }
  library.addFace({ ignored: true, embedding: embedding() })
  library.addFace({ photoId: library.addPhoto({ missing: true, hidden: true }), embedding: embedding() })
  const other = library.addFace()
  library.db.prepare('INSERT INTO face_embeddings (face_id, model_id, vector) VALUES (?, ?, ?)').run(other, 'another-model', Buffer.alloc(4 * 16))
})
afterAll(async () => {
  await vision.close()
  library.close()
})

/** As the projector reads tables: by lines, empty ones left out. */
const rowsOf = (file: string) => readFileSync(join(target, file), 'utf8').split('\n').filter((line) => line.trim() !== '').map((line) => line.split('\t'))

describe("TensorBoard's projector", () => {
  it('reads back what was written, by its own rules', async () => {
    const progress: [number, number][] = []
    const report = await exportProjector(library.context, target, { onProgress: (done, total) => progress.push([done, total]) })
    expect(report).toMatchObject({ directory: target, faces: faceCount, dimension, model: testEmbedderId, sprite: { columns: 4, tileSidePx: 64 } })
    expect(report.files.toSorted()).toEqual(readdirSync(target).toSorted())
    expect(progress.at(-1)).toEqual([2 * faceCount, 2 * faceCount])

    // The configuration: protocol buffers as text, paths relative to it.
    const config = readFileSync(join(target, 'projector_config.pbtxt'), 'utf8').replace(/^#.*$/gm, '')
    const field = (name: string) => [...config.matchAll(new RegExp(`\\b${name}: ("[^"\\n]*"|\\d+)`, 'g'))].map(([, value]) => JSON.parse(value!) as string | number)
    expect(field('tensor_path')).toEqual(['vecs.tsv'])
    expect(field('metadata_path')).toEqual(['meta.tsv'])
    expect(field('image_path')).toEqual(['sprite.png'])
    expect(field('single_image_dim')).toEqual([64, 64])
    expect(config.replace(/\s+/g, ' ').trim()).toMatch(/^embeddings \{ .* sprite \{ [^{}]* \} \}$/)

    // Vectors: numbers alone, all rows of one length, exactly the Float32 values.
    const rows = rowsOf('vecs.tsv')
    expect(rows.map((row) => Float32Array.from(row, Number))).toEqual(vectors)

    // Metadata: several columns, so the first line is a header; then as many rows as vectors.
    const [header, ...meta] = rowsOf('meta.tsv')
    expect(header!.slice(0, 3)).toEqual(['person', 'file', 'cluster'])
    expect(meta).toHaveLength(rows.length)
    for (const row of meta) expect(row).toHaveLength(header!.length)
    const column = (name: string) => meta.map((row) => row[header!.indexOf(name)])
    expect(column('person')).toEqual([...Array(3).fill('Anna "Bärbel"  <b>'), ...Array(8).fill('')])
    expect(column('cluster')).toEqual(Array.from({ length: faceCount }, (_, i) => (i >= 3 && i < 7 ? 'cluster:5' : '')))
    expect(column('file')).toEqual(Array.from({ length: faceCount }, (_, i) => `/photos/album ${i},"x".jpg`))

    // The sheet: whole tiles, as many rows as columns, row i of the tables at column i mod n and row ⌊i / n⌋.
    const { data, info } = await sharp(join(target, 'sprite.png')).raw().toBuffer({ resolveWithObject: true })
    expect(info.width).toBe(info.height)
    expect(info.width).toBeLessThanOrEqual(8192)
    const perRow = info.width / 64
    expect(Number.isInteger(perRow)).toBe(true)
    expect(perRow ** 2).toBeGreaterThanOrEqual(faceCount)
    for (const [i, { r, g, b }] of colours.entries()) {
      const at = ((Math.floor(i / perRow) * 64 + 32) * info.width + (i % perRow) * 64 + 32) * info.channels
      const expected = i === 3 ? [128, 128, 128] : [r, g, b]
      expected.forEach((value, channel) => expect(Math.abs(data[at + channel]! - value)).toBeLessThan(6))
    }
  })

  it('keeps within the limits of the projector', () => {
    for (const faces of [1, 2, 4, 5, 16_384, 16_385, 100_000, 1_000_000]) {
      const { columns, tileSidePx } = layOutSprite(faces)!
      expect(columns ** 2).toBeGreaterThanOrEqual(faces)
      expect(columns * tileSidePx).toBeLessThanOrEqual(8192)
    }
    expect(layOutSprite(16_384)).toEqual({ columns: 128, tileSidePx: 64 })
    expect(layOutSprite(2_000_000)).toBeNull()
  })

  it('replaces its own files, and no others', async () => {
    writeFileSync(join(target, 'notes.txt'), 'mine')
    await exportProjector(library.context, target)
    expect(readFileSync(join(target, 'notes.txt'), 'utf8')).toBe('mine')
    const foreign = join(library.directory, 'foreign')
    mkdirSync(foreign)
    writeFileSync(join(foreign, 'meta.tsv'), 'somebody else\n')
    await expect(exportProjector(library.context, foreign)).rejects.toThrow(/foreign holds meta\.tsv, which Kith did not write/)
    expect(readdirSync(foreign)).toEqual(['meta.tsv'])
    expect(readFileSync(join(foreign, 'meta.tsv'), 'utf8')).toBe('somebody else\n')
    await expect(exportProjector(library.context, join(foreign, 'meta.tsv'))).rejects.toThrow(/meta\.tsv is a file, not a folder/)
  })

  it('leaves what was there when it is stopped, and nothing half', async () => {
    const before = readFileSync(join(target, 'vecs.tsv'))
    const names = readdirSync(target)
    const controller = new AbortController()
    const stopped = exportProjector(library.context, target, {
      signal: controller.signal, onProgress: (done) => { if (done > faceCount) controller.abort(new Error('enough')) },
    })
    await expect(stopped).rejects.toThrow('enough')
    expect(readdirSync(target)).toEqual(names)
    expect(readFileSync(join(target, 'vecs.tsv'))).toEqual(before)
  })

  it('says that there is nothing to write', async () => {
    const empty = createTestLibrary({ vision: { embedderId: testEmbedderId } })
    await expect(exportProjector(empty.context, join(empty.directory, 'out'))).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('kith index') })
    empty.close()
  })
})

/** Fields of CSV by the rules of RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!)
    if (end === '\r\n') rows.push([])
    if (end === '') break
  }
  return rows.slice(0, -1)
}

it('faces.csv holds every visible face, whatever names hold', async () => {
  const directory = join(library.directory, 'csv')
  expect(await exportCsv(library.context, directory)).toEqual({ directory, files: ['faces.csv'], faces: faceCount + 2 })
  const text = readFileSync(join(directory, 'faces.csv'), 'utf8')
  const [header, ...rows] = parseCsv(text)
  expect(rows).toHaveLength(faceCount + 2)
  for (const row of rows) expect(row).toHaveLength(header!.length)
  const first = Object.fromEntries(header!.map((name, i) => [name, rows[0]![i]]))
  expect(first).toMatchObject({ photo: '/photos/album\t0,"x".jpg', person: hostileName, named_by: 'user', ignored: '0', x: '0.4', taken_at: expect.stringMatching(/^2015-01-01T/) })
  expect(rows.filter((row) => row[header!.indexOf('ignored')] === '1')).toHaveLength(1)
  await exportCsv(library.context, directory)
  writeFileSync(join(directory, 'faces.csv'), 'mine')
  await expect(exportCsv(library.context, directory)).rejects.toThrow(/which Kith did not write/)
})

describe('whole files', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kith-whole-'))
  afterAll(() => rmSync(directory, { recursive: true }))
  const path = (name: string) => join(directory, name)

  it('are all there or none', async () => {
    writeFileSync(path('first'), 'old')
    const failing = async function* () {
      yield 'half'
      throw Object.assign(new Error('full'), { code: 'ENOSPC' })
    }
    await expect(writeWholeFiles([{ path: path('first'), content: 'new' }, { path: path('second'), content: failing() }]))
      .rejects.toMatchObject({ code: 'no-space', message: expect.stringContaining('second') })
    expect(readdirSync(directory)).toEqual(['first'])
    expect(readFileSync(path('first'), 'utf8')).toBe('old')
    await expect(writeWholeFiles([{ path: path('no/where'), content: '' }])).rejects.toMatchObject({ code: 'invalid-input' })
  })

  it('of PNG decode to the pixels that were given, strip by strip', async () => {
    const random = createRandom(2)
    const [width, height] = [37, 24]
    const pixels = Uint8Array.from({ length: width * height * 3 }, () => random.below(256))
    const strips = async function* () {
      for (let row = 0; row < height; row += 6) yield pixels.subarray(row * width * 3, (row + 6) * width * 3)
    }
    const pieces: Uint8Array[] = []
    for await (const piece of encodePngStrips(width, height, strips())) pieces.push(piece)
    const { data, info } = await sharp(Buffer.concat(pieces), { failOn: 'warning' }).raw().toBuffer({ resolveWithObject: true })
    expect(info).toMatchObject({ width, height, channels: 3 })
    expect(new Uint8Array(data)).toEqual(pixels)
  })
})
