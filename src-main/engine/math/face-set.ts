/** Faces of known people, as the figures are measured on them. */

/** One face of each picture; those of a person one after the other, in the order of the pictures. */
export interface EvaluatedFace {
  person: number
  sizePx: number
  embedding: Float32Array
}

/** The same, packed: row i of `values` is the embedding of face i. */
export interface FaceSet {
  values: Float32Array
  dimension: number
  people: number[]
  sizesPx: number[]
}

/** Awaited now and then in long work, so that others get their turn; throws where the work is to stop. */
export type Pause = () => Promise<void>

/** Packs faces. @param faces one or more, their embeddings of equal length */
export function packFaces(faces: readonly EvaluatedFace[]): FaceSet {
  const dimension = faces[0].embedding.length
  const values = new Float32Array(faces.length * dimension)
  faces.forEach(({ embedding }, i) => values.set(embedding, i * dimension))
  return { values, dimension, people: faces.map(({ person }) => person), sizesPx: faces.map(({ sizePx }) => sizePx) }
}
