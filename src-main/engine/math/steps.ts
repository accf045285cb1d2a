/** Long work in small steps: a generator that yields wherever something else may be done first. */

/** Does all steps at one go. */
export function finish<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}
