/** What the recognition thread knows and does: RecognitionPort without the thread. */
import { groupFaces } from '../math/cluster.ts'
import { rankPeople } from '../math/decide.ts'
import type { PersonEvidence, RankedPerson } from '../math/decide.ts'
import type { DistanceKernel } from '../math/distance-kernel.ts'
import { vote } from '../math/knn.ts'
import type { LabelledNeighbour } from '../math/knn.ts'
import { createNearestLists } from '../math/nearest-lists.ts'
import { createNeighbourGraph } from '../math/neighbours.ts'
import { createPersonModels } from '../math/person-models.ts'
import { hash } from '../math/random.ts'
import type { RecognitionThresholds } from '../math/thresholds.ts'
import type { Candidate, FaceRows, Judgement, Knowledge, NeighbourRows } from '../ports.ts'
import { createLabelledNeighbours } from './labelled-neighbours.ts'

/** How many nearest others are kept for a face. */
export const neighbourCount = 16
/** Unassigned faces that stand for nobody: half of them teach the SVMs, half calibrate. */
const backgroundFaces = 2_000
const nobody: ReadonlySet<number> = new Set()

export interface FaceMemory {
  load(faces: FaceRows, neighbours: NeighbourRows): NeighbourRows
  add(faces: FaceRows): NeighbourRows
  remove(faceIds: Int32Array): NeighbourRows
  group(openFaceIds: Int32Array): { faceIds: Int32Array; group: Int32Array }
  judge(knowledge: Knowledge): Judgement[]
  candidates(faceIds: Int32Array, limit: number): Candidate[][]
  identify(embedding: Float32Array, sizePx: number): Candidate[]
}

/** An empty memory. @param kernel of the embedder's dimension; the memory owns it */
export function createFaceMemory(kernel: DistanceKernel, thresholds: RecognitionThresholds): FaceMemory {
  const graph = createNeighbourGraph(kernel, neighbourCount)
  const { lists } = graph
  const labelled = createLabelledNeighbours(graph, thresholds.loose)
  const models = createPersonModels(thresholds)
  const photoOf = new Map<number, number>()
  const sizeOf = new Map<number, number>()
  let refused = new Map<number, Set<number>>()

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

    group(openFaceIds) {
      const known = openFaceIds.filter((faceId) => graph.rowOf(faceId) !== undefined).sort()
      const faceIds = known.filter((faceId) => sizeOf.get(graph.rowOf(faceId)!)! >= thresholds.minimumNamedPx)
      const rows = faceIds.map((faceId) => graph.rowOf(faceId)!)
      const group = groupFaces(
        {
          lists: listsAmong(rows),
          photoIds: rows.map((row) => photoOf.get(row)!),
          values: graph.values,
          offsets: rows.map(graph.offsetOf),
          dimension: graph.dimension,
        },
        thresholds.grouping,
      )
      const groupOfFace = new Map(Array.from(faceIds, (faceId, i) => [faceId, group[i]]))
      return { faceIds: openFaceIds, group: openFaceIds.map((faceId) => groupOfFace.get(faceId) ?? 0) }
    },

    judge(knowledge) {
      const openRows = rowsOfKnown(knowledge.openFaceIds)
      learn(knowledge, openRows)
      const namedOnPhoto = new Map<number, Set<number>>()
      knowledge.labelledFaceIds.forEach((faceId, i) => {
        const row = graph.rowOf(faceId)
        if (row !== undefined) addTo(namedOnPhoto, photoOf.get(row)!, knowledge.labelledPersonIds[i])
      })
      const judgements: Judgement[] = []
      for (const row of openRows) {
        const onSamePhoto = namedOnPhoto.get(photoOf.get(row)!) ?? nobody
        const [likeliest] = rank(neighboursOf(row), row, onSamePhoto).filter(({ verdict }) => verdict !== 'unknown')
        if (likeliest) judgements.push({ faceId: graph.faceIdOf(row), ...likeliest })
      }
      return onceAPhoto(judgements)
    },

    candidates(faceIds, limit) {
      const rows = Int32Array.from(faceIds, (faceId) => graph.rowOf(faceId) ?? -1)
      const known = rows.filter((row) => row >= 0)
      const nearest = nearestOfEverybody(graph.embeddingsOf(known), known.length, known)
      const ranked = new Map(Array.from(known, (row, i) => [row, rank(nearest[i], row, nobody).slice(0, limit)]))
      return Array.from(rows, (row) => (ranked.get(row) ?? []).map(withoutVerdict))
    },

    identify(embedding, sizePx) {
      const [nearest] = nearestOfEverybody(embedding, 1, [])
      const evidence = evidenceFrom(nearest.filter(({ distance }) => distance <= thresholds.loose), embedding, 0)
      return rankPeople(evidence, { sizePx, refused: nobody, onSamePhoto: nobody, comparisons: labelled.count() }, thresholds)
        .filter(({ verdict }) => verdict !== 'unknown')
        .map(withoutVerdict)
    },
  }

  function place(faces: FaceRows): Int32Array {
    const rows = graph.place(faces.faceIds, faces.embeddings)
    rows.forEach((row, i) => {
      photoOf.set(row, faces.photoIds[i])
      sizeOf.set(row, faces.sizesPx[i])
    })
    labelled.forget(rows)
    return rows
  }

  function forget(faceIds: Int32Array): Int32Array {
    labelled.forget(rowsOfKnown(faceIds))
    return graph.remove(faceIds)
  }

  function rowsOfKnown(faceIds: Int32Array): Int32Array {
    return Int32Array.from(faceIds.filter((faceId) => graph.rowOf(faceId) !== undefined), (faceId) => graph.rowOf(faceId)!)
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
  function listsAmong(rows: Int32Array) {
    const indexOf = new Int32Array(graph.rowCount).fill(-1)
    rows.forEach((row, i) => { indexOf[row] = i })
    const among = createNearestLists(neighbourCount, Infinity, (index) => index)
    among.reserve(rows.length)
    const starved: number[] = []
    rows.forEach((row, i) => {
      const start = row * neighbourCount
      for (let at = start; at < start + lists.counts[row]; at++) {
        if (indexOf[lists.rows[at]] >= 0) among.insert(i, indexOf[lists.rows[at]], lists.distances[at])
      }
      const mayLackNear = lists.counts[row] === neighbourCount && lists.limit(row) < thresholds.loose
      if (mayLackNear && among.counts[i] < neighbourCount / 2) starved.push(i)
    })
    if (starved.length > 0) {
      const accepts = new Uint8Array(graph.rowCount)
      for (const row of rows) accepts[row] = 1
      const starvedRows = Int32Array.from(starved, (i) => rows[i])
      graph.search(graph.embeddingsOf(starvedRows), starved.length,
        (query) => Math.min(among.limit(starved[query]), thresholds.loose), accepts,
        (row, query, distance) => {
          if (indexOf[row] !== starved[query]) among.insert(starved[query], indexOf[row], distance)
        })
    }
    const neighbours = among.rows.slice(0, rows.length * neighbourCount)
    for (let i = 0; i < rows.length; i++) neighbours.fill(-1, i * neighbourCount + among.counts[i], (i + 1) * neighbourCount)
    return { count: rows.length, size: neighbourCount, neighbours, distances: among.distances }
  }

  function learn(knowledge: Knowledge, openRows: Int32Array): void {
    const labels = new Map<number, number>()
    const faces = new Map<number, number[]>()
    knowledge.labelledFaceIds.forEach((faceId, i) => {
      const row = graph.rowOf(faceId)
      if (row === undefined) return
      labels.set(row, knowledge.labelledPersonIds[i])
      const own = faces.get(knowledge.labelledPersonIds[i])
      if (own) own.push(graph.offsetOf(row))
      else faces.set(knowledge.labelledPersonIds[i], [graph.offsetOf(row)])
    })
    refused = new Map()
    knowledge.rejectedFaceIds.forEach((faceId, i) => {
      const row = graph.rowOf(faceId)
      if (row !== undefined) addTo(refused, row, knowledge.rejectedPersonIds[i])
    })
    labelled.update(labels, openRows)
    const background = drawBackground(openRows)
      .map((row) => ({ offset: graph.offsetOf(row), mayBe: labelled.of(row).map(({ personId }) => personId) }))
    models.learn({ values: graph.values, dimension: graph.dimension, faces, background })
  }

  /** The same faces for the same library, and nearly the same when it has grown: those with the smallest hashes. */
  function drawBackground(openRows: Int32Array): number[] {
    const packed = Float64Array.from(openRows, (row) => hash(graph.faceIdOf(row), 0) * 2 ** 20 + (graph.faceIdOf(row) % 2 ** 20))
    const limit = packed.length > backgroundFaces ? packed.slice().sort()[backgroundFaces] : Infinity
    return Array.from(openRows.filter((_, i) => packed[i] < limit)).sort((a, b) => graph.faceIdOf(a) - graph.faceIdOf(b))
  }

  /** The labelled faces that vote. A list full of refused people could hide the others: then everybody is asked. */
  function neighboursOf(row: number): LabelledNeighbour[] {
    const near = labelled.of(row)
    const isRefused = ({ personId }: LabelledNeighbour) => refused.get(row)!.has(personId)
    if (!refused.has(row) || !labelled.isFull(row) || !near.some(isRefused)) return near
    const [nearest] = nearestOfEverybody(graph.embeddingsOf(Int32Array.of(row)), 1, [row])
    return nearest.filter((neighbour) => neighbour.distance <= thresholds.loose && !isRefused(neighbour))
  }

  /** For each embedding the nearest labelled face of every person; `ownRows` are the queries' own, which don't count. */
  function nearestOfEverybody(embeddings: Float32Array, count: number, ownRows: ArrayLike<number>): LabelledNeighbour[][] {
    const accepts = new Uint8Array(graph.rowCount)
    for (let row = 0; row < graph.rowCount; row++) if (labelled.personOf(row) > 0) accepts[row] = 1
    const nearest = Array.from({ length: count }, () => new Map<number, number>())
    graph.search(embeddings, count, () => Infinity, accepts, (row, query, distance) => {
      const personId = labelled.personOf(row)
      if (row !== ownRows[query] && !(distance >= (nearest[query].get(personId) ?? Infinity))) nearest[query].set(personId, distance)
    })
    return nearest.map((ofPeople) => Array.from(ofPeople, ([personId, distance]) => ({ personId, distance })))
  }

  function evidenceFrom(neighbours: LabelledNeighbour[], values: Float32Array, offset: number): PersonEvidence[] {
    return vote(neighbours).map((one) => ({ ...one, svmProbability: models.probability(one.personId, values, offset) }))
  }

  function rank(neighbours: LabelledNeighbour[], row: number, onSamePhoto: ReadonlySet<number>): RankedPerson[] {
    const evidence = evidenceFrom(neighbours, graph.values, graph.offsetOf(row))
    const circumstances = {
      sizePx: sizeOf.get(row)!, refused: refused.get(row) ?? nobody, onSamePhoto, comparisons: labelled.count(),
    }
    return rankPeople(evidence, circumstances, thresholds)
  }

  /** Of several faces of one photo that would be named the same, the nearest keeps the name. */
  function onceAPhoto(judgements: Judgement[]): Judgement[] {
    const best = new Map<string, Judgement>()
    const keyOf = ({ faceId, personId }: Judgement) => `${photoOf.get(graph.rowOf(faceId)!)} ${personId}`
    for (const judgement of judgements) {
      if (judgement.verdict !== 'name') continue
      const rival = best.get(keyOf(judgement))
      if (!rival || judgement.distance < rival.distance) best.set(keyOf(judgement), judgement)
    }
    return judgements.map((judgement) =>
      judgement.verdict === 'name' && best.get(keyOf(judgement)) !== judgement ? { ...judgement, verdict: 'suggest' } : judgement)
  }
}

function withoutVerdict({ personId, probability, distance }: RankedPerson): Candidate {
  return { personId, probability, distance }
}

function addTo(map: Map<number, Set<number>>, key: number, value: number): void {
  const known = map.get(key)
  if (known) known.add(value)
  else map.set(key, new Set([value]))
}
