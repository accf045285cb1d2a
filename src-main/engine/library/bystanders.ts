/**
 * Which unnamed faces are of passers-by. The rule is made to be wrong on one side only: a face that could be family stays,
 * and all that is left is faces that nobody would name.
 *
 * 1. It is small or blurred: see `isSmallOrBlurred`.
 * 2. Nobody is suggested for it, and none of its kept neighbours, up to the distance at which a name is suggested, carries or
 *    is suggested a name: it is not near anybody named.
 * 3. No named person is on its photo.
 * 4. It was seen on one date: no neighbour that would be taken for the same person is of another day, and where it lies in
 *    a group, every face of that group is a bystander of the same day. A photo without a camera's date is of no day.
 *
 * Where nobody is named yet, nobody can be told from the family: then there are no bystanders.
 */

/** An unnamed face that is seen, not ignored, and has no suggestion, on a photo with no named person. */
export interface StrangersFace {
  id: number
  photoId: number
  /** Shorter side of the box in pixels of the full-size photo. */
  sizePx: number
  /** The same as a share of the photo's shorter side. */
  share: number
  /** Variance of the Laplacian of the aligned chip's luma, 0..255 scale. */
  sharpness: number
  /** Day by the camera's clock, counted from any beginning; null where the camera gave none. */
  day: number | null
  clusterId: number | null
}

/** A kept neighbour of such a face. */
export interface NearFace {
  /** Euclidean, in the embedder's own space. */
  distance: number
  /** It carries a name, or a name is suggested for it. */
  known: boolean
  photoId: number
  day: number | null
}

export interface Surroundings {
  neighbours(faceId: number): readonly NearFace[]
  /** Faces of a group that have no name and are not ignored. */
  clusterSize(clusterId: number): number
  /** Up to this distance a neighbour may be the same person … */
  mayBe: number
  /** … and up to this one it is taken for the same person. */
  same: number
}

/** A face below this many pixels shows little; of a portrait by a telephone it is a twentieth. */
export const smallPx = 90
/** … if it also is a small part of the photo: on a small picture the family's faces have few pixels, too. */
export const smallShare = 0.1
/** Chips below this sharpness are blurred so far that most faces of one person no longer meet. */
export const blurredSharpness = 25
/** A blurred face that fills the picture was meant, however the photo turned out. */
export const blurredShare = 0.15

export function isSmallOrBlurred({ sizePx, share, sharpness }: Pick<StrangersFace, 'sizePx' | 'share' | 'sharpness'>): boolean {
  return (sizePx < smallPx && share < smallShare) || (sharpness < blurredSharpness && share < blurredShare)
}

/** The ids of the bystanders among the faces, in their order. */
export function bystandersAmong(faces: readonly StrangersFace[], { neighbours, clusterSize, mayBe, same }: Surroundings): number[] {
  const alone = faces.filter((face) => {
    if (!isSmallOrBlurred(face)) return false
    return neighbours(face.id).every(({ distance, known, photoId, day }) => {
      if (known && distance <= mayBe) return false
      return distance > same || photoId === face.photoId || (day !== null && day === face.day)
    })
  })
  const ofCluster = new Map<number, { faces: number; days: Set<number | null> }>()
  for (const { clusterId, day } of alone) {
    if (clusterId === null) continue
    const known = ofCluster.get(clusterId) ?? { faces: 0, days: new Set() }
    ofCluster.set(clusterId, { faces: known.faces + 1, days: known.days.add(day) })
  }
  return alone
    .filter(({ clusterId }) => {
      if (clusterId === null) return true
      const { faces: count, days } = ofCluster.get(clusterId)!
      return count === clusterSize(clusterId) && days.size === 1 && !days.has(null)
    })
    .map(({ id }) => id)
}
