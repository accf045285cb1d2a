/** How fast photos become faces: against face-api.js, and against what decoding and the networks alone allow. */
import { fork, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import sharp from 'sharp'
import { findModel } from '../src-main/engine/models/registry.ts'
import { createPipeline } from '../src-main/engine/vision/pipeline.ts'
import { sharedPath } from '../test/fixtures/shared.ts'
import { loadFaceApi } from './face-api-wasm.ts'
import type { Result } from './vision-alone.ts'

const samples = resolve(import.meta.dirname, '../node_modules/@vladmandic/face-api/demo')
const samplePaths = [1, 2, 3, 4, 5, 6].map((number) => join(samples, `sample${number}.jpg`))
const rounds = 3
const largePhotos = 12
const passesOverLargePhotos = 4

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

/** Prints a Markdown table for each of the two questions. */
export async function run(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'kith-bench-'))
  try {
    const large = await makeLargePhotos(directory)
    await againstFaceApi(large)
    await throughput(large)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function againstFaceApi(large: string[]): Promise<void> {
  const pipeline = await createPipeline({
    detector: findModel('detector', 'kith-detector.v1')!, embedder: findModel('embedder', 'dlib-resnet')!, modelsDirectories: [],
  })
  const faceApi = await loadFaceApi()
  /** As its package's demo does it: the photo at its full size. */
  const theirs = async (path: string): Promise<number> => {
    const { data, info } = await sharp(path).autoOrient().removeAlpha().raw().toBuffer({ resolveWithObject: true })
    return faceApi.run(data, info.width, info.height)
  }
  const lfw = sharedPath('data/faces_lfw100')
  const sets = new Map([['6 photos of 1920 px', samplePaths], ['6 photos of 12 megapixels', large.slice(0, 6)]])
  if (lfw) sets.set('10 press photos of 250 px', readdirSync(join(lfw, 'Tony_Blair')).map((name) => join(lfw, 'Tony_Blair', name)))

  const rows: string[] = []
  for (const [name, paths] of sets) {
    const times = { ours: [] as number[], theirs: [] as number[] }
    const faces = { ours: 0, theirs: 0 }
    // Photo by photo in turn, so that whatever else the machine does falls on both; the first round warms up.
    for (let round = 0; round <= rounds; round++) {
      for (const path of paths) {
        const start = performance.now()
        const found = (await pipeline.analyze(path)).faces.length
        const between = performance.now()
        const theirFound = await theirs(path)
        if (round === 0) continue
        times.ours.push(between - start)
        times.theirs.push(performance.now() - between)
        faces.ours += found
        faces.theirs += theirFound
      }
    }
    const [ours, other] = [median(times.ours), median(times.theirs)]
    rows.push(`| ${name} | ${ours.toFixed(0)} (${faces.ours / rounds}) | ${other.toFixed(0)} (${faces.theirs / rounds}) | **${(other / ours).toFixed(1)}** |`)
  }
  await pipeline.close()
  console.log(`
### One photo decoded, its faces found, aligned and embedded: milliseconds (faces in the set), one process

| | Kith, with thumbnail and crops | face-api.js 1.7.15 on TensorFlow.js ${faceApi.backend} | times as fast (goal 5) |
|---|---|---|---|
${rows.join('\n')}`)
}

async function throughput(photos: string[]): Promise<void> {
  const work = Array.from({ length: passesOverLargePhotos }, () => photos).flat()
  const cores = Math.min(4, availableParallelism())
  const results = { decode: [] as Result[], models: [] as Result[], pool: [] as Result[] }
  const indexRates: number[] = []
  for (let round = 0; round < rounds; round++) {
    results.decode.push(await shared('decode', work, cores))
    results.models.push(await shared('models', work, cores))
    results.pool.push(await shared('pool', work, 1))
    indexRates.push(indexWhole(photos))
  }
  const [decodeMs, modelsMs, poolMs] = [results.decode, results.models, results.pool]
    .map((part) => median(part.map(({ milliseconds }) => milliseconds))) as [number, number, number]
  const { faces } = results.pool[0]!
  const memory = results.pool.map(({ peakMegabytes }) => peakMegabytes).toSorted((a, b) => Number(b) - Number(a))[0] ?? null
  const perPhoto = (ms: number): string => (ms / work.length).toFixed(1)
  const possible = decodeMs + modelsMs
  console.log(`
### Indexing photos of 12 megapixels (${work.length} JPEGs, ${(faces / work.length).toFixed(1)} faces each, ${cores} cores)

| | ms a photo | photos a second |
|---|---|---|
| decoding and thumbnail alone, on all cores | ${perPhoto(decodeMs)} | ${(1000 * work.length / decodeMs).toFixed(1)} |
| networks alone, on all cores | ${perPhoto(modelsMs)} | ${(1000 * work.length / modelsMs).toFixed(1)} |
| both: what is possible | ${perPhoto(possible)} | ${(1000 * work.length / possible).toFixed(1)} |
| the pool of ${cores} processes | ${perPhoto(poolMs)} | ${(1000 * work.length / poolMs).toFixed(1)} |
| … part of the possible | ${(possible / poolMs).toFixed(2)} | |
| \`kith index\`, the database included | ${(1000 / median(indexRates)).toFixed(1)} | ${median(indexRates).toFixed(1)} |
| **part of the possible** (goal .85) | **${(median(indexRates) * possible / 1000 / work.length).toFixed(2)}** | |
| peak memory of all processes (goal 900 MB) | ${memory === null ? 'not measured here' : `${memory.toFixed(0)} MB`} | |`)
}

/** Photos a second that `kith index` itself reports, on a new library and as many photos as the other parts work on. */
function indexWhole(photos: readonly string[]): number {
  const directory = mkdtempSync(join(tmpdir(), 'kith-bench-index-'))
  try {
    const folder = join(directory, 'photos')
    mkdirSync(folder)
    for (let pass = 0; pass < passesOverLargePhotos; pass++)
      photos.forEach((path, i) => copyFileSync(path, join(folder, `${pass}-${i}.jpg`)))
    const { stdout, status } = spawnSync(process.execPath, [
      resolve(import.meta.dirname, '../scripts/kith.mjs'), 'index', folder, '--library', join(directory, 'library'),
      '--detector', 'kith-detector.v1', '--json',
    ], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`kith index ended with status ${status}`)
    return (JSON.parse(stdout) as { photosPerSecond: number }).photosPerSecond
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Photos of 4032 × 3024 px with the grain of a sensor, so that their files are as large as a camera's. */
export async function makeLargePhotos(directory: string): Promise<string[]> {
  const grain = await sharp({ create: { width: 1008, height: 756, channels: 3, background: '#000', noise: { type: 'gaussian', mean: 128, sigma: 12 } } }).png().toBuffer()
  const paths: string[] = []
  for (let i = 0; i < largePhotos; i++) {
    const path = join(directory, `photo-${i}.jpg`)
    const { data, info } = await sharp(samplePaths[i % samplePaths.length]!)
      .resize(4032, 3024, { fit: 'cover', position: i < samplePaths.length ? 'centre' : 'top' }).raw().toBuffer({ resolveWithObject: true })
    await sharp(data, { raw: info }).composite([{ input: grain, tile: true, blend: 'soft-light' }]).jpeg({ quality: 92 }).toFile(path)
    paths.push(path)
  }
  return paths
}

/** One part of the work, shared out to so many processes; as long as the slowest takes. */
async function shared(mode: 'decode' | 'models' | 'pool', paths: string[], processes: number): Promise<Result> {
  const children = Array.from({ length: processes }, (_, index) =>
    fork(resolve(import.meta.dirname, 'vision-alone.ts'), [mode, ...paths.filter((__, i) => i % processes === index)], { stdio: 'inherit' }))
  const next = (child: ReturnType<typeof fork>): Promise<unknown> => new Promise((done, fail) => {
    child.once('message', done)
    child.once('error', fail)
    child.once('exit', (code) => { if (code) fail(new Error(`${mode} ended with status ${code}`)) })
  })
  await Promise.all(children.map(next))
  const results = children.map(next)
  for (const child of children) child.send('go')
  return ((await Promise.all(results)) as Result[]).toSorted((a, b) => b.milliseconds - a.milliseconds)[0]!
}

if (import.meta.main) await run()
