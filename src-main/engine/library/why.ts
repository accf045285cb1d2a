/** Why a name is suggested: the confirmed faces of that person that are nearest to a face. */
import type { FaceCloseness, MethodOutput, MethodParsedInput } from '../../../src-shared/api.ts'
import type { FaceId } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import type { RecognitionThresholds } from '../math/thresholds.ts'
import { RecognitionStoppedError, type FaceDistance } from '../ports.ts'
import { createFacesStore } from '../store/faces.ts'
import { createPeopleStore } from '../store/people.ts'
import type { LibraryContext } from './context.ts'

const neighbourLimit = 3

/** A distance in words, by what the embedder's thresholds say of it. */
export function closenessOf(distance: number, { grouping, autoName, suggest, loose }: RecognitionThresholds): FaceCloseness {
  if (distance <= grouping.joinSingles) return 'very-close'
  if (distance <= autoName) return 'close'
  if (distance <= suggest) return 'alike'
  return distance <= loose ? 'a-little-alike' : 'hardly-alike'
}

/** @param ready waits until recognition has all faces */
export function createWhy(context: LibraryContext, ready: () => Promise<void>) {
  const faces = createFacesStore(context.database.db)
  const people = createPeopleStore(context.database.db)

  async function nearest(faceId: number, among: readonly number[]): Promise<FaceDistance[] | null> {
    try {
      return await context.recognition.nearest(faceId, Int32Array.from(among), neighbourLimit)
    } catch (error) {
      if (error instanceof RecognitionStoppedError) return null
      throw error
    }
  }

  /** @throws KithError not-found */
  return async ({ faceId, personId }: MethodParsedInput<'faces.why'>): Promise<MethodOutput<'faces.why'>> => {
    if (faces.byIds([faceId]).length === 0)
      throw new KithError('not-found', `Face ${faceId} is not in the library any more. Look at the photo again.`)
    if (!people.row(personId))
      throw new KithError('not-found', `Person ${personId} is not in the library any more. Choose from the people again.`)
    const among = faces.confirmedIds(personId, context.embedder.thresholds.minimumSuggestedPx)
    let found = await nearest(faceId, among)
    if (!found) {
      await ready()
      found = await nearest(faceId, among)
    }
    const known = new Map(faces.byIds((found ?? []).map((one) => one.faceId)).map((face) => [face.id, face]))
    return {
      confirmed: among.length,
      neighbours: (found ?? []).flatMap(({ faceId: id, distance }) => {
        const face = known.get(id as FaceId)
        if (!face) return []
        return [{ faceId: face.id, photoId: face.photoId, distance, closeness: closenessOf(distance, context.embedder.thresholds), takenAt: face.takenAt }]
      }),
    }
  }
}
