/** Folders that exports are written to: a folder may hold other things, and those are never touched. */
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { KithError } from '../../../src-shared/errors.ts'
import { requireWritable, toWriteError } from './whole-files.ts'

export interface ExportOptions {
  onProgress?(done: number, total: number): void
  signal?: AbortSignal
}

export interface ExportReport {
  /** Absolute. */
  directory: string
  /** Names of the files in it. */
  files: string[]
  faces: number
}

/** How a file begins that an earlier export has written. */
export interface Mark {
  file: string
  start: string
}

/**
 * Makes the folder where it is absent, and sees to it that no file is replaced but those of an earlier export.
 * @param files names that are going to be written
 * @throws KithError invalid-input where something else has one of the names, or nothing may be written
 */
export async function prepareExportFolder(directory: string, files: readonly string[], mark: Mark): Promise<void> {
  try {
    await mkdir(directory, { recursive: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new KithError('invalid-input', `${directory} is a file, not a folder. Choose another place.`)
    throw toWriteError(error, directory)
  }
  const heads = await Promise.all(files.map((file) => startOf(join(directory, file))))
  const isOurs = heads[files.indexOf(mark.file)]?.startsWith(mark.start) ?? false
  const there = files.filter((_, i) => heads[i] !== null)
  if (there.length > 0 && !isOurs) {
    throw new KithError('invalid-input', `${directory} holds ${there.join(', ')}, which Kith did not write. Choose another folder, or move ${there.length === 1 ? 'it' : 'them'} away.`)
  }
  for (const file of files) await requireWritable(join(directory, file))
}

/** The first bytes of a file, '' for what can't be read, null where there is nothing. */
async function startOf(path: string): Promise<string | null> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0)
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : ''
  }
}

/** Names and paths may hold anything: tabs, line breaks and other control characters become a space. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
}
