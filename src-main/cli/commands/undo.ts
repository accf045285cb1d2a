/** kith undo: takes the latest decision back. */
import type { RegisterCommand } from '../command.ts'

export const registerUndo: RegisterCommand = (program, run) => {
  program
    .command('undo')
    .description('take the latest decision back')
    .action(() =>
      run(({ output, withEngine }) =>
        withEngine('write', async (engine) => {
          const entry = await engine.call('journal.undo', {})
          await output.result(entry, () => `Undone: ${entry.label}`)
        })))
}
