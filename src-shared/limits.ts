/** Limits that engine and window both keep to. No imports: the page takes these as they are. */

/** Shorter side of the smallest box that a face can have, in pixels of the photo: under it there is nothing to see. */
export const minimumBoxPx = 12

/** Fewer faces make no map: one sees them all at once. */
export const minimumMapFaces = 20
