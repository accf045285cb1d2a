import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEngine } from '../../../src-main/engine/engine.ts'
import { album, writeAlbum } from '../../contract/photos.ts'
import { ask, signIn } from '../serve/client.ts'
import { outcomeOf, repository, runForJson, runKith, startKith } from './run.ts'

interface FaceDocument {
  id: number
  photo: { id: number; path: string; width: number; height: number }
  box: { x: number; y: number; width: number; height: number }
  score: number
  sizePx: number
  person: string | null
  cluster: number | null
  suggestion: { person: string; probability: number; distance: number } | null
  ignored: boolean
}
interface ClusterDocument { id: number; size: number; faces: number[]; suggestion: unknown }
interface DecisionsDocument { faces: number; decisions: { journalEntryId: number | null; label: string; faces: number; personId: number | null }[] }

const sample = (number: number) => resolve(repository, `node_modules/@vladmandic/face-api/demo/sample${number}.jpg`)
let directory: string
let photos: string
let library: string

beforeAll(async () => {
  directory = mkdtempSync(join(realpathSync(tmpdir()), 'kith-cli-'))
  photos = join(directory, 'photos')
  library = join(directory, 'library')
  mkdirSync(photos)
  await writeAlbum(photos)
})
afterAll(() => rmSync(directory, { recursive: true }))

describe('without a library', () => {
  it('reading says how to make one', async () => {
    const { status, stderr } = await runKith(join(directory, 'nothing'), 'status')
    expect(status).toBe(1)
    expect(stderr).toMatch(/There is no library in .*nothing yet.*kith index FOLDER/)
  })
  it('a folder that is not there is named', async () => {
    const { status, stdout, stderr } = await runKith(library, 'index', join(directory, 'elsewhere'), '--json')
    expect(status).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'folder-unreadable', message: expect.stringContaining('elsewhere') } })
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})

describe('the main job', () => {
  it('indexes, and again only what changed', async () => {
    const first = await runForJson(library, 'index', photos)
    expect(first).toMatchObject({
      photos: { found: album.photos + 1, indexed: album.photos, unchanged: 0, moved: 0, missing: 0, failed: 1 },
      faces: expect.any(Number), newFaces: expect.any(Number), clusters: expect.any(Number), named: 0, suggested: 0,
      failed: [{ path: join(photos, album.brokenFile), code: 'not-an-image', reason: expect.any(String) }],
      seconds: expect.any(Number), photosPerSecond: expect.any(Number),
      models: { detector: 'kith-detector.v1', embedder: 'dlib-resnet' },
    })
    const again = await runForJson<{ photos: object; newFaces: number }>(library, 'index')
    expect(again.photos).toMatchObject({ found: album.photos + 1, indexed: 0, unchanged: album.photos })
    expect(again.newFaces).toBe(0)
  })

  it('names a group, searches, answers, undoes', async () => {
    const clusters = await runForJson<ClusterDocument[]>(library, 'clusters')
    expect(clusters.length).toBeGreaterThan(1)
    const sizes = clusters.map(({ size }) => size)
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
    for (const { size, faces } of clusters) expect(faces).toHaveLength(size)
    const [group, other] = clusters as [ClusterDocument, ClusterDocument]
    const named = await runForJson<DecisionsDocument>(library, 'name', `cluster:${group.id}`, 'Zoë Ångström')
    expect(named).toMatchObject({ faces: group.size, decisions: [{ faces: group.size }] })
    await runForJson(library, 'name', `face:${other.faces[0]}`, 'Ben')
    const people = await runForJson<{ id: number; name: string; faces: number; photos: number }[]>(library, 'people')
    expect(people.map(({ name }) => name).sort()).toEqual(['Ben', 'Zoë Ångström'])
    expect(people.find(({ name }) => name === 'Ben')!.faces, 'faces that look like the named one are named too').toBeGreaterThan(1)

    const faces = await runForJson<FaceDocument[]>(library, 'faces', '--person', 'zoe angstrom')
    expect(faces.map(({ id }) => id).sort()).toEqual([...group.faces].sort())
    for (const face of faces) {
      expect(face).toMatchObject({ person: 'Zoë Ångström', cluster: null, suggestion: null, ignored: false })
      expect(face.photo.path.startsWith(photos)).toBe(true)
      expect(face.photo.width).toBeGreaterThan(0)
      for (const fraction of Object.values(face.box)) expect(fraction).toBeGreaterThanOrEqual(0)
    }
    const onPhoto = await runForJson<FaceDocument[]>(library, 'faces', '--photo', faces[0]!.photo.path)
    expect(new Set(onPhoto.map(({ photo }) => photo.id))).toEqual(new Set([faces[0]!.photo.id]))
    const unknown = await runForJson<FaceDocument[]>(library, 'faces', '--unknown')
    expect(unknown.every(({ person }) => person === null)).toBe(true)

    const found = await runForJson<{ total: number; photos: { people: string[] }[] }>(library, 'search', 'zoe angstrom'.replace(/.*/, '"$&"'), '-ben')
    expect(found.total).toBe(found.photos.length)
    for (const photo of found.photos) expect(photo.people).not.toContain('Ben')
    const { status, stderr } = await runKith(library, 'search', 'bem')
    expect(status).toBe(1)
    expect(stderr).toContain('Ben')

    const guessed = (await runForJson<FaceDocument[]>(library, 'faces', '--person', 'Ben')).map(({ id }) => id).filter((id) => id !== other.faces[0])
    expect((await runForJson<DecisionsDocument>(library, 'reject', `face:${guessed[0]}`, 'ben')).faces).toBe(1)
    expect((await runForJson<DecisionsDocument>(library, 'confirm', ...guessed.slice(1).map((id) => `face:${id}`), `face:${other.faces[0]}`)).faces).toBe(guessed.length - 1)
    expect((await runForJson<DecisionsDocument>(library, 'ignore', `face:${guessed[0]}`)).faces).toBe(1)
    const renamed = await runForJson<DecisionsDocument>(library, 'name', 'person:ben', 'Benedikt')
    expect(renamed.decisions[0]!.label).toContain('Benedikt')
    await runForJson(library, 'name', 'person:Benedikt', 'Zoë Ångström')
    expect((await runForJson<unknown[]>(library, 'people'))).toHaveLength(1)

    const undone = await runForJson<{ label: string; state: string }>(library, 'undo')
    expect(undone).toMatchObject({ state: 'undone', label: expect.stringContaining('Merged') })
    expect((await runForJson<unknown[]>(library, 'people'))).toHaveLength(2)
    expect(await runForJson(library, 'redo')).toMatchObject({ state: 'done' })
    const history = await runForJson<{ label: string }[]>(library, 'history')
    expect(history[0]!.label).toContain('Merged')
    expect(history.at(-1)!.label).toContain('Zoë Ångström')
  })

  it('says all of it in words too', async () => {
    await Promise.all([['status'], ['faces'], ['clusters'], ['people'], ['search', '2011'], ['history'], ['models']].map(async (args) => {
      const { status, stdout, stderr } = await runKith(library, ...args)
      expect(status, stderr).toBe(0)
      expect(stdout.length, args[0]).toBeGreaterThan(10)
      expect(stdout).not.toMatch(/undefined|NaN|\[object|null/)
      expect(stderr).toBe('')
    }))
  })
})

describe('pictures that need not be in the library', () => {
  it('verifies', async () => {
    const portrait = join(directory, 'portrait.jpg')
    await sharp(sample(1)).resize({ width: 1000 }).modulate({ brightness: 0.9 }).jpeg().toFile(portrait)
    const [same, different] = await Promise.all([portrait, sample(2)].map((other) =>
      runForJson<{ same: boolean; distance: number; threshold: number; probability: number }>(directory, 'verify', sample(1), other)))
    expect(same!.same).toBe(true)
    expect(same!.probability).toBeGreaterThan(0.9)
    expect(different!.same).toBe(false)
    expect(different!.distance).toBeGreaterThan(different!.threshold)
    expect(different!.probability).toBeLessThan(0.5)
  })
  it('names the file without a face, and the file that is no picture', async () => {
    const wall = join(directory, 'wall.png')
    await sharp({ create: { width: 300, height: 200, channels: 3, background: 'gray' } }).png().toFile(wall)
    writeFileSync(join(directory, 'letter.jpg'), 'Dear Anna')
    const [noFace, unreadable] = await Promise.all([
      runKith(directory, 'verify', sample(1), wall, '--json'), runKith(directory, 'verify', join(directory, 'letter.jpg'), sample(1)),
    ])
    expect([noFace.status, JSON.parse(noFace.stdout).error]).toMatchObject([1, { code: 'no-face', message: expect.stringContaining('wall.png') }])
    expect([unreadable.status, unreadable.stderr]).toEqual([1, expect.stringContaining('letter.jpg')])
  })
  it('identifies', async () => {
    const [person] = await runForJson<{ name: string }[]>(library, 'people')
    const [face] = await runForJson<FaceDocument[]>(library, 'faces', '--person', person!.name)
    const picture = join(directory, 'new.jpg')
    await sharp(face!.photo.path).modulate({ brightness: 0.95 }).jpeg({ quality: 75 }).toFile(picture)
    const faces = await runForJson<{ box: object; person: string | null; probability: number | null; distance: number | null }[]>(library, 'identify', picture)
    expect(faces.map(({ person: name }) => name)).toContain(person!.name)
    const known = faces.find(({ person: name }) => name !== null)!
    expect(known.probability).toBeGreaterThan(0.5)
    expect(known.distance).toBeLessThan(0.6)
  })
})

describe('another model', () => {
  const nn4 = 'nn4.small2.kith.v1'
  it('has to be one, and then nothing has changed', async () => {
    for (const [name, code] of [['nobody', 'invalid-input'], ['nn4.small2.openface', 'model-missing']] as const) {
      const { status, stdout } = await runKith(library, 'index', '--model', name, '--json')
      expect([status, JSON.parse(stdout).error]).toMatchObject([1, { code, message: expect.stringContaining(name) }])
    }
    const early = await runKith(library, 'identify', '--model', 'nn4.small2', join(directory, 'new.jpg'))
    expect([early.status, early.stderr]).toEqual([1, expect.stringContaining('kith index --model nn4.small2')])
    expect(await runForJson(library, 'status')).toMatchObject({ models: { embedder: 'dlib-resnet', change: null } })
  })

  it('takes over a library with all its names, is kept, and is left again', async () => {
    const named = async () => (await runForJson<FaceDocument[]>(library, 'faces', '--person', 'Zoë Ångström')).length
    const history = await runForJson(library, 'history')
    expect(await named()).toBeGreaterThan(0)
    const said = await runKith(library, 'index', '--model', 'nn4.small2')
    expect([said.status, said.stdout]).toEqual([0, expect.stringMatching(/Changed from dlib-resnet to nn4\.small2\.kith\.v1: all names and decisions stay/)])
    expect(await runForJson(library, 'status')).toMatchObject({ models: { embedder: nn4, change: null } })
    expect(await runForJson(library, 'index')).toMatchObject({ models: { embedder: nn4 }, modelChange: null, comparison: null, photos: { indexed: 0 } })
    expect(await runForJson(library, 'history')).toEqual(history)
    expect(await named()).toBeGreaterThan(0)
    const models = await runForJson<{ id: string; role: string; inUse: boolean }[]>(library, 'models')
    expect(models.filter(({ role, inUse }) => role === 'embedder' && inUse).map(({ id }) => id)).toEqual([nn4])
    // The embeddings of the model before are kept, so it can still be asked.
    expect((await runKith(library, 'identify', '--model', 'dlib-resnet', join(directory, 'new.jpg'))).status).toBe(0)
    expect(await runForJson(library, 'index', '--model', 'dlib-resnet')).toMatchObject({
      models: { embedder: 'dlib-resnet' }, modelChange: { from: nn4, outcome: 'switched', photos: 0, facesLeft: 0 },
    })
  })
})

it('lists models', async () => {
  const models = await runForJson<{ id: string; state: string; inUse: boolean; sha256: string; licence: string }[]>(library, 'models')
  expect(models.find(({ id }) => id === 'kith-detector.v1')).toMatchObject({ state: 'built-in', inUse: true, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
  const { status, stderr } = await runKith(library, 'models', 'fetch', 'nonsense')
  expect(status).toBe(1)
  expect(stderr).toContain('nonsense')
})

describe('kith doctor', () => {
  it('finds a healthy library healthy', async () => {
    const { healthy, checks } = await runForJson<{ healthy: boolean; checks: { name: string; state: string }[] }>(library, 'doctor')
    expect(checks.filter(({ state }) => state === 'failed')).toEqual([])
    expect(healthy).toBe(true)
    expect(checks.map(({ name }) => name)).toEqual(
      ['Node.js', 'better-sqlite3', 'sharp', 'onnxruntime-node', 'Library', 'Models', 'Disk', 'Page', 'Kernel'])
  })
  it('works on a damaged one, and says what to do', async () => {
    const damaged = join(directory, 'damaged')
    mkdirSync(damaged)
    writeFileSync(join(damaged, 'kith.sqlite'), 'This is no database. '.repeat(1000))
    const { status, stdout } = await runKith(damaged, 'doctor', '--json')
    expect(status).toBe(1)
    const library = JSON.parse(stdout).checks.find(({ name }: { name: string }) => name === 'Library')
    expect(library).toMatchObject({ state: 'failed', finding: expect.stringContaining('damaged') })
  })
})

describe('beside a Kith that has the library open', () => {
  it('reading works, and writing says that it is in use', async () => {
    const engine = await createEngine({ libraryDirectory: library, modelsDirectories: [], log: () => {} })
    try {
      expect(await runForJson(library, 'status')).toMatchObject({ openElsewhere: true, readOnly: true })
      await Promise.all([['people'], ['faces'], ['clusters'], ['search', '2011'], ['history']].map(async (command) =>
        expect((await runKith(library, ...command)).status, command[0]).toBe(0)))
      const { status, stdout } = await runKith(library, 'undo', '--json')
      expect([status, JSON.parse(stdout).error.code]).toEqual([1, 'library-locked'])
    } finally {
      await engine.close()
    }
    expect(await runForJson(library, 'status')).toMatchObject({ openElsewhere: false })
  })
})

describe('until Ctrl-C', () => {
  it.each([['serve'], [photosArgument()]])('kith %s serves the page', async (argument) => {
    const child = startKith(library, [argument === photosArgument() ? photos : argument])
    let served = ''
    const outcome = await outcomeOf(child, (stdout) => {
      const url = /^http:\S+\n/.exec(stdout)?.[0].trim()
      if (!url || served) return
      served = url
      void (async () => {
        const { origin } = new URL(url)
        const cookie = await signIn(url)
        const page = await ask(origin, '/', { headers: { cookie } })
        served = page.status === 200 ? page.body : `status ${page.status}`
        child.kill('SIGINT')
      })()
    })
    expect(served).toContain('<title>')
    expect(outcome.stdout.trim()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+$/)
    expect(outcome.stderr).toContain('Stopping')
    expect(outcome.status, outcome.stderr).toBe(0)
  })
})

it('warns where other machines can reach it', async () => {
  const child = startKith(library, ['serve', '--host', '0.0.0.0'])
  const { status, stderr, stdout } = await outcomeOf(child, (said) => {
    if (said.includes('token=')) child.kill('SIGTERM')
  })
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\//)])
  expect(stderr).toMatch(/Warning: other machines can reach 0\.0\.0\.0.*not encrypted/)
})

/** Stands for the folder in the table of cases, which is made before there is one. */
function photosArgument(): string {
  return 'FOLDER'
}
