import type { ApiError, ErrorCode } from './api.ts'

/** An error that a person is told of: its code is part of the contract, its message says what happened and what to do. */
export class KithError extends Error {
  readonly code: ErrorCode
  readonly details: ApiError['details']

  constructor(code: ErrorCode, message: string, details?: ApiError['details'], options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'KithError'
    this.code = code
    this.details = details
  }

  /** The error as it travels to a window. */
  toApiError(): ApiError {
    return { code: this.code, message: this.message, ...(this.details ? { details: this.details } : {}) }
  }
}
