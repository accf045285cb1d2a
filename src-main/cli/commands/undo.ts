/** kith undo: takes the latest decision back. */
import type { RegisterCommand } from '../command.ts'
import { withDecision } from '../decisions.ts'

export const registerUndo: RegisterCommand = (program, run) => {
  program
    .command('undo')
    .description('take the latest decision back')
    .action(() =>
      run(async (context) => {
        const entry = await withDecision(context, (engine) => engine.call('journal.undo', {}))
        await context.output.result(entry, () => `Undone: ${entry.label}`)
      }))
}
