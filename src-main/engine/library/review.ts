/** What waits for an answer: single faces with the people they may be, groups of faces, and faces by filter. */
import type { MethodOutput, MethodParsedInput, ReviewItem } from '../../../src-shared/api.ts'
import type { PersonId, Suggestion } from '../../../src-shared/domain.ts'
import type { Candidate } from '../ports.ts'
import { createClustersStore } from '../store/clusters.ts'
import { createFacesStore } from '../store/faces.ts'
import { createPeopleStore } from '../store/people.ts'
import { createReviewStore } from '../store/review.ts'
import type { LibraryContext } from './context.ts'

/** As many as there are number keys. */
const candidateLimit = 9

export function createReview(context: LibraryContext) {
  const { db } = context.database
  const faces = createFacesStore(db)
  const people = createPeopleStore(db)
  const clusters = createClustersStore(db)
  const queue = createReviewStore(db)

  /** Recognition may not have learnt anything yet, or be starting anew: then there is the stored suggestion alone. */
  const candidatesOf = async (faceIds: readonly number[], limit: number): Promise<Candidate[][]> => {
    try {
      return await context.recognition.candidates(Int32Array.from(faceIds), limit)
    } catch (error) {
      context.log(`review: no candidates: ${error instanceof Error ? error.message : String(error)}`)
      return []
    }
  }

  /** The faces as they are asked about: with the people they may be, without those refused for them. */
  const itemsOf = async (faceIds: readonly number[]): Promise<ReviewItem[]> => {
    if (faceIds.length === 0) return []
    const rejected = new Map(faceIds.map((faceId) => [faceId, new Set(faces.rejectedPeople(faceId))]))
    const mostRejected = Math.max(...[...rejected.values()].map(({ size }) => size))
    const candidates = await candidatesOf(faceIds, candidateLimit + mostRejected)
    const names = people.namesOf(candidates.flatMap((some) => some.map(({ personId }) => personId)))
    const place = new Map(faceIds.map((faceId, index) => [faceId, index]))
    return faces.byIds(faceIds).map((face) => {
      const found = candidates[place.get(face.id)!] ?? []
      const refused = rejected.get(face.id)!
      const likely = found.flatMap(({ personId, probability, distance }): Suggestion[] => {
        const personName = names.get(personId)
        if (personName === undefined || refused.has(personId) || personId === face.suggestion?.personId) return []
        return [{ personId: personId as PersonId, personName, probability, distance }]
      })
      return { face, candidates: [...(face.suggestion ? [face.suggestion] : []), ...likely].slice(0, candidateLimit) }
    })
  }

  return {
    async list(input: MethodParsedInput<'review.list'>): Promise<MethodOutput<'review.list'>> {
      const { total, faceIds, nextCursor } = queue.list(input.personId, input.cursor, input.limit, input.except)
      return { total, items: await itemsOf(faceIds), nextCursor }
    },
    async items({ faceIds, personId }: MethodParsedInput<'review.items'>): Promise<MethodOutput<'review.items'>> {
      return { items: await itemsOf(queue.waiting(personId, faceIds)) }
    },
    faces: (input: MethodParsedInput<'faces.list'>): MethodOutput<'faces.list'> =>
      faces.list(input.filter, input.cursor, input.limit),
    clusters: (input: MethodParsedInput<'clusters.list'>): MethodOutput<'clusters.list'> =>
      clusters.list(input.cursor, input.limit, input.facesPerCluster),
  }
}
export type Review = ReturnType<typeof createReview>
