/** A photo file to the faces on it. */
import { basename } from 'node:path'
import { compose, identity, type Affine, type Rectangle } from '../math/geometry.ts'
import { loadModel } from '../models/files.ts'
import { findModel, type DetectorRow, type EmbedderRow, type ModelRow } from '../models/registry.ts'
import type { AlignmentOptions, DetectedFace, FacePlace, KnownFace, PhotoAnalysis, PhotoDescription, PhotoEmbeddings } from '../ports.ts'
import { decodeLarger, decodePhoto, encodeJpeg, encodePng, type DecodedPhoto } from './decode.ts'
import { detectFaces } from './detect.ts'
import { createSsdPass } from './detect-ssd.ts'
import { createYunetPass, type Detection, type DetectorPass } from './detect-yunet.ts'
import { createEmbedder, cutAligned, cutChip, sharpness, type Chip, type Embed } from './embed.ts'
import { createLandmarkFinder, disagreement, type LandmarkFinder } from './landmarks.ts'
import { loadNetwork, type Network } from './onnx-session.ts'
import { defaultPixelLimit } from './photo-file.ts'
import { createPyramid, type Pyramid } from './pyramid.ts'

const thumbnailSidePx = 512
const thumbnailQuality = 80
const cropSidePx = 192
const cropQuality = 85
/** Side of a face crop as a multiple of the longer side of the face's box. */
const cropMargin = 1.6
/** Faces smaller than this in the working copy are cut from a larger decode, where the photo has more pixels. */
const secondLookBelowPx = 96
/** What a second look must gain, as a factor of size, to be worth a decode. */
const secondLookMinGain = 1.25

export interface PipelineOptions {
  detector: DetectorRow
  /** The embedder of analyses that name none. */
  embedder: EmbedderRow
  /** Folders that may hold fetched models. */
  modelsDirectories: readonly string[]
  pixelLimit?: number
}

export interface Pipeline {
  /** Loads an embedder, which the other calls do by themselves. @throws KithError `model-missing`, `model-damaged` */
  prepare(embedder: EmbedderRow): Promise<void>
  /** @throws PhotoReadError, and as `prepare` */
  analyze(path: string, embedder?: EmbedderRow): Promise<PhotoAnalysis>
  /** Embeds faces that are known: of the steps of `analyze` the first two, the fourth, the chips and the sixth. @throws as `analyze` */
  embed(path: string, faces: readonly KnownFace[], embedder: EmbedderRow): Promise<PhotoEmbeddings>
  /** Looks at places of a photo as steps 4 to 7 do, and takes each for a face. @throws as `prepare`, PhotoReadError */
  describe(path: string, places: readonly FacePlace[], embedder: EmbedderRow): Promise<PhotoDescription>
  /** The main face turned and cut out, a PNG; null where there is none. @throws PhotoReadError */
  align(path: string, options: AlignmentOptions): Promise<Uint8Array | null>
  close(): Promise<void>
}

/**
 * Loads the detector and the landmark network and makes the pipeline; embedders are loaded as they are asked for. Per photo:
 *
 * 1. Read the file once; hash it, read its date.
 * 2. Decode once, oriented and reduced to about 1280 px: the working copy.
 * 3. Detect faces on one or more sizes of the working copy (detect.ts).
 * 4. Where faces are small and the photo has more pixels than the working copy, decode again, larger: the second look.
 * 5. For every face, from the picture that shows it best: 68 landmarks, a chip aligned by them, its sharpness, a crop.
 *    What the detector was unsure of and the landmark network does not confirm is no face.
 * 6. Embed the chips, several at a time.
 * 7. Encode the thumbnail and the crops as JPEG.
 *
 * @throws KithError `model-missing`, `model-damaged`
 */
export async function createPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { modelsDirectories, pixelLimit = defaultPixelLimit } = options
  const { detector: detectorRow } = options
  const landmarksRow = findModel('landmarks', 'landmarks-68')!
  const load = async (row: ModelRow) => loadNetwork(await loadModel(row, modelsDirectories))
  const [detector, landmarks] = await Promise.all([load(detectorRow), load(landmarksRow)])
  const pass = (detectorRow.decoder === 'yunet' ? createYunetPass : createSsdPass)(detector, detectorRow)
  const findLandmarks = createLandmarkFinder(landmarks, landmarksRow)
  /** By the fingerprint of the weights: one id may come to stand for others. */
  const embedders = new Map<string, Promise<{ network: Network; embed: Embed }>>()
  function embedderOf(row: EmbedderRow): Promise<{ network: Network; embed: Embed }> {
    const key = row.checksum.hex
    const known = embedders.get(key)
    if (known) return known
    const loading = load(row).then((network) => ({ network, embed: createEmbedder(network, row) }))
    embedders.set(key, loading)
    // What could not be loaded is tried again when it is asked for again: the user may have put it there.
    loading.catch(() => embedders.delete(key))
    return loading
  }
  const searchOf = (photo: DecodedPhoto, pyramid: Pyramid, path: string, embedderRow = options.embedder): Search =>
    ({ photo, pyramid, pass, detectorRow, embedderRow, findLandmarks, pixelLimit, name: basename(path) })
  async function describeFaces(search: Search, found: readonly FoundFace[]): Promise<DetectedFace[]> {
    const faces = found.map((face) => ({
      ...face,
      chip: cutChip(face.source, face.toPicture, face.landmarks, search.embedderRow),
      crop: cutCrop(face.source, face.toPicture, face.box, search.photo.picture),
    }))
    const { embed } = await embedderOf(search.embedderRow)
    const [embeddings, crops] = await Promise.all([
      embed(faces.map(({ chip }) => chip)),
      Promise.all(faces.map(({ crop }) => encodeJpeg(crop, cropSidePx, cropQuality))),
    ])
    return faces.map((face, i) => toDetectedFace(face, search.photo, embeddings[i]!, crops[i]!))
  }
  return {
    prepare: async (row) => void (await embedderOf(row)),
    async analyze(path, embedderRow = options.embedder) {
      const photo = await decodePhoto(path, pixelLimit)
      const pyramid = createPyramid(photo.picture)
      const search = searchOf(photo, pyramid, path, embedderRow)
      const half = pyramid.level(pyramid.levelFor(2 * thumbnailSidePx - 1))
      // JPEGs are encoded on other threads, while the networks hold this one.
      const [thumbnail, faces] = await Promise.all([
        encodeJpeg(half, thumbnailSidePx, thumbnailQuality),
        findFaces(search).then((found) => describeFaces(search, found)),
      ])
      const { widthPx, heightPx, takenAt, contentHash } = photo
      return { widthPx, heightPx, takenAt, contentHash, thumbnail, faces }
    },
    async describe(path, places, embedderRow) {
      const photo = await decodePhoto(path, pixelLimit)
      const search = searchOf(photo, createPyramid(photo.picture), path, embedderRow)
      const faces = await describeFaces(search, await lookAtPlaces(search, places))
      return { widthPx: photo.widthPx, heightPx: photo.heightPx, contentHash: photo.contentHash, faces }
    },
    async embed(path, faces, embedderRow) {
      const photo = await decodePhoto(path, pixelLimit)
      const { embed } = await embedderOf(embedderRow)
      const found = await lookAtPlaces(searchOf(photo, createPyramid(photo.picture), path, embedderRow), faces)
      const chips = found.map(({ source, toPicture, landmarks: points }) => cutChip(source, toPicture, points, embedderRow))
      return { contentHash: photo.contentHash, embeddings: await embed(chips) }
    },
    async align(path, options) {
      const photo = await decodePhoto(path, pixelLimit)
      const faces = await findFaces(searchOf(photo, createPyramid(photo.picture), path))
      if (faces.length === 0) return null
      const weight = ({ box, score }: FoundFace): number => Math.min(box.width, box.height) * score
      const main = faces.reduce((best, face) => (weight(face) > weight(best) ? face : best))
      const data = cutAligned(main.source, main.toPicture, main.landmarks, options)
      return options.format === 'pixels' ? data : encodePng({ data, width: options.sidePx, height: options.sidePx })
    },
    async close() {
      const loaded = await Promise.all(embedders.values())
      await Promise.all([detector, landmarks, ...loaded.map(({ network }) => network)].map((network) => network.close()))
    },
  }
}

/** Boxes and landmarks are in pixels of the working copy. */
interface FoundFace extends Detection {
  readonly landmarks: Float64Array
  /** The picture that shows the face best, and the way there from the working copy. */
  readonly source: Pyramid
  readonly toPicture: Affine
}

/** A decoded photo and what faces are found on it and cut out of it with. */
interface Search {
  photo: DecodedPhoto
  pyramid: Pyramid
  embedderRow: EmbedderRow
  pixelLimit: number
  name: string
  findLandmarks: LandmarkFinder
  pass: DetectorPass
  detectorRow: DetectorRow
}

async function findFaces(search: Search): Promise<FoundFace[]> {
  const { pyramid, findLandmarks } = search
  const detections = await detectFaces(search.pass, search.detectorRow, pyramid)
  const closer = await lookAgain(search, detections)
  const faces: FoundFace[] = []
  for (const { box, score, points } of detections) {
    const [source, toPicture] = sourceOf(box, pyramid, closer)
    const landmarks = await findLandmarks(source, toPicture, box)
    if (!isConfirmed(search.detectorRow, score, points, landmarks, box)) continue
    faces.push({ box, score, points, landmarks, source, toPicture })
  }
  return faces
}

/** Known landmarks are taken at their word; others are found inside the box. */
async function lookAtPlaces(search: Search, places: readonly FacePlace[]): Promise<FoundFace[]> {
  const { pyramid, findLandmarks } = search
  const { width, height } = pyramid
  const detections = places.map(({ box }): Detection => ({
    box: { x: box.x * width, y: box.y * height, width: box.width * width, height: box.height * height }, score: 1, points: null,
  }))
  const closer = await lookAgain(search, detections)
  const faces: FoundFace[] = []
  for (const [i, detection] of detections.entries()) {
    const [source, toPicture] = sourceOf(detection.box, pyramid, closer)
    const known = places[i]!.landmarks
    const landmarks = known
      ? Float64Array.from(known, (value, axis) => value * (axis % 2 === 0 ? width : height))
      : await findLandmarks(source, toPicture, detection.box)
    faces.push({ ...detection, landmarks, source, toPicture })
  }
  return faces
}

type Closer = { pyramid: Pyramid; toPicture: Affine } | null

/** The picture that shows the face best, and the way from the working copy's pixels to its own. */
function sourceOf(box: Rectangle, pyramid: Pyramid, closer: Closer): [Pyramid, Affine] {
  return closer && isSmall(box) ? [closer.pyramid, closer.toPicture] : [pyramid, identity]
}

/** A detection of middling score counts only where the landmark network sees a face in the same place. */
function isConfirmed(
  { confirmation }: DetectorRow, score: number, points: ArrayLike<number> | null, landmarks: Float64Array, box: Rectangle,
): boolean {
  if (!confirmation || !points || score >= confirmation.belowScore) return true
  return disagreement(points, landmarks, box) <= confirmation.maxDisagreement
}

function isSmall(box: Rectangle): boolean {
  return Math.min(box.width, box.height) < secondLookBelowPx
}

/** The second look, or null where no face gains by it: those too small to be compared at any size don't count. */
async function lookAgain(
  { photo, embedderRow, pixelLimit, name }: Search, found: readonly Detection[],
): Promise<Closer> {
  const gain = photo.widthPx / photo.picture.width
  const sidesPx = found.filter(({ box }) => isSmall(box)).map(({ box }) => Math.min(box.width, box.height))
    .filter((side) => side * gain >= embedderRow.thresholds.minimumSuggestedPx)
  if (gain < secondLookMinGain || sidesPx.length === 0) return null
  const { picture, toPicture } = await decodeLarger(photo, secondLookBelowPx / Math.min(...sidesPx), name, pixelLimit)
  return { pyramid: createPyramid(picture), toPicture }
}

/** A square around the face, moved inside the photo where it would reach over its edge. */
function cutCrop(source: Pyramid, toPicture: Affine, box: Rectangle, photo: { width: number; height: number }) {
  const side = Math.min(cropMargin * Math.max(box.width, box.height), photo.width, photo.height)
  const left = Math.max(0, Math.min(photo.width - side, box.x + box.width / 2 - side / 2))
  const top = Math.max(0, Math.min(photo.height - side, box.y + box.height / 2 - side / 2))
  const scale = side / cropSidePx
  const toCrop = compose(toPicture, [scale, 0, left, 0, scale, top])
  return { data: Uint8Array.from(source.sample(toCrop, cropSidePx, cropSidePx)), width: cropSidePx, height: cropSidePx }
}

function toDetectedFace(face: FoundFace & { chip: Chip }, photo: DecodedPhoto, embedding: Float32Array, crop: Uint8Array): DetectedFace {
  const { width, height } = photo.picture
  const { x, y, width: boxWidth, height: boxHeight } = face.box
  return {
    box: { x: x / width, y: y / height, width: boxWidth / width, height: boxHeight / height },
    score: face.score,
    sizePx: Math.min((boxWidth / width) * photo.widthPx, (boxHeight / height) * photo.heightPx),
    sharpness: sharpness(face.chip),
    landmarks: Float32Array.from(face.landmarks, (value, i) => value / (i % 2 === 0 ? width : height)),
    embedding,
    crop,
  }
}
