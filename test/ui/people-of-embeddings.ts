/** Libraries with generated embeddings under the embedder that Kith starts with: recognition works, and there is no picture. */
import { mkdirSync } from 'node:fs'
import { generateFaces } from '../fixtures/embeddings.ts'
import { createTestLibrary, type TestFace, type TestLibrary } from '../fixtures/library.ts'

const embedderId = 'dlib-resnet'
const dimension = 128
const generated = generateFaces(1500, { seed: 5, meanFaces: 30 })

/** Rows of the generated faces of somebody, those with most faces first. */
const rowsByPerson = [...Map.groupBy(generated.people.keys(), (row) => generated.people[row]).values()]
  .map((rows) => [...rows])
  .sort((a, b) => b.length - a.length)

export interface PeopleLibrary {
  library: TestLibrary
  /** Adds `count` more faces of the somebody of this rank, each on a photo of its own. */
  addFaces(rank: number, count: number, face?: TestFace): number[]
}

/** Makes the library in `directory`; `fill` puts people into it. */
export function makePeopleLibrary(directory: string, fill: (people: PeopleLibrary) => void): void {
  mkdirSync(directory, { recursive: true })
  const library = createTestLibrary({ directory })
  const writeEmbedding = library.db.prepare('INSERT INTO face_embeddings (face_id, model_id, vector) VALUES (?, ?, ?)')
  const used = new Map<number, number>()
  const addFaces = (rank: number, count: number, face: TestFace = {}) => {
    const first = used.get(rank) ?? 0
    const rows = rowsByPerson[rank]!.slice(first, first + count)
    if (rows.length < count) throw new Error(`Nobody of rank ${rank} has ${first + count} faces`)
    used.set(rank, first + count)
    return rows.map((row) => {
      const id = library.addFace(face)
      const embedding = generated.embeddings.slice(row * dimension, (row + 1) * dimension)
      writeEmbedding.run(id, embedderId, Buffer.from(embedding.buffer))
      return id
    })
  }
  library.db.transaction(() => {
    fill({ library, addFaces })
    library.refreshCounts()
  })()
  library.close()
}
