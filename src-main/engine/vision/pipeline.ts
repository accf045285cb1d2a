/** A photo file to the faces on it. */
import { basename } from 'node:path'
import { compose, identity, type Affine, type Rectangle } from '../math/geometry.ts'
import { loadModel } from '../models/files.ts'
import { findModel, type DetectorRow, type EmbedderRow } from '../models/registry.ts'
import type { DetectedFace, PhotoAnalysis } from '../ports.ts'
import { decodeLarger, decodePhoto, encodeJpeg, type DecodedPhoto } from './decode.ts'
import { detectFaces } from './detect.ts'
import { createSsdPass } from './detect-ssd.ts'
import { createYunetPass, type Detection, type DetectorPass } from './detect-yunet.ts'
import { createEmbedder, cutChip, sharpness, type Chip } from './embed.ts'
import { createLandmarkFinder, disagreement, type LandmarkFinder } from './landmarks.ts'
import { loadNetwork } from './onnx-session.ts'
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
  detectorId: string
  embedderId: string
  /** Folders that may hold fetched models. */
  modelsDirectories: readonly string[]
  pixelLimit?: number
}

export interface Pipeline {
  /** @throws PhotoReadError */
  analyze(path: string): Promise<PhotoAnalysis>
  close(): Promise<void>
}

/**
 * Loads the models and makes the pipeline. Per photo:
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
  const detectorRow = requireRow('detector', options.detectorId)
  const landmarksRow = requireRow('landmarks', 'landmarks-68')
  const embedderRow = requireRow('embedder', options.embedderId)
  const [detector, landmarks, embedder] = await Promise.all(
    [detectorRow, landmarksRow, embedderRow].map(async (row) => loadNetwork(await loadModel(row, modelsDirectories))))
  const pass = (detectorRow.decoder === 'yunet' ? createYunetPass : createSsdPass)(detector!, detectorRow)
  const findLandmarks = createLandmarkFinder(landmarks!, landmarksRow)
  const embed = createEmbedder(embedder!, embedderRow)
  async function describeFaces(search: Search): Promise<DetectedFace[]> {
    const faces = await findFaces(search)
    const [embeddings, crops] = await Promise.all([
      embed(faces.map(({ chip }) => chip)),
      Promise.all(faces.map(({ crop }) => encodeJpeg(crop, cropSidePx, cropQuality))),
    ])
    return faces.map((face, i) => describe(face, search.photo, embeddings[i]!, crops[i]!))
  }
  return {
    async analyze(path) {
      const photo = await decodePhoto(path, pixelLimit)
      const pyramid = createPyramid(photo.picture)
      const half = pyramid.level(pyramid.levelFor(2 * thumbnailSidePx - 1))
      // JPEGs are encoded on other threads, while the networks hold this one.
      const [thumbnail, faces] = await Promise.all([
        encodeJpeg(half, thumbnailSidePx, thumbnailQuality),
        describeFaces({ photo, pyramid, pass, detectorRow, embedderRow, findLandmarks, pixelLimit, name: basename(path) }),
      ])
      return {
        widthPx: photo.widthPx, heightPx: photo.heightPx, takenAt: photo.takenAt, contentHash: photo.contentHash, thumbnail, faces,
      }
    },
    async close() {
      await Promise.all([detector, landmarks, embedder].map((network) => network!.close()))
    },
  }
}

function requireRow<R extends 'detector' | 'landmarks' | 'embedder'>(role: R, id: string) {
  const row = findModel(role, id)
  if (!row) throw new Error(`There is no ${role} called ${id}`)
  return row
}

/** Boxes and landmarks are in pixels of the working copy. */
interface FoundFace extends Detection {
  readonly landmarks: Float64Array
  readonly chip: Chip
  readonly crop: { data: Uint8Array; width: number; height: number }
}

interface Search {
  photo: DecodedPhoto
  pyramid: Pyramid
  pass: DetectorPass
  detectorRow: DetectorRow
  embedderRow: EmbedderRow
  findLandmarks: LandmarkFinder
  pixelLimit: number
  name: string
}

async function findFaces(search: Search): Promise<FoundFace[]> {
  const { photo, pyramid, embedderRow, findLandmarks } = search
  const detections = await detectFaces(search.pass, search.detectorRow, pyramid)
  const closer = await lookAgain(search, detections)
  const faces: FoundFace[] = []
  for (const { box, score, points } of detections) {
    const [source, toPicture] = closer && isSmall(box) ? [closer.pyramid, closer.toPicture] : [pyramid, identity]
    const landmarks = await findLandmarks(source, toPicture, box)
    if (!isConfirmed(search.detectorRow, score, points, landmarks, box)) continue
    faces.push({
      box, score, points, landmarks,
      chip: cutChip(source, toPicture, landmarks, embedderRow),
      crop: cutCrop(source, toPicture, box, photo.picture),
    })
  }
  return faces
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
): Promise<{ pyramid: Pyramid; toPicture: Affine } | null> {
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

function describe(face: FoundFace, photo: DecodedPhoto, embedding: Float32Array, crop: Uint8Array): DetectedFace {
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
