/** Where a page ended, as an opaque string: the sort key of its last row, and of which list it is. */
import { KithError } from '../../../src-shared/errors.ts'

export type CursorValue = number | string | null

/** Makes the cursor that goes on after a row with these sort values. */
export function encodeCursor(list: string, values: readonly CursorValue[]): string {
  return Buffer.from(JSON.stringify([list, ...values])).toString('base64url')
}

/**
 * Reads a cursor of the same list back; null stays null.
 * @throws KithError invalid-input where it is none, or that of another list
 */
export function decodeCursor(list: string, cursor: string | null, length: number): CursorValue[] | null {
  if (cursor === null) return null
  let values: unknown
  try {
    values = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    values = null
  }
  const isValue = (value: unknown) => value === null || typeof value === 'number' || typeof value === 'string'
  if (!Array.isArray(values) || values.length !== length + 1 || values[0] !== list || !values.every(isValue))
    throw new KithError('invalid-input', 'That page does not exist. Ask again from the first one.', { field: 'cursor' })
  return values.slice(1) as CursorValue[]
}
