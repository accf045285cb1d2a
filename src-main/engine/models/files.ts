/** Where the models' files are, whether they are whole, and which models there are to choose from. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { ModelInfo, ModelRole } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { shippedModelsDirectory } from '../places.ts'
import { fingerprintOf, matches } from './checksum.ts'
import { buildFaceLandmark68 } from './face-landmark-68.ts'
import { buildFaceRecognition } from './face-recognition.ts'
import { findEmbedder, listTrainedModels, unknownModel } from './find-models.ts'
import { readNn4Small2Weights } from './network-weights.ts'
import { buildNn4Small2 } from './nn4-small2-graph.ts'
import { findModel, models, type DetectorRow, type EmbedderRow, type ModelOrigin, type ModelRow } from './registry.ts'
import { buildSsdMobilenet } from './ssd-mobilenet.ts'
import { readWeights } from './weights-manifest.ts'
import type { WeightMap } from './weights.ts'

export const defaultDetectorId = 'kith-detector.v1'
export const defaultEmbedderId = 'dlib-resnet'
/** Taken instead of the built-in detector wherever its file is. */
const preferredDetectorId = 'yunet'

/** Graphs of the models whose weights come as TensorFlow.js shards. */
const graphBuilders: Readonly<Record<string, (weights: WeightMap) => Uint8Array>> = {
  'ssd-mobilenet': buildSsdMobilenet,
  'landmarks-68': buildFaceLandmark68,
  'dlib-resnet': buildFaceRecognition,
}

/** Absolute path of the model's weights, or null where they are in none of the places. */
export function locateModel(row: ModelRow, directories: readonly string[]): string | null {
  const candidates = candidatePaths(row.origin, directories)
  return candidates.find((path) => existsSync(path)) ?? null
}

function candidatePaths(origin: ModelOrigin, directories: readonly string[]): string[] {
  switch (origin.kind) {
    case 'shipped': return [join(shippedModelsDirectory, origin.file)]
    case 'packaged': return [join(packageDirectory(origin.packageName), origin.file)]
    case 'fetched': return directories.map((directory) => join(directory, origin.file))
    case 'local': return [origin.path]
  }
}

function packageDirectory(name: string): string {
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))
}

/**
 * The model as an ONNX file in memory, its weights checked against their checksum.
 * @param directories folders that may hold fetched models
 * @throws KithError `model-missing`, `model-damaged`
 */
export async function loadModel(row: ModelRow, directories: readonly string[]): Promise<Uint8Array> {
  const path = locateModel(row, directories)
  if (!path) throw missing(row)
  if (!isWhole(row, path)) throw damaged(row, path)
  if (row.role === 'embedder' && row.network === 'nn4.small2') return buildNn4Small2(readNn4Small2Weights(path))
  if (row.origin.kind !== 'packaged') return readFileSync(path)
  const build = graphBuilders[row.id]
  if (!build) throw new Error(`There is no graph for the model ${row.id}`)
  return build(await readWeights(join(packageDirectory(row.origin.packageName), row.origin.manifest), dirname(path)))
}

/**
 * The detector to use: the one asked for, else the better one where its file is, else the built-in.
 * @throws KithError `invalid-input` for an unknown id, `model-missing`, `model-damaged`
 */
export function chooseDetector(id: string | undefined, directories: readonly string[]): DetectorRow {
  if (id !== undefined) {
    const row = findModel('detector', id)
    if (!row) throw unknownModel('detector', id)
    requireWhole(row, directories)
    return row
  }
  const preferred = findModel('detector', preferredDetectorId)
  const path = preferred && locateModel(preferred, directories)
  return path && isWhole(preferred, path) ? preferred : findModel('detector', defaultDetectorId)!
}

/**
 * The embedder to use: the one asked for, else the built-in.
 * @param name id, alias, id of a trained model in one of the folders, or path, as `findEmbedder` takes it
 * @throws KithError `invalid-input` for an unknown name, `model-missing`, `model-damaged`
 */
export function chooseEmbedder(name: string | undefined, directories: readonly string[]): EmbedderRow {
  if (name === undefined) return findModel('embedder', defaultEmbedderId)!
  const row = findEmbedder(name, directories)
  requireWhole(row, directories)
  return row
}

/** Every model with its state, trained ones among them; `inUseIds` are the models that the running engine uses. */
export function listModels(directories: readonly string[], inUseIds: readonly string[]): ModelInfo[] {
  const known = models.map((row) => describe(row, directories, inUseIds))
  const trained = listTrainedModels(directories)
    .filter(({ id }) => !models.some((row) => row.id === id))
    .map(({ id, row, problem }): ModelInfo => row ? describe(row, directories, inUseIds) : {
      id, role: 'embedder', description: problem, source: '', licence: '', sizeBytes: null, sha256: null, state: 'damaged', inUse: false,
    })
  return [...known, ...trained]
}

function describe(row: ModelRow, directories: readonly string[], inUseIds: readonly string[]): ModelInfo {
  const path = locateModel(row, directories)
  const whole = path !== null && isWhole(row, path)
  const known = row.checksum.algorithm === 'sha256' ? row.checksum.hex : null
  const found = whole && (known === null || row.bytes === null) ? fingerprintOf(path) : null
  return {
    id: row.id, role: row.role satisfies ModelRole, description: row.description, source: row.source, licence: row.licence,
    sizeBytes: row.bytes ?? found?.bytes ?? null, sha256: known ?? found?.hex ?? null,
    state: path === null ? 'absent' : !whole ? 'damaged' : ['fetched', 'local'].includes(row.origin.kind) ? 'installed' : 'built-in',
    inUse: whole && inUseIds.includes(row.id),
  }
}

function requireWhole(row: ModelRow, directories: readonly string[]): void {
  const path = locateModel(row, directories)
  if (!path) throw missing(row)
  if (!isWhole(row, path)) throw damaged(row, path)
}

function isWhole({ checksum, bytes }: ModelRow, path: string): boolean {
  const stats = statSync(path)
  if (stats.isDirectory()) return fingerprintOf(path).hex === checksum.hex
  return (bytes === null || stats.size === bytes) && matches(checksum, readFileSync(path))
}

function missing({ id, origin }: ModelRow): KithError {
  return new KithError('model-missing',
    origin.kind === 'fetched' ? `The model ${id} is not here. Fetch it with: kith models fetch ${id}`
      : origin.kind === 'local' ? `The model ${id} is not here: ${origin.path} is missing. Restore it, or choose another model.`
        : `The model ${id} is not where the installation should have put it. Install Kith again.`)
}

function damaged({ id, origin }: ModelRow, path: string): KithError {
  return new KithError('model-damaged',
    origin.kind === 'fetched' ? `${path} is not the model ${id}: its checksum differs. Delete the file and run: kith models fetch ${id}`
      : origin.kind === 'local' ? `${path} is not the model ${id}: its checksum differs from the card's. Restore it, or train the model again.`
        : `${path} is damaged: its checksum differs. Install Kith again.`)
}
