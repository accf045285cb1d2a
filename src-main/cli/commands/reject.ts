/** kith reject face:ID… [NAME]: says who a face is not. */
import type { RegisterCommand } from '../command.ts'
import { decide } from '../decisions.ts'
import { parseFaceId } from '../targets.ts'
import { UsageError } from '../usage-error.ts'

export const registerReject: RegisterCommand = (program, run) => {
  program
    .command('reject')
    .argument('<face...>', 'face:ID, and at the end the name, where it is not the one suggested')
    .usage('[options] <face...> [name]')
    .description('say that a face is not the person suggested, or not the one named')
    .action((words: string[]) =>
      run(async (context) => {
        const name = words.at(-1)!.startsWith('face:') ? null : words.at(-1)!
        const faceIds = (name === null ? words : words.slice(0, -1)).map(parseFaceId)
        if (faceIds.length === 0) throw new UsageError('kith reject needs a face, as in: kith reject face:12')
        await decide(context, async (engine) => {
          const personId = name === null ? null : engine.paths.findPerson(name)
          return [await engine.call('faces.reject', { faceIds, personId })]
        })
      }))
}
