/** Decisions: each is done at once, told with a way back, and undone in order. */
import type { Decision } from '../../src-shared/api.ts'
import { asCallError, call, type CallError } from '../client/rpc.ts'
import { texts } from '../texts.ts'
import { toasts } from './toasts.svelte.ts'

/** Calls that change names go one after the other, in the order in which the person made them. */
let last: Promise<unknown> = Promise.resolve()

function inOrder<T>(run: () => Promise<T>): Promise<T> {
  const next = last.then(run, run)
  last = next.catch(() => undefined)
  return next
}

export function showError(error: unknown): void {
  toasts.error(asCallError(error).message)
}

interface DecideOptions {
  /** No words: the view itself shows what was done. */
  quiet?: boolean
  /** Takes an error that has an answer of its own; true where it did. */
  handle?: (error: CallError) => boolean
}

/** Carries out a decision and tells of it with the way to undo it. Null where it failed: that has been told, too. */
export async function decide(run: () => Promise<Decision>, options: DecideOptions = {}): Promise<Decision | null> {
  try {
    const decision = await inOrder(run)
    if (decision.journalEntryId !== null && !options.quiet)
      toasts.show(decision.label, { action: { label: texts.history.undo, run: () => void undo() } })
    return decision
  } catch (error) {
    if (!options.handle?.(asCallError(error))) showError(error)
    return null
  }
}

async function step(method: 'journal.undo' | 'journal.redo'): Promise<boolean> {
  const undoing = method === 'journal.undo'
  try {
    const entry = await inOrder(() => call(method, {}))
    toasts.show(undoing ? texts.history.undone(entry.label) : texts.history.redone(entry.label), {
      action: undoing
        ? { label: texts.history.redo, run: () => void redo() }
        : { label: texts.history.undo, run: () => void undo() },
    })
    return true
  } catch (error) {
    const { code } = asCallError(error)
    if (code === 'nothing-to-undo') toasts.show(undoing ? texts.history.nothingToUndo : texts.history.nothingToRedo)
    else showError(error)
    return false
  }
}

/** Takes the last decision back. False where nothing was undone; that has been told. */
export function undo(): Promise<boolean> {
  return step('journal.undo')
}

export function redo(): Promise<boolean> {
  return step('journal.redo')
}
