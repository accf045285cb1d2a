/**
 * What the library does in the blink of an eye: decisions at 100,000 faces, a search for two people at 500,000 photos and
 * 1,000,000 faces, the timeline there, and opening a library of 200,000 faces. Generated databases, the real code.
 */
import { createDecisions } from '../src-main/engine/library/decisions.ts'
import { createPeople } from '../src-main/engine/library/people.ts'
import { createSearch } from '../src-main/engine/library/search.ts'
import { openDatabase } from '../src-main/engine/store/database.ts'
import { createEmbeddingStore } from '../src-main/engine/store/embeddings.ts'
import type { ClusterId, FaceId, PersonId } from '../src-shared/domain.ts'
import { benchEmbedderId, generateLibrary } from './generated-library.ts'

interface Times {
  medianMs: number
  slowestMs: number
}

const timesOf = (all: number[]): Times => {
  const sorted = all.toSorted((a, b) => a - b)
  return { medianMs: sorted[Math.floor(sorted.length / 2)]!, slowestMs: sorted.at(-1)! }
}

/** `before` and `after` of each round are not counted. */
function measure(rounds: number, work: (round: number) => void, after?: (round: number) => void, before?: (round: number) => void): Times {
  return timesOf(Array.from({ length: rounds }, (_, round) => {
    before?.(round)
    const startedAt = performance.now()
    work(round)
    const took = performance.now() - startedAt
    after?.(round)
    return took
  }))
}

const ms = (value: number) => value.toFixed(value < 10 ? 2 : 0)

function benchDecisions(): void {
  const { context, db, close } = generateLibrary({ photos: 60_000, faces: 100_000, people: 500, named: 0.5, dimension: 0 })
  const decisions = createDecisions(context)
  const groups = db
    .prepare<[], { id: number; size: number }>(`
      SELECT cluster_id AS id, count(*) AS size FROM faces WHERE cluster_id IS NOT NULL AND person_id IS NULL AND ignored = 0
      GROUP BY cluster_id ORDER BY size DESC`)
    .all()
  // Groups of a generated library are small: one as large as those of a family's children is put together from several.
  const parts = groups.slice(0, 9)
  const large = parts[0]!.id
  db.prepare(`UPDATE faces SET cluster_id = ? WHERE cluster_id IN (${parts.map(({ id }) => id).join(', ')})`).run(large)
  const largeSize = parts.reduce((sum, { size }) => sum + size, 0)
  const small = groups.slice(200)
  const suggested = db.prepare('SELECT id FROM faces WHERE suggested_person_id IS NOT NULL AND person_id IS NULL').pluck().all() as FaceId[]
  const named = db.prepare("SELECT id FROM faces WHERE assigned_by = 'machine'").pluck().all() as FaceId[]
  const rounds = 41
  const group = (id: number) => [{ kind: 'cluster' as const, id: id as ClusterId }]
  const name = (id: number, round: number) => decisions.name({ targets: group(id), name: `Somebody ${round}` })

  const rows: [string, () => Times][] = [
    [`name a group of ${small[0]!.size}`, () => measure(rounds, (round) => name(small[round]!.id, round))],
    ['undo it', () => measure(rounds, () => decisions.undo())],
    ['do it again', () => measure(rounds, () => decisions.redo())],
    [`name a group of ${largeSize}`, () => measure(11, (round) => name(large, 1000 + round), () => decisions.undo())],
    ['undo it', () => measure(11, () => decisions.undo(), undefined, (round) => name(large, 2000 + round))],
    ['confirm one suggestion', () => measure(rounds, (round) => decisions.confirm({ faceIds: [suggested[round]!] }))],
    ['reject one suggestion', () => measure(rounds, (round) => decisions.reject({ faceIds: [suggested[1000 + round]!], personId: null }))],
    ['reject a name of the machine', () => measure(rounds, (round) => decisions.reject({ faceIds: [named[round * 7]!], personId: null }))],
    ['confirm 100 suggestions', () => measure(rounds, (round) => decisions.confirm({ faceIds: suggested.slice(2000 + round * 100, 2100 + round * 100) }))],
    ['undo that', () => measure(rounds, () => decisions.undo())],
    [`ignore a group of ${small[100]!.size}`, () => measure(rounds, (round) => decisions.ignore({ targets: group(small[100 + round]!.id) }))],
  ]
  console.log('Decisions at 100,000 faces on 60,000 photos, the transaction and the counts of every photo included:\n')
  console.log('| decision | median ms | slowest ms |\n|---|---|---|')
  for (const [label, run] of rows) {
    const { medianMs, slowestMs } = run()
    console.log(`| ${label} | ${ms(medianMs)} | ${ms(slowestMs)} |`)
  }
  close()
}

function benchSearch(): void {
  const { context, db, close } = generateLibrary({ photos: 500_000, faces: 1_000_000, people: 500, named: 0.7, dimension: 0 })
  const search = createSearch(context)
  const pairs: [string, number, number][] = [
    ['1st and 2nd', 1, 2],
    ['10th and 11th', 10, 11],
    ['1st and 300th', 1, 300],
    ['100th and 400th', 100, 400],
  ]
  console.log(`A search for two of 500 people at 500,000 photos and 1,000,000 faces, medians in ms. Ours is all of it: the query read, the
first 100 photos with their paths and names, and the exact total. The peer asks the faces of every photo (EXISTS, by the
index of faces by photo) for the same page, and for the same total.
`)
  console.log('| people by number of photos | photos of each | found | ours | peer, page | peer, page and total | times as fast |\n|---|---|---|---|---|---|---|')
  for (const [label, a, b] of pairs) {
    const query = `"Person ${a}" "Person ${b}"`
    const { total } = search.search({ query, cursor: null, limit: 100 })
    const ours = measure(31, () => search.search({ query, cursor: null, limit: 100 })).medianMs
    const has = (personId: number) =>
      `EXISTS (SELECT 1 FROM faces f INDEXED BY faces_by_photo WHERE f.photo_id = p.id AND f.person_id = ${personId} AND f.ignored = 0)`
    const where = `p.hidden = 0 AND p.missing_since IS NULL AND ${has(a)} AND ${has(b)}`
    const page = db.prepare(`SELECT p.id FROM photos p WHERE ${where} ORDER BY p.taken_at DESC, p.id DESC LIMIT 100`).pluck()
    const count = db.prepare(`SELECT count(*) FROM photos p WHERE ${where}`).pluck()
    if (count.get() !== total) throw new Error(`${query}: ${total} found, by the peer ${String(count.get())}`)
    const peerPage = measure(3, () => page.all()).medianMs
    const peerTotal = measure(3, () => count.get()).medianMs
    const sizes = [a, b].map((id) => db.prepare('SELECT count(*) FROM person_photo WHERE person_id = ?').pluck().get(id))
    console.log(`| ${label} | ${sizes.join(' and ')} | ${total} | ${ms(ours)} | ${ms(peerPage)} | ${ms(peerPage + peerTotal)} | ${((peerPage + peerTotal) / ours).toFixed(0)} |`)
  }
  console.log('\nOther searches there: the first page and the total; every id at once, with the months:\n')
  console.log('| search | found | page, ms | every id, ms |\n|---|---|---|---|')
  for (const query of ['', '"Person 1"', '"Person 50" -"Person 1"', '"Person 50" | "Person 60"', 'only: "Person 5"', '2016', 'is:unnamed', 'is:unknown', 'faces:0', 'in:"album 17"', '"Person 50" in:"album 17"']) {
    const { total } = search.search({ query, cursor: null, limit: 1 })
    const page = measure(5, () => search.search({ query, cursor: null, limit: 100 })).medianMs
    const everyId = measure(3, () => search.grid({ query })).medianMs
    console.log(`| ${query === '' ? 'everything' : `\`${query.replaceAll('|', '\\|')}\``} | ${total} | ${ms(page)} | ${ms(everyId)} |`)
  }
  console.log('\nA timeline there: photos counted by month or by day, a page of 500 ids in the middle, and the place of one photo, medians in ms:\n')
  console.log('| search | found | months | days | answer of months, kB | page of ids | place |\n|---|---|---|---|---|---|---|')
  for (const query of ['', '"Person 1"', '"Person 1" "Person 2"', '"Person 50" -"Person 1"', '-"Person 1"', 'only: "Person 5"', '2016', 'is:unnamed', 'in:"album 17"']) {
    const months = measure(5, () => search.timeline({ query, by: 'month', first: 0 })).medianMs
    const days = measure(5, () => search.timeline({ query, by: 'day', first: 0 })).medianMs
    const { total, periods } = search.timeline({ query, by: 'month', first: 0 })
    const { period } = periods[periods.length >> 1]!
    const page = () => search.ids({ query, period, offset: 0, limit: 500 })
    const photoId = page().photoIds[0]!
    const kilobytes = (JSON.stringify(periods).length / 1000).toFixed(1)
    console.log(`| ${query === '' ? 'everything' : `\`${query}\``} | ${total} | ${ms(months)} | ${ms(days)} | ${kilobytes} | ${ms(measure(5, page).medianMs)} | ${ms(measure(5, () => search.locate({ query, photoId })).medianMs)} |`)
  }
  console.log('\nWho is often with somebody there, the twelve most often, with the faces that stand for them:\n')
  console.log('| person by number of photos | photos | median ms | slowest ms |\n|---|---|---|---|')
  const people = createPeople(context)
  for (const id of [1, 2, 10, 100, 400]) {
    const personId = id as PersonId
    const { medianMs, slowestMs } = measure(5, () => people.oftenWith({ personId, limit: 12 }))
    console.log(`| ${id} | ${people.get({ personId }).person.photos} | ${ms(medianMs)} | ${ms(slowestMs)} |`)
  }
  close()
}

async function benchOpening(): Promise<void> {
  const { context, directory, close } = generateLibrary({ photos: 120_000, faces: 200_000, people: 500, named: 0.5, dimension: 128 })
  context.database.close()
  const all: { open: number; read: number }[] = []
  for (let round = 0; round < 7; round++) {
    const startedAt = performance.now()
    const database = openDatabase(directory)
    const openedAt = performance.now()
    const { faceIds } = await createEmbeddingStore(database.db).readAll(benchEmbedderId)
    all.push({ open: openedAt - startedAt, read: performance.now() - openedAt })
    if (faceIds.length !== 200_000) throw new Error(`${faceIds.length} embeddings were read`)
    database.close()
  }
  console.log('Opening a library of 200,000 faces, the files warm:\n')
  console.log('| part | median ms | slowest ms |\n|---|---|---|')
  for (const [label, times] of [
    ['open the database', timesOf(all.map(({ open }) => open))],
    ['read 200,000 embeddings of 128 numbers', timesOf(all.map(({ read }) => read))],
    ['both', timesOf(all.map(({ open, read }) => open + read))],
  ] as const)
    console.log(`| ${label} | ${ms(times.medianMs)} | ${ms(times.slowestMs)} |`)
  close()
}

export async function run(): Promise<void> {
  benchDecisions()
  console.log()
  await benchOpening()
  console.log()
  benchSearch()
}
