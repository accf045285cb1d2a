/** Which parts an engine is put together from: models, their folders, and recognition for an embedder. */
import { join, resolve } from 'node:path'
import type { RecognitionThresholds } from './math/thresholds.ts'
import { findModel, models } from './models/registry.ts'
import type { RecognitionPort } from './ports.ts'
import { createRecognition } from './recognition/recognition.ts'

/** Compiled from math/kernel; without it distances are measured in plain code, several times slower. */
export const kernelFile = resolve(import.meta.dirname, '../../out/kernel/distances.wasm')

/** Where models may lie: the folders that were named, then the library's own. */
export function allModelsDirectories(options: { libraryDirectory: string; modelsDirectories: readonly string[] }): string[] {
  return [...options.modelsDirectories, join(options.libraryDirectory, 'models')]
}

/** The ids of the models that work together with this detector and embedder. */
export function modelsInUse(detectorId: string, embedderId: string): string[] {
  return [detectorId, embedderId, ...models.filter(({ role }) => role === 'landmarks').map(({ id }) => id)]
}

/** What distances of an embedder mean. @throws Error for an id that is no embedder's */
export function thresholdsOf(embedderId: string): RecognitionThresholds {
  const row = findModel('embedder', embedderId)
  if (!row) throw new Error(`There is no embedder called ${embedderId}`)
  return row.thresholds
}

/** Starts the recognition thread for an embedder's vectors. */
export function openRecognition(embedderId: string, log: (message: string) => void): RecognitionPort {
  const { dimension } = findModel('embedder', embedderId)!
  return createRecognition({ thresholds: thresholdsOf(embedderId), dimension, kernelFile, log })
}
