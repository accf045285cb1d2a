/** A map of faces as it comes from the engine, unpacked. Row i of each array belongs to face i. */
import type { FaceMap } from '../../src-shared/domain.ts'

export interface MapPoints {
  count: number
  faceIds: Int32Array
  /** x and y of each, in parts of the map. */
  positions: Float32Array
  /** Whom the face is, or is suggested to be; 0: nobody. */
  personIds: Int32Array
  /** What that person is to the face. */
  standings: Uint8Array
  rowOf: ReadonlyMap<number, number>
  /** What all of them cover around the middle, in parts of the map. */
  extent: { width: number; height: number }
}

export const standing = { nobody: 0, suggested: 1, byKith: 2, byUser: 3 } as const

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))

export function unpackMap(map: FaceMap): MapPoints {
  const faceIds = new Int32Array(bytesOf(map.faceIds).buffer)
  const positions = new Float32Array(bytesOf(map.positions).buffer)
  const reach = [0.05, 0.05]
  positions.forEach((value, at) => { reach[at % 2] = Math.max(reach[at % 2]!, Math.abs(value - 0.5)) })
  return {
    count: faceIds.length,
    faceIds,
    positions,
    extent: { width: 2 * reach[0]!, height: 2 * reach[1]! },
    personIds: new Int32Array(bytesOf(map.personIds).buffer),
    standings: bytesOf(map.standings),
    rowOf: new Map(Array.from(faceIds, (faceId, row) => [faceId, row])),
  }
}
