/** Decisions: each is done at once, told with a way back, and undone in order. */
import type { Decision } from '../../src-shared/api.ts'
import type { JournalEntry, JournalEntryId } from '../../src-shared/domain.ts'
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

/** Waits until all that was decided or taken back so far has been answered: what is asked after that knows of it. */
export async function decisionsMade(): Promise<void> {
  await last
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
export async function decide<D extends Decision>(run: () => Promise<D>, options: DecideOptions = {}): Promise<D | null> {
  try {
    const decision = await inOrder(run)
    const { journalEntryId, label } = decision
    if (journalEntryId !== null && !options.quiet)
      toasts.show(label, { action: { label: texts.history.undo, run: () => void undo(journalEntryId) } })
    return decision
  } catch (error) {
    if (!options.handle?.(asCallError(error))) showError(error)
    return null
  }
}

/** Longer than this nobody is left without a word. */
const patienceMs = 50

/** Says what is under way where it takes a while. */
async function saying<T>(text: string, work: Promise<T>): Promise<T> {
  let unsay = () => {}
  const timer = setTimeout(() => {
    const { id } = toasts.show(text)
    unsay = () => toasts.dismiss(id)
  }, patienceMs)
  try {
    return await work
  } finally {
    clearTimeout(timer)
    unsay()
  }
}

async function step(undoing: boolean, turn: () => Promise<JournalEntry | null>): Promise<boolean> {
  try {
    const entry = await saying(undoing ? texts.history.undoing : texts.history.redoing, inOrder(turn))
    if (entry === null) return false
    // Where others have decided since, what undid it is a decision of its own, and is undone as such.
    if (entry.state === 'undone') toasts.show(texts.history.undone(entry.label), { action: { label: texts.history.redo, run: () => void redo() } })
    else
      toasts.show(undoing ? entry.label : texts.history.redone(entry.label), {
        action: { label: texts.history.undo, run: () => void undo(entry.id) },
      })
    return true
  } catch (error) {
    const { code } = asCallError(error)
    if (code === 'nothing-to-undo') toasts.show(undoing ? texts.history.nothingToUndo : texts.history.nothingToRedo)
    else showError(error)
    return false
  }
}

/** Takes the last decision back, or a given one, wherever it was taken. False where nothing was undone; that has been told. */
export function undo(entryId: JournalEntryId | null = null): Promise<boolean> {
  return step(true, () => call('journal.undo', { entryId }))
}

/**
 * Takes a decision back that may still be on its way. It has its place in the order from now on: what is taken back before it
 * is taken back before it, and what is decided after comes after.
 */
export function undoOnceMade(decision: Promise<Decision | null>): Promise<boolean> {
  return step(true, async () => {
    const entryId = (await decision)?.journalEntryId ?? null
    return entryId === null ? null : call('journal.undo', { entryId })
  })
}

export function redo(): Promise<boolean> {
  return step(false, () => call('journal.redo', {}))
}
