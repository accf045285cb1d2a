/** How far a command is: a bar on a terminal, a line now and then elsewhere. Always on stderr. */
import cliProgress from 'cli-progress'
import type { IndexProgress } from '../../src-shared/domain.ts'
import { duration } from './output.ts'

const lineIntervalMs = 10_000

export interface ProgressState {
  /** What is being done, e.g. `indexing`. */
  label: string
  done: number
  total: number | null
  /** Rate, remaining time, what is in hand. */
  facts: readonly string[]
}

export interface ProgressReporter {
  show(state: ProgressState): void
  /** Leaves the terminal as it was; nothing is shown after. */
  stop(): void
}

function createBar(): ProgressReporter {
  const bar = new cliProgress.SingleBar({
    format: '{label} {bar} {counted} {facts}',
    barsize: 24,
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    // The command's own handler decides what Ctrl-C does.
    gracefulExit: false,
    linewrap: false,
  }, cliProgress.Presets.shades_classic)
  let started = false
  return {
    show({ label, done, total, facts }) {
      const payload = {
        label: label.padEnd(10),
        counted: total === null ? done.toLocaleString('en') : `${done.toLocaleString('en')}/${total.toLocaleString('en')}`,
        facts: facts.join(', '),
      }
      if (!started) bar.start(total || 1, done, payload)
      started = true
      bar.setTotal(total || 1)
      bar.update(total ? done : 0, payload)
    },
    stop() {
      if (started) bar.stop()
    },
  }
}

function createLines(): ProgressReporter {
  let label = ''
  let shownAt = -Infinity
  return {
    show(state) {
      const now = performance.now()
      if (state.label === label && now - shownAt < lineIntervalMs) return
      label = state.label
      shownAt = now
      const counted = state.total === null ? `${state.done}` : `${state.done} of ${state.total}`
      process.stderr.write(`${[`${label}: ${counted}`, ...state.facts].join(', ')}\n`)
    },
    stop() {},
  }
}

export function createProgressReporter(): ProgressReporter {
  return process.stderr.isTTY ? createBar() : createLines()
}

/** The background work of the engine as a state to show. */
export function fromIndexProgress(progress: IndexProgress): ProgressState {
  const { state, done, total, photosPerSecond, remainingSeconds, facesFound, failed } = progress
  return {
    label: state,
    done,
    total,
    facts: [
      ...(facesFound ? [`${facesFound.toLocaleString('en')} faces`] : []),
      ...(failed ? [`${failed.toLocaleString('en')} failed`] : []),
      ...(photosPerSecond ? [`${photosPerSecond.toFixed(1)}/s`] : []),
      ...(remainingSeconds !== null ? [`${duration(remainingSeconds)} left`] : []),
    ],
  }
}
