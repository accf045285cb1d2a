/**
 * Does one part of the pipeline's work and nothing else, as fast as it goes, or all of it with a pool:
 * `node bench/vision-alone.ts decode|models|pool FILE…`. Says `ready`, waits for a message, works, and answers with a Result.
 */
import { existsSync, readFileSync } from 'node:fs'
import { identity } from '../src-main/engine/math/geometry.ts'
import { loadModel } from '../src-main/engine/models/files.ts'
import { findModel } from '../src-main/engine/models/registry.ts'
import { decodePhoto, encodeJpeg } from '../src-main/engine/vision/decode.ts'
import { detectFaces } from '../src-main/engine/vision/detect.ts'
import { createYunetPass } from '../src-main/engine/vision/detect-yunet.ts'
import { createEmbedder, cutChip } from '../src-main/engine/vision/embed.ts'
import { createLandmarkFinder } from '../src-main/engine/vision/landmarks.ts'
import { loadNetwork, type Network } from '../src-main/engine/vision/onnx-session.ts'
import { createPyramid } from '../src-main/engine/vision/pyramid.ts'
import { createVisionPool } from '../src-main/engine/vision/vision-pool.ts'

export interface Result {
  milliseconds: number
  /** pool only: of all photos together. */
  faces: number
  /** pool only: the most memory that this process and the pool's ever had resident, summed; null where nobody knows. */
  peakMegabytes: number | null
}

const [mode, ...paths] = process.argv.slice(2)
const work = mode === 'decode' ? decodeAll : mode === 'models' ? await recordedRuns() : await throughPool()

process.send!('ready')
process.once('message', async () => {
  const startedAt = performance.now()
  const result = await work()
  process.send!({ faces: 0, peakMegabytes: null, ...result, milliseconds: performance.now() - startedAt } satisfies Result, () => process.exit(0))
})

/** The pool as an indexer uses it, its processes warm. */
async function throughPool(): Promise<() => Promise<Partial<Result>>> {
  const pool = createVisionPool({ detectorId: 'kith-detector.v1', modelsDirectories: [], log: () => {} })
  await Promise.all(Array.from({ length: pool.concurrency }, () => pool.analyze(paths[0]!)))
  return async () => {
    let faces = 0
    const waiting = [...paths]
    const lane = async (): Promise<void> => {
      for (let path = waiting.shift(); path; path = waiting.shift()) {
        const analysis = await pool.analyze(path)
        faces += analysis.faces.length
      }
    }
    await Promise.all(Array.from({ length: pool.concurrency }, lane))
    return { faces, peakMegabytes: peakMegabytes([process.pid, ...pool.processIds()]) }
  }
}

function peakMegabytes(processIds: number[]): number | null {
  if (!existsSync('/proc/self/status')) return null
  return processIds.reduce((sum, id) => {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]
    return sum + Number(kilobytes ?? 0) / 1024
  }, 0)
}

/** Two photos in flight, as in the pool: working copy and thumbnail. */
async function decodeAll(): Promise<Partial<Result>> {
  const waiting = [...paths]
  const lane = async (): Promise<void> => {
    for (let path = waiting.shift(); path; path = waiting.shift()) {
      const pyramid = createPyramid((await decodePhoto(path)).picture)
      await encodeJpeg(pyramid.level(1), 512, 80)
    }
  }
  await Promise.all([lane(), lane()])
  return {}
}

/** Every call of a network that the photos lead to, to be made again without anything in between. */
async function recordedRuns(): Promise<() => Promise<Partial<Result>>> {
  const calls: (() => Promise<unknown>)[] = []
  const load = async (row: Parameters<typeof loadModel>[0]): Promise<Network> => {
    const network = await loadNetwork(await loadModel(row, []))
    return {
      close: network.close,
      run(input, shape) {
        const copy = input.slice()
        calls.push(() => network.run(copy, shape))
        return network.run(input, shape)
      },
    }
  }
  const detectorRow = findModel('detector', 'kith-detector.v1')!
  const landmarksRow = findModel('landmarks', 'landmarks-68')!
  const embedderRow = findModel('embedder', 'dlib-resnet')!
  const pass = createYunetPass(await load(detectorRow), detectorRow)
  const findLandmarks = createLandmarkFinder(await load(landmarksRow), landmarksRow)
  const embed = createEmbedder(await load(embedderRow), embedderRow)
  const callsOf = new Map<string, (() => Promise<unknown>)[]>()
  for (const path of new Set(paths)) {
    calls.length = 0
    const pyramid = createPyramid((await decodePhoto(path)).picture)
    const chips = []
    for (const { box } of await detectFaces(pass, detectorRow, pyramid)) {
      chips.push(cutChip(pyramid, identity, await findLandmarks(pyramid, identity, box), embedderRow))
    }
    await embed(chips)
    callsOf.set(path, [...calls])
  }
  return async () => {
    for (const path of paths) for (const call of callsOf.get(path)!) await call()
    return {}
  }
}
