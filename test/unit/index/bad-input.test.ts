import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { VisionPort } from '../../../src-main/engine/ports.ts'
import { openDatabase } from '../../../src-main/engine/store/database.ts'
import { fillDisk, mountSmall } from '../../fixtures/small-disk.ts'
import { createTestVision, openRealLibrary, placeSamples, samplePath, temporaryFolder } from './real-library.ts'
import type { RealLibrary } from './real-library.ts'

let vision: VisionPort
let temporary: { path: string; remove(): Promise<void> }
let library: RealLibrary | null
let photos: string

beforeAll(() => void (vision = createTestVision()))
afterAll(() => vision.close())
beforeEach(async () => {
  temporary = await temporaryFolder()
  photos = join(temporary.path, 'photos')
  mkdirSync(photos)
  library = null
})
afterEach(async () => {
  await library?.close()
  await temporary.remove()
})

async function index(folder = photos) {
  library ??= openRealLibrary(join(temporary.path, 'library'), vision)
  await library.indexer.addFolder(folder)
  return library.indexer.runToEnd()
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

/** A PNG that says it is 65,536 pixels wide and high, one bit each. */
function hugePng(): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(65_536, 0)
  header.writeUInt32BE(65_536, 4)
  header.set([1, 0, 0, 0, 0], 8)
  const rows = deflateSync(Buffer.alloc(8193 * 64))
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), pngChunk('IHDR', header), pngChunk('IDAT', rows), pngChunk('IEND', Buffer.alloc(0)),
  ])
}

describe('files that are no good', () => {
  it('are listed with a reason, and the good one beside them is indexed', async () => {
    await placeSamples(photos, { 'good.jpg': 3, 'truncated.jpg': 3 })
    truncateSync(join(photos, 'truncated.jpg'), 30_000)
    writeFileSync(join(photos, 'zero.jpg'), '')
    writeFileSync(join(photos, 'text.jpg'), 'This is a letter, not a photo.\n'.repeat(50))
    writeFileSync(join(photos, 'huge.png'), hugePng())
    const report = await index()
    expect(report.photos).toMatchObject({ found: 5, indexed: 1, failed: 4, pending: 0 })
    expect(Object.fromEntries(report.failed.map(({ path, code }) => [path.slice(photos.length + 1), code]))).toEqual({
      'truncated.jpg': 'damaged', 'zero.jpg': 'empty', 'text.jpg': 'not-an-image', 'huge.png': 'too-large',
    })
    for (const { path, reason } of report.failed) {
      expect(reason).toContain(path.slice(photos.length + 1))
      expect(reason).not.toMatch(/Error|undefined|at .*:\d+/)
    }
    expect(report.faces).toBe(3)
  })
})

describe('unusual pictures', () => {
  it('of every kind that is read are indexed: tiny, CMYK, 16-bit, animated, and all formats', async () => {
    const sample = sharp(samplePath(3)).resize(640)
    await sharp({ create: { width: 1, height: 1, channels: 3, background: '#888' } }).jpeg().toFile(join(photos, 'one pixel.jpg'))
    await sample.clone().toColourspace('cmyk').jpeg().toFile(join(photos, 'cmyk.jpg'))
    await sample.clone().toColourspace('rgb16').png().toFile(join(photos, '16-bit.png'))
    await sample.clone().greyscale().jpeg().toFile(join(photos, 'grey.jpg'))
    await sample.clone().ensureAlpha(0.5).png().toFile(join(photos, 'alpha.png'))
    await sample.clone().webp().toFile(join(photos, 'photo.webp'))
    await sample.clone().avif({ effort: 0 }).toFile(join(photos, 'photo.avif'))
    await sample.clone().tiff().toFile(join(photos, 'photo.tiff'))
    const frame = await sample.clone().resize(320).raw().toBuffer({ resolveWithObject: true })
    await sharp(Buffer.concat([frame.data, frame.data]), {
      raw: { width: frame.info.width, height: frame.info.height * 2, channels: 3, pageHeight: frame.info.height },
    }).gif({ delay: [100, 100] }).toFile(join(photos, 'animated.gif'))
    const report = await index()
    expect(report.failed).toEqual([])
    expect(report.photos).toMatchObject({ found: 9, indexed: 9 })
    const faces = Object.fromEntries(library!.rows<{ relative_path: string; face_count: number }>(
      'SELECT relative_path, face_count FROM photos').map((row) => [row.relative_path, row.face_count]))
    expect(faces).toMatchObject({ 'one pixel.jpg': 0, 'cmyk.jpg': 3, '16-bit.png': 3, 'photo.webp': 3, 'photo.avif': 3, 'photo.tiff': 3 })
    expect(faces['animated.gif']).toBeGreaterThan(0)
  })

  it('with no face, and with fifty, are both indexed whole', async () => {
    await sharp({ create: { width: 800, height: 600, channels: 3, background: '#47a' } }).jpeg().toFile(join(photos, 'sky.jpg'))
    // One face of a sample, cut out where the library's own index says it is.
    await placeSamples(join(temporary.path, 'sample'), { 'sample.jpg': 3 })
    await index(join(temporary.path, 'sample'))
    const [box] = library!.rows<{ x: number; y: number; width: number; height: number; width_px: number; height_px: number }>(
      'SELECT f.x, f.y, f.width, f.height, p.width_px, p.height_px FROM faces f JOIN photos p ON p.id = f.photo_id ORDER BY f.x LIMIT 1')
    const { x, y, width, height, width_px, height_px } = box!
    const side = Math.round(Math.max(width * width_px, height * height_px) * 1.6)
    const left = Math.max(0, Math.round((x + width / 2) * width_px - side / 2))
    const top = Math.max(0, Math.round((y + height / 2) * height_px - side / 2))
    const face = await sharp(samplePath(3)).extract({ left, top, width: side, height: side }).resize(160, 160).toBuffer()
    await sharp({ create: { width: 1600, height: 800, channels: 3, background: '#777' } })
      .composite(Array.from({ length: 50 }, (_, tile) => ({ input: face, left: (tile % 10) * 160, top: Math.floor(tile / 10) * 160 })))
      .jpeg({ quality: 95 }).toFile(join(photos, 'fifty.jpg'))
    const report = await index()
    expect(report.failed).toEqual([])
    expect(library!.rows("SELECT relative_path, face_count FROM photos WHERE relative_path IN ('sky.jpg', 'fifty.jpg') ORDER BY 1"))
      .toEqual([{ relative_path: 'fifty.jpg', face_count: 50 }, { relative_path: 'sky.jpg', face_count: 0 }])
  })

  it('are found under any name and behind links that go in circles', async () => {
    await placeSamples(photos, { 'with space/a\nb.jpg': 3, '🎂 party/é.jpg': 3, "quote's \"here\".jpg": 3 })
    symlinkSync(photos, join(photos, 'with space/circle'))
    symlinkSync('loop', join(photos, 'loop'))
    const report = await index()
    expect(report.photos).toMatchObject({ found: 3, indexed: 3 })
    expect(report.unreadableFolders).toEqual([])
  })
})

describe('folders', () => {
  it('that are empty end with nothing found', async () => {
    expect((await index()).photos).toEqual({ found: 0, indexed: 0, unchanged: 0, moved: 0, missing: 0, failed: 0, pending: 0 })
  })

  it('that go away while they are indexed lose nothing', async () => {
    await placeSamples(photos, { 'a.jpg': 3, 'b.jpg': 6, 'c.jpg': 5 })
    await index()
    rmSync(photos, { recursive: true })
    const report = await library!.indexer.runToEnd()
    expect(report).toMatchObject({ photos: { found: 0, missing: 0 }, unreadableFolders: [{ path: photos }] })
    expect(library!.indexer.folders()).toMatchObject([{ state: 'offline', photos: 3, indexed: 3 }])
    expect(library!.events).toContainEqual(expect.objectContaining({ type: 'notice', level: 'warning' }))
  })
})

describe('a library', () => {
  it('on a full disk stops in words, loses nothing, and goes on when there is room', async (test) => {
    const directory = join(temporary.path, 'small')
    if (!mountSmall(directory, 16)) return test.skip()
    try {
      await placeSamples(photos, { 'a.jpg': 3 })
      library = openRealLibrary(directory, vision)
      await index()
      library.context.database.db.pragma('wal_checkpoint(TRUNCATE)')
      await placeSamples(photos, { 'b.jpg': 6, 'c.jpg': 5, 'd.jpg': 4 })
      const ballast = fillDisk(directory, 16)
      await expect(library.indexer.runToEnd()).rejects.toMatchObject({ code: 'no-space', message: expect.stringContaining('is full') })
      expect(library.indexer.progress().state).toBe('idle')
      expect(library.rows('SELECT 1 FROM faces')).not.toHaveLength(0)
      unlinkSync(ballast)
      const report = await library.indexer.runToEnd()
      expect(report.photos).toMatchObject({ found: 4, failed: 0, pending: 0 })
      expect(library.rows("SELECT 1 FROM photos WHERE status = 'indexed'")).toHaveLength(4)
    } finally {
      await library?.close()
      library = null
      execFileSync('umount', [directory])
    }
  })

  it('that may not be written to is refused in words', (test) => {
    const directory = join(temporary.path, 'read-only')
    if (!mountSmall(directory, 4)) return test.skip()
    try {
      openDatabase(directory).close()
      execFileSync('mount', ['-o', 'remount,ro', directory])
      expect(() => openDatabase(directory)).toThrow(expect.objectContaining({ code: 'library-read-only' }))
      expect(() => openDatabase(join(directory, 'new'))).toThrow(expect.objectContaining({ code: 'library-read-only' }))
    } finally {
      execFileSync('umount', [directory])
    }
  })

  it('that another Kith has open, or that a newer one wrote, is refused and left as it is', () => {
    const directory = join(temporary.path, 'library')
    const first = openDatabase(directory)
    expect(() => openDatabase(directory)).toThrow(expect.objectContaining({ code: 'library-locked' }))
    first.db.pragma('user_version = 99')
    first.close()
    expect(() => openDatabase(directory)).toThrow(expect.objectContaining({ code: 'library-newer' }))
    expect(existsSync(join(directory, 'kith.sqlite'))).toBe(true)
  })
})
