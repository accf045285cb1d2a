import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mapPoints } from '../../../src-main/engine/math/geometry.ts'
import { decodeLarger, decodePhoto, orientedToStored, renderPhoto } from '../../../src-main/engine/vision/decode.ts'
import { parseClock } from '../../../src-main/engine/vision/taken-at.ts'

let directory: string
beforeAll(() => { directory = mkdtempSync(join(tmpdir(), 'kith-decode-')) })
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const samples = join(import.meta.dirname, '../../../node_modules/@vladmandic/face-api/demo')
const sample = join(samples, 'sample1.jpg')

function put(name: string, bytes: Uint8Array | string): string {
  const path = join(directory, name)
  writeFileSync(path, bytes)
  return path
}
const plain = (width: number, height: number, background = '#406080') =>
  sharp({ create: { width, height, channels: 3, background } })

test('a photo is read once: size, hash, date, working copy of 1280 px', async () => {
  const photo = await decodePhoto(sample)
  expect(photo).toMatchObject({ widthPx: 1920, heightPx: 1280, takenAt: '2017-10-31T20:16:18' })
  expect(photo.picture).toMatchObject({ width: 1280, height: 853 })
  expect(photo.picture.data.length).toBe(1280 * 853 * 3)
  expect(photo.contentHash).toBe(createHash('sha256').update(readFileSync(sample)).digest('hex'))
})

test('the size of the working copy avoids the reductions that sharp decodes at full size', async () => {
  const sizes = await Promise.all([600, 2600, 3000, 3840, 4032, 5400].map(async (side) => {
    const path = put(`plain-${side}.jpg`, await plain(side, 90).jpeg().toBuffer())
    return (await decodePhoto(path)).picture.width
  }))
  expect(sizes).toEqual([600, 1280, 1280, 1280, 1280, 1280])
  const trapped = put('trapped.jpg', await plain(3700, 90).jpeg().toBuffer())
  expect((await decodePhoto(trapped)).picture.width).toBe(1233)
})

describe('whatever the pixels are kept as, they become 8-bit RGB', () => {
  const cases: [string, () => Promise<Buffer>][] = [
    ['grey.jpg', () => plain(64, 48).greyscale().jpeg().toBuffer()],
    ['cmyk.jpg', () => plain(64, 48).toColourspace('cmyk').jpeg().toBuffer()],
    ['16-bit.png', () => plain(64, 48).toColourspace('rgb16').png().toBuffer()],
    ['16-bit.tiff', () => plain(64, 48).toColourspace('rgb16').tiff().toBuffer()],
    ['palette.gif', () => plain(64, 48).gif().toBuffer()],
    ['lossy.webp', () => plain(64, 48).webp().toBuffer()],
    ['small.avif', () => plain(64, 48).avif().toBuffer()],
  ]
  test.each(cases)('%s', async (name, make) => {
    const { picture } = await decodePhoto(put(name, await make()))
    expect(picture).toMatchObject({ width: 64, height: 48 })
    const [red, green, blue] = picture.data
    if (name === 'grey.jpg') expect([green, blue]).toEqual([red, red])
    else expect([red! - 0x40, green! - 0x60, blue! - 0x80].every((difference) => Math.abs(difference) < 45)).toBe(true)
  })
  test('transparency shows white', async () => {
    const clear = await sharp({ create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } }).png().toBuffer()
    expect([...(await decodePhoto(put('clear.png', clear))).picture.data.subarray(0, 3)]).toEqual([255, 255, 255])
  })
  test('an animation shows its first picture', async () => {
    const frames = await Promise.all(['#ff0000', '#0000ff'].map((colour) => plain(16, 16, colour).png().toBuffer()))
    const animation = await sharp(frames, { join: { animated: true } }).gif({ delay: [100, 100], loop: 0 }).toBuffer()
    const { picture } = await decodePhoto(put('animated.gif', animation))
    expect(picture).toMatchObject({ width: 16, height: 16 })
    expect(picture.data[0]).toBeGreaterThan(200)
  })
  test('a single pixel', async () => {
    const photo = await decodePhoto(put('one.png', await plain(1, 1).png().toBuffer()))
    expect(photo).toMatchObject({ widthPx: 1, heightPx: 1, picture: { width: 1, height: 1 } })
  })
})

describe('what can not be read is told apart', () => {
  const jpeg = readFileSync(sample)
  const cases: [string, () => Promise<Uint8Array | string> | Uint8Array | string, string, RegExp][] = [
    ['empty.jpg', () => '', 'empty', /0 bytes/],
    ['text.jpg', () => 'Dear diary', 'not-an-image', /not a picture/],
    ['cut.jpg', () => jpeg.subarray(0, 60_000), 'damaged', /cut off/],
    ['cut.png', async () => (await sharp(sample).png().toBuffer()).subarray(0, 200_000), 'damaged', /damaged|cut off/],
    ['head.jpg', () => jpeg.subarray(0, 4), 'damaged', /damaged|cut off/],
    ['picture.bmp', () => Buffer.concat([Buffer.from('BM'), Buffer.alloc(60)]), 'unsupported-format', /BMP/],
    ['phone.heic', () => Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic'), Buffer.alloc(60)]), 'unsupported-format', /HEIC/],
    ['drawing.svg', () => '<svg xmlns="http://www.w3.org/2000/svg"/>', 'unsupported-format', /SVG/],
  ]
  test.each(cases)('%s', async (name, make, code, message) => {
    await expect(decodePhoto(put(name, await make()))).rejects.toMatchObject({
      name: 'PhotoReadError', code, message: expect.stringMatching(message),
    })
    await expect(decodePhoto(join(directory, name))).rejects.toThrow(name)
  })
  test.skipIf(process.platform === 'win32')('a named pipe that nobody writes to', async () => {
    execFileSync('mkfifo', [join(directory, 'pipe.jpg')])
    await expect(decodePhoto(join(directory, 'pipe.jpg'))).rejects.toMatchObject({ code: 'unreadable' })
  })
  test('a file that is gone, a folder, a file that may not be read', async () => {
    await expect(decodePhoto(join(directory, 'gone.jpg'))).rejects.toMatchObject({ code: 'vanished' })
    mkdirSync(join(directory, 'folder.jpg'))
    await expect(decodePhoto(join(directory, 'folder.jpg'))).rejects.toMatchObject({ code: 'unreadable' })
    const locked = put('locked.jpg', jpeg)
    chmodSync(locked, 0)
    // Root reads everything.
    if (process.getuid?.() !== 0) await expect(decodePhoto(locked)).rejects.toMatchObject({ code: 'unreadable' })
  })
  test('a picture of 65,536 × 65,536 pixels in a file of 80 bytes', async () => {
    await expect(decodePhoto(put('bomb.png', hugePng(65_536)))).rejects.toMatchObject({ code: 'too-large', message: expect.stringMatching(/268 megapixels/) })
    await expect(renderPhoto(join(directory, 'bomb.png'), 100)).rejects.toMatchObject({ code: 'too-large' })
  })
  test('the limit is the caller’s', async () => {
    await expect(decodePhoto(sample, 1_000_000)).rejects.toMatchObject({ code: 'too-large' })
  })
})

/** A PNG that says it is `side` pixels wide and high, and then ends. */
function hugePng(side: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(data.length)
    const checksum = Buffer.alloc(4)
    checksum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, checksum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.set([1, 0, 0, 0, 0], 8)
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', Buffer.alloc(20)), chunk('IEND', Buffer.alloc(0))])
}

describe('orientation', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF %i: the working copy is upright, and a larger decode is found in', async (orientation) => {
    const path = join(directory, `turned-${orientation}.jpg`)
    await quadrants(1600, 1000).withMetadata({ orientation }).jpeg({ quality: 95 }).toFile(path)
    const photo = await decodePhoto(path)
    const upright = await sharp(await sharp(path).autoOrient().toBuffer()).metadata()
    expect(photo).toMatchObject({ widthPx: upright.width, heightPx: upright.height, orientation })
    const larger = await decodeLarger(photo, 1.25, 'turned.jpg', 1e9)
    expect(larger.picture).toMatchObject({ width: 1600, height: 1000 })
    for (const [u, v] of [[0.2, 0.3], [0.7, 0.3], [0.2, 0.8], [0.8, 0.8]] as const) {
      const x = Math.round(u * photo.picture.width)
      const y = Math.round(v * photo.picture.height)
      const [X, Y] = mapPoints(larger.toPicture, [x, y])
      expect(colourAt(larger.picture, Math.round(X!), Math.round(Y!))).toBe(colourAt(photo.picture, x, y))
    }
  })
  test('the corner of the photo stays the corner', () => {
    expect([...mapPoints(orientedToStored(6), [0, 0])]).toEqual([0, 1])
    expect([...mapPoints(orientedToStored(8), [0, 0])]).toEqual([1, 0])
    expect([...mapPoints(orientedToStored(3), [0, 0])]).toEqual([1, 1])
  })
})

/** Red, green, blue and white quarters. */
function quadrants(width: number, height: number) {
  const half = { width: width / 2, height: height / 2, channels: 3 as const }
  const piece = (background: string, left: number, top: number) => ({ input: { create: { ...half, background } }, left, top })
  return sharp({ create: { width, height, channels: 3, background: '#ff0000' } }).composite([
    piece('#00ff00', half.width, 0), piece('#0000ff', 0, half.height), piece('#ffffff', half.width, half.height),
  ])
}
function colourAt({ data, width }: { data: Uint8Array; width: number }, x: number, y: number): string {
  return [0, 1, 2].map((channel) => (data[(y * width + x) * 3 + channel]! > 128 ? 'x' : '-')).join('')
}

describe('the date of a photo', () => {
  test('the camera’s clock, not the file’s', async () => {
    const path = join(directory, 'dated.jpg')
    await plain(20, 20).withExif({
      IFD0: { DateTime: '2022:01:01 00:00:00' },
      IFD2: { DateTimeOriginal: '2019:06:30 23:59:59', OffsetTimeOriginal: '+09:00' },
    }).jpeg().toFile(path)
    expect((await decodePhoto(path)).takenAt).toBe('2019-06-30T23:59:59')
  })
  test('none where there is none', async () => {
    expect((await decodePhoto(put('undated.png', await plain(9, 9).png().toBuffer()))).takenAt).toBeNull()
  })
  test.each([
    ['2019:06:01 12:30:05', '2019-06-01T12:30:05'],
    ['2019-06-01T12:30:05.25+02:00', '2019-06-01T12:30:05'],
    ['2019-06-01', '2019-06-01T00:00:00'],
    ['2020:02:29 08:00', '2020-02-29T08:00:00'],
    ['0000:00:00 00:00:00', null],
    ['2019:02:29 12:00:00', null],
    ['2019:13:01 12:00:00', null],
    ['2019:06:01 25:00:00', null],
    ['1601:01:01 00:00:00', null],
    ['9999:01:01 00:00:00', null],
    ['    :  :     :  :  ', null],
    ['yesterday', null],
    [undefined, null],
  ])('%s is %s', (text, expected) => expect(parseClock(text)).toBe(expected))
})

test('a rendering is an upright JPEG, never larger than the photo', async () => {
  const path = join(directory, 'render.jpg')
  await quadrants(800, 600).withMetadata({ orientation: 6 }).jpeg().toFile(path)
  expect(await sharp(await renderPhoto(path, 400)).metadata()).toMatchObject({ format: 'jpeg', width: 300, height: 400 })
  expect(await sharp(await renderPhoto(path, 4000)).metadata()).toMatchObject({ width: 600, height: 800 })
})
