/** kith ignore TARGET…: faces that nobody wants a name for. */
import type { RegisterCommand } from '../command.ts'
import { printDecisions } from '../decisions.ts'
import { parseFaceTarget } from '../targets.ts'

export const registerIgnore: RegisterCommand = (program, run) => {
  program
    .command('ignore')
    .argument('<target...>', 'cluster:ID or face:ID')
    .description('leave faces out for good: strangers, pictures on a wall')
    .action((words: string[]) =>
      run(async ({ output, withEngine }) => {
        const targets = words.map(parseFaceTarget)
        await withEngine('write', async (engine) => printDecisions(output, [await engine.call('faces.ignore', { targets })]))
      }))
}
