/** Why a call may fail: the codes of the contract, and an error as it travels to a window. */
import { z } from 'zod'
import { PersonId } from './domain.ts'

export const ErrorCode = z.enum([
  'invalid-input',
  'not-found',
  'name-taken',
  'unknown-name',
  'query-syntax',
  'nothing-to-undo',
  'changed-meanwhile',
  'library-locked',
  'library-newer',
  'library-damaged',
  'library-read-only',
  'library-away',
  'no-space',
  'folder-unreadable',
  'busy',
  'model-missing',
  'model-damaged',
  'picture-unreadable',
  'no-face',
  'vision-unavailable',
  'forbidden',
  'internal',
])
export type ErrorCode = z.infer<typeof ErrorCode>

export const ApiError = z.object({
  code: ErrorCode,
  /** One or two sentences for people: what went wrong, by name, and what to do. */
  message: z.string(),
  details: z
    .object({
      /** unknown-name: the names that come nearest. */
      nearestNames: z.array(z.string()).optional(),
      /** name-taken: who has the name. */
      personId: PersonId.optional(),
      /** query-syntax: where in the query, in characters from 0. */
      position: z.int().optional(),
      /** invalid-input: which field. */
      field: z.string().optional(),
    })
    .optional(),
})
export type ApiError = z.infer<typeof ApiError>

/** HTTP status that goes with an error code. */
export function httpStatusOf(code: ErrorCode): number {
  switch (code) {
    case 'not-found': return 404
    case 'forbidden': return 403
    case 'name-taken': case 'busy': case 'library-locked': case 'nothing-to-undo': case 'changed-meanwhile': return 409
    case 'internal': case 'library-damaged': case 'vision-unavailable': return 500
    case 'no-space': return 507
    case 'library-away': return 503
    default: return 400
  }
}
