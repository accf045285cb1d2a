/** kith search QUERY: photos by person, date, folder. */
import type { RegisterCommand } from '../command.ts'
import { count, printable } from '../output.ts'
import { allPages } from '../pages.ts'

export const registerSearch: RegisterCommand = (program, run) => {
  program
    .command('search')
    .argument('<query...>', 'e.g. anna ben -carl 2015..2018-06 in:holidays')
    .description('photos by person, date, folder')
    // `-carl` is a term of the query.
    .allowUnknownOption()
    .action((words: string[]) =>
      run(({ output, withEngine }) =>
        withEngine('read', async (engine) => {
          const query = words.join(' ')
          const photos = await allPages((page) => engine.call('photos.search', { ...page, query }), ({ photos }) => photos)
          await output.result({ total: photos.length, photos }, () =>
            [...photos.map(({ path, people }) => printable(people.length > 0 ? `${path}  (${people.join(', ')})` : path)),
              `${count(photos.length, 'photo')}.`].join('\n'))
        })))
}
