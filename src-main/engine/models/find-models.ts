/** Models by their name: those that Kith knows, those that were trained, and files of weights. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { KithError } from '../../../src-shared/errors.ts'
import { fingerprintOf, matches } from './checksum.ts'
import { readNn4Small2Weights } from './network-weights.ts'
import { readModelCard, weightsFileOf, type ModelCard } from './model-card.ts'
import { findModel, models, nn4Small2, type EmbedderRow, type ModelRow } from './registry.ts'

/** A card that lies in a folder of models: its row, or why there is none. */
export type TrainedModel =
  | { readonly id: string; readonly row: EmbedderRow; readonly problem: null }
  | { readonly id: string; readonly row: null; readonly problem: string }

/** Every trained embedder in the folders, by id; of two with one id the first folder's counts. */
export function listTrainedModels(directories: readonly string[]): TrainedModel[] {
  const found = new Map<string, TrainedModel>()
  for (const directory of directories) {
    for (const name of namesIn(directory).filter((file) => file.endsWith('.json')).sort()) {
      const id = basename(name, '.json')
      if (!found.has(id)) found.set(id, readTrained(join(directory, name), id))
    }
  }
  return [...found.values()]
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    // A folder of models need not be there.
    return []
  }
}

function readTrained(cardPath: string, id: string): TrainedModel {
  try {
    return { id, row: rowOf(readModelCard(cardPath), weightsFileOf(cardPath)), problem: null }
  } catch (error) {
    if (!(error instanceof KithError)) throw error
    return { id, row: null, problem: error.message }
  }
}

function rowOf(card: ModelCard, path: string): EmbedderRow {
  const { id, description, licence, sha256, bytes, alignment, thresholds } = card
  return {
    ...nn4Small2,
    id, description, licence, bytes, alignment, thresholds,
    source: `Trained on ${card.createdAt.slice(0, 10)}; see ${join(dirname(path), `${id}.json`)}`,
    checksum: { algorithm: 'sha256', hex: sha256 },
    origin: { kind: 'local', path },
  }
}

/**
 * The embedder of that name: an id or alias that Kith knows, the id of a trained model in one of the folders, or the path of
 * a card, of a file of weights (.safetensors, .h5) or of a folder of CSV files.
 * @throws KithError `invalid-input` where there is none, `model-damaged` for a card that can't be read or weights of another network
 */
export function findEmbedder(name: string, directories: readonly string[]): EmbedderRow {
  const known = findModel('embedder', name)
  if (known) return known
  if (!/[\\/]/.test(name)) {
    const cardPath = directories.map((directory) => join(directory, `${name}.json`)).find((path) => existsSync(path))
    if (cardPath) return rowOf(readModelCard(cardPath), weightsFileOf(cardPath))
  }
  const path = resolve(name)
  if (existsSync(path)) return embedderFromPath(path)
  const trained = listTrainedModels(directories).map(({ id }) => id)
  throw unknownModel('embedder', name, trained)
}

/** @throws KithError `invalid-input` where there is none */
export function unknownModel(role: ModelRow['role'], name: string, furtherIds: readonly string[] = []): KithError {
  const known = [...models.filter((candidate) => candidate.role === role).map(({ id }) => id), ...furtherIds]
  return new KithError('invalid-input', `There is no ${role} called ${name}. There are: ${known.join(', ')}.`, { field: role })
}

/** Weights without a card get an id from their content, so that embeddings of two files never meet. */
function embedderFromPath(path: string): EmbedderRow {
  if (extname(path) === '.json') return rowOf(readModelCard(path), weightsFileOf(path))
  const cardPath = join(dirname(path), `${basename(path, extname(path))}.json`)
  if (extname(path) === '.safetensors' && existsSync(cardPath)) return rowOf(readModelCard(cardPath), path)
  const { hex, bytes } = fingerprintOf(path)
  const content = statSync(path).isDirectory() ? null : readFileSync(path)
  const known = content && models.find((row): row is EmbedderRow =>
    row.role === 'embedder' && row.network === 'nn4.small2' && matches(row.checksum, content))
  if (known) return { ...known, origin: { kind: 'local', path } }
  // Whoever asks for a file that is none hears of it now, not with the first photo.
  readNn4Small2Weights(path)
  return {
    ...nn4Small2,
    id: `nn4.small2.file-${hex.slice(0, 12)}`,
    description: `Weights of nn4.small2 from ${path}.`,
    source: path,
    licence: 'unknown',
    checksum: { algorithm: 'sha256', hex },
    bytes,
    origin: { kind: 'local', path },
  }
}
