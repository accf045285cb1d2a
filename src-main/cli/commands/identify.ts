/** kith identify PHOTO: who is on a picture that need not be in the library. */
import { resolve } from 'node:path'
import type { RegisterCommand } from '../command.ts'
import { formatTable, percent } from '../output.ts'

export const registerIdentify: RegisterCommand = (program, run) => {
  program
    .command('identify')
    .argument('<photo>', 'a picture')
    .description('who is on a picture that need not be in the library')
    .action((photo: string) =>
      run(async ({ options, output, withEngine, ensureBuilt }) => {
        await ensureBuilt(['kernel'])
        await withEngine('read', async (engine) => {
          const faces = await engine.paths.identify(resolve(photo), options.model)
          await output.result(faces, () =>
            faces.length === 0 ? 'No face found.' : formatTable(['Who', 'How sure', 'Distance', 'Where'], faces.map((face) => [
              face.person ?? 'unknown',
              face.probability === null ? '' : percent(face.probability),
              face.distance === null ? '' : face.distance.toFixed(3),
              `${percent(face.box.x)} from the left, ${percent(face.box.y)} from the top`,
            ])))
        })
      }))
}
