/** Which parts an engine is put together from: models, their folders, and recognition for an embedder. */
import { join } from 'node:path'
import { models, type EmbedderRow } from './models/registry.ts'
import { kernelFile } from './places.ts'
import type { RecognitionPort } from './ports.ts'
import { createRecognition } from './recognition/recognition.ts'

/** Where models may lie: the folders that were named, then the library's own. */
export function allModelsDirectories(options: { libraryDirectory: string; modelsDirectories: readonly string[] }): string[] {
  return [...options.modelsDirectories, join(options.libraryDirectory, 'models')]
}

/** The ids of the models that work together with this detector and embedder. */
export function modelsInUse(detectorId: string, embedderId: string): string[] {
  return [detectorId, embedderId, ...models.filter(({ role }) => role === 'landmarks').map(({ id }) => id)]
}

/** Starts the recognition thread for an embedder's vectors. */
export function openRecognition({ thresholds, dimension }: EmbedderRow, log: (message: string) => void): RecognitionPort {
  return createRecognition({ thresholds, dimension, kernelFile, log })
}
