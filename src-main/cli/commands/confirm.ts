/** kith confirm face:ID…: accepts what is suggested. */
import type { RegisterCommand } from '../command.ts'
import { decide } from '../decisions.ts'
import { parseFaceId } from '../targets.ts'

export const registerConfirm: RegisterCommand = (program, run) => {
  program
    .command('confirm')
    .argument('<face...>', 'face:ID')
    .description('accept the name that is suggested for a face')
    .action((words: string[]) =>
      run(async (context) => {
        const faceIds = words.map(parseFaceId)
        await decide(context, async (engine) => [await engine.call('faces.confirm', { faceIds })])
      }))
}
