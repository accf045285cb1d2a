/** How far work is, how fast it goes and how long it will take, told a few times a second at the most. */
import type { IndexProgress } from '../../../src-shared/domain.ts'

const tellEveryMs = 200
/** Rate is measured over the last while, so that it follows what the work is now. */
const windowMs = 15_000
const samplesEveryMs = 500
const idle: IndexProgress = {
  state: 'idle', done: 0, total: null, failed: 0, facesFound: 0, photosPerSecond: null, remainingSeconds: null, current: null,
}

/** @param tell called with news, five times a second at the most, and always with the last */
export function createProgressMeter(tell: (progress: IndexProgress) => void) {
  let progress = idle
  let samples: { atMs: number; done: number }[] = []
  let toldAtMs = -Infinity
  let timer: NodeJS.Timeout | null = null

  function measure(): void {
    const atMs = performance.now()
    const { done, total, state } = progress
    if (state !== 'indexing' && state !== 'embedding') return
    if (samples.length === 0 || atMs - samples.at(-1)!.atMs >= samplesEveryMs) samples.push({ atMs, done })
    while (samples.length > 2 && atMs - samples[0]!.atMs > windowMs) samples.shift()
    const first = samples[0]!
    const seconds = (atMs - first.atMs) / 1000
    const rate = seconds > 0.5 && done > first.done ? (done - first.done) / seconds : null
    progress = {
      ...progress,
      photosPerSecond: rate,
      remainingSeconds: rate !== null && total !== null ? (total - done) / rate : null,
    }
  }

  function tellNow(): void {
    if (timer) clearTimeout(timer)
    timer = null
    toldAtMs = performance.now()
    measure()
    tell(progress)
  }

  return {
    now(): IndexProgress {
      measure()
      return progress
    },

    /** Changes some of it. A change of state is told at once. */
    set(part: Partial<IndexProgress>): void {
      const stateChanges = part.state !== undefined && part.state !== progress.state
      progress = { ...progress, ...part }
      if (stateChanges) {
        samples = []
        progress = { ...progress, photosPerSecond: null, remainingSeconds: null }
        tellNow()
      } else if (timer === null) {
        timer = setTimeout(tellNow, Math.max(0, toldAtMs + tellEveryMs - performance.now()))
        timer.unref()
      }
    },

    /** Begins anew. */
    begin(state: IndexProgress['state']): void {
      progress = { ...idle, state: progress.state }
      this.set({ state })
    },
  }
}
export type ProgressMeter = ReturnType<typeof createProgressMeter>
