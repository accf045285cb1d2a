/** A library with the real vision processes, the real recognition thread and real files, in temporary folders. */
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { ApiEvent } from '../../../src-shared/api.ts'
import type { LibraryContext } from '../../../src-main/engine/library/context.ts'
import { createContext } from '../../../src-main/engine/library/context.ts'
import { createIndexer } from '../../../src-main/engine/library/indexer.ts'
import type { Indexer } from '../../../src-main/engine/library/indexer.ts'
import { createRecogniser } from '../../../src-main/engine/library/recognise.ts'
import type { Recogniser } from '../../../src-main/engine/library/recognise.ts'
import { dlibThresholds } from '../../../src-main/engine/math/thresholds.ts'
import type { VisionPort } from '../../../src-main/engine/ports.ts'
import { createRecognition } from '../../../src-main/engine/recognition/recognition.ts'
import { openDatabase } from '../../../src-main/engine/store/database.ts'
import { createVisionPool } from '../../../src-main/engine/vision/vision-pool.ts'

const root = resolve(import.meta.dirname, '../../..')
/** Six photos with three to five faces each. */
export const samplesDirectory = join(root, 'node_modules/@vladmandic/face-api/demo')
export const samplePath = (number: number) => join(samplesDirectory, `sample${number}.jpg`)
const kernelFile = join(root, 'out/kernel/distances.wasm')

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

/** Opens the library in `directory`, and makes it where there is none. */
export function openRealLibrary(directory: string, vision: VisionPort): RealLibrary {
  const events: ApiEvent[] = []
  const database = openDatabase(directory)
  const recognition = createRecognition({
    thresholds: dlibThresholds, dimension: 128, log: () => {}, ...(existsSync(kernelFile) ? { kernelFile } : {}),
  })
  const context = createContext({
    libraryDirectory: directory, database, vision, recognition, emit: (event) => void events.push(event), log: () => {},
  })
  const recogniser = createRecogniser(context)
  const indexer = createIndexer(context, recogniser)
  return {
    context, indexer, recogniser, events, directory,
    rows: <Row>(sql: string, ...values: unknown[]) => database.db.prepare(sql).all(...values) as Row[],
    async close() {
      await indexer.close()
      await recogniser.close()
      await recognition.close()
      database.close()
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
