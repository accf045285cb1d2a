/** What every use-case of the library is given. */
import type { ApiEvent } from '../../../src-shared/api.ts'
import type { RecognitionPort, VisionPort } from '../ports.ts'
import type { LibraryDatabase } from '../store/database.ts'

export interface LibraryContext {
  /** Where the database, the images and the user's models live. */
  readonly libraryDirectory: string
  readonly database: LibraryDatabase
  readonly vision: VisionPort
  readonly recognition: RecognitionPort
  /** Sends news up to every window. */
  emit(event: ApiEvent): void
  /** Says that a user's decision (or its undoing) changed what is known; whoever learns from it listens. */
  decisionTaken(): void
  onDecisionTaken(listener: () => void): void
  /** One line for the log, never for people. */
  log(message: string): void
}

/** Makes a context; the listeners live in it. */
export function createContext(
  parts: Omit<LibraryContext, 'decisionTaken' | 'onDecisionTaken'>,
): LibraryContext {
  const listeners: (() => void)[] = []
  return {
    ...parts,
    decisionTaken: () => listeners.forEach((listener) => listener()),
    onDecisionTaken: (listener) => void listeners.push(listener),
  }
}
