/**
 * The map of faces: made in the background from the kept neighbours, kept in the library, and shown at once from then on.
 * Faces that come later stand between their neighbours until it is made anew.
 */
import { setImmediate as pause } from 'node:timers/promises'
import { minimumMapFaces } from '../../../src-shared/limits.ts'
import type { MethodOutput } from '../../../src-shared/api.ts'
import type { MapProgress } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import type { LayoutJob, LayoutPort } from '../layout-port.ts'
import { placeBetween } from '../math/place-between.ts'
import { toLibraryError } from '../store/database.ts'
import { createEmbeddingStore, type StoredNeighbours } from '../store/embeddings.ts'
import { createFaceMapStore, type StoredMap } from '../store/face-maps.ts'
import { createKeptAnswers } from '../store/kept-answers.ts'
import type { LibraryContext } from './context.ts'

/** So many new faces, and so large a part of all, make a map old: it is made anew when it is looked at. */
const oldAfterFaces = 50
const oldAfterPart = 1 / 7
/** As the layout's own, in parts of the whole map. */
const spacing = { together: 0.04, aside: 0.004 }
const tellEveryMs = 200
/** Faces between pauses, so that others are answered. */
const rowsAtOnce = 4096
const idle: MapProgress = { state: 'idle', done: 0, total: null, faces: 0, remainingSeconds: null }

const base64 = (numbers: Int32Array | Float32Array | Uint8Array) =>
  Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64')

/** @param learnt waits until recognition knows every face and has kept its neighbours */
export function createMap(context: LibraryContext, layout: LayoutPort, learnt: () => Promise<void>) {
  const store = createFaceMapStore(context.database.db)
  const embeddings = createEmbeddingStore(context.database.db)
  const keep = createKeptAnswers(context.database.db)
  let progress = idle
  let making: { stop: AbortController; ended: Promise<void> } | null = null
  /** Made of a library that is open for reading only, and so kept here. */
  let unkept: (StoredMap & { modelId: string }) | null = null
  /** Faces for which a map was stopped or failed: another is not begun by itself before there are more. */
  let givenUpAt = -1

  function tell(next: MapProgress): void {
    progress = next
    context.emit({ type: 'map-progress', progress })
  }

  const readMap = (modelId: string): StoredMap | null => (unkept?.modelId === modelId ? unkept : store.read(modelId))

  /** Neighbours as places in the list that `rowOf` gives the places of, for those faces that have one there. */
  async function tableOf(rowOf: RowOf, rows: number, lists: StoredNeighbours) {
    const { neighbourCount } = context.recognition
    const neighbours = new Int32Array(rows * neighbourCount).fill(-1)
    await pause()
    const distances = new Float32Array(rows * neighbourCount).fill(Infinity)
    await inPieces(lists.faceIds.length, (list) => {
      const row = rowOf(lists.faceIds[list]!)
      if (row < 0) return
      let to = row * neighbourCount
      for (let at = list * neighbourCount; at < (list + 1) * neighbourCount; at++) {
        const other = rowOf(lists.neighbourIds[at]!)
        if (other < 0) continue
        neighbours[to] = other
        distances[to++] = lists.distances[at]!
      }
    })
    return { neighbourCount, neighbours, distances }
  }

  async function jobOf(modelId: string): Promise<LayoutJob> {
    const isShown = rowsOf((await store.shown(modelId)).faceIds)
    const all = await embeddings.readAll(modelId)
    const count = await countOf(all.faceIds, (faceId) => isShown(faceId) >= 0)
    const faceIds = new Int32Array(count)
    const vectors = new Float32Array(count * all.dimension)
    let rows = 0
    await inPieces(all.faceIds.length, (from) => {
      const faceId = all.faceIds[from]!
      if (isShown(faceId) < 0) return
      vectors.set(all.embeddings.subarray(from * all.dimension, (from + 1) * all.dimension), rows * all.dimension)
      faceIds[rows++] = faceId
    })
    const lists = await embeddings.readNeighbours(modelId, context.recognition.neighbourCount)
    const table = await tableOf(rowsOf(faceIds), count, lists)
    return { faceIds, dimension: all.dimension, embeddings: vectors, ...table }
  }

  async function make(modelId: string, signal: AbortSignal): Promise<void> {
    await unlessAborted(learnt(), signal)
    const job = await jobOf(modelId)
    const faceIds = job.faceIds.slice()
    const since = performance.now()
    let toldAt = -Infinity
    const { positions, laidOut } = await layout.layOut(job, {
      signal,
      onProgress(done, total) {
        const now = performance.now()
        if (now - toldAt < tellEveryMs && done < total) return
        toldAt = now
        const remainingSeconds = done > total / 10 ? (((now - since) / done) * (total - done)) / 1000 : null
        tell({ state: 'making', done, total, faces: faceIds.length, remainingSeconds })
      },
    })
    const map = { madeAt: new Date().toISOString(), laidOut, faceIds, positions }
    if (context.database.readOnly) {
      unkept = { ...map, modelId }
      shown = null
    } else store.write(modelId, map)
  }

  function start(faces: number): MapProgress {
    if (making) return progress
    const stop = new AbortController()
    tell({ ...idle, state: 'making', faces })
    const ended = make(context.embedder.spaceId, stop.signal)
      .then(() => { givenUpAt = -1 })
      .catch((error: unknown) => {
        givenUpAt = faces
        if (stop.signal.aborted) return
        context.log(`map: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
        const known = toLibraryError(error, context.libraryDirectory)
        const why = known instanceof KithError ? known.message : 'The map of faces could not be made. Try it again; the log says more.'
        context.emit({ type: 'notice', level: 'error', message: why })
      })
      .finally(() => {
        making = null
        tell(idle)
        context.emit({ type: 'changed', topics: ['map'] })
      })
    making = { stop, ended }
    return progress
  }

  function stop(): Promise<void> {
    making?.stop.abort()
    return making?.ended ?? Promise.resolve()
  }

  /** Where each face stands: as kept, and those that came since between their neighbours. */
  async function positionsOf(modelId: string, map: StoredMap, faceIds: Int32Array): Promise<{ positions: Float32Array; added: number }> {
    const keptRowOf = rowsOf(map.faceIds)
    const positions = new Float32Array(faceIds.length * 2)
    const added: number[] = []
    faceIds.forEach((faceId, row) => {
      const from = keptRowOf(faceId)
      if (from < 0) added.push(faceId)
      positions[row * 2] = from < 0 ? NaN : map.positions[from * 2]!
      positions[row * 2 + 1] = from < 0 ? NaN : map.positions[from * 2 + 1]!
    })
    if (added.length > 0) {
      const lists = await embeddings.readNeighboursOf(modelId, context.recognition.neighbourCount, added)
      const { neighbourCount, neighbours, distances } = await tableOf(rowsOf(faceIds), faceIds.length, lists)
      placeBetween(positions, { size: neighbourCount, neighbours, distances }, (row) => faceIds[row]!, spacing)
    }
    return { positions, added: added.length }
  }

  /** What a window is shown of the map of a model; null where there is none. */
  async function show(modelId: string): Promise<{ map: MethodOutput<'map.get'>['map']; faces: number }> {
    const map = readMap(modelId)
    if (!map) return { map: null, faces: await store.count(modelId) }
    const { faceIds, personIds, standings } = await store.shown(modelId)
    const { positions, added } = await positionsOf(modelId, map, faceIds)
    return {
      faces: faceIds.length,
      map: {
        madeAt: map.madeAt,
        faces: faceIds.length,
        laidOut: map.laidOut,
        added,
        faceIds: base64(faceIds),
        positions: base64(positions),
        personIds: base64(personIds),
        standings: base64(standings),
      },
    }
  }

  /** Asked again for another model, and when a map was made that is not written. */
  let shown: { modelId: string; ask: () => ReturnType<typeof show> } | null = null
  function shownNow(modelId: string): ReturnType<typeof show> {
    if (shown?.modelId !== modelId) shown = { modelId, ask: keep(() => show(modelId)) }
    return shown.ask()
  }

  return {
    async get(): Promise<MethodOutput<'map.get'>> {
      const { map, faces } = await shownNow(context.embedder.spaceId)
      if (!map) {
        if (faces >= minimumMapFaces && givenUpAt < 0) start(faces)
      } else if (map.added >= oldAfterFaces && map.added >= faces * oldAfterPart && givenUpAt < faces) start(faces)
      return { map, faces, progress }
    },

    /** @throws KithError invalid-input */
    async make(): Promise<MapProgress> {
      const faces = await store.count(context.embedder.spaceId)
      if (faces < minimumMapFaces)
        throw new KithError('invalid-input', `A map needs ${minimumMapFaces} faces at least; there are ${faces}. Add photos with more faces first.`)
      return start(faces)
    },

    async cancel(): Promise<MapProgress> {
      await stop()
      return progress
    },

    close: stop,
  }
}

/** What comes of it, or at once the reason of the abort: nobody waits for it any longer then. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((done, fail) => {
    signal.addEventListener('abort', () => fail(signal.reason), { once: true })
    work.then(done, fail)
  })
}

type RowOf = (faceId: number) => number

/** The place of a face in a list, or -1: a table, since a Map of hundreds of thousands takes long to be made and asked. */
function rowsOf(faceIds: Int32Array): RowOf {
  const rows = new Int32Array(faceIds.reduce((last, faceId) => Math.max(last, faceId), 0) + 1).fill(-1)
  faceIds.forEach((faceId, row) => (rows[faceId] = row))
  return (faceId) => (faceId >= 0 && faceId < rows.length ? rows[faceId]! : -1)
}

async function countOf(faceIds: Int32Array, isMeant: (faceId: number) => boolean): Promise<number> {
  let count = 0
  await inPieces(faceIds.length, (row) => { if (isMeant(faceIds[row]!)) count++ })
  return count
}

/** Does something for each row, with pauses. */
async function inPieces(rows: number, work: (row: number) => void): Promise<void> {
  for (let first = 0; first < rows; first += rowsAtOnce) {
    for (let row = first; row < Math.min(rows, first + rowsAtOnce); row++) work(row)
    await pause()
  }
}
