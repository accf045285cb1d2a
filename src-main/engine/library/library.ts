/** Joins the use-cases: every method of the contract, what a host may do with paths, and the pictures. */
import { realpathSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import type { LibraryStatus, MethodOutput } from '../../../src-shared/api.ts'
import type { Folder, FolderId, IndexProgress, ModelInfo, PersonId, PhotoId } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { createEmbedderStore } from '../store/embedders.ts'
import { createImageStore } from '../store/images.ts'
import { createPeopleStore } from '../store/people.ts'
import { createPhotoStore } from '../store/photos.ts'
import { createPictureLookup } from '../store/pictures.ts'
import { createStatusCounts } from '../store/status-counts.ts'
import type { LayoutPort } from '../layout-port.ts'
import { createDirectoryBrowser } from './browse.ts'
import type { LibraryContext } from './context.ts'
import { exportCsv } from './csv.ts'
import { createDecisions } from './decisions.ts'
import { createDoubtful } from './doubtful.ts'
import { createDrawing } from './draw.ts'
import type { ExportOptions, ExportReport } from './export-folder.ts'
import { createFoldAway } from './fold-away.ts'
import { createFolderNames } from './folder-names.ts'
import { createFolders } from './folders.ts'
import { createIndexer, type IndexReport } from './indexer.ts'
import type { EmbedderChoice } from './model-change.ts'
import { teach } from './knowledge.ts'
import { createMap } from './map.ts'
import { nearestNames } from './nearest-names.ts'
import { createPeople, personNameKey } from './people.ts'
import { createPictures } from './pictures.ts'
import { exportProjector } from './projector.ts'
import { createRecogniser } from './recognise.ts'
import { createRegrouping } from './regroup.ts'
import { createReview } from './review.ts'
import { createSearch } from './search.ts'
import type { MethodHandlers } from './methods.ts'
import { identifyPicture, type IdentifiedFace } from './verify.ts'
import { isInside } from './walk.ts'
import { createWhy } from './why.ts'

export interface LibraryHost {
  /** Opens the host's folder dialog; absent where there is none. */
  chooseFolder?(): Promise<string | null>
  /** @param embedderId in use */
  listModels(embedderId: string): ModelInfo[]
  embedders: EmbedderChoice
  layout: LayoutPort
}

/** What only a host may do, because it speaks of paths or waits for the end. A window never reaches these. */
export interface LibraryPaths {
  /** @throws KithError folder-unreadable, library-read-only */
  addFolder(path: string): Promise<Folder>
  /**
   * Scans, indexes, groups and judges to the end, or until `signal`; null: all folders.
   * @param options `model`: the embedder to change to first, by id or path
   * @throws KithError
   */
  index(
    folderIds: readonly FolderId[] | null,
    options?: { model?: { name: string; force: boolean } | null; signal?: AbortSignal; onProgress?(progress: IndexProgress): void },
  ): Promise<IndexReport>
  /** As `models.use`, for a name that may be a path. @throws KithError as `index` for its model */
  useModel(name: string): IndexProgress
  /** The photo of that file. @throws KithError not-found */
  findPhoto(path: string): PhotoId
  /** Who has that name, without regard to case and accents. @throws KithError unknown-name with the nearest names */
  findPerson(name: string): PersonId
  /** Waits until decisions taken so far are learnt from: names, suggestions and groups are up to date then. */
  settled(): Promise<void>
  /**
   * Who is on a picture that need not be in the library.
   * @param model another embedder than the library's, by id or path: what it has embedded is what it knows
   * @throws KithError picture-unreadable; invalid-input also where the model has embedded no face
   */
  identify(path: string, model?: string): Promise<IdentifiedFace[]>
  /** Writes the library for other programs. @throws KithError not-found, invalid-input, no-space */
  export(format: 'projector' | 'csv', directory: string, options?: ExportOptions): Promise<ExportReport>
}

export function createLibrary(context: LibraryContext, host: LibraryHost) {
  const { database, vision } = context
  const recogniser = createRecogniser(context)
  const indexer = createIndexer(context, recogniser, host.embedders)
  const folders = createFolders(context)
  const browser = createDirectoryBrowser()
  const decisions = createDecisions(context)
  const drawing = createDrawing(context)
  const people = createPeople(context)
  const peopleStore = createPeopleStore(database.db)
  const photoStore = createPhotoStore(database.db)
  const review = createReview(context)
  const search = createSearch(context)
  const images = createImageStore(context.libraryDirectory)
  const lookup = createPictureLookup(database.db)
  const statusCounts = createStatusCounts(database.db)
  const embedderStore = createEmbedderStore(database.db)
  let taught: Promise<void> | null = null

  function requireDialog(): () => Promise<string | null> {
    if (!host.chooseFolder) throw new KithError('not-found', 'There is no folder dialog here. Walk to the folder instead.')
    return host.chooseFolder
  }

  const status = (): LibraryStatus => ({
    libraryDirectory: context.libraryDirectory,
    folders: indexer.folders(),
    counts: statusCounts.read(),
    models: { detector: vision.detectorId, embedder: context.embedder.id, change: indexer.modelChange() },
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

  const learnt = () => (database.readOnly ? (taught ??= teach(context, context.recognition)) : recogniser.settled())

  // What is asked of the faces' embeddings alone need not wait until everybody is judged.
  const known = () => (database.readOnly ? learnt() : recogniser.ready())

  const regrouping = createRegrouping(context, known)
  const foldAway = createFoldAway(context, decisions, learnt)
  const map = createMap(context, host.layout, learnt)

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
    'people.oftenWith': people.oftenWith,
    'people.compare': regrouping.compare,
    'people.splitPreview': regrouping.splitPreview,
    'people.split': decisions.split,
    'faces.list': review.faces,
    'faces.name': decisions.name,
    'faces.confirm': decisions.confirm,
    'faces.reject': decisions.reject,
    'faces.ignore': decisions.ignore,
    'faces.unignore': decisions.unignore,
    'faces.draw': drawing.draw,
    'faces.move': drawing.move,
    'faces.delete': drawing.delete,
    'faces.why': createWhy(context, known),
    'faces.bystanders': foldAway.list,
    'faces.foldAway': foldAway.foldAway,
    'faces.doubtful': createDoubtful(context),
    'map.get': map.get,
    'map.make': map.make,
    'map.cancel': map.cancel,
    'clusters.list': review.clusters,
    'review.list': review.list,
    'review.items': review.items,
    'photos.grid': search.grid,
    'photos.timeline': search.timeline,
    'photos.ids': search.ids,
    'photos.locate': search.locate,
    'photos.search': search.search,
    'photos.summaries': search.summaries,
    'photos.get': search.get,
    'query.parse': search.parse,
    'folders.complete': createFolderNames(context),
    'journal.list': decisions.history,
    'journal.undo': decisions.undo,
    'journal.redo': decisions.redo,
    'models.list': () => ({ models: host.listModels(context.embedder.id) }),
    'models.use': ({ modelId, force }: { modelId: string; force: boolean }) => {
      // A window knows models by what was listed; a path is the host's to name.
      if (!host.listModels(context.embedder.id).some(({ id, role }) => role === 'embedder' && id === modelId))
        throw new KithError('invalid-input', `There is no embedder called ${modelId}. kith models lists them.`, { field: 'modelId' })
      return indexer.useModel(modelId, force)
    },
  } satisfies MethodHandlers

  const paths: LibraryPaths = {
    addFolder: indexer.addFolder,
    index: (folderIds, options) => indexer.runToEnd({ folderIds, ...options }),
    useModel: (name) => indexer.useModel(name, false),
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
    async identify(path, model) {
      const nameOf = (personId: number) => peopleStore.row(personId)?.name
      const other = model === undefined ? null : host.embedders.find(model)
      if (!other || other.spaceId === context.embedder.spaceId) return identifyPicture(context, learnt, nameOf, path)
      if (embedderStore.embeddedFaces(other.spaceId).embedded === 0)
        throw new KithError('invalid-input', `No face of this library is embedded by ${other.id}. To change to it: kith index --model ${model}`, { field: 'model' })
      await using closing = new AsyncDisposableStack()
      const recognition = context.openRecognition(other)
      closing.defer(() => recognition.close())
      const view = { database, vision, embedder: other, recognition }
      return await identifyPicture(view, () => teach(view, recognition), nameOf, path)
    },
    export: (format, directory, options) => (format === 'projector' ? exportProjector : exportCsv)(context, directory, options),
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
      await map.close()
      // A round of learning that is under way ends when its thread does.
      await Promise.all([recogniser.close(), context.recognition.close()])
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
