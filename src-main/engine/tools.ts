/** What the command line does without a library: compare pictures, measure, look after models. */
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { ModelInfo } from '../../src-shared/domain.ts'
import { KithError } from '../../src-shared/errors.ts'
import { chooseEvaluationFiles, writeEvaluationFiles } from './evaluation-files.ts'
import type { EvaluationReport } from './evaluation-report.ts'
import { alignFolder, type AlignFolderOptions, type AlignReport } from './library/align-folder.ts'
import { evaluateFolder, type EvaluationOptions } from './library/evaluate.ts'
import { trainOnFolder, type TrainFolderOptions, type TrainReport } from './library/train.ts'
import { verifyPictures, type Verdict } from './library/verify.ts'
import { logistic } from './math/thresholds.ts'
import { fetchModel } from './models/fetch.ts'
import { chooseDetector, chooseEmbedder, listModels, locateModel } from './models/files.ts'
import { models as modelRows, nn4Small2 } from './models/registry.ts'
import { ModelCard } from './models/model-card.ts'
import { readLibraryEmbedder } from './embedders.ts'
import { allModelsDirectories, modelsInUse } from './parts.ts'
import { createTraining } from './training/start-training.ts'
import { createVisionPool, type VisionPool } from './vision/vision-pool.ts'

export type { AlignReport, EvaluationReport, TrainReport }

export interface ToolsOptions {
  /** Its `models` folder holds the models that were fetched. */
  libraryDirectory: string
  /** Further folders that may hold model files; they come first. */
  modelsDirectories: readonly string[]
  detectorId?: string
  /** An id, an alias, the id of a trained model in one of the folders, or the path of one. */
  embedderId?: string
  log(message: string): void
}

export interface EvaluateOptions extends Omit<EvaluationOptions, 'withMap'> {
  embedderId?: string
  /** Writes the report as a page to this file, or as a page and JSON into this folder. */
  reportTarget?: string
}

export interface Tools {
  /** Do two pictures show the same person; of each the largest face. @throws KithError no-face, picture-unreadable */
  verify(path: string, otherPath: string): Promise<Verdict>
  /**
   * Writes the faces of a folder per person as nn4.small2 sees them.
   * @throws KithError folder-unreadable, invalid-input, no-space, library-read-only
   */
  align(folder: string, out: string, options: Omit<AlignFolderOptions, 'sidePx'>): Promise<AlignReport>
  /** Measures recognition on a folder with one folder of pictures a person. @throws KithError folder-unreadable, invalid-input, no-face */
  evaluate(folder: string, options?: EvaluateOptions): Promise<EvaluationReport>
  /**
   * Trains nn4.small2 on a folder per person and writes the model into the library's folder of models.
   * @param options `from`: id or path of the model to begin with; `id`: of the model to be
   * @throws KithError folder-unreadable, invalid-input, name-taken, not-found, no-face, model-missing, model-damaged, no-space
   */
  train(folder: string, options: ModelNames & TrainFolderOptions): Promise<TrainReport>
  models(): ModelInfo[]
  /** Downloads a model into the library's folder of models. @throws KithError not-found, invalid-input, model-missing, model-damaged, no-space */
  fetchModel(
    id: string,
    options?: { signal?: AbortSignal; onProgress?(doneBytes: number, totalBytes: number | null): void },
  ): Promise<ModelInfo>
  close(): Promise<void>
}

export interface ModelNames {
  from?: string
  id?: string
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
      chooseDetector(options.detectorId, directories).id,
      (readLibraryEmbedder(libraryDirectory, directories) ?? chooseEmbedder(options.embedderId, directories)).id))
  return {
    verify(path, otherPath) {
      const vision = openVision()
      const { samePair, samePerson } = vision.embedder.thresholds
      const scale = { threshold: samePair, probabilityOf: (distance: number) => logistic(distance, samePerson) }
      return verifyPictures(vision, scale, path, otherPath)
    },
    async evaluate(folder, { embedderId, reportTarget, ...options } = {}) {
      const files = reportTarget ? await chooseEvaluationFiles(reportTarget) : null
      const vision = openVision(embedderId)
      const report = await evaluateFolder(
        { vision, thresholds: vision.embedder.thresholds }, folder, { ...options, withMap: files !== null })
      if (files) await writeEvaluationFiles(report, files, vision, options.signal)
      return report
    },
    align: (folder, out, rest) => alignFolder(openVision(), folder, out, { ...rest, sidePx: nn4Small2.input.sidePx }),
    train: async (folder, { from, id, ...rest }) => {
      const start = chooseEmbedder(from ?? 'nn4.small2', directories)
      if (start.network !== 'nn4.small2') throw new KithError('invalid-input', `${start.id} is another network than nn4.small2, the only one that can be trained here.`)
      const trained = { id: id ?? `nn4.small2.${plainName(folder)}`, modelsDirectory: join(libraryDirectory, 'models') }
      requireFreeId(trained.id, directories)
      return trainOnFolder({
        vision: openVision(), training: createTraining(log), workDirectory: join(libraryDirectory, 'training'), ...trained,
        alignment: start.alignment, sidePx: nn4Small2.input.sidePx,
        from: { id: start.id, path: locateModel(start, directories)!, thresholds: start.thresholds },
      }, folder, rest)
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

/** A name of letters, digits and hyphens for a folder's. */
function plainName(folder: string): string {
  return basename(folder).normalize('NFKD').replace(/[^a-zA-Z0-9]+/g, '-').replace(/^-|-$/g, '').toLowerCase().slice(0, 60) || 'trained'
}

/** @throws KithError invalid-input for what can't be a name, name-taken where there is a model of that name */
function requireFreeId(id: string, directories: readonly string[]): void {
  if (!ModelCard.shape.id.safeParse(id).success) {
    throw new KithError('invalid-input', `${id} can't be the name of a model: use letters, digits, dots, hyphens and underscores, 100 at the most.`)
  }
  const isKnown = modelRows.some((row) => row.id === id || row.alias === id)
  if (isKnown || directories.some((directory) => existsSync(join(directory, `${id}.json`)))) {
    throw new KithError('name-taken', `There is a model ${id} already. Choose another name with --name.`)
  }
}
