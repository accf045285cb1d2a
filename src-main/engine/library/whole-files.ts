/** Files for people and other programs, outside of the library: each is there whole or not at all. */
import { randomUUID } from 'node:crypto'
import { access, constants, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { KithError } from '../../../src-shared/errors.ts'

type Content = string | Uint8Array

export interface WholeFile {
  path: string
  content: Content | AsyncIterable<Content>
}

/**
 * Writes files beside their places, and when all are there moves them, the first one first; what was there before stays
 * until then.
 * @throws KithError no-space; invalid-input where nothing may be written there; what `content` throws
 */
export async function writeWholeFiles(files: readonly WholeFile[]): Promise<void> {
  const written: { path: string; temporaryPath: string }[] = []
  let inHand = files[0].path
  try {
    for (const { path, content } of files) {
      inHand = path
      const temporaryPath = `${path}.${randomUUID()}.tmp`
      const file = await open(temporaryPath, 'wx')
      written.push({ path, temporaryPath })
      try {
        if (typeof content === 'string' || content instanceof Uint8Array) await file.appendFile(content)
        else for await (const piece of content) await file.appendFile(piece)
        await file.sync()
      } finally {
        await file.close()
      }
    }
    for (const { path, temporaryPath } of written) {
      inHand = path
      await rename(temporaryPath, path)
    }
  } catch (error) {
    await Promise.all(written.map(({ temporaryPath }) => rm(temporaryPath, { force: true }).catch(() => {})))
    throw toWriteError(error, inHand)
  }
}

/** Writes one file. @throws as writeWholeFiles */
export async function writeWholeFile(path: string, content: WholeFile['content']): Promise<void> {
  await writeWholeFiles([{ path, content }])
}

/**
 * Says before long work that its result could not be kept.
 * @throws KithError invalid-input for a file in a folder that is absent or may not be written to
 */
export async function requireWritable(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK)
  } catch (error) {
    throw toWriteError(error, path)
  }
  if (await isDirectory(path)) throw new KithError('invalid-input', `${path} is a folder, not a file.`)
}

export async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false
}

/** What the file system says, as a person understands it; others pass through. */
export function toWriteError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code
  const because = { cause: error }
  switch (code) {
    case 'ENOSPC': case 'EDQUOT':
      return new KithError('no-space', `The disk is full, so ${path} was not written. Make room and try again.`, undefined, because)
    case 'ENOENT': case 'ENOTDIR':
      return new KithError('invalid-input', `${path} can't be written: the folder ${dirname(path)} is not there. Make it first, or choose another place.`, undefined, because)
    case 'EACCES': case 'EPERM': case 'EROFS':
      return new KithError('invalid-input', `${path} can't be written: ${dirname(path)} may not be written to. Choose another place.`, undefined, because)
    default:
      return error
  }
}
