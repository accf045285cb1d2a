/** A library with the real vision processes, the real recognition thread and real files, in temporary folders. */
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { ApiEvent } from '../../../src-shared/api.ts'
import type { LibraryContext } from '../../../src-main/engine/library/context.ts'
import { createContext } from '../../../src-main/engine/library/context.ts'
import { compareEmbedders } from '../../../src-main/engine/library/compare-embedders.ts'
import { createIndexer } from '../../../src-main/engine/library/indexer.ts'
import type { Indexer } from '../../../src-main/engine/library/indexer.ts'
import { createRecogniser } from '../../../src-main/engine/library/recognise.ts'
import type { Recogniser } from '../../../src-main/engine/library/recognise.ts'
import type { RecognitionPort, VisionPort } from '../../../src-main/engine/ports.ts'
import { findLibraryEmbedder, restoreEmbedder } from '../../../src-main/engine/embedders.ts'
import { openRecognition } from '../../../src-main/engine/parts.ts'
import { openDatabase } from '../../../src-main/engine/store/database.ts'
import { createEmbedderStore } from '../../../src-main/engine/store/embedders.ts'
import { createVisionPool } from '../../../src-main/engine/vision/vision-pool.ts'

const root = resolve(import.meta.dirname, '../../..')
/** Six photos with three to five faces each. */
export const samplesDirectory = join(root, 'node_modules/@vladmandic/face-api/demo')
export const samplePath = (number: number) => join(samplesDirectory, `sample${number}.jpg`)

export interface RealLibrary {
  readonly context: LibraryContext
  readonly indexer: Indexer
  readonly recogniser: Recogniser
  readonly events: ApiEvent[]
  readonly directory: string
  /** All rows of a query. */
  rows<Row>(sql: string, ...values: unknown[]): Row[]
  /** Ends the engine's parts; the files stay. */
  close(): Promise<void>
}

/** Vision processes for a whole test file: starting them costs seconds. */
export function createTestVision(): VisionPort {
  return createVisionPool({ modelsDirectories: [], processes: 1, log: () => {} })
}

/**
 * Opens the library in `directory`, and makes it where there is none.
 * @param options `modelsDirectory`: where trained models are; `embedder`: of a new library; `onEmbeddings` hears of all that
 *   recognition for an embedder is given
 */
export function openRealLibrary(
  directory: string,
  vision: VisionPort,
  { modelsDirectory, embedder, readOnly = false, onEmbeddings }: {
    modelsDirectory?: string; embedder?: string; readOnly?: boolean; onEmbeddings?(spaceId: string, embeddings: Float32Array): void
  } = {},
): RealLibrary {
  const events: ApiEvent[] = []
  const directories = modelsDirectory === undefined ? [] : [modelsDirectory]
  const database = openDatabase(directory, { readOnly })
  const store = createEmbedderStore(database.db)
  const stored = store.current()
  const first = stored ? restoreEmbedder(stored, directories) : findLibraryEmbedder(embedder, directories)
  if (!readOnly) store.setCurrent({ spaceId: first.spaceId, description: JSON.stringify(first) })
  const context = createContext({
    libraryDirectory: directory, database, vision, embedder: first,
    openRecognition: (row) => {
      const port = openRecognition(row, () => {})
      return onEmbeddings ? overheard(port, (embeddings) => onEmbeddings(row.spaceId, embeddings)) : port
    },
    emit: (event) => void events.push(event), log: () => {},
  })
  const recogniser = createRecogniser(context)
  const indexer = createIndexer(context, recogniser, {
    find: (name) => findLibraryEmbedder(name, directories),
    restore: (row) => restoreEmbedder(row, directories),
    compare: compareEmbedders,
  })
  return {
    context, indexer, recogniser, events, directory,
    rows: <Row>(sql: string, ...values: unknown[]) => database.db.prepare(sql).all(...values) as Row[],
    async close() {
      await indexer.close()
      await recogniser.close()
      await context.recognition.close()
      database.close()
    },
  }
}

function overheard(port: RecognitionPort, hear: (embeddings: Float32Array) => void): RecognitionPort {
  return {
    ...port,
    load(faces, neighbours) {
      hear(faces.embeddings)
      return port.load(faces, neighbours)
    },
    add(faces) {
      hear(faces.embeddings)
      return port.add(faces)
    },
    identify(embedding, sizePx) {
      hear(embedding)
      return port.identify(embedding, sizePx)
    },
  }
}

/** A temporary folder and how to take it away. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'kith-index-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** Copies sample photos to places inside a folder. */
export async function placeSamples(folder: string, samples: Record<string, number>): Promise<void> {
  for (const [relativePath, number] of Object.entries(samples)) {
    const path = join(folder, relativePath)
    await mkdir(dirname(path), { recursive: true })
    await copyFile(samplePath(number), path)
  }
}
