/** What is known and what is open, as recognition learns from it. */
import type { Knowledge, RecognitionPort } from '../ports.ts'
import { createEmbeddingStore } from '../store/embeddings.ts'
import { createJudgementStore, type JudgedFace } from '../store/judgements.ts'
import type { LibraryContext } from './context.ts'

const facesAtOnce = 4000

/** @param rejections names that the user refused */
export function knowledgeOf(faces: readonly JudgedFace[], rejections: readonly { faceId: number; personId: number }[]): Knowledge {
  const labelled = faces.filter(({ standing }) => standing === 'labelled')
  const open = faces.filter(({ standing }) => standing === 'open')
  return {
    labelledFaceIds: Int32Array.from(labelled, ({ id }) => id),
    labelledPersonIds: Int32Array.from(labelled, ({ personId }) => personId!),
    openFaceIds: Int32Array.from(open, ({ id }) => id),
    rejectedFaceIds: Int32Array.from(rejections, ({ faceId }) => faceId),
    rejectedPersonIds: Int32Array.from(rejections, ({ personId }) => personId),
  }
}

/** Teaches recognition all that the library knows, and writes nothing: for a library that is open for reading only. */
export async function teach({ database, vision }: LibraryContext, recognition: RecognitionPort): Promise<void> {
  const embeddings = createEmbeddingStore(database.db)
  const judgements = createJudgementStore(database.db)
  const rows = await embeddings.readAll(vision.embedderId)
  const { faceIds, photoIds, sizesPx } = rows
  await recognition.load({ faceIds, photoIds, sizesPx, embeddings: rows.embeddings }, await embeddings.readNeighbours(vision.embedderId, recognition.neighbourCount))
  const taken = new Set(faceIds)
  const faces: JudgedFace[] = []
  for (let some = judgements.page(0, facesAtOnce); some.length > 0; some = judgements.page(some.at(-1)!.id, facesAtOnce))
    faces.push(...some.filter(({ id }) => taken.has(id)))
  await recognition.judge(knowledgeOf(faces, judgements.rejections()))
}
