/** What somebody looks at before two people become one, or one several. Nothing here changes anything. */
import type { MethodOutput, MethodParsedInput } from '../../../src-shared/api.ts'
import type { FaceId } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { createFacesStore } from '../store/faces.ts'
import { createPeopleStore } from '../store/people.ts'
import type { LibraryContext } from './context.ts'

/** By what the distances are multiplied at which faces are grouped, from the loosest to the closest. */
const closenessFactors = [1, 0.92, 0.84, 0.76, 0.68] as const

/** @param known waits until recognition has every face */
export function createRegrouping(context: LibraryContext, known: () => Promise<void>) {
  const faces = createFacesStore(context.database.db)
  const people = createPeopleStore(context.database.db)
  const { recognition } = context

  /** The faces of a person that can be seen. @throws KithError not-found */
  function shownFacesOf(personId: MethodParsedInput<'people.get'>['personId']): number[] {
    if (!people.row(personId)) throw new KithError('not-found', `Person ${personId} is not in the library any more. Choose from the people again.`)
    return faces.idsOf({ personId })
  }

  async function groupsAt(faceIds: readonly number[], closeness: number): Promise<{ groups: FaceId[][]; rest: FaceId[] }> {
    const grouped = await recognition.group(Int32Array.from(faceIds), closenessFactors[closeness])
    const groupOf = new Map(Array.from(grouped.faceIds, (faceId, i) => [faceId, grouped.group[i]!]))
    const byGroup = new Map<number, FaceId[]>()
    const rest: FaceId[] = []
    for (const faceId of faceIds as FaceId[]) {
      const group = groupOf.get(faceId) ?? 0
      const known = group === 0 ? rest : byGroup.get(group)
      if (known) known.push(faceId)
      else byGroup.set(group, [faceId])
    }
    return { groups: [...byGroup.values()].sort((a, b) => b.length - a.length || a[0]! - b[0]!), rest }
  }

  return {
    async compare({ personId, otherPersonId }: MethodParsedInput<'people.compare'>): Promise<MethodOutput<'people.compare'>> {
      const [some, others] = [shownFacesOf(personId), shownFacesOf(otherPersonId)]
      await known()
      const found = await recognition.compare(Int32Array.from(some), Int32Array.from(others))
      return {
        distance: found?.distance ?? null,
        likeness: found?.likeness ?? null,
        photosTogether: people.photosTogether(personId, otherPersonId),
      }
    },

    async splitPreview({ personId, closeness }: MethodParsedInput<'people.splitPreview'>): Promise<MethodOutput<'people.splitPreview'>> {
      const faceIds = shownFacesOf(personId)
      await known()
      const loosest = closeness ?? 0
      for (let level = loosest; ; level++) {
        const { groups, rest } = await groupsAt(faceIds, level)
        const isLast = closeness !== null || level === closenessFactors.length - 1
        if (groups.length > 1 || isLast) return { closeness: level, groups: groups.map((ids) => ({ faceIds: ids })), rest }
      }
    },
  }
}
