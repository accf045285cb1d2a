/** kith people: the named people. */
import type { RegisterCommand } from '../command.ts'
import { formatTable } from '../output.ts'

export const registerPeople: RegisterCommand = (program, run) => {
  program
    .command('people')
    .description('the named people')
    .action(() =>
      run(({ output, withEngine }) =>
        withEngine('read', async (engine) => {
          const { people } = await engine.call('people.list', {})
          const documents = people.map(({ id, name, faces, photos, suggestions }) => ({ id, name, faces, photos, suggestions }))
          await output.result(documents, () =>
            documents.length === 0 ? 'Nobody has a name yet. Name a group with: kith name cluster:ID NAME'
              : formatTable(['Name', 'Faces', 'Photos', 'To confirm'], documents.map(({ name, faces, photos, suggestions }) => [name, faces, photos, suggestions])))
        })))
}
