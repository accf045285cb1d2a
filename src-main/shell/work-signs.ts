/** What the work in the background shows outside the window: the bar in dock or taskbar, the rest of the machine, the end. */
import type { IndexProgress } from '../../src-shared/domain.ts'

/** A run that took less ends without a notification: the person has hardly turned away. */
const longRunMs = 60_000

export interface ProgressBar {
  /** 0 to 1; below 0: none; above 1: on its way without a known end. */
  value: number
  mode: 'normal' | 'indeterminate' | 'paused' | 'none'
}

export function progressBarFor({ state, done, total }: IndexProgress): ProgressBar {
  if (state === 'idle' || state === 'cancelling') return { value: -1, mode: 'none' }
  const isCounted = total !== null && total > 0
  if (state === 'paused') return { value: isCounted ? Math.min(1, done / total) : 0, mode: 'paused' }
  if (state !== 'indexing' || !isCounted) return { value: 2, mode: 'indeterminate' }
  return { value: Math.min(1, done / total), mode: 'normal' }
}

/** Whether the machine must not fall asleep over it. */
export function keepsAwake({ state }: IndexProgress): boolean {
  return state === 'scanning' || state === 'indexing' || state === 'grouping'
}

export interface WorkWatch {
  /** Takes the next progress. @returns what was done, when a long run has just come to its end */
  next(progress: IndexProgress, nowMs: number): { photos: number; faces: number } | null
}

/** Follows runs from begin to end; a run that was cancelled has no end to tell of. */
export function createWorkWatch(): WorkWatch {
  let startedMs: number | null = null
  let last: IndexProgress | null = null
  return {
    next(progress, nowMs) {
      if (progress.state !== 'idle') {
        startedMs ??= nowMs
        last = progress
        return null
      }
      const [begun, before] = [startedMs, last]
      startedMs = null
      last = null
      if (begun === null || !before || before.state === 'cancelling' || nowMs - begun < longRunMs) return null
      return { photos: before.done, faces: before.facesFound }
    },
  }
}
