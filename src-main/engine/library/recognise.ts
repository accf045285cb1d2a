/**
 * Keeps recognition in step with the library, in the background: hands it new faces and keeps the neighbours it finds, lets
 * it judge and group after indexing and after decisions, and writes what changed.
 */
import { KithError } from '../../../src-shared/errors.ts'
import { RecognitionStoppedError } from '../ports.ts'
import type { Judgement, NeighbourRows } from '../ports.ts'
import { toLibraryError } from '../store/database.ts'
import type { WrittenFaces } from '../store/detections.ts'
import { createEmbeddingStore } from '../store/embeddings.ts'
import { createJudgementStore } from '../store/judgements.ts'
import type { JudgedFace } from '../store/judgements.ts'
import type { LibraryContext } from './context.ts'
import { knowledgeOf } from './knowledge.ts'
import { clusterIdsOf, verdictsOf } from './verdicts.ts'

export interface Recogniser {
  /** Loads what is known and catches up, in the background; more calls change nothing. */
  start(): void
  /** Takes faces that were just written; they are judged and grouped a little later. */
  take(written: WrittenFaces): void
  /** Says that other faces may be to be judged than before: judges and groups again soon. */
  refresh(): void
  /**
   * Waits until recognition has learnt all that is known, and all is judged and grouped; starts if need be.
   * @throws KithError, or the error that stopped recognition
   */
  settled(): Promise<void>
  /** As `settled`, but does not start where nothing changed since all was judged, be it by another process. */
  caughtUp(): Promise<void>
  close(): Promise<void>
}

/** Decisions come in bursts: this long after the last one it is worth learning from them. */
const decisionDelayMs = 250
/** While photos are indexed, groups are brought up to date at most this often, and for a tenth of the time. */
const indexingDelayMs = 5000
const indexingShare = 10
const facesAtOnce = 2000
const listsAtOnce = 1000
const restartsAtMost = 3

const pause = () => new Promise<void>((resolve) => setImmediate(resolve))

export function createRecogniser(context: LibraryContext): Recogniser {
  const { recognition } = context
  const { db } = context.database
  const modelId = context.vision.embedderId
  const embeddingStore = createEmbeddingStore(db)
  const judgementStore = createJudgementStore(db)

  /** Faces that recognition has. */
  const taken = new Set<number>()
  const waiting: WrittenFaces[] = []
  let loaded = false
  let closed = false
  /** Counts what makes a verdict stale: one from an older generation is thrown away. */
  let generation = 0
  /** When to judge and group, in performance.now() time; null while there is no need. */
  let dueAt: number | null = null
  let lastRoundMs = 0
  let running: Promise<void> | null = null
  let failure: unknown = null
  let wake = () => {}

  function judgeWithin(delayMs: number): void {
    dueAt = Math.min(dueAt ?? Infinity, performance.now() + delayMs)
    run()
  }

  function decisionTaken(): void {
    generation++
    dueAt = null
    judgeWithin(decisionDelayMs)
  }
  context.onDecisionTaken(decisionTaken)

  const stateNow = () => `${modelId} ${judgementStore.state()}`

  const isAtRest = () => !running && dueAt === null && waiting.length === 0
  const nothingChanged = () => isAtRest() && stateNow() === judgementStore.judgedState()

  function run(): void {
    wake()
    if (running || closed) return
    failure = null
    running = work()
      .catch((error: unknown) => {
        failure = toLibraryError(error, context.libraryDirectory)
        loaded = false
        if (closed) return
        context.log(`recognition: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
        const why = failure instanceof KithError ? failure.message : 'Names and groups are not up to date. Start Kith again.'
        context.emit({ type: 'notice', level: 'error', message: why })
      })
      .finally(() => {
        running = null
        if (failure === null && (dueAt !== null || waiting.length > 0)) run()
      })
  }

  async function work(): Promise<void> {
    let restarts = 0
    while (!closed) {
      try {
        if (!(await step())) return
      } catch (error) {
        if (!(error instanceof RecognitionStoppedError) || closed || ++restarts > restartsAtMost) throw error
        context.log(`recognition starts anew: ${error.message}`)
        loaded = false
        dueAt ??= performance.now()
      }
    }
  }

  /** Does the next thing that is due. @returns whether there may be more */
  async function step(): Promise<boolean> {
    if (!loaded) {
      await load()
      return true
    }
    const written = waiting.shift()
    if (written) {
      await takeIn(written)
      return true
    }
    if (dueAt === null) return false
    const waitMs = dueAt - performance.now()
    if (waitMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      wake = () => {}
      return true
    }
    dueAt = null
    const startedAt = performance.now()
    await judgeAndGroup()
    lastRoundMs = performance.now() - startedAt
    return true
  }

  async function load(): Promise<void> {
    waiting.length = 0
    const faces = await embeddingStore.readAll(modelId)
    const neighbours = await embeddingStore.readNeighbours(modelId, recognition.neighbourCount)
    taken.clear()
    for (const faceId of faces.faceIds) taken.add(faceId)
    const { faceIds, photoIds, sizesPx, embeddings } = faces
    await keep(await recognition.load({ faceIds, photoIds, sizesPx, embeddings }, neighbours))
    loaded = true
    dueAt ??= performance.now()
  }

  async function takeIn({ faceIds, photoIds, sizesPx, embeddings, outdatedFaceIds }: WrittenFaces): Promise<void> {
    const replaced = new Set(faceIds)
    const gone = outdatedFaceIds.filter((faceId) => !replaced.has(faceId))
    if (gone.length > 0) {
      for (const faceId of gone) taken.delete(faceId)
      await keep(await recognition.remove(Int32Array.from(gone)))
    }
    if (faceIds.length === 0) return
    const dimension = embeddings[0]!.length
    const rows = new Float32Array(faceIds.length * dimension)
    embeddings.forEach((embedding, row) => rows.set(embedding, row * dimension))
    for (const faceId of faceIds) taken.add(faceId)
    await keep(await recognition.add({
      faceIds: Int32Array.from(faceIds),
      photoIds: Int32Array.from(photoIds),
      sizesPx: Float32Array.from(sizesPx),
      embeddings: rows,
    }))
  }

  async function keep(lists: NeighbourRows): Promise<void> {
    const { neighbourCount } = recognition
    for (let first = 0; first < lists.faceIds.length && !closed; first += listsAtOnce) {
      const end = first + listsAtOnce
      embeddingStore.writeNeighbours(modelId, {
        faceIds: lists.faceIds.subarray(first, end),
        neighbourIds: lists.neighbourIds.subarray(first * neighbourCount, end * neighbourCount),
        distances: lists.distances.subarray(first * neighbourCount, end * neighbourCount),
      }, neighbourCount)
      await pause()
    }
  }

  /** All faces that recognition has, or null where a decision came in between: then they don't belong together. */
  async function readFaces(): Promise<JudgedFace[] | null> {
    const readGeneration = generation
    const faces: JudgedFace[] = []
    let after = 0
    for (;;) {
      const some = judgementStore.page(after, facesAtOnce)
      if (some.length === 0) return faces
      after = some.at(-1)!.id
      for (const face of some) if (taken.has(face.id)) faces.push(face)
      await pause()
      if (readGeneration !== generation || closed) return null
    }
  }

  async function judgeAndGroup(): Promise<void> {
    const judgedGeneration = generation
    const judgedState = stateNow()
    const faces = await readFaces()
    if (!faces) return
    const isStale = () => judgedGeneration !== generation || closed
    const judgements = new Map<number, Judgement>()
    for (const judgement of await recognition.judge(knowledgeOf(faces, judgementStore.rejections()))) judgements.set(judgement.faceId, judgement)
    if (isStale()) return
    const unnamed = faces.filter(({ id, standing }) => standing === 'open' && judgements.get(id)?.verdict !== 'name')
    const { faceIds, group } = await recognition.group(Int32Array.from(unnamed, ({ id }) => id))
    if (isStale()) return
    const groupOf = new Map<number, number>()
    faceIds.forEach((faceId, row) => {
      if (group[row]) groupOf.set(faceId, group[row])
    })
    const { clusterIdOfGroup, lastClusterId } = clusterIdsOf(faces, groupOf, judgementStore.lastClusterId())
    const verdicts = verdictsOf(faces, judgements, (faceId) => clusterIdOfGroup.get(groupOf.get(faceId) ?? 0) ?? null)
    const changed = judgementStore.write(verdicts, lastClusterId, judgedState)
    if (changed > 0) context.emit({ type: 'changed', topics: ['faces', 'clusters', 'people', 'photos'] })
  }

  const recogniser: Recogniser = {
    start() {
      if (!loaded) run()
    },

    take(written) {
      waiting.push(written)
      if (loaded && dueAt !== null) run()
      else judgeWithin(Math.max(indexingDelayMs, lastRoundMs * indexingShare))
    },

    refresh() {
      if (!loaded && nothingChanged()) return
      generation++
      judgeWithin(0)
    },

    async settled() {
      if (loaded && isAtRest()) return
      if (dueAt !== null) dueAt = 0
      run()
      while (running) {
        await running
        if (dueAt !== null) dueAt = 0
      }
      if (failure) throw failure
    },

    async caughtUp() {
      if (loaded || !nothingChanged()) await recogniser.settled()
    },

    async close() {
      closed = true
      wake()
      await running
    },
  }
  return recogniser
}
