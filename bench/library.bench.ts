/**
 * What the library does in the blink of an eye: decisions at 100,000 faces, a search for two people at 500,000 photos and
 * 1,000,000 faces, and opening a library of 200,000 faces. Generated databases, the real code.
 */
import { createDecisions } from '../src-main/engine/library/decisions.ts'
import { createSearch } from '../src-main/engine/library/search.ts'
import type { ClusterId, FaceId } from '../src-shared/domain.ts'
import { generateLibrary } from './generated-library.ts'

function measure(times: number, work: (round: number) => void): { medianMs: number; slowestMs: number } {
  const all = Array.from({ length: times }, (_, round) => {
    const startedAt = performance.now()
    work(round)
    return performance.now() - startedAt
  }).sort((a, b) => a - b)
  return { medianMs: all[Math.floor(all.length / 2)]!, slowestMs: all.at(-1)! }
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
  const largest = groups.slice(0, 5)
  // As large as a group of one person's faces gets in a family: for this one several groups are put together.
  const merged = groups.slice(100, 108)
  db.prepare(`UPDATE faces SET cluster_id = ? WHERE cluster_id IN (${merged.map(({ id }) => id).join(', ')})`).run(merged[0]!.id)
  const mergedSize = merged.reduce((sum, { size }) => sum + size, 0)
  const suggested = db.prepare('SELECT id FROM faces WHERE suggested_person_id IS NOT NULL AND person_id IS NULL').pluck().all() as FaceId[]
  const named = db.prepare("SELECT id FROM faces WHERE assigned_by = 'machine'").pluck().all() as FaceId[]
  const rounds = 41
  const name = (ids: number[]) => (round: number) =>
    decisions.name({ targets: [{ kind: 'cluster', id: ids[round % ids.length] as ClusterId }], name: `Somebody ${round}` })

  const rows: [string, () => { medianMs: number; slowestMs: number }][] = [
    [`name a group of ${groups[200]!.size}`, () => measure(rounds, name(groups.slice(200).map(({ id }) => id)))],
    ['undo it', () => measure(rounds, () => decisions.undo())],
    ['do it again', () => measure(rounds, () => decisions.redo())],
    [`name a group of ${mergedSize}`, () => {
      const times = Array.from({ length: 11 }, (_, round) => {
        const time = measure(1, () => name([merged[0]!.id])(1000 + round)).medianMs
        decisions.undo()
        return time
      }).sort((a, b) => a - b)
      return { medianMs: times[5]!, slowestMs: times.at(-1)! }
    }],
    ['confirm one suggestion', () => measure(rounds, (round) => decisions.confirm({ faceIds: [suggested[round]!] }))],
    ['reject one suggestion', () => measure(rounds, (round) => decisions.reject({ faceIds: [suggested[1000 + round]!], personId: null }))],
    ["reject the machine's name", () => measure(rounds, (round) => decisions.reject({ faceIds: [named[round * 7]!], personId: null }))],
    ['confirm 100 at once', () => measure(rounds, (round) => decisions.confirm({ faceIds: suggested.slice(2000 + round * 100, 2100 + round * 100) }))],
    ['undo 100 at once', () => measure(rounds, () => decisions.undo())],
    [`ignore a group of ${largest[0]!.size}`, () => measure(5, (round) => decisions.ignore({ targets: [{ kind: 'cluster', id: largest[round]!.id as ClusterId }] }))],
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
  const startedAt = performance.now()
  const { context, db, close } = generateLibrary({ photos: 500_000, faces: 1_000_000, people: 500, named: 0.7, dimension: 0 })
  console.log(`generated in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  const search = createSearch(context)
  const has = (personId: number) => `EXISTS (SELECT 1 FROM faces f WHERE f.photo_id = p.id AND f.person_id = ${personId} AND f.ignored = 0)`
  const pairs: [string, number, number][] = [
    ['the two largest', 1, 2],
    ['ranks 10 and 11', 10, 11],
    ['ranks 1 and 300', 1, 300],
    ['ranks 100 and 400', 100, 400],
  ]
  console.log('A search for two people at 500,000 photos and 1,000,000 faces: the first page of 100 photos with their names, and the exact total:\n')
  console.log('| pair | photos of each | found | page and total, median ms | EXISTS over faces, page and total, ms | times as fast |\n|---|---|---|---|---|---|')
  for (const [label, a, b] of pairs) {
    const query = `"Person ${a}" "Person ${b}"`
    const found = search.search({ query, cursor: null, limit: 100 }).total
    const ours = measure(21, () => search.search({ query, cursor: null, limit: 100 })).medianMs
    const where = `p.hidden = 0 AND p.missing_since IS NULL AND ${has(a)} AND ${has(b)}`
    const page = db.prepare(`SELECT p.id FROM photos p WHERE ${where} ORDER BY p.taken_at DESC, p.id DESC LIMIT 100`).pluck()
    const total = db.prepare(`SELECT count(*) FROM photos p WHERE ${where}`).pluck()
    if (total.get() !== found) throw new Error(`${query} finds ${found}, the plain statement ${String(total.get())}`)
    const naive = measure(3, () => [page.all(), total.get()]).medianMs
    const sizes = [a, b].map((id) => db.prepare('SELECT count(*) FROM person_photo WHERE person_id = ?').pluck().get(id))
    console.log(`| ${label} | ${sizes.join(' and ')} | ${found} | ${ms(ours)} | ${ms(naive)} | ${(naive / ours).toFixed(0)} |`)
  }
  for (const query of ['', '"Person 1"', '"Person 50" -"Person 1"', '"Person 50" | "Person 60"', 'only: "Person 5"', '2016', 'in:2015', 'is:unnamed', 'is:unknown', 'faces:0', '"Person 50" in:2015'])
    console.log(query, ms(measure(3, () => search.search({ query, cursor: null, limit: 100 })).medianMs), ms(measure(3, () => search.grid({ query })).medianMs), search.grid({ query }).total)
  close()
}

export async function run(): Promise<void> {
  benchDecisions()
  console.log()
  benchSearch()
}
