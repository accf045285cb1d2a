/** Bystanders: which there are, and putting them aside in one step. The rule stands in bystanders.ts. */
import { setImmediate as pause } from 'node:timers/promises'
import type { Decision, MethodOutput, MethodParsedInput } from '../../../src-shared/api.ts'
import type { FaceId } from '../../../src-shared/domain.ts'
import { createBystanderStore } from '../store/bystanders.ts'
import { createKeptAnswers } from '../store/kept-answers.ts'
import { bystandersAmong, isSmallOrBlurred, type NearFace, type StrangersFace } from './bystanders.ts'
import type { LibraryContext } from './context.ts'
import type { Decisions } from './decisions.ts'

/** Faces read at a time, so that others get their turn. */
const facesAtOnce = 4000
/** As many as one decision may name. */
const mostAtOnce = 100_000

/** @param learnt waits until recognition knows every face and what was decided */
export function createFoldAway(context: LibraryContext, decisions: Pick<Decisions, 'foldAway'>, learnt: () => Promise<void>) {
  const store = createBystanderStore(context.database.db)
  const { recognition } = context

  async function neighboursOf(faces: readonly StrangersFace[]) {
    const { faceIds, neighbourIds, distances, limits } = await recognition.neighbours(Int32Array.from(faces, ({ id }) => id))
    const known = store.describe([...new Set(neighbourIds)])
    const near = new Map<number, NearFace[]>()
    faceIds.forEach((faceId, row) => {
      const first = row * recognition.neighbourCount
      const some: NearFace[] = []
      for (let at = first; at < first + recognition.neighbourCount; at++) {
        const other = known.get(neighbourIds[at])
        if (other) some.push({ ...other, distance: distances[at] })
      }
      near.set(faceId, some)
    })
    return { near, limits }
  }

  /** Every bystander there is now. */
  async function find(): Promise<StrangersFace[]> {
    if (!store.anyNamed()) return []
    const faces: StrangersFace[] = []
    for (let after = 0; ; ) {
      const { faces: some, lastId } = store.strangers(after, facesAtOnce)
      faces.push(...some.filter(isSmallOrBlurred))
      if (lastId === null) break
      after = lastId
      await pause()
    }
    if (faces.length === 0) return []
    const { near, limits } = await neighboursOf(faces)
    const sizes = store.clusterSizes()
    // Of a face that recognition does not know nobody can say whom it is near.
    const ids = new Set(bystandersAmong(faces.filter(({ id }) => near.has(id)), {
      neighbours: (faceId) => near.get(faceId)!,
      clusterSize: (clusterId) => sizes.get(clusterId) ?? 0,
      ...limits,
    }))
    return faces.filter(({ id }) => ids.has(id))
  }

  // Windows ask whenever People is shown, and finding out walks over every unnamed face.
  const findKept = createKeptAnswers(context.database.db)(find)

  return {
    async list(): Promise<MethodOutput<'faces.bystanders'>> {
      await learnt()
      const found = await findKept()
      const some = found.slice(0, mostAtOnce)
      return { total: found.length, photos: new Set(some.map(({ photoId }) => photoId)).size, faceIds: some.map(({ id }) => id as FaceId) }
    },
    /** Those of the faces that are bystanders still: somebody may have named one of them since they were shown. */
    async foldAway({ faceIds }: MethodParsedInput<'faces.foldAway'>): Promise<Decision> {
      await learnt()
      const still = new Set((await findKept()).map(({ id }) => id))
      return decisions.foldAway(faceIds.filter((id) => still.has(id)))
    },
  }
}
