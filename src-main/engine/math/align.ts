/** Alignment: how a face is turned, scaled and shifted before it enters an embedder. */
import { fitSimilarity, fitTriangle, type Affine } from './geometry.ts'

/** How a face may be turned: by dlib's chip, or by one of OpenFace's two templates. */
export const faceAlignments = ['dlib-68', 'outer-eyes-and-nose', 'inner-eyes-and-bottom-lip'] as const
export type FaceAlignment = (typeof faceAlignments)[number]

/**
 * The map that aligns a face, from the picture's pixels to the chip's.
 * @param landmarks 68 points, x0, y0, x1, y1 …, in pixels of the picture
 * @param sidePx side of the chip in pixels
 * @param padding room around the face as a part of its width, for dlib's chip alone: OpenFace's templates have none
 * @throws RangeError where the landmarks coincide, or three that a template needs lie on a line
 */
export function fitFace(alignment: FaceAlignment, landmarks: ArrayLike<number>, sidePx: number, padding: number): Affine {
  return alignment === 'dlib-68' ? fitDlibChip(landmarks, sidePx, padding) : fitOpenFaceTemplate(alignment, landmarks, sidePx)
}

/**
 * The landmarks that OpenFace aligns by and where it puts them: its mean shape (openface/align_dlib.py, TEMPLATE; Apache-2.0),
 * which is stretched so that the 68 points of it fill the chip.
 */
const openFaceTemplates = {
  'outer-eyes-and-nose': { points: [36, 45, 33], at: [0.252418718401, 0.331052263829, 0.782865376271, 0.321305281656, 0.520712933176, 0.634268222208] },
  'inner-eyes-and-bottom-lip': { points: [39, 42, 57], at: [0.403718978315, 0.33867711083, 0.631326076346, 0.334136672344, 0.525398405766, 0.841706377792] },
} as const
const openFaceBounds = { left: 0.0792396913815, right: 0.971193274221, top: 0.182360984545, bottom: 1.06080371126 } as const

/**
 * The affine map that brings three landmarks onto OpenFace's template: the outer corners of the eyes and the tip of the nose
 * (what nn4.small2 learned from), or the inner corners of the eyes and the bottom lip. It may shear the face.
 * @param landmarks 68 points, x0, y0, x1, y1 …, in pixels of the picture
 * @param sidePx side of the chip in pixels (96 for nn4.small2)
 * @throws RangeError where the three landmarks lie on a line
 */
export function fitOpenFaceTemplate(
  template: keyof typeof openFaceTemplates, landmarks: ArrayLike<number>, sidePx: number,
): Affine {
  const { points, at } = openFaceTemplates[template]
  const { left, right, top, bottom } = openFaceBounds
  const source = points.flatMap((point) => [landmarks[point * 2]!, landmarks[point * 2 + 1]!])
  const target = at.map((value, i) => (i % 2 === 0 ? (value - left) / (right - left) : (value - top) / (bottom - top)) * sidePx)
  return fitTriangle(source, target)
}

/**
 * Mean positions of the 68 landmarks without the jaw (points 17 to 67), as fractions of the face's width: the constants of
 * dlib's get_face_chip_details (image_transforms/interpolation.h, Boost licence). x0, y0, x1, y1 …
 */
const dlibMeanShape = [
  0.000213256, 0.106454, 0.0752622, 0.038915, 0.18113, 0.0187482, 0.29077, 0.0344891, 0.393397, 0.0773906,
  0.586856, 0.0773906, 0.689483, 0.0344891, 0.799124, 0.0187482, 0.904991, 0.038915, 0.98004, 0.106454,
  0.490127, 0.203352, 0.490127, 0.307009, 0.490127, 0.409805, 0.490127, 0.515625,
  0.36688, 0.587326, 0.426036, 0.609345, 0.490127, 0.628106, 0.554217, 0.609345, 0.613373, 0.587326,
  0.121737, 0.216423, 0.187122, 0.178758, 0.265825, 0.179852, 0.334606, 0.231733, 0.260918, 0.245099, 0.182743, 0.244077,
  0.645647, 0.231733, 0.714428, 0.179852, 0.793132, 0.178758, 0.858516, 0.216423, 0.79751, 0.244077, 0.719335, 0.245099,
  0.254149, 0.780233, 0.340985, 0.745405, 0.428858, 0.727388, 0.490127, 0.742578, 0.551395, 0.727388, 0.639268, 0.745405,
  0.726104, 0.780233, 0.642159, 0.864805, 0.556721, 0.902192, 0.490127, 0.909281, 0.423532, 0.902192, 0.338094, 0.864805,
  0.290379, 0.784792, 0.428096, 0.778746, 0.490127, 0.785343, 0.552157, 0.778746, 0.689874, 0.784792,
  0.553364, 0.824182, 0.490127, 0.831803, 0.42689, 0.824182,
]
const firstMeanPoint = 17
/** Points that steady the fit: not the jaw and the brows, which are drawn, nor the lower lip, which moves. */
const fittedPoints = Array.from({ length: 68 }, (_, point) => point)
  .filter((point) => (point >= 27 && point <= 54) || (point >= 60 && point <= 64))

/**
 * The similarity that brings a face's landmarks onto dlib's chip, from the picture's pixels to the chip's.
 * @param landmarks 68 points, x0, y0, x1, y1 …, in pixels of the picture
 * @param sidePx side of the chip in pixels (150 for dlib's network)
 * @param padding room around the face as a part of its width (0.25 for dlib's network)
 * @throws RangeError where the landmarks all coincide
 */
export function fitDlibChip(landmarks: ArrayLike<number>, sidePx: number, padding: number): Affine {
  const source = new Float64Array(fittedPoints.length * 2)
  const target = new Float64Array(fittedPoints.length * 2)
  fittedPoints.forEach((point, i) => {
    for (let axis = 0; axis < 2; axis++) {
      source[i * 2 + axis] = landmarks[point * 2 + axis]!
      target[i * 2 + axis] = ((padding + dlibMeanShape[(point - firstMeanPoint) * 2 + axis]!) / (2 * padding + 1)) * sidePx
    }
  })
  return fitSimilarity(source, target)
}
