/**
 * The map of faces at 50,000 faces: how long it takes, how good it is, and how smoothly it moves in a browser.
 * The page has to be built.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { createEngine } from '../src-main/engine/engine.ts'
import { dlibThresholds } from '../src-main/engine/math/thresholds.ts'
import { createSimdKernel } from '../src-main/engine/math/simd-kernel.ts'
import { kernelFile } from '../src-main/engine/places.ts'
import { createFaceMemory, neighbourCount } from '../src-main/engine/recognition/face-memory.ts'
import { createEmbeddingStore } from '../src-main/engine/store/embeddings.ts'
import { ensureBrowser } from '../scripts/ensure-browser.ts'
import { generateFaces } from '../test/fixtures/embeddings.ts'
import { createTestLibrary } from '../test/fixtures/library.ts'
import { createRandom } from '../test/fixtures/random.ts'
import { createKith } from '../test/ui/kith.ts'

const count = 50_000
const dimension = 128
const embedderId = 'dlib-resnet'
const namedShare = 0.6
const wrongNames = 200
const frames = 240

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!
const atShare = (values: readonly number[], share: number) => values.toSorted((a, b) => a - b)[Math.floor(values.length * share)]!

/** Fills a library with generated people, some of them named, a few faces wrongly. */
function fill(directory: string) {
  mkdirSync(directory, { recursive: true })
  const faces = generateFaces(count, { seed: 3, meanFaces: 60 })
  const random = createRandom(4)
  const library = createTestLibrary({ directory })
  const { db } = library
  const wrong = new Set<number>()
  const sizes = new Map<number, number>()
  for (const person of faces.people) sizes.set(person, (sizes.get(person) ?? 0) + 1)
  const named = [...sizes].filter(([, size]) => size >= 5).map(([person]) => person).filter(() => random.fraction() < namedShare)
  db.transaction(() => {
    const folderId = library.addFolder('/photos')
    const addPhoto = db.prepare(`INSERT INTO photos (id, folder_id, relative_path, size_bytes, modified_ms, width_px, height_px, taken_at, taken_at_source, status)
      VALUES (?, ?, ?, 1000, 0, 4000, 3000, ?, 'camera', 'indexed')`)
    const addFace = db.prepare(`INSERT INTO faces (id, photo_id, x, y, width, height, score, size_px, sharpness, person_id, assigned_by)
      VALUES (?, ?, 0.4, 0.3, 0.1, 0.13, 0.9, 120, 200, ?, ?)`)
    const addEmbedding = db.prepare('INSERT INTO face_embeddings (face_id, model_id, vector) VALUES (?, ?, ?)')
    const idOf = new Map(named.map((person) => [person, library.addPerson(`Person ${person}`)]))
    let photo = 0
    for (let row = 0; row < count; row++) {
      for (; photo < faces.photoIds[row]!; photo++) addPhoto.run(photo + 1, folderId, `IMG_${photo + 1}.jpg`, 1_420_000_000 + photo * 600)
      let personId = idOf.get(faces.people[row]!) ?? null
      if (personId !== null && wrong.size < wrongNames && random.fraction() < 0.02) {
        wrong.add(row + 1)
        personId = idOf.get(named[random.below(named.length)]!)!
      }
      addFace.run(row + 1, faces.photoIds[row], personId, personId === null ? null : 'user')
      addEmbedding.run(row + 1, embedderId, Buffer.from(faces.embeddings.slice(row * dimension, (row + 1) * dimension).buffer))
    }
  })()
  const memory = createFaceMemory(() => createSimdKernel(new Uint8Array(readFileSync(kernelFile))), dlibThresholds)
  createEmbeddingStore(db).writeNeighbours(embedderId, memory.add(faces), neighbourCount)
  db.transaction(() => library.refreshCounts())()
  library.close()
  return { people: faces.people, wrong }
}

/** Of the ten nearest faces on the map, how many are the same person's, over faces of people who have more than ten. */
function purity(positions: Float32Array, people: Int32Array): number {
  const sizes = new Map<number, number>()
  for (const person of people) sizes.set(person, (sizes.get(person) ?? 0) + 1)
  let same = 0, asked = 0
  for (let row = 0; row < people.length; row += 97) {
    if (sizes.get(people[row]!)! <= 10) continue
    const nearest: [number, number][] = []
    for (let other = 0; other < people.length; other++) {
      const distance = Math.hypot(positions[other * 2]! - positions[row * 2]!, positions[other * 2 + 1]! - positions[row * 2 + 1]!)
      if (other === row || (nearest.length === 10 && distance >= nearest[9]![0])) continue
      nearest.push([distance, other])
      nearest.sort((a, b) => a[0] - b[0])
      nearest.length = Math.min(nearest.length, 10)
    }
    same += nearest.filter(([, other]) => people[other] === people[row]).length / 10
    asked++
  }
  return same / asked
}

/** Milliseconds between frames while the map is dragged to and fro, and while it is zoomed. */
async function measureFrames(address: string) {
  const browser = await chromium.launch({ executablePath: ensureBrowser(), args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'] })
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(address)
  await page.goto(new URL('#/map', page.url()).href)
  await page.locator('.map canvas').waitFor({ timeout: 60_000 })
  await page.waitForTimeout(3000)
  const record = (kind: 'drag' | 'wheel') => page.evaluate(async ([what, many]) => {
    const map = document.querySelector('.map')!
    const { left, top, width, height } = map.getBoundingClientRect()
    const send = (type: string, x: number, y: number) =>
      map.dispatchEvent(new PointerEvent(type, { pointerId: 1, isPrimary: true, button: 0, clientX: left + x, clientY: top + y, bubbles: true }))
    map.setPointerCapture = () => {}
    const times: number[] = []
    if (what === 'drag') send('pointerdown', width / 2, height / 2)
    let before = await new Promise<number>(requestAnimationFrame)
    for (let frame = 0; frame < many; frame++) {
      const turn = (frame / 40) * Math.PI
      if (what === 'drag') send('pointermove', width / 2 + 150 * Math.sin(turn), height / 2 + 100 * Math.cos(turn))
      else map.dispatchEvent(new WheelEvent('wheel', { deltaY: frame % 80 < 40 ? -40 : 40, clientX: left + width / 2, clientY: top + height / 2, cancelable: true, bubbles: true }))
      const now = await new Promise<number>(requestAnimationFrame)
      times.push(now - before)
      before = now
    }
    if (what === 'drag') send('pointerup', width / 2, height / 2)
    return times
  }, [kind, frames] as const)
  // What the page's thread itself works for a frame, whatever else the machine does.
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const workedMs = async () => (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')!.value * 1000
  const before = await workedMs()
  const drag = await record('drag')
  const between = await workedMs()
  const wheel = await record('wheel')
  const workMs = { drag: (between - before) / frames, wheel: ((await workedMs()) - between) / frames }
  await browser.close()
  return { drag, wheel, workMs }
}

export async function run(): Promise<void> {
  const kith = createKith()
  try {
    const { people, wrong } = fill(kith.libraryDirectory)
    const engine = await createEngine({ libraryDirectory: kith.libraryDirectory, modelsDirectories: [], log: () => {} })
    await engine.paths.settled()
    const ended = new Promise<void>((resolve) => engine.onEvent((event) => {
      if (event.type === 'changed' && event.topics.includes('map')) resolve()
    }))
    const since = performance.now(), usedBefore = process.cpuUsage()
    // Whether the library's own thread answers meanwhile: the longest that a call had to wait.
    const waits: number[] = []
    const asking = setInterval(() => {
      const asked = performance.now()
      void engine.call('library.status', {}).then(() => waits.push(performance.now() - asked))
    }, 500)
    await engine.call('map.make', {})
    await ended
    clearInterval(asking)
    const seconds = (performance.now() - since) / 1000, used = process.cpuUsage(usedBefore)
    const gets: number[] = [], doubts: number[] = []
    const worked = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000 }
    let answer = await engine.call('map.get', {}), doubtful = await engine.call('faces.doubtful', {})
    for (let turn = 0; turn < 5; turn++) {
      const first = worked()
      answer = await engine.call('map.get', {})
      const second = worked()
      doubtful = await engine.call('faces.doubtful', {})
      gets.push(second - first)
      doubts.push(worked() - second)
    }
    await engine.close()
    const positions = new Float32Array(new Uint8Array(Buffer.from(answer.map!.positions, 'base64')).buffer)
    const right = doubtful.faces.filter(({ faceId }) => wrong.has(faceId)).length
    const { drag, wheel, workMs } = await measureFrames(await kith.serve())
    console.log(`| ${count.toLocaleString('en')} faces of ${new Set(people).size} people, ${answer.map!.laidOut.toLocaleString('en')} laid out themselves | |`)
    console.log('|---|---|')
    console.log(`| the map is made in | ${seconds.toFixed(0)} s, ${((used.user + used.system) / 1e6).toFixed(0)} s of processor time |`)
    console.log(`| a call meanwhile waits (median, longest of ${waits.length}) | ${median(waits).toFixed(1)}, ${Math.max(...waits).toFixed(0)} ms |`)
    console.log(`| of a face's ten nearest on the map are the same person's | ${purity(positions, people).toFixed(3)} |`)
    console.log(`| the map is opened again, processor time (median of 5) | ${median(gets).toFixed(0)} ms, ${(JSON.stringify(answer).length / 2 ** 20).toFixed(1)} MB |`)
    console.log(`| faces that look like somebody else, processor time (median of 5) | ${median(doubts).toFixed(0)} ms |`)
    console.log(`| of ${wrong.size} wrong names found / of ${doubtful.faces.length} found really wrong | ${right} / ${right} |`)
    console.log(`| between frames while dragging (median, 95 of 100) | ${median(drag).toFixed(1)}, ${atShare(drag, 0.95).toFixed(1)} ms; the page's thread works ${workMs.drag.toFixed(1)} ms for each |`)
    console.log(`| between frames while zooming (median, 95 of 100) | ${median(wheel).toFixed(1)}, ${atShare(wheel, 0.95).toFixed(1)} ms; the page's thread works ${workMs.wheel.toFixed(1)} ms for each |`)
  } finally {
    await kith.close()
  }
}
