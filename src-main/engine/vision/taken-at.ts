/** When a photo was taken, as its file says it. */
import ExifReader from 'exifreader'

/** Metadata stand at the start of a photo; only a TIFF may keep them at its end. */
const headBytes = 256 * 1024
/** The oldest photograph that is left; anything before it is a slip of a clock. */
const firstYear = 1826

/**
 * The camera's clock as `YYYY-MM-DDTHH:MM:SS`, never moved by a time zone, or null where the file has none that makes
 * sense. The moment of exposure comes before the moment of scanning, and that before the moment of editing.
 */
export function readTakenAt(bytes: Buffer): string | null {
  const isTiff = bytes.subarray(0, 2).toString('latin1') === 'II' || bytes.subarray(0, 2).toString('latin1') === 'MM'
  const head = isTiff ? bytes : bytes.subarray(0, headBytes)
  let tags
  try {
    tags = ExifReader.load(head, { expanded: true })
  } catch {
    return null
  }
  const candidates = [
    tags.exif?.DateTimeOriginal, tags.xmp?.['DateTimeOriginal'], tags.exif?.DateTimeDigitized,
    tags.xmp?.['DateCreated'], tags.xmp?.['CreateDate'], tags.exif?.DateTime,
  ]
  for (const tag of candidates) {
    const takenAt = parseClock(tag?.description)
    if (takenAt) return takenAt
  }
  return null
}

/** Reads `2019:06:01 12:30:05` and ISO 8601, dropping fractions and zones; null for what no calendar has. */
export function parseClock(text: string | undefined): string | null {
  const match = /^(\d{4})[:-](\d{2})[:-](\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?/.exec(text?.trim() ?? '')
  if (!match) return null
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0)) as
    [number, number, number, number, number, number]
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  const isReal = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
    && date.getUTCHours() === hour && date.getUTCMinutes() === minute && date.getUTCSeconds() === second
  // A camera in another zone may be a day ahead of this machine.
  const isPast = date.getTime() < Date.now() + 2 * 24 * 3600 * 1000
  return isReal && isPast && year >= firstYear ? date.toISOString().slice(0, 19) : null
}
