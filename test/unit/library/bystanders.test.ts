import { describe, expect, it } from 'vitest'
import {
  blurredSharpness, bystandersAmong, isSmallOrBlurred, smallPx, type NearFace, type StrangersFace, type Surroundings,
} from '../../../src-main/engine/library/bystanders.ts'

const limits = { mayBe: 0.6, same: 0.4 }
const small = (id: number, more: Partial<StrangersFace> = {}): StrangersFace => ({
  id, photoId: id, sizePx: 40, share: 0.02, sharpness: 200, day: 1, clusterId: null, ...more,
})
const near = (more: Partial<NearFace>): NearFace => ({ distance: 0.5, known: false, photoId: 99, day: 1, ...more })

/** @param neighbours by face id; @param sizes by cluster id */
function found(faces: StrangersFace[], neighbours: Record<number, NearFace[]> = {}, sizes: Record<number, number> = {}): number[] {
  const surroundings: Surroundings = {
    neighbours: (faceId) => neighbours[faceId] ?? [], clusterSize: (clusterId) => sizes[clusterId] ?? 0, ...limits,
  }
  return bystandersAmong(faces, surroundings)
}

describe('a bystander', () => {
  it('is small in pixels and in its photo, or blurred and no portrait', () => {
    expect(isSmallOrBlurred(small(1))).toBe(true)
    expect(isSmallOrBlurred(small(1, { sizePx: smallPx }))).toBe(false)
    expect(isSmallOrBlurred(small(1, { share: 0.2 }))).toBe(false)
    const blurred = { sizePx: 300, sharpness: blurredSharpness - 1 }
    expect(isSmallOrBlurred(small(1, { ...blurred, share: 0.1 }))).toBe(true)
    expect(isSmallOrBlurred(small(1, { ...blurred, share: 0.4 }))).toBe(false)
    expect(found([small(1), small(2, { sizePx: 400, share: 0.2 })])).toEqual([1])
  })

  it('is near nobody who has a name or is suggested', () => {
    const faces = [small(1), small(2), small(3)]
    expect(found(faces, {
      1: [near({ known: true, distance: limits.mayBe })], 2: [near({ known: true, distance: limits.mayBe + 0.01 })], 3: [near({})],
    })).toEqual([2, 3])
  })

  it('was seen on one day: looking like a face of another day, or of none, is enough to stay', () => {
    const faces = [small(1), small(2), small(3), small(4), small(5, { day: null })]
    expect(found(faces, {
      1: [near({ distance: limits.same, day: 2 })],
      2: [near({ distance: limits.same, day: null })],
      3: [near({ distance: limits.same, day: 1 })],
      4: [near({ distance: limits.same + 0.01, day: 2 })],
      5: [near({ distance: limits.same, day: null, photoId: 5 })],
    })).toEqual([3, 4, 5])
  })

  it('shares its group with bystanders of the same day alone', () => {
    const group = (clusterId: number, first: number, days: (number | null)[]) =>
      days.map((day, i) => small(first + i, { clusterId, day }))
    const sizes = { 1: 3, 2: 3, 3: 4, 4: 2, 5: 3 }
    const faces = [
      ...group(1, 10, [5, 5, 5]), // all of one day
      ...group(2, 20, [5, 5, 6]), // of two days
      ...group(3, 30, [5, 5, 5]), // a fourth face is no bystander
      ...group(4, 40, [null, null]), // of no day
      small(50, { clusterId: 5 }), small(51, { clusterId: 5 }), small(52, { clusterId: 5, sizePx: 500, share: 0.3 }), // one is large
    ]
    expect(found(faces, {}, sizes)).toEqual([10, 11, 12])
  })
})
