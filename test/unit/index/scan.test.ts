import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFolders } from '../../../src-main/engine/library/folders.ts'
import { hashFile, localClockSeconds } from '../../../src-main/engine/library/file-facts.ts'
import { createScanner } from '../../../src-main/engine/library/scan.ts'
import type { ScanResult } from '../../../src-main/engine/library/scan.ts'
import { createDetectionStore } from '../../../src-main/engine/store/detections.ts'
import { mountSmall } from '../../fixtures/small-disk.ts'
import { createTestLibrary } from '../../fixtures/library.ts'
import type { TestLibrary } from '../../fixtures/library.ts'

let library: TestLibrary
let root: string

beforeEach(() => {
  library = createTestLibrary()
  root = mkdtempSync(join(tmpdir(), 'kith-scan-'))
})
afterEach(() => {
  library.close()
  rmSync(root, { recursive: true, force: true })
})

const jpegStart = Buffer.from([0xff, 0xd8, 0xff, 0xe0])

/** A file that begins like a JPEG; scanning never decodes. */
function put(relativePath: string, content = relativePath, start: Buffer = jpegStart): string {
  const path = join(root, relativePath)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, Buffer.concat([start, Buffer.from(content)]))
  // A minute apart, as photos are: within one millisecond two files of one size can't be told apart without reading them.
  const takenAt = new Date(Date.UTC(2020, 0, 1, 12, ++minutes))
  utimesSync(path, takenAt, takenAt)
  return path
}
let minutes = 0

function scan(folderIds?: number[]): Promise<ScanResult> {
  const rows = createFolders(library.context).rows(null).filter(({ id }) => !folderIds || folderIds.includes(id))
  return createScanner(library.context).scan(rows, {
    signal: new AbortController().signal, whenRunning: async () => {}, onFound: () => {},
  })
}
const add = async (path = root) => (await createFolders(library.context).add(path)).id

interface Row {
  id: number
  folder_id: number
  relative_path: string
  status: string
  failure_code: string | null
  failure_reason: string | null
  missing_since: string | null
  hidden: number
}
const photos = () => library.db.prepare('SELECT * FROM photos ORDER BY relative_path').all() as Row[]
const photoAt = (relativePath: string) => photos().find((row) => row.relative_path === relativePath)
const paths = () => photos().map((row) => row.relative_path)

/** Marks a photo as indexed, with one face that the user named, as it would be after vision saw it. */
async function indexWithName(relativePath: string, person = 'Anna', folder = root): Promise<{ photoId: number; faceId: number }> {
  const photoId = photoAt(relativePath)!.id
  createDetectionStore(library.db).write([{
    photoId, widthPx: 100, heightPx: 100, takenAt: null, contentHash: await hashFile(join(folder, relativePath)),
    thumbnailHash: 'none', detectorId: 'd', embedderId: 'e', faces: [],
  }], '2026-01-01T00:00:00.000Z')
  const personId = (library.db.prepare('SELECT id FROM people WHERE name = ?').pluck().get(person) as number) ?? library.addPerson(person)
  return { photoId, faceId: library.addFace({ photoId, personId }) }
}

describe('what is found', () => {
  it('takes pictures by name or by first bytes, lists what it cannot read, and passes over the rest', async () => {
    const avif = Buffer.from('\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf', 'latin1')
    const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')
    put('a.jpg')
    put('B.JPEG')
    put('c.png')
    put('no extension')
    put('wrong.dat', 'x', Buffer.from('GIF89a'))
    put('photo.jpg_original~')
    put('phone.heic', 'x', heic)
    put('phone without extension', 'x', heic)
    put('really avif.heif', 'x', avif)
    put('jpeg called.heic')
    put('raw.dng', 'x', Buffer.from('II*\0'))
    put('scan.unknown', 'x', Buffer.from('MM\0*'))
    put('old.bmp', 'x', Buffer.from('BM'))
    put('notes.txt', 'x', Buffer.from('hello'))
    put('clip.mp4', 'x', Buffer.from('\0\0\0\x18ftypmp42'))
    put('a.xmp', 'x', Buffer.from('<x:xmpmeta'))
    put('._a.jpg')
    writeFileSync(join(root, 'zero.jpg'), '')
    writeFileSync(join(root, 'zero'), '')
    await add()
    const { found } = await scan()
    expect(Object.fromEntries(photos().map((row) => [row.relative_path, row.failure_code]))).toEqual({
      'a.jpg': null, 'B.JPEG': null, 'c.png': null, 'no extension': null, 'wrong.dat': null, 'photo.jpg_original~': null,
      'phone.heic': 'unsupported-format', 'phone without extension': 'unsupported-format', 'really avif.heif': null,
      'jpeg called.heic': null, 'raw.dng': 'unsupported-format', 'scan.unknown': null, 'old.bmp': 'unsupported-format',
      'zero.jpg': 'empty',
    })
    expect(found).toBe(photos().length)
    expect(photoAt('phone.heic')!.failure_reason).toContain('Export it as JPEG')
  })

  it('skips the directories of systems and programs, and the library itself', async () => {
    for (const directory of ['.git', '@eaDir', '.thumbnails', 'node_modules', '$RECYCLE.BIN']) put(`${directory}/x.jpg`)
    put('.hidden/x.jpg')
    put('kept/x.jpg')
    const inner = join(root, 'my library')
    const own = createTestLibrary({ directory: inner })
    put('my library/images/ab/x.jpg')
    const folders = createFolders(own.context)
    const folder = await folders.add(root)
    await createScanner(own.context).scan(folders.rows(folder.id), {
      signal: new AbortController().signal, whenRunning: async () => {}, onFound: () => {},
    })
    expect(own.db.prepare('SELECT relative_path FROM photos').pluck().all()).toEqual(['kept/x.jpg'])
    own.close()
  })

  it('takes names with spaces, emoji and newlines, in the same order every time', async () => {
    const names = ['Ünïcode.jpg', 'with space.jpg', 'a\nnewline.jpg', '🎉 party.jpg', "quote'\".jpg", 'z/deep/er.jpg', 'b/1.jpg']
    for (const name of names) put(name)
    await add()
    await scan()
    expect(paths().sort()).toEqual([...names].sort())
    const inOrder = library.db.prepare('SELECT relative_path FROM photos ORDER BY id').pluck().all()
    expect(inOrder).toEqual(['a\nnewline.jpg', "quote'\".jpg", 'with space.jpg', 'Ünïcode.jpg', '🎉 party.jpg', 'b/1.jpg', 'z/deep/er.jpg'])
  })

  it('lists a picture whose name is not valid text', async () => {
    writeFileSync(Buffer.concat([Buffer.from(join(root, 'bad-')), Buffer.from([0xff, 0xfe]), Buffer.from('.jpg')]), jpegStart)
    await add()
    await scan()
    expect(photos()).toMatchObject([{ failure_code: 'unreadable', failure_reason: expect.stringContaining('Rename it') }])
  })

  it('follows links, and none of them twice or in a circle', async () => {
    put('photos/one.jpg')
    put('elsewhere/two.jpg')
    put('elsewhere/deeper/three.jpg')
    const outside = mkdtempSync(join(tmpdir(), 'kith-scan-outside-'))
    writeFileSync(join(outside, 'four.jpg'), jpegStart)
    symlinkSync(join(root, 'elsewhere'), join(root, 'photos/linked'))
    symlinkSync(join(root, 'elsewhere'), join(root, 'photos/linked again'))
    symlinkSync(join(root, 'photos'), join(root, 'photos/loop'))
    symlinkSync('..', join(root, 'elsewhere/up'))
    symlinkSync('self', join(root, 'photos/self'))
    symlinkSync(join(root, 'photos/one.jpg'), join(root, 'photos/same.jpg'))
    symlinkSync(join(outside, 'four.jpg'), join(root, 'photos/four.jpg'))
    symlinkSync(join(root, 'nowhere.jpg'), join(root, 'photos/broken.jpg'))
    await add(join(root, 'photos'))
    await scan()
    expect(paths()).toEqual(['four.jpg', 'linked/deeper/three.jpg', 'linked/two.jpg', 'one.jpg'])
    rmSync(outside, { recursive: true })
  })

  it('finds nothing in an empty folder, and says so without an error', async () => {
    await add()
    expect(await scan()).toMatchObject({ found: 0, offline: [], unreadable: [] })
    expect(createFolders(library.context).list()).toMatchObject([{ state: 'online', photos: 0, lastScannedAt: expect.any(String) }])
  })

  it('takes the date of the file until the camera is asked', async () => {
    const path = put('a.jpg')
    utimesSync(path, new Date('2019-07-14T12:00:00Z'), new Date('2019-07-14T12:00:00Z'))
    await add()
    await scan()
    const wallClock = new Date('2019-07-14T12:00:00Z')
    const expected = Date.UTC(
      wallClock.getFullYear(), wallClock.getMonth(), wallClock.getDate(), wallClock.getHours(), wallClock.getMinutes()) / 1000
    expect(library.db.prepare('SELECT taken_at, taken_at_source FROM photos').get()).toEqual({ taken_at: expected, taken_at_source: 'file' })
    expect(localClockSeconds(wallClock.getTime())).toBe(expected)
  })
})

describe('scanning again', () => {
  it('leaves what did not change, and looks again at what did', async () => {
    const touched = put('touched.jpg')
    const changed = put('changed.jpg')
    put('same.jpg')
    await add()
    await scan()
    for (const name of ['touched.jpg', 'changed.jpg', 'same.jpg']) await indexWithName(name)
    utimesSync(touched, new Date(), new Date(Date.now() - 5_000_000))
    writeFileSync(changed, Buffer.concat([jpegStart, Buffer.from('something else')]))
    await scan()
    expect(photos().map((row) => [row.relative_path, row.status])).toEqual([
      ['changed.jpg', 'pending'], ['same.jpg', 'indexed'], ['touched.jpg', 'indexed'],
    ])
  })

  it('does not try a failed photo again until it changes', async () => {
    const path = put('bad.jpg')
    await add()
    await scan()
    library.db.prepare("UPDATE photos SET status = 'failed', failure_code = 'damaged', failure_reason = 'x', attempts = 1").run()
    await scan()
    expect(photos()).toMatchObject([{ status: 'failed' }])
    writeFileSync(path, Buffer.concat([jpegStart, Buffer.from('mended')]))
    await scan()
    expect(photos()).toMatchObject([{ status: 'pending', failure_code: null }])
  })

  it('tries a photo again that had vanished, when it is there', async () => {
    put('a.jpg')
    await add()
    await scan()
    library.db.prepare("UPDATE photos SET status = 'failed', failure_code = 'vanished', failure_reason = 'x', attempts = 1").run()
    await scan()
    expect(photos()).toMatchObject([{ status: 'pending' }])
  })

  it('hides a deleted photo with its names, and brings it back with the file', async () => {
    const path = put('a.jpg')
    put('b.jpg')
    await add()
    await scan()
    const { photoId, faceId } = await indexWithName('a.jpg')
    renameSync(path, `${root}-away`)
    await scan()
    expect(photoAt('a.jpg')).toMatchObject({ id: photoId, hidden: 1, missing_since: expect.any(String), status: 'indexed' })
    expect(library.db.prepare('SELECT count(*) FROM person_photo').pluck().get()).toBe(0)
    expect(createFolders(library.context).list()).toMatchObject([{ photos: 1, missing: 1 }])
    renameSync(`${root}-away`, path)
    await scan()
    expect(photoAt('a.jpg')).toMatchObject({ id: photoId, hidden: 0, missing_since: null, status: 'indexed' })
    expect(library.db.prepare('SELECT photo_id FROM faces WHERE id = ? AND person_id IS NOT NULL').pluck().get(faceId)).toBe(photoId)
    expect(library.db.prepare('SELECT count(*) FROM person_photo').pluck().get()).toBe(1)
  })
})

describe('moved photos', () => {
  it('keep their row under another name, in another directory and in another folder', async () => {
    for (const folder of ['first', 'second']) mkdirSync(join(root, folder))
    put('first/a.jpg')
    put('first/b.jpg')
    put('first/c.jpg')
    await add(join(root, 'first'))
    const second = await add(join(root, 'second'))
    await scan()
    const ids = Object.fromEntries(photos().map((row) => [row.relative_path, row.id]))
    for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) await indexWithName(name, 'Anna', join(root, 'first'))
    mkdirSync(join(root, 'first/deep'))
    renameSync(join(root, 'first/a.jpg'), join(root, 'first/renamed.jpg'))
    renameSync(join(root, 'first/b.jpg'), join(root, 'first/deep/b.jpg'))
    renameSync(join(root, 'first/c.jpg'), join(root, 'second/c.jpg'))
    const { movedPhotoIds } = await scan([second])
    expect([...movedPhotoIds]).toEqual([ids['c.jpg']])
    await scan()
    expect(Object.fromEntries(photos().map((row) => [row.relative_path, row.id]))).toEqual({
      'c.jpg': ids['c.jpg'], 'deep/b.jpg': ids['b.jpg'], 'renamed.jpg': ids['a.jpg'],
    })
    expect(photos().every((row) => row.status === 'indexed' && row.hidden === 0 && row.missing_since === null)).toBe(true)
  })

  it('keep their row when the folder itself is renamed and chosen again', async () => {
    put('old/a.jpg')
    await add(join(root, 'old'))
    await scan()
    const { photoId, faceId } = await indexWithName('a.jpg', 'Anna', join(root, 'old'))
    renameSync(join(root, 'old'), join(root, 'new'))
    const folderId = await add(join(root, 'new'))
    await scan()
    expect(photos()).toMatchObject([{ id: photoId, folder_id: folderId, status: 'indexed', hidden: 0 }])
    expect(library.db.prepare('SELECT photo_id FROM faces WHERE id = ?').pluck().get(faceId)).toBe(photoId)
  })

  it('are told from copies: a copy is a photo of its own', async () => {
    put('a.jpg', 'same')
    await add()
    await scan()
    const { photoId } = await indexWithName('a.jpg')
    put('copy.jpg', 'same')
    await scan()
    expect(photoAt('a.jpg')!.id).toBe(photoId)
    expect(photoAt('copy.jpg')).toMatchObject({ status: 'pending' })
  })

  it('keep their names through a renumbering in which each takes the place of the next', async () => {
    for (const number of [1, 2, 3]) put(`${number}.jpg`, `content ${number}`)
    await add()
    await scan()
    const before = new Map<string, number>()
    for (const number of [1, 2, 3]) before.set(`content ${number}`, (await indexWithName(`${number}.jpg`)).photoId)
    for (const number of [3, 2, 1]) renameSync(join(root, `${number}.jpg`), join(root, `${number + 1}.jpg`))
    put('1.jpg', 'content 0')
    await scan()
    for (const number of [1, 2, 3])
      expect(photoAt(`${number + 1}.jpg`)).toMatchObject({ id: before.get(`content ${number}`), status: 'indexed' })
    expect(photoAt('1.jpg')).toMatchObject({ status: 'pending' })
    expect([...before.values()]).not.toContain(photoAt('1.jpg')!.id)
  })

  it('keep the replaced photo as missing where one takes the place of another', async () => {
    put('a.jpg', 'content a')
    put('b.jpg', 'content b')
    await add()
    await scan()
    const a = await indexWithName('a.jpg')
    const b = await indexWithName('b.jpg', 'Ben')
    renameSync(join(root, 'b.jpg'), join(root, 'a.jpg'))
    await scan()
    expect(photoAt('a.jpg')!.id).toBe(b.photoId)
    put('restored.jpg', 'content a')
    await scan()
    expect(photoAt('restored.jpg')).toMatchObject({ id: a.photoId, hidden: 0, missing_since: null })
  })
})

describe('folders', () => {
  it('that are gone are offline, and their photos stay as they are', async () => {
    put('drive/a.jpg')
    await add(join(root, 'drive'))
    await scan()
    await indexWithName('a.jpg', 'Anna', join(root, 'drive'))
    renameSync(join(root, 'drive'), join(root, 'unplugged'))
    const { offline } = await scan()
    expect(offline).toMatchObject([{ path: expect.stringContaining('drive') }])
    expect(createFolders(library.context).list()).toMatchObject([{ state: 'offline', photos: 1, missing: 0 }])
    expect(photos()).toMatchObject([{ hidden: 0, missing_since: null, status: 'indexed' }])
    renameSync(join(root, 'unplugged'), join(root, 'drive'))
    await scan()
    expect(createFolders(library.context).list()).toMatchObject([{ state: 'online', photos: 1 }])
  })

  it('that are the root of a drive are offline when nothing is mounted there any more', async (test) => {
    const drive = join(root, 'drive')
    if (!mountSmall(drive, 1)) return test.skip()
    try {
      put('drive/a.jpg')
      await add(drive)
      await scan()
    } finally {
      execFileSync('umount', [drive])
    }
    expect(await scan()).toMatchObject({ found: 0, offline: [{ path: drive, reason: 'Its drive is not mounted.' }] })
    expect(photos()).toMatchObject([{ hidden: 0, missing_since: null }])
  })

  it('that can no longer be listed in part keep the photos of that part', async (test) => {
    put('open/a.jpg')
    put('locked/b.jpg')
    chmodSync(root, 0o755)
    await add()
    await scan()
    chmodSync(join(root, 'locked'), 0o000)
    const user = process.geteuid?.()
    if (user === undefined) {
      console.log('skipped: this system has no permissions like these')
      return test.skip()
    }
    if (user === 0) process.seteuid!(65534)
    try {
      const { unreadable } = await scan()
      expect(unreadable).toMatchObject([{ path: join(root, 'locked'), reason: expect.stringContaining('not allowed') }])
    } finally {
      if (user === 0) process.seteuid!(0)
    }
    expect(photoAt('locked/b.jpg')).toMatchObject({ missing_since: null, hidden: 0 })
    chmodSync(join(root, 'locked'), 0o755)
  })

  it('inside one another are scanned once', async () => {
    put('a.jpg')
    put('inner/b.jpg')
    const inner = await add(join(root, 'inner'))
    const outer = await add()
    await scan()
    expect(photos().map((row) => [row.folder_id, row.relative_path])).toEqual([[outer, 'a.jpg'], [inner, 'b.jpg']])
    mkdirSync(join(root, 'inner/deeper'))
    expect(await add(join(root, 'inner/deeper'))).not.toBe(0)
    expect(createFolders(library.context).list()).toHaveLength(2)
  })

  it('come back with everything when they are added again', async () => {
    put('a.jpg')
    const id = await add()
    await scan()
    const { photoId } = await indexWithName('a.jpg')
    const folders = createFolders(library.context)
    folders.remove(id)
    expect(folders.list()).toEqual([])
    expect(photos()).toMatchObject([{ id: photoId, hidden: 1 }])
    expect(library.db.prepare('SELECT count(*) FROM person_photo').pluck().get()).toBe(0)
    expect(await add()).toBe(id)
    expect(photos()).toMatchObject([{ id: photoId, hidden: 0, status: 'indexed' }])
    expect(library.db.prepare('SELECT count(*) FROM person_photo').pluck().get()).toBe(1)
  })

  it('give their photos to the folder around them when that is chosen after they were removed', async () => {
    put('inner/a.jpg')
    const inner = await add(join(root, 'inner'))
    await scan()
    const { photoId } = await indexWithName('a.jpg', 'Anna', join(root, 'inner'))
    createFolders(library.context).remove(inner)
    const outer = await add()
    await scan()
    expect(photos()).toMatchObject([{ id: photoId, folder_id: outer, relative_path: join('inner', 'a.jpg'), hidden: 0 }])
  })

  it('that are none are refused in words', async () => {
    const file = put('a.jpg')
    await expect(add(file)).rejects.toMatchObject({ code: 'folder-unreadable', message: expect.stringContaining('is a file') })
    await expect(add(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'folder-unreadable', message: expect.stringContaining('does not exist') })
    await expect(add(library.directory)).rejects.toMatchObject({ code: 'folder-unreadable' })
    symlinkSync('loop', join(root, 'loop'))
    await expect(add(join(root, 'loop'))).rejects.toMatchObject({ code: 'folder-unreadable' })
    unlinkSync(join(root, 'loop'))
  })
})
