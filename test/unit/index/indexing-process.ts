/** Indexes a folder and tells its parent how far it is: `node indexing-process.ts LIBRARY FOLDER`. */
import { createTestVision, openRealLibrary } from './real-library.ts'

const [libraryDirectory, folder] = process.argv.slice(2) as [string, string]
process.on('disconnect', () => process.exit(1))
const library = openRealLibrary(libraryDirectory, createTestVision())
await library.indexer.addFolder(folder)
await library.indexer.runToEnd({
  onProgress: ({ state, done }) => void (state === 'indexing' && process.send!({ done })),
})
process.exit(0)
