/** The shape of the contract as the library fulfils it. */
import type { Method, MethodOutput, MethodParsedInput } from '../../../src-shared/api.ts'

/** Every method of the contract, with input already validated. */
export type MethodHandlers = {
  readonly [M in Method]: (input: MethodParsedInput<M>) => MethodOutput<M> | Promise<MethodOutput<M>>
}
