/** Whether one decision can be taken back while a later one stands, and what its opposite is. */
import type { Changes } from './changes.ts'
import type { PersonRow } from './people.ts'

/** Every person that the faces or refusals of a decision speak of. */
function peopleSpokenOf({ faces, rejections }: Changes): Set<number> {
  const ids = faces.flatMap(({ before, after }) => [before.personId, after.personId, before.suggestedPersonId, after.suggestedPersonId])
  return new Set([...ids.filter((id) => id !== null), ...rejections.map(({ personId }) => personId)])
}

const facesOf = ({ faces, rejections, looks = [] }: Changes) =>
  new Set([...faces.flatMap(({ ids }) => ids), ...rejections.map(({ faceId }) => faceId), ...looks.map(({ faceId }) => faceId)])

/** People who came to be or were taken away. */
const comeOrGone = ({ people }: Changes) =>
  new Set(people.filter(({ before, after }) => before === null || after === null).map(({ id }) => id))

/** People whose name changed, or who came or went; a cover follows the faces and stands in nobody's way. */
const named = ({ people }: Changes) => new Set(people.filter(({ before, after }) => before?.name !== after?.name).map(({ id }) => id))

/** Names that were taken or given up: nobody can have one back that another has taken since. */
const namesMoved = ({ people }: Changes) =>
  new Set(people.filter(({ before, after }) => before?.nameKey !== after?.nameKey)
    .flatMap(({ before, after }) => [before?.nameKey, after?.nameKey].filter((key) => key !== undefined)))

const overlap = <T>(a: ReadonlySet<T>, b: ReadonlySet<T>) => [...a].some((id) => b.has(id))

/**
 * Whether a decision can't be taken back because of a later one: both changed a face, a refusal of a face or a name, or moved
 * the same name, or one needs a person that the other made or took away.
 */
export function standsInTheWay(later: Changes, earlier: Changes): boolean {
  return (
    overlap(facesOf(later), facesOf(earlier)) || overlap(named(later), named(earlier)) ||
    overlap(namesMoved(later), namesMoved(earlier)) || overlap(comeOrGone(earlier), peopleSpokenOf(later)) ||
    overlap(comeOrGone(later), new Set([...peopleSpokenOf(earlier), ...earlier.people.map(({ id }) => id)]))
  )
}

/** Everybody whose row, or whose faces, changes write. */
export function peopleConcerned({ faces, people }: Changes): Set<number> {
  const ids = faces.flatMap(({ before, after }) => [before.personId, after.personId]).filter((id) => id !== null)
  return new Set([...ids, ...people.map(({ id }) => id)])
}

/**
 * What puts back what the changes did, and leaves what was changed of a person since.
 * @param personNow the person as they are now, or null
 */
export function oppositeOf({ faces, people, rejections, looks }: Changes, personNow: (personId: number) => PersonRow | null): Changes {
  return {
    faces: faces.map(({ before, after, ids }) => ({ before: after, after: before, ids })),
    people: people.map(({ id, before, after }) => {
      const now = personNow(id)
      if (!before || !after || !now) return { id, before: now, after: before }
      const name = before.name === after.name ? {} : { name: before.name, nameKey: before.nameKey }
      const cover = now.coverFaceId === after.coverFaceId ? { coverFaceId: before.coverFaceId } : {}
      return { id, before: now, after: { ...now, ...name, ...cover } }
    }),
    rejections: rejections.map(({ faceId, personId, before, after }) => ({ faceId, personId, before: after, after: before })),
    ...(looks ? { looks: looks.map(({ before, after, ...look }) => ({ ...look, before: after, after: before })) } : {}),
  }
}
