/** Whether another embedder does better on the faces that the user named. */
import { compareEmbedders as compareOn } from '../math/compare-embedders.ts'
import type { CompareEmbedders, EmbeddedSet } from '../ports.ts'

/** Rows one after the other. */
function pack({ embeddings }: EmbeddedSet): Float32Array {
  const dimension = embeddings[0]!.length
  const rows = new Float32Array(embeddings.length * dimension)
  embeddings.forEach((embedding, i) => rows.set(embedding, i * dimension))
  return rows
}

/**
 * The other one wins where it is surely better (math/compare-embedders.ts). Faces of fewer than two people, or none of whom has
 * two, say nothing: it does not win then.
 */
export const compareEmbedders: CompareEmbedders = (personIds, current, next) => {
  const people = new Set(personIds).size
  if (people < 2 || people === personIds.length) return { faces: personIds.length, people, wins: false, figures: [] }
  const comparison = compareOn({ people: personIds, current: pack(current), candidate: pack(next) }, { mostFaces: 700 })
  return {
    faces: comparison.faces,
    people: comparison.people,
    wins: comparison.verdict === 'candidate',
    figures: comparison.measures.map((measure) => ({ name: measure.name, current: measure.current, next: measure.candidate })),
  }
}
