/**
 * Models that somebody has trained: two files in a folder of models, the weights `<id>.safetensors` and the card `<id>.json`
 * that says what they are.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { KithError } from '../../../src-shared/errors.ts'
import { faceAlignments } from '../math/align.ts'
import type { RecognitionThresholds } from '../math/thresholds.ts'
import { sha256 } from './checksum.ts'
import { requireNn4Small2 } from './network-weights.ts'
import { findModel } from './registry.ts'
import { encodeSafetensors } from './safetensors.ts'
import type { WeightMap } from './weights.ts'

const distance = z.number().nonnegative()
const logistic = z.object({ slope: z.number(), offset: z.number() })
const thresholds: z.ZodType<RecognitionThresholds> = z.object({
  autoName: distance,
  suggest: distance,
  loose: distance,
  samePair: distance,
  margin: distance,
  freeComparisons: z.number().positive(),
  tightenPerTenfold: distance,
  autoNameProbability: z.number().min(0).max(1),
  svmFromFaces: z.int().positive(),
  svmCost: z.number().positive(),
  svmCurve: logistic,
  minimumNamedPx: z.number().nonnegative(),
  minimumSuggestedPx: z.number().nonnegative(),
  samePerson: logistic,
  grouping: z.object({ mergeAtMost: distance, leaveAbove: distance, sameShot: distance, joinSingles: distance, joinLarge: distance }),
})

/** The card of a trained embedder. */
export const ModelCard = z.object({
  /** Also the name of its files; embeddings carry it. */
  id: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,99}$/, 'letters, digits, dots, hyphens and underscores'),
  role: z.literal('embedder'),
  network: z.literal('nn4.small2'),
  /** Of the file of weights, in hexadecimal digits. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits'),
  bytes: z.int().positive(),
  alignment: z.enum(faceAlignments),
  /** One sentence for people. */
  description: z.string(),
  licence: z.string(),
  createdAt: z.iso.datetime(),
  thresholds,
  /** How it was trained: options, data, figures. */
  training: z.record(z.string(), z.unknown()),
})
export type ModelCard = z.infer<typeof ModelCard>

/** Name of the file of weights beside a card. */
export const weightsFileOf = (cardPath: string): string => join(dirname(cardPath), `${basename(cardPath, '.json')}.safetensors`)

/** @throws KithError `model-damaged` that names the card and what is wrong with it */
export function readModelCard(path: string): ModelCard {
  try {
    const card = ModelCard.parse(JSON.parse(readFileSync(path, 'utf8')))
    if (`${card.id}.json` !== basename(path)) throw new Error(`it is the card of ${card.id}, which belongs into ${card.id}.json`)
    return card
  } catch (error) {
    const detail = error instanceof z.ZodError
      ? error.issues.map(({ path: field, message }) => `${field.join('.') || 'the whole'}: ${message}`).join('; ')
      : error instanceof Error ? error.message : String(error)
    throw new KithError('model-damaged',
      `The model card ${path} can't be used: ${detail}. Restore it, or train the model again with: kith train`, undefined, { cause: error })
  }
}

/**
 * Writes a card to `<directory>/<id>.json`, whole or not at all.
 * @returns path of the card
 * @throws KithError `no-space`, `library-read-only`
 */
export function writeModelCard(directory: string, card: ModelCard): string {
  const path = join(directory, `${card.id}.json`)
  writeWhole(path, new TextEncoder().encode(`${JSON.stringify(ModelCard.parse(card), null, 2)}\n`))
  return path
}

/**
 * Writes a trained model: first its weights, then the card that makes it a model. A model of that id is replaced.
 * @param weights named and shaped as `tensorShapes(describeNn4Small2())` says, 32-bit floats
 * @returns the card with the checksum and size of the weights
 * @throws KithError `no-space`, `library-read-only`; `invalid-input` for weights that are not those of nn4.small2,
 *   such as NaN, and for the id of a model that Kith knows
 */
export function writeTrainedModel(directory: string, card: Omit<ModelCard, 'sha256' | 'bytes'>, weights: WeightMap): ModelCard {
  if (findModel('embedder', card.id)) throw new KithError('invalid-input', `The name ${card.id} belongs to a model that comes with Kith. Choose another one.`)
  try {
    requireNn4Small2(weights)
  } catch (error) {
    throw new KithError('invalid-input', `The model ${card.id} was not written: ${(error as Error).message}.`, undefined, { cause: error })
  }
  const bytes = encodeSafetensors(weights, { name: card.id, network: card.network, licence: card.licence, createdAt: card.createdAt })
  const complete = ModelCard.parse({ ...card, sha256: sha256(bytes), bytes: bytes.length })
  writeWhole(join(directory, `${card.id}.safetensors`), bytes)
  writeModelCard(directory, complete)
  return complete
}

/** To a file beside it that then takes its name, so that nobody ever reads half of it. */
export function writeWhole(path: string, bytes: Uint8Array): void {
  const partPath = `${path}.part`
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(partPath, bytes, { flush: true })
    renameSync(partPath, path)
  } catch (error) {
    rmSync(partPath, { force: true })
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOSPC') throw new KithError('no-space', `There is no room for ${path} (${bytes.length} bytes). Make room and try again.`)
    if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
      throw new KithError('library-read-only', `${path} can't be written: the folder is read-only.`)
    }
    throw error
  }
}
