/** Joins the use-cases: every method of the contract, what a host may do with paths, and the pictures. */
import { realpathSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import type { LibraryStatus, MethodOutput } from '../../../src-shared/api.ts'
import type { Folder, FolderId, IndexProgress, ModelInfo, PersonId, PhotoId } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { createImageStore } from '../store/images.ts'
import { createPeopleStore } from '../store/people.ts'
import { createPhotoStore } from '../store/photos.ts'
import { createPictureLookup } from '../store/pictures.ts'
import { createStatusCounts } from '../store/status-counts.ts'
import { createDirectoryBrowser } from './browse.ts'
import type { LibraryContext } from './context.ts'
import { createDecisions } from './decisions.ts'
import { createFolders } from './folders.ts'
import { createIndexer, type IndexReport } from './indexer.ts'
import { teach } from './knowledge.ts'
import { nearestNames } from './nearest-names.ts'
import { createPeople, personNameKey } from './people.ts'
import { createPictures } from './pictures.ts'
import { createRecogniser } from './recognise.ts'
import { createReview } from './review.ts'
import { createSearch } from './search.ts'
import type { MethodHandlers } from './methods.ts'
import { identifyPicture, type IdentifiedFace } from './verify.ts'
import { isInside } from './walk.ts'

export interface LibraryHost {
  /** Opens the host's folder dialog; absent where there is none. */
  chooseFolder?(): Promise<string | null>
  listModels(): ModelInfo[]
}

/** What only a host may do, because it speaks of paths or waits for the end. A window never reaches these. */
export interface LibraryPaths {
  /** @throws KithError folder-unreadable, library-read-only */
  addFolder(path: string): Promise<Folder>
  /** Scans, indexes, groups and judges to the end, or until `signal`; null: all folders. @throws KithError */
  index(
    folderIds: readonly FolderId[] | null,
    options?: { signal?: AbortSignal; onProgress?(progress: IndexProgress): void },
  ): Promise<IndexReport>
  /** The photo of that file. @throws KithError not-found */
  findPhoto(path: string): PhotoId
  /** Who has that name, without regard to case and accents. @throws KithError unknown-name with the nearest names */
  findPerson(name: string): PersonId
  /** Waits until decisions taken so far are learnt from: names, suggestions and groups are up to date then. */
  settled(): Promise<void>
  /** Who is on a picture that need not be in the library. @throws KithError picture-unreadable */
  identify(path: string): Promise<IdentifiedFace[]>
}

export function createLibrary(context: LibraryContext, host: LibraryHost) {
  const { database, vision, recognition } = context
  const recogniser = createRecogniser(context)
  const indexer = createIndexer(context, recogniser)
  const folders = createFolders(context)
  const browser = createDirectoryBrowser()
  const decisions = createDecisions(context)
  const people = createPeople(context)
  const peopleStore = createPeopleStore(database.db)
  const photoStore = createPhotoStore(database.db)
  const review = createReview(context)
  const search = createSearch(context)
  const images = createImageStore(context.libraryDirectory)
  const lookup = createPictureLookup(database.db)
  const statusCounts = createStatusCounts(database.db)
  let taught: Promise<void> | null = null

  function requireDialog(): () => Promise<string | null> {
    if (!host.chooseFolder) throw new KithError('not-found', 'There is no folder dialog here. Walk to the folder instead.')
    return host.chooseFolder
  }

  const status = (): LibraryStatus => ({
    libraryDirectory: context.libraryDirectory,
    folders: indexer.folders(),
    counts: statusCounts.read(),
    models: { detector: vision.detectorId, embedder: vision.embedderId },
    progress: indexer.progress(),
    ...decisions.nextLabels(),
    canChooseFolder: host.chooseFolder !== undefined,
    readOnly: database.readOnly,
  })

  /** An image that is lost, by a power failure say, is made again from the photo. */
  async function readImage(hash: string, photoId: number): Promise<Uint8Array | null> {
    const image = await images.read(hash)
    if (image || database.readOnly) return image
    try {
      await indexer.remakeImages(photoId as PhotoId)
    } catch (error) {
      context.log(`image ${hash} of photo ${photoId} is lost: ${error instanceof Error ? error.message : String(error)}`)
    }
    return images.read(hash)
  }

  const learnt = () => (database.readOnly ? (taught ??= teach(context, recognition)) : recogniser.settled())

  const methods = {
    'library.status': status,
    'folders.choose': async (): Promise<MethodOutput<'folders.choose'>> => {
      const path = await requireDialog()()
      return { folder: path === null ? null : await indexer.addFolder(path) }
    },
    'folders.browse': ({ directoryId }: { directoryId: string | null }) => browser.browse(directoryId),
    'folders.add': async ({ directoryId }: { directoryId: string }) => ({ folder: await indexer.addFolder(browser.resolve(directoryId)) }),
    'folders.remove': ({ folderId }: { folderId: FolderId }) => {
      indexer.removeFolder(folderId)
      return {}
    },
    'index.start': ({ folderId }: { folderId: FolderId | null }) => indexer.start(folderId),
    'index.pause': indexer.pause,
    'index.resume': indexer.resume,
    'index.cancel': indexer.cancel,
    'index.failures': indexer.failures,
    'index.retry': ({ photoIds }: { photoIds: PhotoId[] }) => indexer.retry(photoIds),
    'people.list': people.list,
    'people.get': people.get,
    'people.rename': decisions.rename,
    'people.merge': decisions.merge,
    'people.setCover': decisions.setCover,
    'faces.list': review.faces,
    'faces.name': decisions.name,
    'faces.confirm': decisions.confirm,
    'faces.reject': decisions.reject,
    'faces.ignore': decisions.ignore,
    'faces.unignore': decisions.unignore,
    'clusters.list': review.clusters,
    'review.list': review.list,
    'photos.grid': search.grid,
    'photos.search': search.search,
    'photos.summaries': search.summaries,
    'photos.get': search.get,
    'journal.list': decisions.history,
    'journal.undo': decisions.undo,
    'journal.redo': decisions.redo,
    'models.list': () => ({ models: host.listModels() }),
  } satisfies MethodHandlers

  const paths: LibraryPaths = {
    addFolder: indexer.addFolder,
    index: (folderIds, options) => indexer.runToEnd({ folderIds, ...options }),
    findPhoto(path) {
      // The file itself may be gone: what was indexed of it is still there.
      const file = join(realpathOf(dirname(path)), basename(path))
      for (const folder of folders.rows(null)) {
        const photo = isInside(file, folder.path) && photoStore.find(folder.id, relative(folder.path, file))
        if (photo) return photo.id as PhotoId
      }
      throw new KithError('not-found', `${path} is not in the library. Add its folder with: kith index FOLDER`)
    },
    findPerson(name) {
      const person = peopleStore.rowByNameKey(personNameKey(name))
      if (person) return person.id as PersonId
      const nearest = nearestNames(name, peopleStore.names())
      throw new KithError('unknown-name', `Nobody is called ${name}. ${nearest.length > 0 ? `Near: ${nearest.join(', ')}.` : 'kith people lists the names.'}`, { nearestNames: nearest })
    },
    settled: learnt,
    async identify(path) {
      await learnt()
      return identifyPicture(vision, recognition, (personId) => peopleStore.row(personId)?.name, path)
    },
  }

  return {
    methods,
    paths,
    pictures: createPictures({
      face: lookup.face,
      photo: lookup.photo,
      readImage,
      render: vision.render,
    }),
    /** Begins to learn what is known, so that a window finds suggestions: in the background, once. */
    wake(): void {
      if (!database.readOnly) recogniser.start()
    },
    /** Stops what runs in the background; the database may be closed after. */
    async close(): Promise<void> {
      await indexer.close()
      // A round of learning that is under way ends when its thread does.
      await Promise.all([recogniser.close(), recognition.close()])
    },
  }
}

function realpathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
