/** kith ignore TARGET…: faces that nobody wants a name for. */
import type { RegisterCommand } from '../command.ts'
import { decide } from '../decisions.ts'
import { parseFaceTarget } from '../targets.ts'

export const registerIgnore: RegisterCommand = (program, run) => {
  program
    .command('ignore')
    .argument('<target...>', 'cluster:ID or face:ID')
    .description('leave faces out for good: strangers, pictures on a wall')
    .action((words: string[]) =>
      run(async (context) => {
        const targets = words.map(parseFaceTarget)
        await decide(context, async (engine) => [await engine.call('faces.ignore', { targets })])
      }))
}
