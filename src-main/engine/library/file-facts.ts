/** What is asked of single files and directories: their content, their dates, whether a drive begins there. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** SHA-256 of a file, hex. @throws the system's error; AbortError */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** A file's date as camera clock: what a clock on the wall here showed, in seconds, counted as if it were UTC. */
export function localClockSeconds(timeMs: number): number {
  return Math.floor(timeMs / 1000) - new Date(timeMs).getTimezoneOffset() * 60
}

/** Whether a directory is the root of a mounted file system. */
export async function isMountPoint(path: string): Promise<boolean> {
  const [here, above] = await Promise.all([stat(path), stat(dirname(path))])
  return here.dev !== above.dev || here.ino === above.ino
}

/** The camera's clock in seconds, counted as if it were UTC; null where there is none. */
export function cameraClockSeconds(takenAt: string | null): number | null {
  const timeMs = takenAt === null ? NaN : Date.parse(`${takenAt}Z`)
  return Number.isNaN(timeMs) ? null : Math.floor(timeMs / 1000)
}
