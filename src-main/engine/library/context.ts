/** What every use-case of the library is given. */
import type { ApiEvent } from '../../../src-shared/api.ts'
import type { Embedder, RecognitionPort, VisionPort } from '../ports.ts'
import type { LibraryDatabase } from '../store/database.ts'
import type { WrittenFaces } from '../store/detections.ts'

export interface LibraryContext {
  /** Where the database, the images and the user's models live. */
  readonly libraryDirectory: string
  readonly database: LibraryDatabase
  readonly vision: VisionPort
  /** The embedder that names, suggestions and groups work with now: whoever waits for something asks again after. */
  readonly embedder: Embedder
  /** Recognition for that embedder's vectors. One that was replaced answers nothing any more: it was closed. */
  readonly recognition: RecognitionPort
  /** Another recognition, with no faces in it; whoever opens it closes it. */
  openRecognition(embedder: Embedder): RecognitionPort
  /** Lets everything from now on work with another embedder. */
  useEmbedder(embedder: Embedder): void
  /** Sends news up to every window. */
  emit(event: ApiEvent): void
  /** Says that a user's decision (or its undoing) changed what is known; whoever learns from it listens. */
  decisionTaken(touched: DecisionTouched): void
  onDecisionTaken(listener: (touched: DecisionTouched) => void): void
  /** Says that a decision, or its undoing, brought faces, took them away or gave them other embeddings. */
  facesMoved(written: WrittenFaces): void
  onFacesMoved(listener: (written: WrittenFaces) => void): void
  /** One line for the log, never for people. */
  log(message: string): void
}

/** What a decision was about. */
export interface DecisionTouched {
  faceIds: readonly number[]
  /** People who came or went with it; what the machine said of them elsewhere may have gone too. */
  personIds: readonly number[]
}

/** Makes a context; the embedder in use, its recognition and the listeners live in it. */
export function createContext({
  embedder: first, ...parts
}: Omit<LibraryContext, 'recognition' | 'useEmbedder' | 'decisionTaken' | 'onDecisionTaken' | 'facesMoved' | 'onFacesMoved'>): LibraryContext {
  const listeners: ((touched: DecisionTouched) => void)[] = []
  const moveListeners: ((written: WrittenFaces) => void)[] = []
  let embedder = first
  let recognition = parts.openRecognition(first)
  return {
    ...parts,
    get embedder() {
      return embedder
    },
    get recognition() {
      return recognition
    },
    useEmbedder(next) {
      const replaced = recognition
      embedder = next
      recognition = parts.openRecognition(next)
      replaced.close().catch((error: unknown) => parts.log(`recognition did not close: ${String(error)}`))
    },
    decisionTaken: (touched) => listeners.forEach((listener) => listener(touched)),
    onDecisionTaken: (listener) => void listeners.push(listener),
    facesMoved: (written) => moveListeners.forEach((listener) => listener(written)),
    onFacesMoved: (listener) => void moveListeners.push(listener),
  }
}
