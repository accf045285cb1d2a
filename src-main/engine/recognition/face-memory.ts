/** What the recognition thread knows and does: RecognitionPort without the thread. */
import { groupFacesInSteps } from '../math/cluster.ts'
import { tightened } from '../math/decide.ts'
import type { RankedPerson } from '../math/decide.ts'
import type { DistanceKernel } from '../math/distance-kernel.ts'
import type { NeighbourLists } from '../math/hdbscan.ts'
import { createNearestLists } from '../math/nearest-lists.ts'
import { likenessAt, typicalDistance } from '../math/likeness.ts'
import { createNeighbourGraph } from '../math/neighbours.ts'
import { closer } from '../math/thresholds.ts'
import type { RecognitionThresholds } from '../math/thresholds.ts'
import type {
  Candidate, Comparison, FaceDistance, FaceRows, Knowledge, KnowledgeChange, NeighbourLimits, NeighbourRows, Verdicts,
} from '../ports.ts'
import { createJudging } from './judging.ts'

/** How many nearest others are kept for a face. */
export const neighbourCount = 16
/** Faces that look for their nearest in one step, and faces whose lists are copied in one. */
const searchedAtOnce = 32, copiedAtOnce = 20_000

/**
 * What takes long goes in small steps. Between those of `group` and `judge` may come `know` and `learn`, with all their steps,
 * and between all of these the questions that only read: `candidates`, `identify`, `nearest`, `compare` and `neighbours`.
 * They see what is known before a `know` or `learn` or what is known after it, never both: `nearest` and `compare` read
 * embeddings alone, `neighbours` the graph, which none of these changes, and the number of labels; and `candidates` and
 * `identify` go on only where everybody is trained on what is known.
 */
export interface FaceMemory {
  load(faces: FaceRows, neighbours: NeighbourRows): NeighbourRows
  add(faces: FaceRows): NeighbourRows
  remove(faceIds: Int32Array): NeighbourRows
  group(faceIds: Int32Array, closeness?: number): Generator<void, { faceIds: Int32Array; group: Int32Array }>
  compare(faceIds: Int32Array, otherFaceIds: Int32Array): Comparison | null
  neighbours(faceIds: Int32Array): NeighbourRows & { limits: NeighbourLimits }
  know(knowledge: Knowledge, areJudged: boolean): Generator<void, void>
  learn(change: KnowledgeChange): Generator<void, Verdicts>
  judge(): Generator<void, Verdicts>
  candidates(faceIds: Int32Array, limit: number): Generator<void, Candidate[][]>
  nearest(faceId: number, amongFaceIds: Int32Array, limit: number): FaceDistance[] | null
  identify(embedding: Float32Array, sizePx: number): Generator<void, Candidate[]>
}

/** An empty memory. @param createKernel a new kernel of the embedder's dimension */
export function createFaceMemory(createKernel: () => DistanceKernel, thresholds: RecognitionThresholds): FaceMemory {
  const graph = createNeighbourGraph(createKernel(), neighbourCount)
  const { lists } = graph
  const photoOf = new Map<number, number>()
  const sizeOf = new Map<number, number>()
  const rowsOfPhoto = new Map<number, number[]>()
  const judging = createJudging(graph, createNeighbourGraph(createKernel(), 1), {
    photoOf: (row) => photoOf.get(row)!,
    sizeOf: (row) => sizeOf.get(row)!,
    rowsOfPhoto: (photoId) => rowsOfPhoto.get(photoId) ?? [],
  }, thresholds)

  return {
    load(faces, neighbours) {
      const rows = place(faces)
      const isKnown = new Uint8Array(graph.rowCount)
      neighbours.faceIds.forEach((faceId, i) => {
        const row = graph.rowOf(faceId)
        if (row === undefined) return
        const start = i * neighbourCount
        const ids = neighbours.neighbourIds.subarray(start, start + neighbourCount)
        const count = ids.indexOf(-1) < 0 ? neighbourCount : ids.indexOf(-1)
        const neighbourRows = Array.from(ids.subarray(0, count), (id) => graph.rowOf(id) ?? -1)
        if (count < Math.min(neighbourCount, rows.length - 1) || neighbourRows.includes(-1)) return
        graph.setList(row, neighbourRows, neighbours.distances.subarray(start, start + count))
        isKnown[row] = 1
      })
      return rowsOf(graph.connect(rows.filter((row) => !isKnown[row])))
    },

    add(faces) {
      const again = faces.faceIds.filter((faceId) => graph.rowOf(faceId) !== undefined)
      const bereft = again.length > 0 ? forget(again) : new Int32Array(0)
      const changed = new Set(graph.connect(place(faces)))
      for (const row of bereft) changed.add(row)
      return rowsOf(Int32Array.from(changed))
    },

    remove: (faceIds) => rowsOf(forget(faceIds)),

    *group(openFaceIds, closeness = 1) {
      const known = openFaceIds.filter((faceId) => graph.rowOf(faceId) !== undefined).sort()
      yield
      const faceIds = known.filter((faceId) => sizeOf.get(graph.rowOf(faceId)!)! >= thresholds.minimumNamedPx)
      const rows = faceIds.map((faceId) => graph.rowOf(faceId)!)
      yield
      const among = yield* listsAmong(rows)
      const group = yield* groupFacesInSteps(
        {
          lists: among,
          photoIds: rows.map((row) => photoOf.get(row)!),
          values: graph.values,
          offsets: rows.map(graph.offsetOf),
          dimension: graph.dimension,
        },
        closer(thresholds.grouping, closeness),
      )
      const groupOfFace = new Map(Array.from(faceIds, (faceId, i) => [faceId, group[i]]))
      return { faceIds: openFaceIds, group: openFaceIds.map((faceId) => groupOfFace.get(faceId) ?? 0) }
    },

    compare(faceIds, otherFaceIds) {
      const [some, others] = [faceIds, otherFaceIds].map((ids) => Array.from(rowsOfKnown(ids), graph.offsetOf))
      const distance = typicalDistance(graph.values, some, others, graph.dimension)
      return distance === null ? null : { distance, likeness: likenessAt(distance, thresholds) }
    },

    neighbours(faceIds) {
      const found = rowsOf(rowsOfKnown(faceIds))
      found.distances.forEach((distance, i) => { if (distance > thresholds.suggest) found.neighbourIds[i] = -1 })
      const same = thresholds.grouping.joinSingles
      return { ...found, limits: { same, mayBe: Math.max(same, tightened(thresholds.suggest, judging.labelled.count(), thresholds)) } }
    },

    know: (knowledge, areJudged) => judging.know(knowledge, areJudged),
    learn: (change) => judging.learn(change),
    judge: () => judging.judge(),

    *candidates(faceIds, limit) {
      yield* judging.train()
      const rows = Int32Array.from(faceIds, (faceId) => graph.rowOf(faceId) ?? -1)
      const known = rows.filter((row) => row >= 0)
      const nearest = judging.labelled.nearestOfEverybody(graph.embeddingsOf(known), known.length, known)
      const ranked = new Map(Array.from(known, (row, i) => [row, judging.rank(nearest[i], row).slice(0, limit)]))
      return Array.from(rows, (row) => (ranked.get(row) ?? []).map(withoutVerdict))
    },

    nearest(faceId, amongFaceIds, limit) {
      const own = graph.rowOf(faceId)
      if (own === undefined) return null
      return Array.from(amongFaceIds, (id) => graph.rowOf(id) ?? own)
        .filter((row) => row !== own)
        .map((row) => ({ faceId: graph.faceIdOf(row), distance: graph.distance(own, row) }))
        .sort((a, b) => a.distance - b.distance || a.faceId - b.faceId)
        .slice(0, limit)
    },

    *identify(embedding, sizePx) {
      yield* judging.train()
      const [nearest] = judging.labelled.nearestOfEverybody(embedding, 1, [])
      return judging.rankStranger(nearest.filter(({ distance }) => distance <= thresholds.loose), embedding, sizePx)
        .filter(({ verdict }) => verdict !== 'unknown')
        .map(withoutVerdict)
    },
  }

  function place(faces: FaceRows): Int32Array {
    const rows = graph.place(faces.faceIds, faces.embeddings)
    rows.forEach((row, i) => {
      photoOf.set(row, faces.photoIds[i])
      sizeOf.set(row, faces.sizesPx[i])
      const onPhoto = rowsOfPhoto.get(faces.photoIds[i])
      if (onPhoto) onPhoto.push(row)
      else rowsOfPhoto.set(faces.photoIds[i], [row])
    })
    judging.forget(rows)
    return rows
  }

  function rowsOfKnown(faceIds: Int32Array): Int32Array {
    return faceIds.filter((faceId) => graph.rowOf(faceId) !== undefined).map((faceId) => graph.rowOf(faceId)!)
  }

  function forget(faceIds: Int32Array): Int32Array {
    const rows = rowsOfKnown(faceIds)
    judging.forget(rows)
    for (const row of rows) {
      const photoId = photoOf.get(row)!
      const rest = rowsOfPhoto.get(photoId)!.filter((other) => other !== row)
      if (rest.length > 0) rowsOfPhoto.set(photoId, rest)
      else rowsOfPhoto.delete(photoId)
    }
    return graph.remove(faceIds)
  }

  function rowsOf(rows: Int32Array): NeighbourRows {
    const answer: NeighbourRows = {
      faceIds: rows.map(graph.faceIdOf),
      neighbourIds: new Int32Array(rows.length * neighbourCount).fill(-1),
      distances: new Float32Array(rows.length * neighbourCount).fill(Infinity),
    }
    rows.forEach((row, i) => {
      for (let at = 0; at < lists.counts[row]; at++) {
        answer.neighbourIds[i * neighbourCount + at] = graph.faceIdOf(lists.rows[row * neighbourCount + at])
        answer.distances[i * neighbourCount + at] = lists.distances[row * neighbourCount + at]
      }
    })
    return answer
  }

  /**
   * The graph among some faces. Where most of a full list are others (named ones, say) the list is made anew among these
   * alone, so that what is named already does not hide unnamed faces from one another.
   */
  function* listsAmong(rows: Int32Array): Generator<void, NeighbourLists> {
    const indexOf = new Int32Array(graph.rowCount).fill(-1)
    rows.forEach((row, i) => { indexOf[row] = i })
    const among = createNearestLists(neighbourCount, Infinity, (index) => index)
    among.reserve(rows.length)
    const starved: number[] = []
    for (let i = 0; i < rows.length; i++) {
      if (i % copiedAtOnce === 0) yield
      const row = rows[i]
      const start = row * neighbourCount
      for (let at = start; at < start + lists.counts[row]; at++) {
        if (indexOf[lists.rows[at]] >= 0) among.insert(i, indexOf[lists.rows[at]], lists.distances[at])
      }
      const mayLackNear = lists.counts[row] === neighbourCount && lists.limit(row) < thresholds.loose
      if (mayLackNear && among.counts[i] < neighbourCount / 2) starved.push(i)
    }
    const accepts = new Uint8Array(graph.rowCount)
    for (const row of rows) accepts[row] = 1
    for (let first = 0; first < starved.length; first += searchedAtOnce) {
      yield
      const some = starved.slice(first, first + searchedAtOnce)
      graph.search(graph.embeddingsOf(Int32Array.from(some, (i) => rows[i])), some.length,
        (query) => Math.min(among.limit(some[query]), thresholds.loose), accepts,
        (row, query, distance) => {
          if (indexOf[row] !== some[query]) among.insert(some[query], indexOf[row], distance)
        })
    }
    yield
    const neighbours = among.rows.slice(0, rows.length * neighbourCount)
    for (let i = 0; i < rows.length; i++) neighbours.fill(-1, i * neighbourCount + among.counts[i], (i + 1) * neighbourCount)
    return { count: rows.length, size: neighbourCount, neighbours, distances: among.distances }
  }
}

function withoutVerdict({ personId, probability, distance }: RankedPerson): Candidate {
  return { personId, probability, distance }
}
