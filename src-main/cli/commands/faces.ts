/** kith faces: the faces found. */
import { resolve } from 'node:path'
import type { FaceFilter } from '../../../src-shared/api.ts'
import type { Face, Photo, PhotoId } from '../../../src-shared/domain.ts'
import type { Engine } from '../../engine/engine.ts'
import type { RegisterCommand } from '../command.ts'
import { toSuggestionDocument } from '../documents.ts'
import { formatTable, percent } from '../output.ts'
import { allPages } from '../pages.ts'

interface FacesOptions {
  person?: string
  unknown?: boolean
  photo?: string
}

function toFilter(engine: Engine, options: FacesOptions): FaceFilter {
  return {
    ...(options.person ? { personId: engine.paths.findPerson(options.person) } : {}),
    ...(options.unknown ? { unnamed: true, ignored: false } : {}),
    ...(options.photo ? { photoId: engine.paths.findPhoto(resolve(options.photo)) } : {}),
  }
}

/** A face as the command line prints it. */
function toDocument(face: Face, photo: Photo) {
  return {
    id: face.id,
    photo: { id: photo.id, path: photo.path, width: photo.widthPx, height: photo.heightPx },
    box: face.box,
    score: face.score,
    sizePx: face.sizePx,
    person: face.personName,
    cluster: face.clusterId,
    suggestion: toSuggestionDocument(face.suggestion),
    ignored: face.ignored,
  }
}

export const registerFaces: RegisterCommand = (program, run) => {
  program
    .command('faces')
    .description('the faces found')
    .option('--person <name>', 'those of one person')
    .option('--unknown', 'those without a name')
    .option('--photo <path>', 'those on one photo')
    .action((options: FacesOptions) =>
      run(({ output, withEngine }) =>
        withEngine('read', async (engine) => {
          const filter = toFilter(engine, options)
          const faces = await allPages((page) => engine.call('faces.list', { ...page, filter }), ({ faces }) => faces)
          const photos = new Map<PhotoId, Photo>()
          for (const { photoId } of faces)
            if (!photos.has(photoId)) photos.set(photoId, (await engine.call('photos.get', { photoId })).photo)
          const documents = faces.map((face) => toDocument(face, photos.get(face.photoId)!))
          await output.result(documents, () =>
            documents.length === 0 ? 'No faces.' : formatTable(['Face', 'Who', 'Size', 'Photo'], documents.map((face) => [
              `face:${face.id}`,
              face.person ?? (face.ignored ? 'ignored'
                : face.suggestion ? `${face.suggestion.person}? (${percent(face.suggestion.probability)})`
                : face.cluster ? `cluster:${face.cluster}` : 'unknown'),
              Math.round(face.sizePx),
              face.photo.path,
            ])))
        })))
}
