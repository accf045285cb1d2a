/** The folders on a command line. */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Absolute paths of the folders that a command line names, in order; switches are left out. File managers hand over
 * file: addresses.
 * @param argv with the program's own name first
 * @param isPackaged from the sources the program's folder comes second
 */
export function foldersOf(argv: readonly string[], workingDirectory: string, isPackaged: boolean): string[] {
  const folders: string[] = []
  for (const argument of argv.slice(isPackaged ? 1 : 2)) {
    if (argument === '' || argument.startsWith('-')) continue
    if (!argument.startsWith('file:')) {
      folders.push(resolve(workingDirectory, argument))
      continue
    }
    try {
      folders.push(fileURLToPath(argument))
    } catch {
      // An address of another machine's file names nothing here.
    }
  }
  return folders
}

/** What a second start hands over to the first. */
export interface SecondStart {
  folders: string[]
}

/** @returns the folders of a second start, none where the value is something else */
export function foldersOfSecondStart(value: unknown): string[] {
  const folders = (value as Partial<SecondStart> | null)?.folders
  return Array.isArray(folders) ? folders.filter((folder) => typeof folder === 'string') : []
}
