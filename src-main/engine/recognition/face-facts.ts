/** The faces behind the rows of a graph. */
export interface FaceFacts {
  photoOf(row: number): number
  /** Shorter side of the box in pixels. */
  sizeOf(row: number): number
  /** Rows of all faces of a photo. */
  rowsOfPhoto(photoId: number): readonly number[]
}
