/** kith verify PHOTO PHOTO: do two pictures show the same person. */
import { resolve } from 'node:path'
import type { RegisterCommand } from '../command.ts'
import { percent } from '../output.ts'

export const registerVerify: RegisterCommand = (program, run) => {
  program
    .command('verify')
    .argument('<photo>', 'a picture')
    .argument('<other>', 'another; of each the largest face counts')
    .description('do two pictures show the same person')
    .action((photo: string, other: string) =>
      run(({ output, withTools }) =>
        withTools(async (tools) => {
          const verdict = await tools.verify(resolve(photo), resolve(other))
          await output.result(verdict, () =>
            `${verdict.same ? 'The same person' : 'Two different people'}: distance ${verdict.distance.toFixed(3)}, ` +
            `the limit is ${verdict.threshold.toFixed(2)}; ${percent(verdict.probability)} likely the same.`)
        })))
}
