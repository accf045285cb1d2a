/** kith redo: takes the latest undo back. */
import type { RegisterCommand } from '../command.ts'
import { withDecision } from '../decisions.ts'

export const registerRedo: RegisterCommand = (program, run) => {
  program
    .command('redo')
    .description('do again what was undone last')
    .action(() =>
      run(async (context) => {
        const entry = await withDecision(context, (engine) => engine.call('journal.redo', {}))
        await context.output.result(entry, () => `Done again: ${entry.label}`)
      }))
}
