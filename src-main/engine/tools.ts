/** What the command line does without a library: compare pictures, measure, look after models. */
import { join } from 'node:path'
import type { ModelInfo } from '../../src-shared/domain.ts'
import { KithError } from '../../src-shared/errors.ts'
import { evaluateFolder, type EvaluationReport } from './library/evaluate.ts'
import { verifyPictures, type Verdict } from './library/verify.ts'
import { logistic } from './math/thresholds.ts'
import { fetchModel } from './models/fetch.ts'
import { chooseModel, listModels } from './models/files.ts'
import { models as modelRows } from './models/registry.ts'
import { allModelsDirectories, modelsInUse, thresholdsOf } from './parts.ts'
import { createVisionPool, type VisionPool } from './vision/vision-pool.ts'

export type { EvaluationReport }

export interface ToolsOptions {
  /** Its `models` folder holds the models that were fetched. */
  libraryDirectory: string
  /** Further folders that may hold model files; they come first. */
  modelsDirectories: readonly string[]
  detectorId?: string
  embedderId?: string
  log(message: string): void
}

export interface Tools {
  /** Do two pictures show the same person; of each the largest face. @throws KithError no-face, picture-unreadable */
  verify(path: string, otherPath: string): Promise<Verdict>
  /** Measures recognition on a folder with one folder of pictures a person. @throws KithError folder-unreadable */
  evaluate(
    folder: string,
    options?: { embedderId?: string; signal?: AbortSignal; onProgress?(done: number, total: number): void },
  ): Promise<EvaluationReport>
  models(): ModelInfo[]
  /** Downloads a model into the library's folder of models. @throws KithError not-found, invalid-input, model-missing, model-damaged, no-space */
  fetchModel(
    id: string,
    options?: { signal?: AbortSignal; onProgress?(doneBytes: number, totalBytes: number): void },
  ): Promise<ModelInfo>
  close(): Promise<void>
}

/** Makes the tools. @throws KithError invalid-input, model-missing, model-damaged for the models asked for */
export function createTools(options: ToolsOptions): Tools {
  const { libraryDirectory, log } = options
  const directories = allModelsDirectories(options)
  const pools: VisionPool[] = []
  /** One pool for an embedder; no process starts before the first picture. */
  const openVision = (embedderId = options.embedderId): VisionPool => {
    const pool = createVisionPool({
      modelsDirectories: directories,
      ...(options.detectorId ? { detectorId: options.detectorId } : {}),
      ...(embedderId ? { embedderId } : {}),
      log,
    })
    pools.push(pool)
    return pool
  }
  const models = () =>
    listModels(directories, modelsInUse(
      chooseModel('detector', options.detectorId, directories), chooseModel('embedder', options.embedderId, directories)))
  return {
    verify(path, otherPath) {
      const vision = openVision()
      const { suggest, samePerson } = thresholdsOf(vision.embedderId)
      const scale = { threshold: suggest, probabilityOf: (distance: number) => logistic(distance, samePerson) }
      return verifyPictures(vision, scale, path, otherPath)
    },
    evaluate(folder, { embedderId, ...rest } = {}) {
      const vision = openVision(embedderId)
      return evaluateFolder({ vision, thresholds: thresholdsOf(vision.embedderId) }, folder, rest)
    },
    models,
    async fetchModel(id, { signal, onProgress } = {}) {
      const row = modelRows.find((model) => model.id === id)
      if (!row) throw new KithError('not-found', `There is no model ${id}. There are: ${modelRows.map((model) => model.id).join(', ')}.`)
      await fetchModel(row, join(libraryDirectory, 'models'), {
        ...(signal ? { signal } : {}),
        onProgress: ({ receivedBytes, totalBytes }) => onProgress?.(receivedBytes, totalBytes),
      })
      return models().find((model) => model.id === id)!
    },
    close: async () => void (await Promise.all(pools.map((pool) => pool.close()))),
  }
}
