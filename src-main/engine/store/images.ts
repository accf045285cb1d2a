/** Thumbnails and face crops as files named by their content: `images/ab/<sha256>.jpg`. All of them can be made again. */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { toLibraryError } from './database.ts'

const errorCodeOf = (error: unknown) => (error as NodeJS.ErrnoException).code

export function createImageStore(libraryDirectory: string) {
  let temporaryFiles = 0
  const pathOf = (hash: string) => join(libraryDirectory, 'images', hash.slice(0, 2), `${hash}.jpg`)

  return {
    /**
     * Keeps a JPEG; the file is there whole or not at all.
     * @returns its SHA-256, hex, which is its name
     * @throws KithError no-space, library-read-only
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
          await mkdir(dirname(path), { recursive: true })
          await writeFile(temporaryPath, jpeg)
        }
        await rename(temporaryPath, path)
      } catch (error) {
        await rm(temporaryPath, { force: true }).catch(() => {})
        throw toLibraryError(error, libraryDirectory)
      }
      return hash
    },

    /** The JPEG of that name, or null where it is absent or was cut short by a power failure. */
    async read(hash: string): Promise<Uint8Array | null> {
      const jpeg = await readFile(pathOf(hash)).catch(() => null)
      return jpeg && jpeg.byteLength > 0 ? jpeg : null
    },
  }
}
export type ImageStore = ReturnType<typeof createImageStore>
