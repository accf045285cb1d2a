/** A map of faces as it comes from the engine, unpacked. Row i of each array belongs to face i. */
import type { FaceMap } from '../../src-shared/domain.ts'
import { lastNotAbove } from '../grid-layout.ts'

export interface MapPoints {
  count: number
  faceIds: Int32Array
  /** x and y of each, in parts of the map. */
  positions: Float32Array
  /** Whom the face is, or is suggested to be; 0: nobody. */
  personIds: Int32Array
  /** What that person is to the face. */
  standings: Uint8Array
  /** The row of a face; null where it is not on the map. */
  rowOf: (faceId: number) => number | null
  /** What all of them cover around the middle, in parts of the map. */
  extent: { width: number; height: number }
}

export const standing = { nobody: 0, suggested: 1, byKith: 2, byUser: 3 } as const

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const characters = atob(base64)
  const bytes = new Uint8Array(characters.length)
  for (let at = 0; at < bytes.length; at++) bytes[at] = characters.charCodeAt(at)
  return bytes
}

export function unpackMap(map: FaceMap): MapPoints {
  const faceIds = new Int32Array(bytesOf(map.faceIds).buffer)
  const positions = new Float32Array(bytesOf(map.positions).buffer)
  let reachX = 0.05, reachY = 0.05
  for (let at = 0; at < positions.length; at += 2) {
    reachX = Math.max(reachX, Math.abs(positions[at]! - 0.5))
    reachY = Math.max(reachY, Math.abs(positions[at + 1]! - 0.5))
  }
  return {
    count: faceIds.length,
    faceIds,
    positions,
    extent: { width: 2 * reachX, height: 2 * reachY },
    personIds: new Int32Array(bytesOf(map.personIds).buffer),
    standings: bytesOf(map.standings),
    rowOf(faceId) {
      // Ids go up.
      const row = lastNotAbove(faceIds, faceId, (id) => id)
      return faceIds[row] === faceId ? row : null
    },
  }
}
