/** One way in for every caller: the input is held against the contract before a use-case sees it. */
import { methods, type Method, type MethodOutput, type MethodParsedInput } from '../../src-shared/api.ts'
import { KithError } from '../../src-shared/errors.ts'
import type { MethodHandlers } from './library/methods.ts'

export function isMethod(name: string): name is Method {
  return Object.hasOwn(methods, name)
}

/**
 * @throws KithError invalid-input with the field, and whatever the method throws
 */
export async function callMethod<M extends Method>(
  handlers: MethodHandlers,
  method: M,
  input: unknown,
): Promise<MethodOutput<M>> {
  const parsed = methods[method].input.safeParse(input)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!
    const field = issue.path.join('.')
    throw new KithError('invalid-input', field ? `${field}: ${issue.message}` : issue.message, field ? { field } : undefined)
  }
  return handlers[method](parsed.data as MethodParsedInput<M>)
}
