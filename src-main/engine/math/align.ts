/** Alignment: how a face is turned, scaled and shifted before it enters an embedder. */
import { fitSimilarity, type Affine } from './geometry.ts'

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
