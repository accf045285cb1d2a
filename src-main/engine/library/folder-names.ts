/** The names of directories that photos lie in, for somebody who begins to type one. */
import { setImmediate as pause } from 'node:timers/promises'
import type { MethodOutput, MethodParsedInput } from '../../../src-shared/api.ts'
import { createDirectoryStore } from '../store/directories.ts'
import type { LibraryContext } from './context.ts'
import { foldText } from './people.ts'

interface DirectoryName {
  name: string
  folded: string
  photos: number
}

/** So many rows are read at a time: what else waits for the database comes in between. */
const rowsAtATime = 2_000

/**
 * Answers `folders.complete`. All paths are read once, slice by slice, and what was read is answered from then on; after
 * a change it is read again behind an answer that may be a little old.
 */
export function createFolderNames(context: LibraryContext) {
  const store = createDirectoryStore(context.database.db)
  let names: DirectoryName[] | null = null
  let readAtVersion = 0
  let reading: Promise<DirectoryName[]> | null = null

  async function read(): Promise<DirectoryName[]> {
    readAtVersion = store.version()
    const roots = store.roots()
    const photosIn = new Map<string, number>()
    for (let after: number | null = 0; after !== null;) {
      const slice = store.slice(after, rowsAtATime)
      for (const { folderId, directory, photos } of slice.directories) {
        const root = roots.get(folderId)
        if (root === undefined) continue
        const path = `${root}/${directory}`
        photosIn.set(path, (photosIn.get(path) ?? 0) + photos)
      }
      after = slice.lastId
      await pause()
      // The library may be closed in between; nobody waits for the answer then.
      if (!context.database.db.open) return []
    }
    const byName = new Map<string, DirectoryName>()
    for (const [path, photos] of photosIn) {
      // A photo that lies in `home/home` is found by that name once.
      const above = new Map(path.split(/[\\/]/u).filter(Boolean).map((name) => [foldText(name), name]))
      for (const [folded, name] of above) {
        const known = byName.get(folded)
        if (known) known.photos += photos
        else byName.set(folded, { name, folded, photos })
      }
    }
    return [...byName.values()].sort((a, b) => b.photos - a.photos || (a.folded < b.folded ? -1 : 1))
  }

  return async ({ text, limit }: MethodParsedInput<'folders.complete'>): Promise<MethodOutput<'folders.complete'>> => {
    if (!reading && (names === null || readAtVersion !== store.version()))
      reading = read().then((fresh) => (names = fresh)).finally(() => { reading = null })
    const known = names ?? (await reading!)
    reading?.catch((error: unknown) => context.log(`the names of directories were not read: ${String(error)}`))
    const typed = foldText(text)
    const begin = known.filter(({ folded }) => folded.startsWith(typed))
    const inside = known.filter(({ folded }) => !folded.startsWith(typed) && folded.includes(` ${typed}`))
    return { folders: [...begin, ...inside].slice(0, limit).map(({ name, photos }) => ({ name, photos })) }
  }
}
