/** The faces that recognition has, with what stands of each in the library: in memory, so that a decision reads only what it changed. */
import type { Judgement } from '../ports.ts'
import type { FaceVerdict, JudgedFace, JudgementStore } from '../store/judgements.ts'
import { clusterIdsOf, clusterVerdictsOf, verdictsOf } from './verdicts.ts'

const facesAtOnce = 2000

export interface JudgedFaces {
  all(): Iterable<JudgedFace>
  /**
   * Reads everything anew, in pieces; `pause` is awaited after each. What changes meanwhile is for `refresh`.
   * @param has whether recognition has a face; others are left out
   * @returns false where `pause` said to stop
   */
  read(has: (faceId: number) => boolean, pause: () => Promise<boolean>): Promise<boolean>
  /** Reads some faces again, and those that carry or are suggested one of these people. Answers those that are there. */
  refresh(faceIds: Iterable<number>, personIds: ReadonlySet<number>): JudgedFace[]
  /** Writes verdicts on faces where they differ from what stands; clusters stay. Answers whether anything changed. */
  writeJudgements(faceIds: Iterable<number>, judgements: ReadonlyMap<number, Judgement>): boolean
  /**
   * Writes the groups of all open faces without a name.
   * @param judgedState what all that stands comes from, or undefined where something is still to be judged
   */
  writeGroups(groupOf: ReadonlyMap<number, number>, judgedState: string | undefined): boolean
}

export function createJudgedFaces(store: JudgementStore): JudgedFaces {
  const faces = new Map<number, JudgedFace>()

  function keep(verdicts: readonly FaceVerdict[]): void {
    for (const { faceId, personId, clusterId, suggestedPersonId, probability, distance } of verdicts) {
      Object.assign(faces.get(faceId)!, { personId, clusterId, suggestedPersonId, probability, distance })
    }
  }

  return {
    all: () => faces.values(),

    async read(has, pause) {
      faces.clear()
      for (let some = store.page(0, facesAtOnce); some.length > 0; some = store.page(some.at(-1)!.id, facesAtOnce)) {
        for (const face of some) if (has(face.id)) faces.set(face.id, face)
        if (!(await pause())) return false
      }
      return true
    },

    refresh(faceIds, personIds) {
      const wanted = new Set<number>()
      for (const faceId of faceIds) if (faces.has(faceId)) wanted.add(faceId)
      if (personIds.size > 0) {
        for (const { id, personId, suggestedPersonId } of faces.values()) {
          if (personIds.has(personId ?? 0) || personIds.has(suggestedPersonId ?? 0)) wanted.add(id)
        }
      }
      const refreshed = store.byIds(wanted)
      for (const face of refreshed) faces.set(face.id, face)
      return refreshed
    },

    writeJudgements(faceIds, judgements) {
      const judged: JudgedFace[] = []
      for (const faceId of faceIds) {
        const face = faces.get(faceId)
        if (face) judged.push(face)
      }
      const verdicts = verdictsOf(judged, judgements)
      const changed = verdicts.length > 0 && store.write(verdicts) > 0
      keep(verdicts)
      return changed
    },

    writeGroups(groupOf, judgedState) {
      const { clusterIdOfGroup, lastClusterId } = clusterIdsOf(groupOf, (faceId) => faces.get(faceId)?.clusterId ?? null, store.lastClusterId())
      const verdicts = clusterVerdictsOf(faces.values(), (faceId) => clusterIdOfGroup.get(groupOf.get(faceId) ?? 0) ?? null)
      const changed = store.write(verdicts, lastClusterId, judgedState) > 0
      keep(verdicts)
      return changed
    },
  }
}
