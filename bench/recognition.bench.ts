/**
 * How soon suggestions follow a decision: the whole chain from the decision's call to suggestions that are written and
 * announced, with the real database and the real recognition thread, on generated faces of a large library.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FaceId } from '../src-shared/domain.ts'
import { createContext } from '../src-main/engine/library/context.ts'
import { createDecisions } from '../src-main/engine/library/decisions.ts'
import { personNameKey } from '../src-main/engine/library/people.ts'
import { createRecogniser } from '../src-main/engine/library/recognise.ts'
import { dlibThresholds } from '../src-main/engine/math/thresholds.ts'
import type { VisionPort } from '../src-main/engine/ports.ts'
import { createRecognition } from '../src-main/engine/recognition/recognition.ts'
import { openDatabase } from '../src-main/engine/store/database.ts'
import { createEmbeddingStore } from '../src-main/engine/store/embeddings.ts'
import { createPhotoCounts } from '../src-main/engine/store/photo-counts.ts'
import { buildKernel, kernelFile } from '../scripts/build-kernel.ts'
import { generateFaces } from '../test/fixtures/embeddings.ts'
import type { GeneratedFaces } from '../test/fixtures/embeddings.ts'
import { benchEmbedder, benchEmbedderId } from './generated-library.ts'

const faceCount = 100_000
const personCount = 300
const labelledCount = 20_000
const decisionCount = 30

/** Prints a Markdown table. */
export async function run(): Promise<void> {
  if (!existsSync(kernelFile)) await buildKernel()
  const directory = mkdtempSync(join(tmpdir(), 'kith-bench-'))
  try {
    const faces = generateFaces(faceCount)
    const labelled = labelMost(faces)
    fill(directory, faces, labelled)
    await measure(directory, faces, labelled)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function measure(directory: string, faces: GeneratedFaces, labelled: ReadonlySet<number>): Promise<void> {
  const rows: [what: string, figure: string][] = []
  const neighbours = open(directory)
  await neighbours.recogniser.settled()
  neighbours.db.prepare("DELETE FROM settings WHERE key = 'judged-state'").run()
  await neighbours.close()

  let library = open(directory)
  rows.push(['opening a library that changed: learning and judging everything, grouping', seconds(await timed(() => library.recogniser.settled()))])
  await library.close()

  library = open(directory)
  library.recogniser.start()
  await library.taught
  const isNamed = new Set(labelled)
  const nameOne = () => {
    const index = faces.people.findIndex((person, i) => person < personCount && !isNamed.has(i) && i % 997 > isNamed.size % 997)
    isNamed.add(index)
    return library.decisions.name({ targets: [{ kind: 'face', id: faces.faceIds[index] as FaceId }], name: nameOf(faces.people[index]) })
  }
  rows.push(['opening one that did not: the first name, given at once', milliseconds([await library.follow(nameOne)])])
  rows.push(['… further names, while the lists of all faces are made', milliseconds(await repeat(10, () => library.follow(nameOne)))])
  await library.recogniser.settled()

  const decisions: [what: string, decide: () => unknown][] = [
    ['naming one face', nameOne],
    ['undoing that', library.decisions.undo],
    ['doing it again', library.decisions.redo],
    ['confirming one face', () => library.decisions.confirm({ faceIds: [library.machineNamed()] })],
    ['rejecting a name or suggestion', () => library.decisions.reject({ faceIds: [library.machineNamed()], personId: null })],
  ]
  for (const [what, decide] of decisions) rows.push([what, milliseconds(await repeat(decisionCount, () => library.follow(decide)))])
  rows.push(['then, after a pause: grouping', seconds(await timed(() => library.recogniser.settled()))])
  rows.push(['naming one face 1.1 s after another, when grouping has begun', milliseconds(await repeat(10, async () => {
    await new Promise((resolve) => setTimeout(resolve, 1100))
    return library.follow(nameOne)
  }))])
  await library.close()

  console.log(`${personCount} people, ${labelled.size} labelled faces, ${faceCount - labelled.size} open ones: from a decision to the suggestions written and announced, median (slowest)\n`)
  console.log('| recognition | |\n| --- | --- |')
  for (const row of rows) console.log(`| ${row.join(' | ')} |`)
}

function open(directory: string) {
  const database = openDatabase(directory)
  const { db } = database
  const recognition = createRecognition({ thresholds: dlibThresholds, dimension: 128, kernelFile, log: console.error })
  const { learn, know } = recognition
  let followed = (_atMs: number) => {}
  recognition.learn = async (change) => {
    const verdicts = await learn(change)
    // What waits for the verdicts writes and announces them before this comes.
    setImmediate(() => followed(performance.now()))
    return verdicts
  }
  const taught = Promise.withResolvers<void>()
  recognition.know = async (...known) => {
    await know(...known)
    taught.resolve()
  }
  const context = createContext({
    libraryDirectory: directory, database, embedder: benchEmbedder, openRecognition: () => recognition, log: console.error, emit: () => {},
    vision: {} as VisionPort,
  })
  const recogniser = createRecogniser(context)
  const machine = db.prepare<[], FaceId>(`
    SELECT id FROM faces WHERE assigned_by IS NOT 'user' AND coalesce(person_id, suggested_person_id) IS NOT NULL
    ORDER BY (id * 7919) % 100003 LIMIT 1`).pluck()
  return {
    db, recogniser, decisions: createDecisions(context), taught: taught.promise,
    /** A face that the machine gave or suggested a name. */
    machineNamed: () => machine.get()!,
    /** Milliseconds from the call of a decision until what follows from it is written and announced. */
    async follow(decide: () => unknown): Promise<number> {
      const done = new Promise<number>((resolve) => (followed = resolve))
      const startedAt = performance.now()
      decide()
      return (await done) - startedAt
    },
    async close() {
      await Promise.all([recogniser.close(), recognition.close()])
      database.close()
    },
  }
}

/** Half of the faces of the most frequent people, numbered from 0 by how many faces they have. */
function labelMost(faces: GeneratedFaces): Set<number> {
  const byPerson = new Map<number, number[]>()
  faces.people.forEach((person, i) => {
    const own = byPerson.get(person)
    if (own) own.push(i)
    else byPerson.set(person, [i])
  })
  const ranked = [...byPerson.values()].sort((a, b) => b.length - a.length)
  ranked.forEach((own, rank) => own.forEach((i) => (faces.people[i] = rank)))
  const known = ranked.slice(0, personCount)
  const share = labelledCount / known.reduce((sum, own) => sum + own.length, 0)
  return new Set(known.flatMap((own) => own.slice(0, Math.round(own.length * share))))
}

const nameOf = (person: number) => `Person ${person + 1}`

function fill(directory: string, faces: GeneratedFaces, labelled: ReadonlySet<number>): void {
  const database = openDatabase(directory)
  const { db } = database
  db.exec("BEGIN; INSERT INTO folders (path, added_at) VALUES ('/photos', '2026-01-01T00:00:00.000Z')")
  const insertPerson = db.prepare("INSERT INTO people (id, name, name_key, created_at) VALUES (?, ?, ?, '2026-01-01T00:00:00.000Z')")
  for (let person = 0; person < personCount; person++) insertPerson.run(person + 1, nameOf(person), personNameKey(nameOf(person)))
  const insertPhoto = db.prepare(`
    INSERT OR IGNORE INTO photos (id, folder_id, relative_path, size_bytes, modified_ms, width_px, height_px, taken_at, taken_at_source, status)
    VALUES (?, 1, ?, 4000000, 0, 4000, 3000, ?, 'camera', 'indexed')`)
  const insertFace = db.prepare(`
    INSERT INTO faces (id, photo_id, x, y, width, height, score, size_px, sharpness, person_id, assigned_by)
    VALUES (?, ?, .4, .3, .1, .1333, .9, 120, 200, ?, ?)`)
  const embeddings = createEmbeddingStore(db)
  faces.faceIds.forEach((faceId, i) => {
    const photoId = faces.photoIds[i]
    insertPhoto.run(photoId, `IMG_${photoId}.jpg`, 1_400_000_000 + photoId * 3600)
    insertFace.run(faceId, photoId, labelled.has(i) ? faces.people[i] + 1 : null, labelled.has(i) ? 'user' : null)
    embeddings.write(faceId, benchEmbedderId, faces.embeddings.subarray(i * 128, (i + 1) * 128))
  })
  createPhotoCounts(db).refresh(faces.photoIds)
  db.exec('COMMIT')
  database.close()
}

async function repeat(times: number, work: () => Promise<number>): Promise<number[]> {
  const figures: number[] = []
  for (let turn = 0; turn < times; turn++) figures.push(await work())
  return figures
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`

function milliseconds(times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const median = `${sorted[sorted.length >> 1]!.toFixed(0)} ms`
  return sorted.length === 1 ? median : `${median} (${sorted.at(-1)!.toFixed(0)})`
}

if (import.meta.main) await run()
