/**
 * Which models there are. A model is one row of data; adding one is a new row here, and for a network whose graph we build
 * ourselves a builder in files.ts. Embeddings of two embedders never meet: they carry the id.
 */
import type { ModelRole } from '../../../src-shared/domain.ts'
import type { FaceAlignment } from '../math/align.ts'
import type { Checksum } from './checksum.ts'
import { dlibThresholds, nn4Small2Thresholds, openFaceThresholds, type RecognitionThresholds } from '../math/thresholds.ts'

/** Where a model's weights come from: with the program, out of an npm package, fetched, or a file that somebody has made. */
export type ModelOrigin =
  | { readonly kind: 'shipped'; readonly file: string }
  | { readonly kind: 'packaged'; readonly packageName: string; readonly manifest: string; readonly file: string }
  | { readonly kind: 'fetched'; readonly file: string; readonly url: string }
  /** Absolute path of a file, or of a folder of CSV files. */
  | { readonly kind: 'local'; readonly path: string }

interface ModelRowBase {
  readonly id: string
  /** A name that stands for the newest version of a model: whoever asks for it gets this row. */
  readonly alias?: string
  readonly role: ModelRole
  /** One sentence for people. */
  readonly description: string
  readonly source: string
  readonly licence: string
  readonly checksum: Checksum
  /** Size of the file; null where only its checksum is known. */
  readonly bytes: number | null
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
  /** Which graph the weights belong to. */
  readonly network: 'dlib-resnet' | 'nn4.small2'
  readonly dimension: number
  /** The template that faces are turned to before they enter. */
  readonly alignment: FaceAlignment
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

const sha256 = (hex: string): Checksum => ({ algorithm: 'sha256', hex })
const meanColour = [122.782, 117.001, 104.298] as const
const faceApi = {
  packageName: '@vladmandic/face-api',
  source: 'npm package @vladmandic/face-api 1.7.15',
}
const yunetCommit = '0047ac24afb1a50a0c6105001c89d1b5b805dbf1'
const openFaceCommit = '04b74f85e394a2982e95ce73c09d1574cc9d3486'
/** What every set of weights of nn4.small2 has in common, unless its card says otherwise. */
export const nn4Small2 = {
  role: 'embedder',
  network: 'nn4.small2',
  input: { order: 'RGB', layout: 'NHWC', mean: [0, 0, 0], scale: 1 / 255, sidePx: 96 },
  dimension: 128,
  alignment: 'outer-eyes-and-nose',
  views: [{ padding: 0, mirrored: false }],
  thresholds: nn4Small2Thresholds,
} as const satisfies Partial<EmbedderRow>
const anyColour = { order: 'BGR', layout: 'NCHW', mean: [0, 0, 0], scale: 1, sidePx: null } as const

export const models: readonly ModelRow[] = [
  {
    id: 'kith-detector.v1',
    role: 'detector',
    description: 'Finds faces and comes with Kith. Profiles and half-hidden faces are found less often than with yunet.',
    source: 'Trained by the makers of Kith, November 2026; see resources/models/kith-detector.v1.md',
    licence: 'MIT (weights)',
    checksum: sha256('499ef9a008adabc20e1e8d7b82f95066991d24f465a829785a3958ae81b21bfa'),
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
    checksum: sha256('104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12'),
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
    checksum: sha256('2835640602d53718aa6ae9a42896327eaa21beefed056c218d32ca7d79e1e2f8'),
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
    checksum: sha256('4611ef65c87d836d03d684b30eec4d195d8b219fa1dd58fc58945831c6b9299b'),
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
    checksum: sha256('b413e420d6840b2775fba32008db6f3cddb07d485967fb42cfcf379c16a8c589'),
    bytes: 6_444_032,
    origin: {
      kind: 'packaged', packageName: faceApi.packageName,
      manifest: 'model/face_recognition_model-weights_manifest.json', file: 'model/face_recognition_model.bin',
    },
    input: { order: 'RGB', layout: 'NHWC', mean: meanColour, scale: 1 / 255, sidePx: 150 },
    network: 'dlib-resnet',
    dimension: 128,
    alignment: 'dlib-68',
    views: [{ padding: 0.25, mirrored: false }, { padding: 0.18, mirrored: true }],
    thresholds: dlibThresholds,
  },
  {
    id: 'nn4.small2.kith.v1',
    alias: 'nn4.small2',
    description: "The method's own network, OpenFace's nn4.small2, trained by the makers of Kith. To see, measure and train; dlib-resnet is far better.",
    source: 'Trained by the makers of Kith, November 2026; see resources/models/nn4.small2.kith.v1.md',
    licence: 'MIT (weights)',
    checksum: sha256('d3b1214c1fed589fcd9f4317976c8b7e48ed41943dec03c4c1c662c14a954cee'),
    bytes: 7_554_608,
    origin: { kind: 'shipped', file: 'nn4.small2.kith.v1.f16.safetensors' },
    ...nn4Small2,
  },
  {
    id: 'nn4.small2.openface',
    description: "OpenFace's own weights of nn4.small2 as the Keras port has them.",
    source: 'https://github.com/krasserm/face-recognition, weights/nn4.small2.v1.h5, which its notebook loads; from the weights of OpenFace (Carnegie Mellon University). Known by its Git id; that the address still gives it has not been seen.',
    licence: 'Apache-2.0',
    checksum: { algorithm: 'git-blob', hex: '54d27d497778f902d434ecc8582a12ecd0704b42' },
    bytes: null,
    origin: {
      kind: 'fetched',
      file: 'nn4.small2.v1.h5',
      url: `https://raw.githubusercontent.com/krasserm/face-recognition/${openFaceCommit}/weights/nn4.small2.v1.h5`,
    },
    ...nn4Small2,
    thresholds: openFaceThresholds,
  },
]

/** The row of that id or alias and role, or null. */
export function findModel<R extends ModelRole>(role: R, name: string): Extract<ModelRow, { role: R }> | null {
  const row = models.find((candidate) => candidate.role === role && (candidate.id === name || candidate.alias === name))
  return (row as Extract<ModelRow, { role: R }> | undefined) ?? null
}
