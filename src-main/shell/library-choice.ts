/** Which directory becomes the library when a person chooses one. */
import { join } from 'node:path'

/** The database by which a library is known. */
const databaseFileName = 'kith.sqlite'

/**
 * @param chosen the directory that was chosen
 * @param entries the names in it
 * @param folderName for a library inside a directory that holds other things
 */
export function libraryDirectoryFor(chosen: string, entries: readonly string[], folderName: string): string {
  const isLibrary = entries.includes(databaseFileName)
  const isEmpty = entries.every((name) => name.startsWith('.'))
  return isLibrary || isEmpty ? chosen : join(chosen, folderName)
}
