import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, parse, sep } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { methods, type MethodOutput } from '../../src-shared/api.ts'
import type { Face, FaceId, FolderId, PersonId, PhotoId } from '../../src-shared/domain.ts'
import { call, callToFail, listen, openInProcess, openOverHttp, type Client, type EventLog } from './client.ts'
import { album, writeAlbum } from './photos.ts'

const hosts = [
  ['in process', openInProcess],
  ['over HTTP', openOverHttp],
] as const

let albumSource: string

beforeAll(async () => {
  albumSource = mkdtempSync(join(realpathSync(tmpdir()), 'kith-album-'))
  await writeAlbum(albumSource)
})
afterAll(() => rmSync(albumSource, { recursive: true }))

describe.each(hosts)('the contract, %s', (_name, open) => {
  let directory: string
  let client: Client
  let events: EventLog
  let folderId: FolderId
  const called = new Set<string>()

  const ask = ((...[to, method, input]: Parameters<typeof call>) => {
    called.add(method)
    return call(to, method, input)
  }) as typeof call

  /** Waits until the run in the background is over and decisions are learnt from. */
  async function settled(): Promise<void> {
    await expect.poll(async () => (await ask(client, 'library.status', {})).progress.state, { timeout: 30_000 }).toBe('idle')
    await client.engine.paths.settled()
  }

  const allFaces = async () => (await ask(client, 'faces.list', { limit: 500 })).faces

  beforeAll(async () => {
    directory = mkdtempSync(join(realpathSync(tmpdir()), 'kith-contract-'))
    const pageDirectory = join(directory, 'page')
    mkdirSync(pageDirectory)
    writeFileSync(join(pageDirectory, 'index.html'), '<!doctype html><title>Kith</title>')
    client = await open({
      libraryDirectory: join(directory, 'library'), pageDirectory, chooseFolder: async () => null,
    })
    events = await listen(client)
  })

  afterAll(async () => {
    await events.close()
    await client.close()
    rmSync(directory, { recursive: true })
  })

  it('begins with nothing', async () => {
    const status = await ask(client, 'library.status', {})
    expect(status).toMatchObject({
      libraryDirectory: join(directory, 'library'), folders: [], undo: null, redo: null, canChooseFolder: true, readOnly: false,
      models: { detector: 'kith-detector.v1', embedder: 'dlib-resnet' }, progress: { state: 'idle' },
    })
    expect(Object.values(status.counts).every((count) => count === 0)).toBe(true)
    expect(await ask(client, 'people.list', {})).toEqual({ people: [] })
    expect(await ask(client, 'photos.grid', {})).toEqual({ total: 0, photoIds: [], months: [], terms: [] })
    expect(await ask(client, 'folders.choose', {})).toEqual({ folder: null })
    expect((await ask(client, 'models.list', {})).models.filter(({ inUse }) => inUse).map(({ role }) => role).sort())
      .toEqual(['detector', 'embedder', 'landmarks'])
  })

  it('lets a window walk to a folder without ever naming a path', async () => {
    const start = await ask(client, 'folders.browse', { directoryId: null })
    expect(start).toMatchObject({ path: null, parentId: null })
    const root = parse(albumSource).root
    let here = start
    for (const entry of start.entries) {
      here = await ask(client, 'folders.browse', { directoryId: entry.directoryId })
      if (here.path === root) break
    }
    expect(here.path).toBe(root)
    let last: MethodOutput<'folders.browse'>['entries'][number] | undefined
    for (const name of albumSource.slice(root.length).split(sep)) {
      last = here.entries.find((entry) => entry.name === name)
      expect(last, name).toBeDefined()
      here = await ask(client, 'folders.browse', { directoryId: last!.directoryId })
    }
    expect(here.path).toBe(albumSource)
    expect(last!.pictures).toBe(album.photos - album.scenes + 1)
    const { folder } = await ask(client, 'folders.add', { directoryId: last!.directoryId })
    expect(folder).toMatchObject({ path: albumSource, state: 'online', photos: 0 })
    folderId = folder.id
    expect(await callToFail(client, 'folders.add', { directoryId: albumSource })).toMatchObject({ status: 404, error: { code: 'not-found' } })
    expect(await callToFail(client, 'folders.browse', { directoryId: '/etc' })).toMatchObject({ error: { code: 'not-found' } })
  })

  it('indexes in the background and tells of it', async () => {
    events.clear()
    const started = await ask(client, 'index.start', {})
    expect(started.state).not.toBe('idle')
    await events.until((event) => event.type === 'progress' && event.progress.state === 'idle')
    await settled()
    const status = await ask(client, 'library.status', {})
    expect(status.counts).toMatchObject({ photos: album.photos + 1, indexed: album.photos, pending: 0, failed: 1, missing: 0, named: 0, people: 0 })
    expect(status.counts.faces).toBeGreaterThanOrEqual(album.photos * 2)
    expect(status.counts.clusters).toBeGreaterThan(0)
    expect(status.folders).toMatchObject([{ id: folderId, photos: album.photos + 1, indexed: album.photos, failed: 1, pending: 0 }])
    expect(events.events.some((event) => event.type === 'progress' && event.progress.state === 'indexing')).toBe(true)
    expect(events.events.some((event) => event.type === 'changed' && event.topics.includes('photos'))).toBe(true)
  })

  it('lists what could not be read, with a reason, and tries again when asked', async () => {
    const { total, failures, nextCursor } = await ask(client, 'index.failures', {})
    expect([total, nextCursor]).toEqual([1, null])
    expect(failures).toMatchObject([{ path: join(albumSource, album.brokenFile), code: 'not-an-image', attempts: 1 }])
    expect(failures[0]!.reason.length).toBeGreaterThan(10)
    events.clear()
    await ask(client, 'index.retry', { photoIds: [failures[0]!.photoId] })
    await settled()
    expect((await ask(client, 'index.failures', { folderId })).failures[0]!.attempts).toBe(2)
  })

  it('pauses, goes on and stops', async () => {
    for (const method of ['index.pause', 'index.resume', 'index.cancel'] as const) await ask(client, method, {})
    await expect.poll(async () => (await ask(client, 'library.status', {})).progress.state).toBe('idle')
  })

  it('shows photos with their faces, in pages and as a grid', async () => {
    const grid = await ask(client, 'photos.grid', {})
    expect(grid.total).toBe(album.photos + 1)
    expect(grid.photoIds).toHaveLength(grid.total)
    expect(grid.months.reduce((sum, { count }) => sum + count, 0)).toBe(grid.total)
    expect(grid.months.map(({ month }) => month)).toEqual(expect.arrayContaining(['2013-06', '2012-06', '2011-06']))
    const { photos } = await ask(client, 'photos.summaries', { photoIds: [...grid.photoIds, 999_999 as PhotoId] })
    expect(photos.map(({ id }) => id)).toEqual(grid.photoIds)
    expect(photos.map(({ fileName }) => fileName)).toEqual(expect.arrayContaining(['scene 1.jpg', 'scene 1, framed.jpg', album.brokenFile]))
    const framed = photos.find(({ fileName }) => fileName === 'scene 1, framed.jpg')!
    const { photo } = await ask(client, 'photos.get', { photoId: framed.id })
    expect(photo).toMatchObject({ path: join(albumSource, 'scene 1, framed.jpg'), widthPx: 1340, status: 'indexed', takenAt: '2011-06-01T12:00:00' })
    expect(photo.faces).toHaveLength(framed.faces)
    const faces = await allFaces()
    expect(faces.filter(({ photoId }) => photoId === photo.id).map(({ id }) => id).sort()).toEqual(photo.faces.map(({ id }) => id).sort())
    const first = await ask(client, 'faces.list', { limit: 5 })
    const second = await ask(client, 'faces.list', { limit: 5, cursor: first.nextCursor })
    expect(first.total).toBe(faces.length)
    expect(new Set([...first.faces, ...second.faces].map(({ id }) => id)).size).toBe(10)
    expect(await callToFail(client, 'photos.get', { photoId: 999_999 })).toMatchObject({ status: 404, error: { code: 'not-found' } })
  })

  it('lays photos out as a timeline, hands their ids over in pages, and says where one lies', async () => {
    const { photoIds, months } = await ask(client, 'photos.grid', {})
    const { total, periods } = await ask(client, 'photos.timeline', {})
    expect([total, periods]).toEqual([photoIds.length, months.map(({ month, count }) => ({ period: month, photos: count }))])
    expect((await ask(client, 'photos.timeline', { first: 4 })).firstIds).toEqual(photoIds.slice(0, 4))
    expect((await ask(client, 'photos.timeline', { query: '1999', first: 4 })).firstIds).toEqual([])
    const days = await ask(client, 'photos.timeline', { query: '2011', by: 'day' })
    expect(days.firstIds).toEqual([])
    expect(days.periods).toEqual([{ period: '2011-06-01', photos: 3 }])
    const paged = await Promise.all(periods.map(({ period }) => ask(client, 'photos.ids', { period })))
    expect(paged.flatMap((page) => page.photoIds)).toEqual(photoIds)
    expect((await ask(client, 'photos.ids', { query: '2011', period: '2011', offset: 1, limit: 1 })).photoIds).toHaveLength(1)
    expect(await ask(client, 'photos.locate', { photoId: photoIds[3]! })).toEqual({ index: 3 })
    expect(await ask(client, 'photos.locate', { query: '1999', photoId: photoIds[3]! })).toEqual({ index: null })
    expect(await callToFail(client, 'photos.ids', { period: 'June' })).toMatchObject({ status: 400, error: { code: 'invalid-input', details: { field: 'period' } } })
    expect(await callToFail(client, 'photos.timeline', { query: 'nobody' })).toMatchObject({ status: 400, error: { code: 'unknown-name' } })
  })

  it('reads a query without asking it, and completes names of folders', async () => {
    const { terms } = await ask(client, 'query.parse', { query: '2011..2012 -in:Album' })
    expect(terms).toMatchObject([
      { kind: 'date', dates: { form: 'between', first: '2011', last: '2012' } },
      { kind: 'folder', negated: true, folder: 'Album' },
    ])
    expect(await callToFail(client, 'query.parse', { query: '2011 (' })).toMatchObject({ error: { code: 'query-syntax', details: { position: 6 } } })
    const { folders } = await ask(client, 'folders.complete', { text: 'kith' })
    expect(folders).toEqual([{ name: basename(albumSource), photos: album.photos + 1 }])
    expect((await ask(client, 'folders.complete', { text: 'no such' })).folders).toEqual([])
  })

  it('serves crops and photos, each with its fingerprint', async () => {
    const [face] = await allFaces()
    const crop = await client.request(`/media/face/${face!.id}`)
    expect(crop.headers.get('content-type')).toBe('image/jpeg')
    const cropSize = await sharp(await crop.arrayBuffer()).metadata()
    expect(cropSize.width).toBe(cropSize.height)
    for (const [query, longestSidePx] of [['', 512], ['?size=320', 512], ['?size=512', 512], ['?size=800', 1024], ['?size=9999', 1280]] as const) {
      const answer = await client.request(`/media/photo/${face!.photoId}${query}`)
      expect(answer.status, query).toBe(200)
      const { width, height } = await sharp(await answer.arrayBuffer()).metadata()
      expect(Math.max(width, height), query).toBeLessThanOrEqual(Math.max(longestSidePx, query.endsWith('9999') ? 1340 : 0))
      expect(Math.max(width, height), query).toBeGreaterThanOrEqual(Math.min(longestSidePx, 1024))
      const again = await client.request(`/media/photo/${face!.photoId}${query}`, { headers: { 'if-none-match': answer.headers.get('etag')! } })
      expect(again.status, query).toBe(304)
    }
    expect((await client.request('/media/face/999999')).status).toBe(404)
    expect((await client.request('/media/photo/999999?size=2048')).status).toBe(404)
    expect((await client.request(`/media/photo/${face!.photoId}?size=large`)).status).toBe(400)
    const page = await client.request('/')
    expect(await page.text()).toContain('<title>Kith</title>')
  })

  it('shows the thumbnail, and says so, where the original is gone', async () => {
    const { photoIds } = await ask(client, 'photos.grid', { query: '2011' })
    const { photo } = await ask(client, 'photos.get', { photoId: photoIds[0]! })
    renameSync(photo.path, `${photo.path}.away`)
    try {
      const answer = await client.request(`/media/photo/${photo.id}?size=1536`)
      expect([answer.status, answer.headers.get('kith-original')]).toEqual([200, 'missing'])
      const { width, height } = await sharp(await answer.arrayBuffer()).metadata()
      expect(Math.max(width, height)).toBe(512)
    } finally {
      renameSync(`${photo.path}.away`, photo.path)
    }
  })

  let anna: PersonId
  let ben: PersonId

  it('names a group, and learns from it', async () => {
    const { total, clusters } = await ask(client, 'clusters.list', { facesPerCluster: 3 })
    expect(total).toBeGreaterThan(1)
    expect(clusters[0]!.faceIds).toHaveLength(Math.min(3, clusters[0]!.size))
    expect((await ask(client, 'faces.list', { filter: { clusterId: clusters[0]!.id } })).total).toBe(clusters[0]!.size)
    events.clear()
    const named = await ask(client, 'faces.name', { targets: [{ kind: 'cluster', id: clusters[0]!.id }], name: ' Anna  Maria ' })
    expect(named).toMatchObject({ faces: clusters[0]!.size, label: expect.stringContaining('Anna Maria') })
    anna = named.personId!
    await events.until((event) => event.type === 'changed' && event.topics.includes('people'))
    const second = await ask(client, 'faces.name', { targets: [{ kind: 'face', id: clusters[1]!.faceIds[0]! }], name: 'Ben' })
    ben = second.personId!
    expect((await ask(client, 'people.list', {})).people.map(({ name }) => name).sort()).toEqual(['Anna Maria', 'Ben'])
    expect((await ask(client, 'people.get', { personId: anna })).person).toMatchObject({ name: 'Anna Maria', faces: clusters[0]!.size })
    const face = (await ask(client, 'faces.list', { filter: { personId: anna } })).faces[0]!
    expect(face).toMatchObject({ personName: 'Anna Maria', assignedBy: 'user' })
    await ask(client, 'people.setCover', { personId: anna, faceId: face.id })
    expect((await ask(client, 'people.get', { personId: anna })).person.coverFaceId).toBe(face.id)
  })

  it('proposes the name for faces that look alike, and takes answers', async () => {
    await settled()
    expect((await ask(client, 'faces.list', { filter: { personId: ben } })).total).toBeGreaterThan(1)
    const machines = (await ask(client, 'faces.list', { filter: { personId: ben } })).faces.filter(({ assignedBy }) => assignedBy === 'machine')
    expect(machines.length).toBeGreaterThan(0)
    const [wrong, ...right] = machines.map(({ id }) => id) as [FaceId, ...FaceId[]]
    expect(await ask(client, 'faces.reject', { faceIds: [wrong] })).toMatchObject({ faces: 1 })
    if (right.length > 0) {
      expect(await ask(client, 'faces.confirm', { faceIds: right })).toMatchObject({ faces: right.length, personId: ben })
    } else {
      expect(await ask(client, 'faces.confirm', { faceIds: [wrong] })).toMatchObject({ faces: 0, journalEntryId: null })
    }
    await settled()
    const rejected = (await allFaces()).find(({ id }) => id === wrong)!
    expect(rejected.personId).not.toBe(ben)
    expect(rejected.suggestion?.personId).not.toBe(ben)
    const review = await ask(client, 'review.list', { limit: 50 })
    expect(review.items.length).toBeGreaterThan(0)
    for (const { face, candidates } of review.items) {
      expect(face.personId).toBeNull()
      expect(candidates.length).toBeLessThanOrEqual(9)
      if (face.id === wrong) expect(candidates.map(({ personId }) => personId)).not.toContain(ben)
    }
  })

  it('tells why a face may be somebody', async () => {
    const confirmed = (await ask(client, 'faces.list', { filter: { personId: anna } })).faces.filter(({ assignedBy }) => assignedBy === 'user')
    const face = (await allFaces()).find(({ personId }) => personId !== anna)!
    const { neighbours, confirmed: count } = await ask(client, 'faces.why', { faceId: face.id, personId: anna })
    expect(count).toBe(confirmed.length)
    expect(neighbours).toHaveLength(Math.min(3, confirmed.length))
    expect(confirmed.map(({ id }) => id)).toEqual(expect.arrayContaining(neighbours.map(({ faceId }) => faceId)))
    expect(neighbours.map(({ distance }) => distance)).toEqual(neighbours.map(({ distance }) => distance).toSorted((a, b) => a - b))
    const own = await ask(client, 'faces.why', { faceId: confirmed[0]!.id, personId: anna })
    expect(own.neighbours.map(({ faceId }) => faceId)).not.toContain(confirmed[0]!.id)
    expect(own.neighbours[0]).toMatchObject({ closeness: 'very-close', takenAt: expect.stringMatching(/^201/) })
    expect(await callToFail(client, 'faces.why', { faceId: 999_999, personId: anna })).toMatchObject({ status: 404, error: { code: 'not-found' } })
    expect(await callToFail(client, 'faces.why', { faceId: face.id, personId: 999_999 })).toMatchObject({ status: 404, error: { code: 'not-found' } })
  })

  it('draws, moves and deletes a face', async () => {
    const faces = await allFaces()
    const face = faces.find(({ personId }) => personId === null)!
    const { photoId, box } = face
    expect(await ask(client, 'faces.delete', { faceIds: [face.id] })).toMatchObject({ faces: 1, label: 'Deleted 1 face' })
    expect((await ask(client, 'faces.list', { filter: { faceIds: [face.id] } })).total).toBe(0)
    expect((await client.request(`/media/face/${face.id}`)).status).toBe(404)
    const drawn = await ask(client, 'faces.draw', { photoId, box, name: 'Anna Maria' })
    expect(drawn).toMatchObject({ label: 'Drew a face of Anna Maria', faces: 1, teaches: true })
    const wider = { ...box, width: Math.min(box.width * 1.1, 1 - box.x) }
    expect(await ask(client, 'faces.move', { faceId: drawn.faceId, box: wider })).toMatchObject({ faceId: drawn.faceId, label: 'Moved the box of Anna Maria' })
    const { photo } = await ask(client, 'photos.get', { photoId })
    expect(photo.faces.find(({ id }) => id === drawn.faceId)).toMatchObject({ box: wider, personName: 'Anna Maria', assignedBy: 'user' })
    const crop = await client.request(`/media/face/${drawn.faceId}`)
    expect((await sharp(await crop.arrayBuffer()).metadata()).width).toBe(192)
    for (const [wrong, words] of [
      [{ ...box, width: 0 }, 'no area'], [{ ...box, x: -0.01 }, 'over the edge'], [{ ...box, x: 1 - box.width / 2 }, 'over the edge'],
      [{ ...box, height: 0.001 }, 'pixels small'], [wider, 'already'],
    ] as const) {
      const { status, error } = await callToFail(client, 'faces.draw', { photoId, box: wrong })
      expect([status, error.code, error.details?.field], words).toEqual([400, 'invalid-input', 'box'])
      expect(error.message).toContain(words)
    }
    expect(await callToFail(client, 'faces.draw', { photoId: 999_999, box })).toMatchObject({ status: 404, error: { code: 'not-found' } })
    for (let step = 0; step < 3; step++) await ask(client, 'journal.undo', {})
    expect((await ask(client, 'faces.list', { filter: { faceIds: [face.id] } })).faces).toMatchObject([{ id: face.id, box }])
    for (let step = 0; step < 3; step++) await ask(client, 'journal.redo', {})
    expect((await ask(client, 'faces.list', { filter: { faceIds: [face.id, drawn.faceId] } })).faces).toMatchObject([{ id: drawn.faceId, box: wider, personName: 'Anna Maria' }])
    await settled()
  })

  it('cuts a larger crop from the photo, and shows the kept one where the photo is gone', async () => {
    const face = (await allFaces()).toSorted((a, b) => b.sizePx - a.sizePx)[0]!
    const widthOf = async (answer: Response) => (await sharp(await answer.arrayBuffer()).metadata()).width
    const large = await client.request(`/media/face/${face.id}?size=300`)
    expect(large.status).toBe(200)
    const { width, height } = await sharp(await large.arrayBuffer()).metadata()
    expect(width).toBeGreaterThan(192)
    expect(width).toBeLessThanOrEqual(384)
    expect(Math.abs(width! - height!)).toBeLessThanOrEqual(1)
    const again = await client.request(`/media/face/${face.id}?size=300`, { headers: { 'if-none-match': large.headers.get('etag')! } })
    expect(again.status).toBe(304)
    expect((await client.request(`/media/face/${face.id}?size=huge`)).status).toBe(400)
    const { photo } = await ask(client, 'photos.get', { photoId: face.photoId })
    expect(photo.missing).toBe(false)
    renameSync(photo.path, `${photo.path}.away`)
    try {
      expect(await widthOf(await client.request(`/media/face/${face.id}?size=1000`))).toBe(192)
      expect((await ask(client, 'photos.get', { photoId: face.photoId })).photo.missing).toBe(true)
      const refused = await callToFail(client, 'faces.draw', { photoId: face.photoId, box: { x: 0, y: 0, width: 0.1, height: 0.1 } })
      expect(refused).toMatchObject({ status: 400, error: { code: 'picture-unreadable', message: expect.stringContaining('not in its place') } })
    } finally {
      renameSync(`${photo.path}.away`, photo.path)
    }
  })

  it('puts faces aside and brings them back', async () => {
    const [face] = (await ask(client, 'faces.list', { filter: { unnamed: true } })).faces
    expect(await ask(client, 'faces.ignore', { targets: [{ kind: 'face', id: face!.id }] })).toMatchObject({ faces: 1 })
    expect((await ask(client, 'faces.list', { filter: { ignored: true } })).faces.map(({ id }) => id)).toEqual([face!.id])
    expect(await ask(client, 'faces.unignore', { faceIds: [face!.id] })).toMatchObject({ faces: 1 })
    expect((await ask(client, 'library.status', {})).counts.ignored).toBe(0)
  })

  it('answers for whole lists, and takes back one decision though others were taken since', async () => {
    const unnamed = (await ask(client, 'faces.list', { filter: { unnamed: true } })).faces.map(({ id }) => id)
    const [kept, ...rest] = unnamed as [FaceId, ...FaceId[]]
    const ignored = await ask(client, 'faces.ignore', { targets: [{ kind: 'list', filter: { unnamed: true }, except: [kept] }] })
    expect(ignored.faces).toBe(rest.length)
    const last = await ask(client, 'faces.name', { faceIds: [kept], name: 'Zoe' })
    const took = await ask(client, 'journal.undo', { entryId: ignored.journalEntryId })
    expect(took).toMatchObject({ label: `Took back: ${ignored.label}`, state: 'done' })
    expect((await ask(client, 'library.status', {})).counts.ignored).toBe(0)
    expect(await callToFail(client, 'journal.undo', { entryId: ignored.journalEntryId })).toMatchObject({ status: 409, error: { code: 'changed-meanwhile' } })
    for (const id of [took.id, last.journalEntryId, ignored.journalEntryId]) expect((await ask(client, 'journal.undo', {})).id).toBe(id)
    expect((await ask(client, 'faces.list', { filter: { faceIds: [kept, rest[0]!], unnamed: true } })).total).toBe(2)
    expect(await callToFail(client, 'faces.ignore', { targets: [{ kind: 'list', filter: {} }] })).toMatchObject({ error: { code: 'invalid-input' } })
    expect(await callToFail(client, 'faces.confirm', {})).toMatchObject({ error: { details: { field: 'targets' } } })
  })

  it('tells which faces still wait, and leaves out of the queue what is known', async () => {
    const { total, items } = await ask(client, 'review.list', { limit: 50 })
    const ids = items.map(({ face }) => face.id)
    const rest = await ask(client, 'review.list', { limit: 50, except: ids.slice(0, 2) })
    expect(rest.total).toBe(total - Math.min(2, ids.length))
    expect(rest.items.map(({ face }) => face.id)).toEqual(ids.slice(2))
    const named = (await ask(client, 'faces.list', { filter: { personId: anna } })).faces[0]!.id
    expect((await ask(client, 'review.items', { faceIds: [named, ...ids].slice(0, 500) })).items.map(({ face }) => face.id)).toEqual(ids)
  })

  it('compares two people, groups one anew, and splits them', async () => {
    const { distance, likeness, photosTogether } = await ask(client, 'people.compare', { personId: anna, otherPersonId: ben })
    expect(distance).toBeGreaterThan(0)
    expect(['very', 'somewhat', 'little']).toContain(likeness)
    expect(photosTogether).toBeGreaterThanOrEqual(0)
    await ask(client, 'people.merge', { fromPersonId: ben, intoPersonId: anna })
    const before = (await ask(client, 'people.get', { personId: anna })).person.faces
    const preview = await ask(client, 'people.splitPreview', { personId: anna })
    expect([...preview.groups.flatMap(({ faceIds }) => faceIds), ...preview.rest]).toHaveLength(before)
    expect(preview.groups.length).toBeGreaterThan(1)
    expect((await ask(client, 'people.splitPreview', { personId: anna, closeness: 4 })).closeness).toBe(4)
    const leaving = preview.groups.at(-1)!.faceIds
    const split = await ask(client, 'people.split', { personId: anna, groups: [{ faceIds: leaving, name: 'Carla' }] })
    expect(split).toMatchObject({ faces: leaving.length, personId: anna })
    expect((await ask(client, 'people.get', { personId: anna })).person.faces).toBe(before - leaving.length)
    expect(await callToFail(client, 'people.split', { personId: anna, groups: [{ faceIds: [leaving[0]], name: null }, { faceIds: [leaving[0]], name: null }] }))
      .toMatchObject({ error: { code: 'invalid-input', details: { field: 'groups' } } })
    await ask(client, 'journal.undo', {})
    await ask(client, 'journal.undo', {})
    await settled()
  })

  it('finds bystanders and folds them away', async () => {
    const { total, faceIds, photos } = await ask(client, 'faces.bystanders', {})
    expect(faceIds).toHaveLength(total)
    expect(photos).toBeLessThanOrEqual(total)
    const named = (await ask(client, 'faces.list', { filter: { personId: anna } })).faces[0]!.id
    // Somebody with a name is no bystander, whoever says so.
    expect(await ask(client, 'faces.foldAway', { faceIds: [named, ...faceIds] })).toMatchObject({ faces: total })
    if (total > 0) await ask(client, 'journal.undo', {})
    expect(await callToFail(client, 'faces.foldAway', { faceIds: [] })).toMatchObject({ error: { details: { field: 'faceIds' } } })
  })

  it('searches', async () => {
    const both = await ask(client, 'photos.search', { query: '"anna maria" ben' })
    const either = await ask(client, 'photos.search', { query: '"Anna Maria" | Ben' })
    expect(either.total).toBeGreaterThan(0)
    expect(either.total).toBeGreaterThanOrEqual(both.total)
    for (const { people } of both.photos) expect(people).toEqual(expect.arrayContaining(['Anna Maria', 'Ben']))
    expect((await ask(client, 'photos.search', { query: `in:${album.folder}` })).total).toBe(album.scenes)
    const { companions } = await ask(client, 'people.oftenWith', { personId: anna })
    expect(companions.find(({ personId }) => personId === ben)?.photos ?? 0).toBe(both.total)
    expect(await callToFail(client, 'people.oftenWith', { personId: anna, limit: 0 })).toMatchObject({ status: 400, error: { details: { field: 'limit' } } })
    const grid = await ask(client, 'photos.grid', { query: '2012' })
    expect([grid.total, grid.terms.map(({ kind }) => kind)]).toEqual([3, ['date']])
    expect(await callToFail(client, 'photos.search', { query: 'bem' })).toMatchObject({
      status: 400, error: { code: 'unknown-name', details: { nearestNames: expect.arrayContaining(['Ben']) } },
    })
    expect(await callToFail(client, 'photos.search', { query: 'ben (' })).toMatchObject({
      error: { code: 'query-syntax', details: { position: expect.any(Number) } },
    })
  })

  it('renames and merges people', async () => {
    expect(await callToFail(client, 'people.rename', { personId: ben, name: 'anna maria' })).toMatchObject({
      status: 409, error: { code: 'name-taken', details: { personId: anna } },
    })
    expect((await ask(client, 'people.rename', { personId: ben, name: 'Benedikt' })).label).toContain('Benedikt')
    const before = (await ask(client, 'people.list', {})).people.reduce((sum, { faces }) => sum + faces, 0)
    await ask(client, 'people.merge', { fromPersonId: ben, intoPersonId: anna })
    await settled()
    const { people } = await ask(client, 'people.list', {})
    expect(people.map(({ name }) => name)).toEqual(['Anna Maria'])
    expect(people[0]!.faces).toBeGreaterThanOrEqual(before)
  })

  it('undoes and does again, to the beginning and back', async () => {
    const entries = (await ask(client, 'journal.list', { limit: 500 })).entries.filter(({ state }) => state === 'done')
    expect(entries.length).toBeGreaterThanOrEqual(7)
    const undone = []
    for (const entry of entries) {
      const turned = await ask(client, 'journal.undo', {})
      expect([turned.id, turned.state]).toEqual([entry.id, 'undone'])
      undone.push(turned)
    }
    await settled()
    const status = await ask(client, 'library.status', {})
    expect([status.undo, status.redo]).toEqual([null, entries.at(-1)!.label])
    expect(status.counts).toMatchObject({ people: 0, named: 0, ignored: 0 })
    expect(await callToFail(client, 'journal.undo', {})).toMatchObject({ status: 409, error: { code: 'nothing-to-undo' } })
    for (const entry of undone.reverse()) expect((await ask(client, 'journal.redo', {})).id).toBe(entry.id)
    expect((await ask(client, 'people.list', {})).people.map(({ name }) => name)).toEqual(['Anna Maria'])
    expect(await callToFail(client, 'journal.redo', {})).toMatchObject({ error: { code: 'nothing-to-undo' } })
  })

  it('says what is wrong with a request', async () => {
    expect(await callToFail(client, 'people.get', { personId: 'Anna' })).toMatchObject({
      status: 400, error: { code: 'invalid-input', details: { field: 'personId' } },
    })
    expect(await callToFail(client, 'faces.name', { targets: [], name: 'Anna' })).toMatchObject({ error: { details: { field: 'targets' } } })
    expect(await callToFail(client, 'faces.name', { targets: [{ kind: 'face', id: 1 }], name: '  ' })).toMatchObject({ error: { details: { field: 'name' } } })
    expect(await callToFail(client, 'faces.list', { cursor: 'elsewhere' })).toMatchObject({ status: 400, error: { code: 'invalid-input' } })
    for (const [method, input] of [
      ['people.get', { personId: 999_999 }], ['faces.confirm', { faceIds: [999_999] }], ['folders.remove', { folderId: 999_999 }],
      ['people.merge', { fromPersonId: 999_999, intoPersonId: anna }], ['index.start', { folderId: 999_999 }],
    ] as const) expect(await callToFail(client, method, input), method).toMatchObject({ status: 404, error: { code: 'not-found' } })
    for (const method of ['nothing', 'library.status.more', '__proto__', 'constructor', ''])
      expect(await callToFail(client, method, {}), method).toMatchObject({ status: 404, error: { code: 'not-found' } })
    const notJson = await client.request('/rpc/library.status', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' })
    expect(notJson.status).toBe(400)
  })

  it('makes a map of faces in the background, tells of it, keeps it and stops when asked', async () => {
    await settled()
    const { faces } = (await ask(client, 'library.status', {})).counts
    events.clear()
    expect(await ask(client, 'map.get', {})).toMatchObject({ map: null, faces, progress: { state: 'making', faces } })
    await events.until((event) => event.type === 'changed' && event.topics.includes('map'))
    const { map, progress } = await ask(client, 'map.get', {})
    expect(progress).toEqual({ state: 'idle', done: 0, total: null, faces: 0, remainingSeconds: null })
    expect(map).toMatchObject({ faces, laidOut: faces, added: 0 })
    const bytes = (text: string) => Buffer.from(text, 'base64').byteLength
    expect([map!.faceIds, map!.positions, map!.personIds, map!.standings].map(bytes)).toEqual([faces * 4, faces * 8, faces * 4, faces])
    const told = events.events.flatMap((event) => (event.type === 'map-progress' && event.progress.total !== null ? [event.progress] : []))
    expect(told.length).toBeGreaterThan(0)
    expect(told.every(({ done, total }) => done <= total!)).toBe(true)
    expect(await ask(client, 'map.make', {})).toMatchObject({ state: 'making', faces })
    expect(await ask(client, 'map.cancel', {})).toMatchObject({ state: 'idle' })
    expect((await ask(client, 'map.get', {})).map).toEqual(map)
    expect(await ask(client, 'faces.doubtful', {})).toEqual({ faces: [] })
  })

  it('hides a folder, and brings it back with every name', async () => {
    const [{ id: faceId, photoId }] = (await allFaces()) as [Face]
    expect(await ask(client, 'folders.remove', { folderId })).toEqual({})
    expect((await ask(client, 'photos.grid', {})).total).toBe(0)
    expect((await ask(client, 'library.status', {})).counts).toMatchObject({ photos: 0, faces: 0, named: 0 })
    const [face] = (await ask(client, 'faces.list', {})).faces
    expect(face).toBeUndefined()
    expect((await client.request(`/media/photo/${photoId}`)).status).toBe(404)
    expect((await client.request(`/media/face/${faceId}`)).status).toBe(404)
    await client.engine.paths.addFolder(albumSource)
    expect((await ask(client, 'people.list', {})).people.map(({ name }) => name)).toEqual(['Anna Maria'])
    expect((await client.request(`/media/photo/${photoId}`)).status).toBe(200)
    expect((await client.request(`/media/face/${faceId}`)).status).toBe(200)
  })

  it('changes the model in the background, and gives a change up', async () => {
    expect(await callToFail(client, 'models.use', { modelId: 'nobody' })).toMatchObject({ status: 400, error: { code: 'invalid-input' } })
    expect(await callToFail(client, 'models.use', { modelId: '/etc/passwd' })).toMatchObject({ status: 400, error: { code: 'invalid-input' } })
    await ask(client, 'models.use', { modelId: 'nn4.small2.kith.v1' })
    expect((await ask(client, 'library.status', {})).models).toMatchObject({
      embedder: 'dlib-resnet', change: { embedder: 'nn4.small2.kith.v1', facesDone: 0, facesTotal: expect.any(Number) },
    })
    await ask(client, 'models.use', { modelId: 'dlib-resnet' })
    await settled()
    expect((await ask(client, 'library.status', {})).models).toMatchObject({ embedder: 'dlib-resnet', change: null })
    events.clear()
    await ask(client, 'models.use', { modelId: 'nn4.small2.kith.v1' })
    await events.until((event) => event.type === 'progress' && event.progress.state === 'embedding')
    await events.until((event) => event.type === 'notice' && event.message.includes('nn4.small2.kith.v1'))
    await settled()
    expect((await ask(client, 'library.status', {})).models).toMatchObject({ embedder: 'nn4.small2.kith.v1', change: null })
    const { models } = await ask(client, 'models.list', {})
    expect(models.filter(({ role, inUse }) => role === 'embedder' && inUse).map(({ id }) => id)).toEqual(['nn4.small2.kith.v1'])
    expect((await ask(client, 'people.list', {})).people.map(({ name }) => name)).toEqual(['Anna Maria'])
  })

  it('was asked for everything there is', () => {
    expect([...called].sort()).toEqual(Object.keys(methods).sort())
  })
})
