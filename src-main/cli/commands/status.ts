/** kith status: folders, counts, models, what is running. */
import type { LibraryStatus } from '../../../src-shared/api.ts'
import type { RegisterCommand } from '../command.ts'
import { count, formatTable } from '../output.ts'

function inWords(status: LibraryStatus & { openElsewhere: boolean }): string {
  const { counts, folders, models } = status
  return [
    `Library   ${status.libraryDirectory}${status.openElsewhere ? ' (open in another Kith)' : ''}`,
    `Photos    ${counts.photos}: ${counts.indexed} indexed, ${counts.pending} waiting, ${counts.failed} could not be read, ${counts.missing} missing`,
    `Faces     ${counts.faces}: ${counts.named} named, ${counts.suggested} with a suggestion, ${counts.unknown} unknown, ${counts.ignored} ignored`,
    `People    ${counts.people}, and ${count(counts.clusters, 'unnamed group')}`,
    `Models    ${models.detector}, ${models.embedder}`,
    ...(models.change
      ? [`          changing to ${models.change.embedder}: ${models.change.facesDone} of ${count(models.change.facesTotal, 'face')} embedded; kith index goes on with it`]
      : []),
    ...(folders.length > 0
      ? ['', formatTable(['Folder', 'State', 'Photos', 'Indexed', 'Waiting', 'Failed'], folders.map((folder) =>
          [folder.path, folder.state, folder.photos, folder.indexed, folder.pending, folder.failed]))]
      : ['', 'No folder yet. Add one with: kith index FOLDER']),
  ].join('\n')
}

export const registerStatus: RegisterCommand = (program, run) => {
  program
    .command('status')
    .description('folders, counts, models, what is running')
    .action(() =>
      run(({ output, withEngine }) =>
        withEngine('read', async (engine) => {
          const status = { ...(await engine.call('library.status', {})), openElsewhere: engine.paths.isOpenElsewhere() }
          await output.result(status, () => inWords(status))
        })))
}
