/** What a round of judging and grouping changes: verdicts beside what stands, and numbers for groups that keep theirs. */
import type { Judgement } from '../ports.ts'
import type { FaceVerdict, JudgedFace } from '../store/judgements.ts'

/** Smaller changes of a suggestion are not worth a write: they come with every new name somewhere else. */
const probabilityStep = 0.005
const distanceStep = 0.001

/**
 * Numbers for groups: each keeps the number that most of its faces have, where no other group has more of them; the rest
 * get new ones. So a group that a person looks at is still the same after faces came or went.
 * @param groupOf faces in groups; the group's number is of this round alone
 * @param clusterIdOf the number that a face has now
 */
export function clusterIdsOf(
  groupOf: ReadonlyMap<number, number>, clusterIdOf: (faceId: number) => number | null, lastClusterId: number,
): { clusterIdOfGroup: Map<number, number>; lastClusterId: number } {
  const sharedBy = new Map<number, Map<number, { group: number; clusterId: number; faces: number }>>()
  for (const [faceId, group] of groupOf) {
    const clusterId = clusterIdOf(faceId)
    if (clusterId === null) continue
    let shared = sharedBy.get(group)
    if (!shared) sharedBy.set(group, (shared = new Map()))
    const entry = shared.get(clusterId)
    if (entry) entry.faces++
    else shared.set(clusterId, { group, clusterId, faces: 1 })
  }
  const clusterIdOfGroup = new Map<number, number>()
  const used = new Set<number>()
  const order = [...sharedBy.values()].flatMap((shared) => [...shared.values()]).sort((a, b) => b.faces - a.faces || a.clusterId - b.clusterId || a.group - b.group)
  for (const { group, clusterId } of order) {
    if (clusterIdOfGroup.has(group) || used.has(clusterId)) continue
    clusterIdOfGroup.set(group, clusterId)
    used.add(clusterId)
  }
  let last = lastClusterId
  for (const group of groupOf.values()) if (!clusterIdOfGroup.has(group)) clusterIdOfGroup.set(group, ++last)
  return { clusterIdOfGroup, lastClusterId: last }
}

const isNear = (a: number | null, b: number | null, step: number) =>
  a === b || (a !== null && b !== null && Math.abs(a - b) < step)

/**
 * The verdicts on judged faces that differ from what stands. Faces that the user named are left out; closed ones lose their
 * cluster and suggestion and keep the rest. A face that gets a name leaves its cluster; the others stay in theirs.
 * @param judgements on open faces; none: unknown
 */
export function verdictsOf(faces: Iterable<JudgedFace>, judgements: ReadonlyMap<number, Judgement>): FaceVerdict[] {
  const verdicts: FaceVerdict[] = []
  for (const face of faces) {
    if (face.standing === 'labelled') continue
    const judgement = face.standing === 'open' ? judgements.get(face.id) : undefined
    const isNamed = judgement?.verdict === 'name'
    const personId = face.standing === 'closed' ? face.personId : isNamed ? judgement.personId : null
    const suggestion = judgement?.verdict === 'suggest' ? judgement : null
    const verdict: FaceVerdict = {
      faceId: face.id,
      photoId: face.photoId,
      personId,
      clusterId: face.standing === 'open' && !isNamed ? face.clusterId : null,
      suggestedPersonId: suggestion?.personId ?? null,
      probability: suggestion?.probability ?? null,
      distance: suggestion?.distance ?? null,
      nameChanges: personId !== face.personId,
    }
    const stands =
      !verdict.nameChanges && verdict.clusterId === face.clusterId && verdict.suggestedPersonId === face.suggestedPersonId &&
      isNear(verdict.probability, face.probability, probabilityStep) && isNear(verdict.distance, face.distance, distanceStep)
    if (!stands) verdicts.push(verdict)
  }
  return verdicts
}

/**
 * What changes in the clusters of faces; their names and suggestions stay. Faces that the user named are left out.
 * @param clusterIdOf cluster of an open face without a name, or null
 */
export function clusterVerdictsOf(faces: Iterable<JudgedFace>, clusterIdOf: (faceId: number) => number | null): FaceVerdict[] {
  const verdicts: FaceVerdict[] = []
  for (const { id, photoId, standing, personId, clusterId: before, suggestedPersonId, probability, distance } of faces) {
    if (standing === 'labelled') continue
    const clusterId = standing === 'open' && personId === null ? clusterIdOf(id) : null
    if (clusterId !== before)
      verdicts.push({ faceId: id, photoId, personId, clusterId, suggestedPersonId, probability, distance, nameChanges: false })
  }
  return verdicts
}
