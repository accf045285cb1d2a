/** kith history: the journal of decisions. */
import type { RegisterCommand } from '../command.ts'
import { formatTable } from '../output.ts'
import { allPages } from '../pages.ts'

export const registerHistory: RegisterCommand = (program, run) => {
  program
    .command('history')
    .description('the journal of decisions, latest first')
    .action(() =>
      run(({ output, withEngine }) =>
        withEngine('read', async (engine) => {
          const entries = await allPages((page) => engine.call('journal.list', page), ({ entries }) => entries)
          await output.result(entries, () =>
            entries.length === 0 ? 'No decisions yet.'
              : formatTable(['When', '', 'What'], entries.map(({ at, state, label }) => [at, state === 'undone' ? 'undone' : '', label])))
        })))
}
