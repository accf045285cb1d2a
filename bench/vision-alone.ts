/**
 * Does one part of the pipeline's work and nothing else, as fast as it goes: `node bench/vision-alone.ts decode|models FILE…`.
 * Says `ready`, waits for a message, works, and answers with the milliseconds that it took.
 */
import { identity } from '../src-main/engine/math/geometry.ts'
import { chooseModel, loadModel } from '../src-main/engine/models/files.ts'
import { findModel } from '../src-main/engine/models/registry.ts'
import { decodePhoto, encodeJpeg } from '../src-main/engine/vision/decode.ts'
import { detectFaces } from '../src-main/engine/vision/detect.ts'
import { createYunetPass } from '../src-main/engine/vision/detect-yunet.ts'
import { createEmbedder, cutChip } from '../src-main/engine/vision/embed.ts'
import { createLandmarkFinder } from '../src-main/engine/vision/landmarks.ts'
import { loadNetwork, type Network } from '../src-main/engine/vision/onnx-session.ts'
import { createPyramid } from '../src-main/engine/vision/pyramid.ts'

const [mode, ...paths] = process.argv.slice(2)
const work = mode === 'decode' ? decodeAll : await recordedRuns()

process.send!('ready')
process.once('message', async () => {
  const startedAt = performance.now()
  await work()
  process.send!(performance.now() - startedAt)
  process.disconnect()
})

/** Two photos in flight, as in the pool: working copy and thumbnail. */
async function decodeAll(): Promise<void> {
  const waiting = [...paths]
  const lane = async (): Promise<void> => {
    for (let path = waiting.shift(); path; path = waiting.shift()) {
      const pyramid = createPyramid((await decodePhoto(path)).picture)
      await encodeJpeg(pyramid.level(1), 512, 80)
    }
  }
  await Promise.all([lane(), lane()])
}

/** Every call of a network that the photos lead to, to be made again without anything in between. */
async function recordedRuns(): Promise<() => Promise<void>> {
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
  const detectorRow = findModel('detector', chooseModel('detector', undefined, []))!
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
  }
}
