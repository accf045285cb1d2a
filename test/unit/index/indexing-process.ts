/** Indexes a folder and tells its parent how far it is: `node indexing-process.ts LIBRARY FOLDER [MODEL]`. */
import { createTestVision, openRealLibrary } from './real-library.ts'

const [libraryDirectory, folder, model] = process.argv.slice(2) as [string, string, string | undefined]
process.on('disconnect', () => process.exit(1))
const library = openRealLibrary(libraryDirectory, createTestVision())
await library.indexer.addFolder(folder)
await library.indexer.runToEnd({
  model: model === undefined ? null : { name: model, force: false },
  onProgress: ({ state, done }) => void (['embedding', 'indexing'].includes(state) && process.send!({ state, done })),
})
process.exit(0)
