/** Thumbnails and face crops as files named by their content: `images/ab/<sha256>.jpg`. All of them can be made again. */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { KithError } from '../../../src-shared/errors.ts'
import { libraryAway, toLibraryError } from './database.ts'

const errorCodeOf = (error: unknown) => (error as NodeJS.ErrnoException).code

const kept = 'Names and faces are kept, and photos that were not looked at wait.'

/** As toLibraryError, with the folder that lacks room or can't be written to. */
function toImageError(error: unknown, libraryDirectory: string): unknown {
  const known = toLibraryError(error, libraryDirectory)
  const directory = join(libraryDirectory, 'images')
  const code = known instanceof KithError ? known.code : errorCodeOf(error)
  if (code === 'no-space')
    return new KithError('no-space', `The disk is full: no thumbnail can be kept in ${directory}. Make room there, then index again. ${kept}`, undefined, { cause: error })
  if (code === 'library-read-only' || code === 'ENOTDIR' || code === 'EEXIST')
    return new KithError('library-read-only', `No thumbnail can be kept in ${directory}: it can't be written to. See to its permissions, then index again. ${kept}`, undefined, { cause: error })
  // The folder above is gone: nothing is made in its stead.
  return code === 'ENOENT' ? libraryAway(libraryDirectory, error) : known
}

/** Makes a folder; its parent must be there. */
async function makeFolder(path: string): Promise<void> {
  await mkdir(path).catch(async (error: unknown) => {
    if (errorCodeOf(error) !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error
  })
}

export function createImageStore(libraryDirectory: string) {
  let temporaryFiles = 0
  const pathOf = (hash: string) => join(libraryDirectory, 'images', hash.slice(0, 2), `${hash}.jpg`)

  return {
    /**
     * Keeps a JPEG; the file is there whole or not at all.
     * @returns its SHA-256, hex, which is its name
     * @throws KithError no-space, library-read-only, library-away
     */
    async put(jpeg: Uint8Array): Promise<string> {
      const hash = createHash('sha256').update(jpeg).digest('hex')
      const path = pathOf(hash)
      const there = await stat(path).catch(() => null)
      if (there?.size === jpeg.byteLength) return hash
      const temporaryPath = `${path}.${process.pid}-${++temporaryFiles}.tmp`
      try {
        try {
          await writeFile(temporaryPath, jpeg)
        } catch (error) {
          if (errorCodeOf(error) !== 'ENOENT') throw error
          await makeFolder(join(libraryDirectory, 'images'))
          await makeFolder(dirname(path))
          await writeFile(temporaryPath, jpeg)
        }
        await rename(temporaryPath, path)
      } catch (error) {
        await rm(temporaryPath, { force: true }).catch(() => {})
        throw toImageError(error, libraryDirectory)
      }
      return hash
    },

    /** Where the JPEG of that name lies, if it is there. */
    pathOf,

    /** The JPEG of that name, or null where it is absent or was cut short by a power failure. */
    async read(hash: string): Promise<Uint8Array | null> {
      const jpeg = await readFile(pathOf(hash)).catch(() => null)
      return jpeg && jpeg.byteLength > 0 ? jpeg : null
    },
  }
}
export type ImageStore = ReturnType<typeof createImageStore>
