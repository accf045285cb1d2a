/** Calls to the engine: one function, typed by the contract. */
import type { ApiError, ErrorCode, Method, MethodInput, MethodOutput } from '../../src-shared/api.ts'
import { texts } from '../texts.ts'

/** What a call can end with besides its answer. `engine-gone`: nobody answered at all. */
export class CallError extends Error {
  readonly code: ErrorCode | 'engine-gone'
  readonly details: ApiError['details']

  constructor(code: ErrorCode | 'engine-gone', message: string, details?: ApiError['details']) {
    super(message)
    this.name = 'CallError'
    this.code = code
    this.details = details
  }
}

/**
 * Calls a method of the contract.
 * @throws CallError with the engine's own words, or `engine-gone`
 */
export async function call<M extends Method>(method: M, input: MethodInput<M>): Promise<MethodOutput<M>> {
  let answer: { value: MethodOutput<M> } | { error: ApiError }
  try {
    const response = await fetch(`rpc/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    })
    answer = await response.json()
  } catch {
    throw new CallError('engine-gone', texts.errors.engineGone)
  }
  if ('error' in answer) throw new CallError(answer.error.code, answer.error.message, answer.error.details)
  return answer.value
}

/** Whatever was thrown, as an error that can be shown. */
export function asCallError(error: unknown): CallError {
  if (error instanceof CallError) return error
  return new CallError('internal', error instanceof Error ? error.message : String(error))
}
