/** kith name TARGET… NAME: names faces and groups, renames and merges people. */
import type { Target } from '../../../src-shared/api.ts'
import type { RegisterCommand } from '../command.ts'
import { decide } from '../decisions.ts'
import { parseTarget } from '../targets.ts'
import { UsageError } from '../usage-error.ts'

export const registerName: RegisterCommand = (program, run) => {
  program
    .command('name')
    .argument('<target...>', 'cluster:ID, face:ID or person:NAME, and the name at the end')
    .usage('[options] <target...> <name>')
    .description('name groups and faces; with person:NAME rename somebody, or merge with the one of that name')
    .action((words: string[]) =>
      run(async (context) => {
        const name = words.at(-1)!
        const targets = words.slice(0, -1).map(parseTarget)
        if (targets.length === 0) throw new UsageError('kith name needs a target and a name, as in: kith name cluster:3 Anna')
        const faces = targets.filter((target): target is Target => target.kind !== 'person')
        await decide(context, async (engine) => {
          const decisions = []
          for (const target of targets)
            if (target.kind === 'person') {
              const personId = engine.paths.findPerson(target.name)
              decisions.push(await engine.call('people.rename', { personId, name, merge: true }))
            }
          if (faces.length > 0) decisions.push(await engine.call('faces.name', { targets: faces, name }))
          return decisions
        })
      }))
}
