/**
 * The embeddings as TensorBoard's embedding projector reads them (its plugin's data-provider.ts and projector_plugin.py):
 * `vecs.tsv`, numbers parted by tabs, a row for each face, no header; `meta.tsv`, columns parted by tabs, with a header
 * because it has more than one; `sprite.png`, as many rows of square tiles as columns, the tile of row i of the tables at
 * column i mod n, row ⌊i/n⌋, 8192 px at the most; `projector_config.pbtxt`, which names the three.
 */
import { join } from 'node:path'
import { KithError } from '../../../src-shared/errors.ts'
import { createEmbeddingStore } from '../store/embeddings.ts'
import { createFaceExport } from '../store/face-export.ts'
import type { ExportedFace } from '../store/face-export.ts'
import { createImageStore } from '../store/images.ts'
import type { LibraryContext } from './context.ts'
import { oneLine, prepareExportFolder } from './export-folder.ts'
import type { ExportOptions, ExportReport } from './export-folder.ts'
import { encodePngStrips } from './png-file.ts'
import { writeWholeFiles } from './whole-files.ts'

export interface ProjectorReport extends ExportReport {
  /** Id of the embedder. */
  model: string
  dimension: number
  /** Null where the faces are too many to have pictures. */
  sprite: { columns: number; tileSidePx: number } | null
}

const configFile = 'projector_config.pbtxt', vectorsFile = 'vecs.tsv', metadataFile = 'meta.tsv', spriteFile = 'sprite.png'
const configMark = '# Written by kith export projector'
/** As large as the projector takes it. */
const maxSheetPx = 8192
const maxTilePx = 64
/** Smaller ones show nothing. */
const minTilePx = 8
const columns = ['person', 'file', 'cluster', 'taken', 'face'] as const
const rowsPerPiece = 500
/** Digits that tell every Float32 from its neighbours. */
const float32Digits = 9

/**
 * Writes the embeddings of one model, those in use, with names and pictures.
 * @throws KithError not-found where the library has no such faces; invalid-input, no-space for the folder
 */
export async function exportProjector(context: LibraryContext, directory: string, options: ExportOptions = {}): Promise<ProjectorReport> {
  const { signal, onProgress } = options
  const { id: model, spaceId } = context.embedder
  await prepareExportFolder(directory, [configFile, vectorsFile, metadataFile, spriteFile], { file: configFile, start: configMark })
  const { faces, dimension, vectorOf } = await readFaces(context, spaceId)
  const sprite = layOutSprite(faces.length)
  const total = faces.length * (sprite ? 2 : 1)
  const report = (done: number) => {
    signal?.throwIfAborted()
    onProgress?.(done, total)
  }
  const files = [
    { path: join(directory, configFile), content: configText(model, sprite) },
    { path: join(directory, vectorsFile), content: vectorRows(faces.length, vectorOf, report) },
    { path: join(directory, metadataFile), content: metadataRows(faces) },
    ...(sprite ? [{ path: join(directory, spriteFile), content: spriteBytes(context, faces, sprite, options, (done) => report(faces.length + done)) }] : []),
  ]
  await writeWholeFiles(files)
  onProgress?.(total, total)
  return {
    directory, files: [configFile, vectorsFile, metadataFile, ...(sprite ? [spriteFile] : [])], faces: faces.length, model, dimension,
    sprite: sprite && { columns: sprite.columns, tileSidePx: sprite.tileSidePx },
  }
}

/** Faces that are not ignored and have an embedding of the model, by id. */
async function readFaces(context: LibraryContext, model: string) {
  const { faceIds, embeddings, dimension } = await createEmbeddingStore(context.database.db).readAll(model)
  const rows = new Map(Array.from(faceIds, (faceId, row) => [faceId, row]))
  const faces = createFaceExport(context.database.db).faces().filter(({ id, ignored }) => !ignored && rows.has(id))
  if (faces.length === 0) {
    throw new KithError('not-found', `The library ${context.libraryDirectory} has no faces that ${model} has seen. Add photos with: kith index FOLDER`)
  }
  const vectorOf = (i: number) => {
    const row = rows.get(faces[i].id)!
    return embeddings.subarray(row * dimension, (row + 1) * dimension)
  }
  return { faces, dimension, vectorOf }
}

interface Sprite {
  columns: number
  tileSidePx: number
}

/** A square of square tiles, each as large as the projector's limit lets it be; null where they would be too small. */
export function layOutSprite(faces: number): Sprite | null {
  const columns = Math.ceil(Math.sqrt(faces))
  const tileSidePx = Math.min(maxTilePx, Math.floor(maxSheetPx / columns))
  return tileSidePx < minTilePx ? null : { columns, tileSidePx }
}

function configText(model: string, sprite: Sprite | null): string {
  const spriteLines = sprite ? `  sprite {
    image_path: "${spriteFile}"
    single_image_dim: ${sprite.tileSidePx}
    single_image_dim: ${sprite.tileSidePx}
  }
` : ''
  return `${configMark}
embeddings {
  tensor_name: ${JSON.stringify(oneLine(model))}
  tensor_path: "${vectorsFile}"
  metadata_path: "${metadataFile}"
${spriteLines}}
`
}

async function* vectorRows(count: number, vectorOf: (i: number) => Float32Array, report: (done: number) => void): AsyncGenerator<string> {
  for (let from = 0; from < count; from += rowsPerPiece) {
    report(from)
    const piece = Array.from({ length: Math.min(rowsPerPiece, count - from) }, (_, i) =>
      `${Array.from(vectorOf(from + i), (value) => Number(value.toPrecision(float32Digits))).join('\t')}\n`)
    yield piece.join('')
  }
}

async function* metadataRows(faces: readonly ExportedFace[]): AsyncGenerator<string> {
  yield `${columns.join('\t')}\n`
  for (let from = 0; from < faces.length; from += rowsPerPiece) {
    yield faces.slice(from, from + rowsPerPiece).map(({ id, person, path, clusterId, takenAt }) => {
      const cells: Record<(typeof columns)[number], string> = {
        person: person ?? '', file: path, cluster: clusterId === null ? '' : `cluster:${clusterId}`, taken: takenAt ?? '', face: `face:${id}`,
      }
      return `${columns.map((column) => oneLine(cells[column])).join('\t')}\n`
    }).join('')
  }
}

function spriteBytes(
  { vision, libraryDirectory }: LibraryContext, faces: readonly ExportedFace[], { columns, tileSidePx }: Sprite,
  { signal }: ExportOptions, report: (done: number) => void,
): AsyncGenerator<Uint8Array> {
  const images = createImageStore(libraryDirectory)
  const strip = (row: number): Promise<Uint8Array> => {
    const paths = Array.from({ length: columns }, (_, column) => {
      const cropHash = faces[row * columns + column]?.cropHash
      return cropHash ? images.pathOf(cropHash) : null
    })
    const tiles = vision.tile(paths, tileSidePx, signal ? { signal } : {})
    // It is awaited in its turn; should an earlier one fail, nobody is left to hear of this one.
    tiles.catch(() => {})
    return tiles
  }
  const strips = async function* () {
    const inHand: Promise<Uint8Array>[] = []
    for (let row = 0; row < columns; row++) {
      while (inHand.length < vision.concurrency && row + inHand.length < columns) inHand.push(strip(row + inHand.length))
      report(Math.min(faces.length, row * columns))
      yield await inHand.shift()!
    }
  }
  return encodePngStrips(columns * tileSidePx, columns * tileSidePx, strips())
}
