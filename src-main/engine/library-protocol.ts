/**
 * What a host and its library process say to each other: requests down, answers up, chunk by chunk as they are asked for,
 * so that a window that reads slowly holds nothing in memory. Every exchange has a number that the side that began it gave.
 */
import type { ApiError } from '../../src-shared/api.ts'
import type { IndexProgress } from '../../src-shared/domain.ts'

export interface LibraryOpening {
  libraryDirectory: string
  /** Folders that may hold model files; the library's own comes last. */
  modelsDirectories: string[]
  /** Opens the host's folder dialog when the page asks for it. */
  canChooseFolder: boolean
  /** It was open before: where it is not there now it is waited for, and no new one is made. */
  wasThere: boolean
}

export interface WireRequest {
  method: string
  url: string
  headers: [name: string, value: string][]
  body: Uint8Array | null
}

export type ToLibrary =
  | { type: 'open'; opening: LibraryOpening }
  | { type: 'request'; id: number; request: WireRequest }
  /** One more chunk of an answer's body. */
  | { type: 'pull'; id: number }
  /** Nobody waits for the rest. */
  | { type: 'cancel'; id: number }
  /** Adds folders and looks through them. */
  | { type: 'addFolders'; id: number; paths: string[] }
  /** What the folder dialog ended with. */
  | { type: 'chosen'; id: number; path: string | null }
  /** Finishes the photo in hand and ends the process. */
  | { type: 'close' }

export type FromLibrary =
  | { type: 'opened' }
  /** The library can't be opened; the process ends. */
  | { type: 'refused'; error: ApiError }
  | { type: 'head'; id: number; status: number; headers: [name: string, value: string][]; hasBody: boolean }
  | { type: 'chunk'; id: number; bytes: Uint8Array }
  | { type: 'end'; id: number }
  /** The answer broke off. */
  | { type: 'broken'; id: number }
  /** One sentence for each folder that could not be added. */
  | { type: 'added'; id: number; refusals: string[] }
  | { type: 'choose'; id: number }
  | { type: 'progress'; progress: IndexProgress }
  | { type: 'log'; message: string }
