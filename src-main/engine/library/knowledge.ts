/** What is known and what is open, as recognition learns from it. */
import type { Knowledge, KnowledgeChange, RecognitionPort } from '../ports.ts'
import { createEmbeddingStore } from '../store/embeddings.ts'
import { createJudgementStore, type FaceStanding, type JudgedFace } from '../store/judgements.ts'
import type { LibraryContext } from './context.ts'

const facesAtOnce = 4000

type Rejections = readonly { faceId: number; personId: number }[]

const rejectionRows = (rejections: Rejections) => ({
  rejectedFaceIds: Int32Array.from(rejections, ({ faceId }) => faceId),
  rejectedPersonIds: Int32Array.from(rejections, ({ personId }) => personId),
})

/** @param rejections names that the user refused */
export function knowledgeOf(faces: Iterable<JudgedFace>, rejections: Rejections): Knowledge {
  const labelled: JudgedFace[] = [], open: JudgedFace[] = []
  for (const face of faces) {
    if (face.standing === 'labelled') labelled.push(face)
    else if (face.standing === 'open') open.push(face)
  }
  return {
    labelledFaceIds: Int32Array.from(labelled, ({ id }) => id),
    labelledPersonIds: Int32Array.from(labelled, ({ personId }) => personId!),
    openFaceIds: Int32Array.from(open, ({ id }) => id),
    ...rejectionRows(rejections),
  }
}

/** @param faces what changed, as it is now @param rejections all that the user refused for these faces */
export function changeOf(faces: readonly JudgedFace[], rejections: Rejections): KnowledgeChange {
  const standings: Record<FaceStanding, (face: JudgedFace) => number> = {
    labelled: ({ personId }) => personId!, open: () => 0, closed: () => -1,
  }
  return {
    faceIds: Int32Array.from(faces, ({ id }) => id),
    personIds: Int32Array.from(faces, (face) => standings[face.standing](face)),
    ...rejectionRows(rejections),
  }
}

/** Teaches recognition all that the library knows, and writes nothing: for a library that is open for reading only. */
export async function teach(
  { database, embedder }: Pick<LibraryContext, 'database' | 'embedder'>, recognition: RecognitionPort,
): Promise<void> {
  const embeddings = createEmbeddingStore(database.db)
  const judgements = createJudgementStore(database.db)
  const rows = await embeddings.readAll(embedder.spaceId)
  const { faceIds, photoIds, sizesPx } = rows
  const taken = new Set(faceIds)
  await recognition.load({ faceIds, photoIds, sizesPx, embeddings: rows.embeddings }, await embeddings.readNeighbours(embedder.spaceId, recognition.neighbourCount))
  const faces: JudgedFace[] = []
  for (let some = judgements.page(0, facesAtOnce); some.length > 0; some = judgements.page(some.at(-1)!.id, facesAtOnce))
    faces.push(...some.filter(({ id }) => taken.has(id)))
  await recognition.know(knowledgeOf(faces, judgements.rejections()), true)
}
