/** Named faces that look like somebody else, by the neighbours that are kept: nothing is searched, no thread is asked. */
import { setImmediate as pause } from 'node:timers/promises'
import type { MethodOutput } from '../../../src-shared/api.ts'
import type { FaceId, PersonId } from '../../../src-shared/domain.ts'
import { tightened } from '../math/decide.ts'
import { looksLikeAnother } from '../math/misfits.ts'
import { createEmbeddingStore } from '../store/embeddings.ts'
import { createFaceMapStore, type MappedFace } from '../store/face-maps.ts'
import { createJudgementStore } from '../store/judgements.ts'
import type { LibraryContext } from './context.ts'

type Doubt = MethodOutput<'faces.doubtful'>['faces'][number]

/** Lists that are looked at before others get their turn. */
const listsAtOnce = 4000
const facesAtOnce = 20_000

export function createDoubtful(context: LibraryContext) {
  const { db } = context.database
  const embeddings = createEmbeddingStore(db)
  const store = createFaceMapStore(db)
  const judgements = createJudgementStore(db)

  return async (): Promise<MethodOutput<'faces.doubtful'>> => {
    const { spaceId, thresholds } = context.embedder
    const { neighbourCount } = context.recognition
    const faces = new Map<number, MappedFace>()
    const namedOnPhoto = new Map<number, Set<number>>()
    let confirmed = 0
    for (const [at, face] of (await store.faces(spaceId)).entries()) {
      if (at % facesAtOnce === facesAtOnce - 1) await pause()
      if (face.personId === null) continue
      faces.set(face.id, face)
      const people = namedOnPhoto.get(face.photoId)
      if (people) people.add(face.personId)
      else namedOnPhoto.set(face.photoId, new Set([face.personId]))
      if (face.assignedBy === 'user') confirmed++
    }
    const refused = new Set(judgements.rejections().map(({ faceId, personId }) => `${faceId} ${personId}`))
    const limit = Math.max(thresholds.grouping.joinSingles, tightened(thresholds.suggest, confirmed, thresholds))
    const { faceIds, neighbourIds, distances } = await embeddings.readNeighbours(spaceId, neighbourCount)

    const byPair = new Map<string, Doubt[]>()
    for (const [row, faceId] of faceIds.entries()) {
      if (row % listsAtOnce === listsAtOnce - 1) await pause()
      const face = faces.get(faceId)
      if (!face) continue
      const near: { personId: number; distance: number }[] = []
      for (let at = row * neighbourCount; at < (row + 1) * neighbourCount; at++) {
        const other = faces.get(neighbourIds[at]!)
        if (other?.assignedBy === 'user') near.push({ personId: other.personId!, distance: distances[at]! })
      }
      const like = looksLikeAnother(face.personId!, near, limit, (otherId) =>
        namedOnPhoto.get(face.photoId)!.has(otherId) || refused.has(`${faceId} ${otherId}`))
      if (like === null) continue
      const doubt = { faceId: faceId as FaceId, personId: face.personId as PersonId, likePersonId: like as PersonId }
      const pair = `${face.personId} ${like}`
      const known = byPair.get(pair)
      if (known) known.push(doubt)
      else byPair.set(pair, [doubt])
    }
    return { faces: [...byPair.values()].sort((a, b) => b.length - a.length || a[0]!.faceId - b[0]!.faceId).flat() }
  }
}
