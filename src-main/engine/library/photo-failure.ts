/** What is wrong with one photo, apart from what is wrong with everything. */
import type { PhotoFailureCode } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { PhotoReadError } from '../ports.ts'

export interface Failure {
  photoId: number
  code: PhotoFailureCode
  /** One sentence for people. */
  reason: string
}

/** @throws KithError where no photo can be read or kept */
export function failureOf(photoId: number, path: string, error: unknown, log: (message: string) => void): Failure {
  if (error instanceof PhotoReadError && error.code === 'no-space')
    throw new KithError('no-space', `The disk is full: ${error.message} Make room and index again; nothing was lost.`, undefined, { cause: error })
  if (error instanceof PhotoReadError) return { photoId, code: error.code, reason: error.message }
  if (error instanceof KithError && error.code !== 'internal') throw error
  log(`index: ${path}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  return { photoId, code: 'crashed', reason: 'Looking at it failed for a reason Kith does not know. The other photos are not affected.' }
}
