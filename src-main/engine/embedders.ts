/** Which embedder a library works with: by name, as it was kept, and as it is now. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { KithError } from '../../src-shared/errors.ts'
import { chooseEmbedder } from './models/files.ts'
import { listTrainedModels } from './models/find-models.ts'
import { findModel, type EmbedderRow } from './models/registry.ts'
import type { Embedder } from './ports.ts'
import { databaseFileName, openDatabase, type LibraryDatabase } from './store/database.ts'
import { createEmbedderStore, type StoredEmbedder } from './store/embedders.ts'

/** Weights that Kith knows go by their id. Others may be trained again under the same one, so theirs holds the fingerprint too. */
export function toEmbedder(row: EmbedderRow): Embedder {
  const isTrained = findModel('embedder', row.id)?.id !== row.id
  return { ...row, isTrained, spaceId: isTrained ? `${row.id}@${row.checksum.hex.slice(0, 12)}` : row.id }
}

/**
 * An embedder that a library was given before: as the registry or its card has it now, else as the library kept it. Its
 * weights may be gone.
 * @throws KithError model-missing where nobody knows it any more
 */
export function restoreEmbedder({ spaceId, description }: StoredEmbedder, directories: readonly string[]): Embedder {
  const known = findModel('embedder', spaceId)
  if (known) return toEmbedder(known)
  const trained = listTrainedModels(directories).flatMap(({ row }) => (row ? [toEmbedder(row)] : [])).find((row) => row.spaceId === spaceId)
  if (trained) return trained
  if (description === null)
    throw new KithError('model-missing', `The library works with the model ${spaceId}, which this Kith does not know. Update Kith.`)
  return JSON.parse(description) as Embedder
}

/** The embedder of that name. @throws KithError invalid-input, model-missing, model-damaged */
export const findLibraryEmbedder = (name: string | undefined, directories: readonly string[]): Embedder =>
  toEmbedder(chooseEmbedder(name, directories))

/** The embedder that the library works with; a library that had none, or whose model is known better now, is told. The database is closed where there is an error. */
export function openEmbedder(database: LibraryDatabase, asked: Embedder | null, directories: readonly string[]): Embedder {
  const store = createEmbedderStore(database.db)
  try {
    const stored = store.current()
    const embedder = stored ? restoreEmbedder(stored, directories) : (asked ?? findLibraryEmbedder(undefined, directories))
    const description = JSON.stringify(embedder)
    if (!database.readOnly && stored?.description !== description) store.setCurrent({ spaceId: embedder.spaceId, description })
    return embedder
  } catch (error) {
    database.close()
    throw error
  }
}

/** The embedder of the library in that folder; null where there is none, or it can't be read. */
export function readLibraryEmbedder(libraryDirectory: string, directories: readonly string[]): Embedder | null {
  if (!existsSync(join(libraryDirectory, databaseFileName))) return null
  try {
    const database = openDatabase(libraryDirectory, { readOnly: true })
    try {
      const stored = createEmbedderStore(database.db).current()
      return stored && restoreEmbedder(stored, directories)
    } finally {
      database.close()
    }
  } catch (error) {
    if (error instanceof KithError) return null
    throw error
  }
}
