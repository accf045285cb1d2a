/**
 * Which models there are. A model is one row of data; adding one (nn4.small2, say) is a new row here, and for an
 * embedder whose graph we build ourselves a builder beside it. Embeddings of two embedders never meet: they carry the id.
 */
import type { ModelRole } from '../../../src-shared/domain.ts'
import { dlibThresholds, type RecognitionThresholds } from '../math/thresholds.ts'

/** Where a model's weights come from: with the program, out of an npm package, or fetched by the user. */
export type ModelOrigin =
  | { readonly kind: 'shipped'; readonly file: string }
  | { readonly kind: 'packaged'; readonly packageName: string; readonly manifest: string; readonly file: string }
  | { readonly kind: 'fetched'; readonly file: string; readonly url: string }

interface ModelRowBase {
  readonly id: string
  readonly role: ModelRole
  /** One sentence for people. */
  readonly description: string
  readonly source: string
  readonly licence: string
  readonly sha256: string
  readonly bytes: number
  readonly origin: ModelOrigin
  /** How colours enter the network, each 0..255: (colour − mean) × scale. Done inside the graphs that we build. */
  readonly input: {
    readonly order: 'RGB' | 'BGR'
    readonly layout: 'NHWC' | 'NCHW'
    readonly mean: readonly [number, number, number]
    readonly scale: number
    /** Side of the square input in pixels, or null where any multiple of 32 will do. */
    readonly sidePx: number | null
  }
}

export interface DetectorRow extends ModelRowBase {
  readonly role: 'detector'
  /** How the outputs are read: strides 8/16/32 without anchors (YuNet), or SSD boxes. */
  readonly decoder: 'yunet' | 'ssd'
  /** A box counts as a face from this score on. Scores of two detectors can't be compared. */
  readonly minScore: number
  /** Boxes that overlap a better one by more than this (intersection over union) are dropped. */
  readonly maxOverlap: number
  /**
   * Detections below this score count only where the landmarks lie within this distance of the detector's own five
   * points, as a part of the face's size; null where the detector needs no second opinion.
   */
  readonly confirmation: { readonly belowScore: number; readonly maxDisagreement: number } | null
}

export interface LandmarksRow extends ModelRowBase {
  readonly role: 'landmarks'
  readonly points: number
}

/** How a face is shown to an embedder. */
export interface View {
  /** Room around the face, as a part of its width, as dlib's get_face_chip has it. */
  readonly padding: number
  readonly mirrored: boolean
}

export interface EmbedderRow extends ModelRowBase {
  readonly role: 'embedder'
  readonly dimension: number
  /** The template that faces are turned to before they enter; src-main/engine/math/align.ts knows it. */
  readonly alignment: 'dlib-68'
  /**
   * The views of a face whose embeddings are averaged. With dlib's network, on 844 LFW pictures outside every test: true
   * accept rate .921 with a mirrored view instead of .895 without, at one false accept in a thousand, distances 2 % shorter;
   * with the mirrored view cut closer, on 940 such pictures, .916 instead of .908, and .689 instead of .655 at one in ten
   * thousand (YuNet's boxes: .910 instead of .904, .662 instead of .624).
   */
  readonly views: readonly View[]
  /** What distances in this model's own space mean, and how small a face may be. */
  readonly thresholds: RecognitionThresholds
}

export type ModelRow = DetectorRow | LandmarksRow | EmbedderRow

const meanColour = [122.782, 117.001, 104.298] as const
const faceApi = {
  packageName: '@vladmandic/face-api',
  source: 'npm package @vladmandic/face-api 1.7.15',
}
const yunetCommit = '0047ac24afb1a50a0c6105001c89d1b5b805dbf1'
const anyColour = { order: 'BGR', layout: 'NCHW', mean: [0, 0, 0], scale: 1, sidePx: null } as const

export const models: readonly ModelRow[] = [
  {
    id: 'kith-detector.v1',
    role: 'detector',
    description: 'Finds faces and comes with Kith. Profiles and half-hidden faces are found less often than with yunet.',
    source: 'Trained by the makers of Kith, November 2026; see resources/models/kith-detector.v1.md',
    licence: 'MIT (weights)',
    sha256: '499ef9a008adabc20e1e8d7b82f95066991d24f465a829785a3958ae81b21bfa',
    bytes: 934_767,
    origin: { kind: 'shipped', file: 'kith-detector.v1.onnx' },
    input: anyColour,
    decoder: 'yunet',
    minScore: 0.6,
    maxOverlap: 0.3,
    // Of 25 false and 1,807 true detections (LFW people and other photos that nothing else was measured on) this drops 16 and 8.
    confirmation: { belowScore: 0.65, maxDisagreement: 0.12 },
  },
  {
    id: 'yunet',
    role: 'detector',
    description: 'YuNet-n, the better face detector; used when its file is there.',
    source: `https://github.com/ShiqiYu/libfacedetection.train at ${yunetCommit}`,
    licence: 'MIT',
    sha256: '104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12',
    bytes: 322_906,
    origin: {
      kind: 'fetched',
      file: 'yunet_n_dynamic.onnx',
      url: `https://raw.githubusercontent.com/ShiqiYu/libfacedetection.train/${yunetCommit}/onnx/yunet_n_dynamic.onnx`,
    },
    input: anyColour,
    decoder: 'yunet',
    minScore: 0.6,
    maxOverlap: 0.3,
    confirmation: null,
  },
  {
    id: 'ssd-mobilenet',
    role: 'detector',
    description: 'SSD MobileNet V1 of face-api.js; slower, and weak on small and turned faces.',
    source: faceApi.source,
    licence: 'MIT',
    sha256: '2835640602d53718aa6ae9a42896327eaa21beefed056c218d32ca7d79e1e2f8',
    bytes: 5_616_957,
    origin: {
      kind: 'packaged', packageName: faceApi.packageName,
      manifest: 'model/ssd_mobilenetv1_model-weights_manifest.json', file: 'model/ssd_mobilenetv1_model.bin',
    },
    input: { order: 'RGB', layout: 'NHWC', mean: [127.5, 127.5, 127.5], scale: 1 / 127.5, sidePx: 512 },
    decoder: 'ssd',
    minScore: 0.3,
    maxOverlap: 0.5,
    confirmation: null,
  },
  {
    id: 'landmarks-68',
    role: 'landmarks',
    description: 'Finds 68 points of a face: eyes, brows, nose, mouth and jaw.',
    source: faceApi.source,
    licence: 'MIT',
    sha256: '4611ef65c87d836d03d684b30eec4d195d8b219fa1dd58fc58945831c6b9299b',
    bytes: 356_840,
    origin: {
      kind: 'packaged', packageName: faceApi.packageName,
      manifest: 'model/face_landmark_68_model-weights_manifest.json', file: 'model/face_landmark_68_model.bin',
    },
    input: { order: 'RGB', layout: 'NHWC', mean: meanColour, scale: 1 / 255, sidePx: 112 },
    points: 68,
  },
  {
    id: 'dlib-resnet',
    role: 'embedder',
    description: "dlib's face recognition network: 128 numbers that say whose face it is.",
    source: faceApi.source,
    licence: 'MIT (package), CC0 (weights, Davis King)',
    sha256: 'b413e420d6840b2775fba32008db6f3cddb07d485967fb42cfcf379c16a8c589',
    bytes: 6_444_032,
    origin: {
      kind: 'packaged', packageName: faceApi.packageName,
      manifest: 'model/face_recognition_model-weights_manifest.json', file: 'model/face_recognition_model.bin',
    },
    input: { order: 'RGB', layout: 'NHWC', mean: meanColour, scale: 1 / 255, sidePx: 150 },
    dimension: 128,
    alignment: 'dlib-68',
    views: [{ padding: 0.25, mirrored: false }, { padding: 0.18, mirrored: true }],
    thresholds: dlibThresholds,
  },
]

/** The row of that id and role, or null. */
export function findModel<R extends ModelRole>(role: R, id: string): Extract<ModelRow, { role: R }> | null {
  const row = models.find((candidate) => candidate.id === id && candidate.role === role)
  return (row as Extract<ModelRow, { role: R }> | undefined) ?? null
}
