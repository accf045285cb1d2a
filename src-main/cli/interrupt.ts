/** Ctrl-C: the first asks the command to come to a clean end, the second ends the program at once. */

/** The status of a program that a person stopped (128 + SIGINT), as shells have it. */
const stoppedAtOnce = 130

/** npm passes the terminal's Ctrl-C on to a program that has it already: what comes this soon is the same key. */
const sameKeyMs = 400

export interface Interrupt {
  readonly signal: AbortSignal
  /** Puts Ctrl-C back to what it was. */
  release(): void
}

export function listenForInterrupt(note: (line: string) => void): Interrupt {
  const controller = new AbortController()
  let firstAt = 0
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      if (performance.now() - firstAt > sameKeyMs) process.exit(stoppedAtOnce)
      return
    }
    firstAt = performance.now()
    if (name === 'SIGINT') note('Stopping … Ctrl-C again stops at once.')
    controller.abort()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) process.on(name, onSignal)
  return {
    signal: controller.signal,
    release() {
      for (const name of signals) process.off(name, onSignal)
    },
  }
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
