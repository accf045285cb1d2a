/**
 * Everything the user decides about faces and people. Each decision is one transaction that ends with an entry of the
 * journal; undo and redo go through the entries without limit. The user outranks the machine: what is decided here is
 * never asked of it again, and undoing puts the user's state back whatever the machine wrote meanwhile.
 */
import { isDeepStrictEqual } from 'node:util'
import type { MethodOutput, MethodParsedInput } from '../../../src-shared/api.ts'
import type { JournalEntry, JournalEntryId } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import type { Changes } from '../store/changes.ts'
import { oppositeOf, peopleConcerned, standsInTheWay } from '../store/changes-overlap.ts'
import type { LibraryContext } from './context.ts'
import { createDeciding } from './deciding.ts'
import { createFaceDecisions } from './face-decisions.ts'
import { createPeopleDecisions } from './people-decisions.ts'

export function createDecisions(context: LibraryContext) {
  const deciding = createDeciding(context)
  const { people, journal, changes, commit, mendCovers } = deciding

  const turn = (direction: 'undo' | 'redo'): JournalEntry =>
    commit(() => {
      const turned = journal.turn(direction)
      if (!turned) throw new KithError('nothing-to-undo', `There is nothing to ${direction}.`)
      const side = direction === 'undo' ? 'before' : 'after'
      return { ...changes.replay(turned.changes, side), side, changed: turned.changes, result: turned.entry }
    })

  /** Puts back what was changed. A person's row follows their faces (a cover that is no more theirs goes), so it is noted as it came out. */
  const takeBack = (made: Changes): { changed: Changes; goneFaceIds: number[] } => {
    const opposite = oppositeOf(made, (personId) => people.row(personId))
    const rows = new Map([...peopleConcerned(opposite)].map((id) => [id, people.row(id)]))
    const { goneFaceIds } = changes.replay(opposite, 'after')
    const recorder = changes.record()
    mendCovers(recorder, rows.keys())
    recorder.finish()
    const moved = [...rows].map(([id, before]) => ({ id, before, after: people.row(id) }))
    return { goneFaceIds, changed: { ...opposite, people: moved.filter(({ before, after }) => !isDeepStrictEqual(before, after)) } }
  }

  /** Decides the opposite of an earlier decision, where nothing that was decided since depends on it. */
  const oppose = (entryId: JournalEntryId): JournalEntry =>
    commit(() => {
      const earlier = journal.entry(entryId)
      if (!earlier || earlier.entry.state !== 'done') throw new KithError('nothing-to-undo', 'That decision has been taken back already.')
      const { entry, changes: made } = earlier
      const since = journal.doneSince(entryId).find((later) => standsInTheWay(later.changes, made))
      if (since)
        throw new KithError('changed-meanwhile', `“${entry.label}” can't be taken back by itself: “${since.entry.label}” came after it. Take that back first, in History.`)
      const { changed, goneFaceIds } = takeBack(made)
      return { goneFaceIds, changed, result: journal.add(`Took back: ${entry.label}`, changed) }
    })

  return {
    ...createFaceDecisions(deciding),
    ...createPeopleDecisions(deciding),

    /**
     * Takes back the newest decision that stands, or a given one.
     * @throws KithError nothing-to-undo; changed-meanwhile where later decisions touch the same faces or people
     */
    undo: ({ entryId }: MethodParsedInput<'journal.undo'> = { entryId: null }): JournalEntry =>
      entryId === null || journal.newestDoneId() === entryId ? turn('undo') : oppose(entryId),
    /** Does again what was undone last. @throws KithError nothing-to-undo */
    redo: (): JournalEntry => turn('redo'),
    /** What undo and redo would turn, or null. */
    nextLabels: () => journal.nextLabels(),
    /** Newest first. @throws KithError invalid-input for a foreign cursor */
    history: ({ cursor, limit }: MethodParsedInput<'journal.list'>): MethodOutput<'journal.list'> =>
      journal.list(cursor, limit),
  }
}
export type Decisions = ReturnType<typeof createDecisions>
