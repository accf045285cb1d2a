/** The camera's own clock: seconds counted as if they were UTC, so that they sort and never shift. */

/** `YYYY-MM-DDTHH:MM:SS` without a zone, or null where only the file's own date is known. */
export function toCameraTime(takenAtSeconds: number, source: 'camera' | 'file'): string | null {
  return source === 'camera' ? new Date(takenAtSeconds * 1000).toISOString().replace(/\.\d+Z$/u, '') : null
}
