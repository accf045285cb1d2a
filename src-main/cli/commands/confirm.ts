/** kith confirm face:ID…: accepts what is suggested. */
import type { RegisterCommand } from '../command.ts'
import { printDecisions } from '../decisions.ts'
import { parseFaceId } from '../targets.ts'

export const registerConfirm: RegisterCommand = (program, run) => {
  program
    .command('confirm')
    .argument('<face...>', 'face:ID')
    .description('accept the name that is suggested for a face')
    .action((words: string[]) =>
      run(async ({ output, withEngine }) => {
        const faceIds = words.map(parseFaceId)
        await withEngine('write', async (engine) => printDecisions(output, [await engine.call('faces.confirm', { faceIds })]))
      }))
}
