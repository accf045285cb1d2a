/** The value, or the end of the range that it lies beyond; the least where the range is none. */
export const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), Math.max(least, most))
