/** kith redo: takes the latest undo back. */
import type { RegisterCommand } from '../command.ts'

export const registerRedo: RegisterCommand = (program, run) => {
  program
    .command('redo')
    .description('do again what was undone last')
    .action(() =>
      run(({ output, withEngine }) =>
        withEngine('write', async (engine) => {
          const entry = await engine.call('journal.redo', {})
          await output.result(entry, () => `Done again: ${entry.label}`)
        })))
}
