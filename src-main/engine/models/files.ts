/** Where the models' files are, whether they are whole, and which models there are to choose from. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import type { ModelInfo, ModelRole } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { buildFaceLandmark68 } from './face-landmark-68.ts'
import { buildFaceRecognition } from './face-recognition.ts'
import { findModel, models, type ModelRow } from './registry.ts'
import { buildSsdMobilenet } from './ssd-mobilenet.ts'
import { readWeights, type WeightMap } from './weights-manifest.ts'

const shippedDirectory = resolve(import.meta.dirname, '../../../resources/models')
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

/** Absolute path of the model's file of weights, or null where it is in none of the places. */
export function locateModel(row: ModelRow, directories: readonly string[]): string | null {
  const candidates = row.origin.kind === 'shipped' ? [join(shippedDirectory, row.origin.file)]
    : row.origin.kind === 'packaged' ? [join(packageDirectory(row.origin.packageName), row.origin.file)]
      : directories.map((directory) => join(directory, row.origin.file))
  return candidates.find((path) => existsSync(path)) ?? null
}

function packageDirectory(name: string): string {
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))
}

/** Hex SHA-256 of bytes. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * The model as an ONNX file in memory, its weights checked against their checksum.
 * @param directories folders that may hold fetched models
 * @throws KithError `model-missing`, `model-damaged`
 */
export async function loadModel(row: ModelRow, directories: readonly string[]): Promise<Uint8Array> {
  const path = locateModel(row, directories)
  if (!path) throw missing(row)
  const bytes = readFileSync(path)
  if (sha256(bytes) !== row.sha256) throw damaged(row, path)
  if (row.origin.kind !== 'packaged') return bytes
  const build = graphBuilders[row.id]
  if (!build) throw new Error(`There is no graph for the model ${row.id}`)
  return build(await readWeights(join(packageDirectory(row.origin.packageName), row.origin.manifest), dirname(path)))
}

/**
 * The detector and embedder to use: what was asked for, else the better detector where its file is, else the built-in.
 * @throws KithError `invalid-input` for an unknown id, `model-missing`, `model-damaged`
 */
export function chooseModel(role: 'detector' | 'embedder', id: string | undefined, directories: readonly string[]): string {
  if (id !== undefined) {
    const row = findModel(role, id)
    if (!row) {
      const known = models.filter((candidate) => candidate.role === role).map((candidate) => candidate.id).join(', ')
      throw new KithError('invalid-input', `There is no ${role} called ${id}. There are: ${known}.`, { field: role })
    }
    const path = locateModel(row, directories)
    if (!path) throw missing(row)
    if (!isWhole(row, path)) throw damaged(row, path)
    return id
  }
  if (role === 'embedder') return defaultEmbedderId
  const preferred = findModel('detector', preferredDetectorId)
  const path = preferred && locateModel(preferred, directories)
  return path && isWhole(preferred, path) ? preferredDetectorId : defaultDetectorId
}

/** Every model with its state; `inUseIds` are the models that the running engine uses. */
export function listModels(directories: readonly string[], inUseIds: readonly string[]): ModelInfo[] {
  return models.map((row) => {
    const path = locateModel(row, directories)
    const present = path !== null && isWhole(row, path)
    return {
      id: row.id, role: row.role satisfies ModelRole, description: row.description, source: row.source,
      licence: row.licence, sizeBytes: row.bytes, sha256: row.sha256,
      state: !present ? 'absent' : row.origin.kind === 'fetched' ? 'installed' : 'built-in',
      inUse: present && inUseIds.includes(row.id),
    }
  })
}

function isWhole(row: ModelRow, path: string): boolean {
  return sha256(readFileSync(path)) === row.sha256
}

function missing(row: ModelRow): KithError {
  return new KithError('model-missing', row.origin.kind === 'fetched'
    ? `The model ${row.id} is not here. Fetch it with: kith models fetch ${row.id}`
    : `The model ${row.id} is not where the installation should have put it. Install Kith again.`)
}

function damaged(row: ModelRow, path: string): KithError {
  return new KithError('model-damaged', row.origin.kind === 'fetched'
    ? `${path} is not the model ${row.id}: its checksum differs. Delete the file and run: kith models fetch ${row.id}`
    : `${path} is damaged: its checksum differs. Install Kith again.`)
}
