/**
 * Keeps recognition in step with the library, in the background: hands it new faces and keeps the neighbours it finds, lets
 * it learn from decisions at once, judge and group after indexing and after a pause in deciding, and writes what changed.
 */
import { setImmediate as pause } from 'node:timers/promises'
import { KithError } from '../../../src-shared/errors.ts'
import { RecognitionStoppedError } from '../ports.ts'
import type { Judgement, Verdicts } from '../ports.ts'
import { toLibraryError } from '../store/database.ts'
import type { WrittenFaces } from '../store/detections.ts'
import { createEmbeddingStore } from '../store/embeddings.ts'
import { createJudgementStore } from '../store/judgements.ts'
import type { LibraryContext } from './context.ts'
import { createDecisionFollower } from './follow-decisions.ts'
import { createHandOver, type HandedFaces } from './hand-over.ts'
import { createJudgedFaces } from './judged-faces.ts'
import { knowledgeOf } from './knowledge.ts'

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
  /**
   * Waits until recognition has all faces, whatever is still to be judged; starts if need be.
   * @throws as `settled`
   */
  ready(): Promise<void>
  /** As `settled`, but does not start where nothing changed since all was judged, be it by another process. */
  caughtUp(): Promise<void>
  /** The library works with another embedder now: forgets what came from the old one, and judges and groups all faces anew. */
  startAnew(): void
  close(): Promise<void>
}

/** Decisions come in bursts: this long after the last one, all faces are judged again that it may concern, and grouped. */
const decisionDelayMs = 1000
/** While photos are indexed, groups are brought up to date at most this often, and for a tenth of the time. */
const indexingDelayMs = 5000
const indexingShare = 10
const restartsAtMost = 3
/** Another one whenever other verdicts follow from the same library: those of an older Kith are not trusted then. */
const rulesVersion = 3

/** Lets what has arrived be answered: Node looks at that only after the first pause, and goes on after the second. */
async function letOthersIn(): Promise<void> {
  await pause()
  await pause()
}

export function createRecogniser(context: LibraryContext): Recogniser {
  const { db } = context.database
  const judgementStore = createJudgementStore(db)
  const faces = createJudgedFaces(judgementStore)
  const announce = () => context.emit({ type: 'changed', topics: ['faces', 'clusters', 'people', 'photos'] })
  const handOver = createHandOver(createEmbeddingStore(db), () => closed)
  /** What was loaded; it changes in `load` alone. */
  let handed: HandedFaces = { recognition: context.recognition, modelId: context.embedder.spaceId, faceIds: new Set() }
  const follower = createDecisionFollower(faces, judgementStore, () => handed.recognition, announce)
  const waiting: WrittenFaces[] = []
  let loaded = false
  /** Whether recognition was told what is known, and learns from decisions; what comes or goes otherwise sets `mustRead`. */
  let isTaught = false
  let mustRead = true
  let closed = false
  /** When to judge and group, in performance.now() time; null while there is no need. */
  let dueAt: number | null = null
  let lastRoundMs = 0
  let running: Promise<void> | null = null
  let failure: unknown = null
  let wake = () => {}
  let isTakingIn = false
  let whenReady: (() => void)[] = []

  function judgeWithin(delayMs: number): void {
    dueAt = Math.min(dueAt ?? Infinity, performance.now() + delayMs)
    run()
  }

  context.onDecisionTaken((touched) => {
    follower.note(touched)
    dueAt = null
    judgeWithin(decisionDelayMs)
    if (isTaught) follow()
  })

  function follow(): void {
    follower.follow().catch((error: unknown) => {
      if (closed) return
      context.log(`recognition: a decision was not learnt from, so everything is: ${error instanceof Error ? error.message : String(error)}`)
      isTaught = false
      mustRead = true
      if (error instanceof RecognitionStoppedError) loaded = false
      judgeWithin(0)
    })
  }

  const stateNow = () => `${rulesVersion} ${context.embedder.spaceId} ${judgementStore.state()}`

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

  const isReady = () => loaded && !isTakingIn && waiting.length === 0

  function tellReady(): void {
    if (!isReady()) return
    for (const resolve of whenReady) resolve()
    whenReady = []
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
      tellReady()
      return true
    }
    const written = waiting.shift()
    if (written) {
      isTakingIn = true
      await handOver.take(handed, written).finally(() => (isTakingIn = false))
      tellReady()
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
    isTaught = false
    mustRead = true
    handed = { recognition: context.recognition, modelId: context.embedder.spaceId, faceIds: new Set() }
    handed = await handOver.load(handed.recognition, handed.modelId)
    loaded = handed.modelId === context.embedder.spaceId
    dueAt ??= performance.now()
  }

  /** Reads all faces and tells recognition what is known; what is decided meanwhile is read again in the end. */
  async function teach(): Promise<void> {
    isTaught = false
    await follower.idle()
    const state = stateNow()
    mustRead = false
    const isRead = await faces.read((faceId) => handed.faceIds.has(faceId), async () => {
      await pause()
      return !closed
    })
    if (!isRead) return
    follower.absorb()
    isTaught = true
    const areJudged = state === judgementStore.judgedState() && state === stateNow()
    await handed.recognition.know(knowledgeOf(faces.all(), judgementStore.rejections()), areJudged)
  }

  async function judgeAndGroup(): Promise<void> {
    if (mustRead) await teach()
    if (closed || !isTaught) return
    const verdicts = await handed.recognition.judge()
    follower.takeJudged()
    await follower.idle()
    if (closed || !isTaught) return
    write(verdicts)
    const unnamed: number[] = []
    for (const { id, standing, personId } of faces.all()) if (standing === 'open' && personId === null) unnamed.push(id)
    const { faceIds, group } = await handed.recognition.group(Int32Array.from(unnamed))
    await follower.idle()
    if (closed || !isTaught) return
    const groupOf = new Map<number, number>()
    faceIds.forEach((faceId, row) => {
      if (group[row]) groupOf.set(faceId, group[row])
    })
    const judgedState = !mustRead && dueAt === null ? stateNow() : undefined
    // What is decided now makes another state, which is judged in another round.
    await letOthersIn()
    await follower.idle()
    if (closed || !isTaught) return
    if (faces.writeGroups(groupOf, judgedState)) announce()
  }

  /** Writes verdicts, but for faces on which a decision brought later ones. */
  function write({ faceIds, judgements }: Verdicts): void {
    const later = follower.takeJudged()
    const current = new Map<number, Judgement>()
    for (const judgement of judgements) current.set(judgement.faceId, judgement)
    if (faces.writeJudgements(faceIds.filter((faceId) => !later.has(faceId)), current)) announce()
  }

  const recogniser: Recogniser = {
    start() {
      if (!loaded) run()
    },

    take(written) {
      if (written.embedderId !== context.embedder.spaceId) return
      waiting.push(written)
      mustRead = true
      if (loaded && dueAt !== null) run()
      else judgeWithin(Math.max(indexingDelayMs, lastRoundMs * indexingShare))
    },

    refresh() {
      if (!loaded && nothingChanged()) return
      mustRead = true
      judgeWithin(0)
    },

    async settled() {
      if (loaded && isAtRest()) return
      if (dueAt !== null) dueAt = 0
      run()
      while (running) {
        await running
        await follower.idle()
        if (dueAt !== null) dueAt = 0
      }
      if (failure) throw failure
    },

    async ready() {
      while (!isReady()) {
        const told = new Promise<void>((resolve) => whenReady.push(resolve))
        run()
        if (!running) return
        await Promise.race([told, running])
        if (failure) throw failure
      }
    },

    async caughtUp() {
      if (loaded || !nothingChanged()) await recogniser.settled()
    },

    startAnew() {
      loaded = false
      waiting.length = 0
      isTaught = false
      mustRead = true
      judgeWithin(0)
    },

    async close() {
      closed = true
      wake()
      await running
      await follower.idle()
    },
  }
  context.onFacesMoved((written) => recogniser.take(written))
  return recogniser
}
