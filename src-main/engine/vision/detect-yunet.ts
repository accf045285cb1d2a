/** Detectors with YuNet's outputs (Wu, Peng and Yu 2023): no anchors, strides 8, 16 and 32. */
import type { Rectangle, RgbImage } from '../math/geometry.ts'
import type { DetectorRow } from '../models/registry.ts'
import type { Network } from './onnx-session.ts'
import { createScratch } from './scratch.ts'

/** A face as a detector found it, in pixels of the picture that it was given. */
export interface Detection {
  readonly box: Rectangle
  readonly score: number
  /** Eye, eye, nose, mouth corner, mouth corner from left to right, as x0, y0 …; null where the detector finds none. */
  readonly points: ArrayLike<number> | null
}

/** Finds faces in one picture at its own size, without suppression of overlaps. */
export type DetectorPass = (image: RgbImage, minScore: number) => Promise<Detection[]>

const strides = [8, 16, 32] as const
/** The coarsest stride: inputs are padded to a multiple of it. */
const multiplePx = 32

/** A pass of YuNet or kith-detector.v1: colours 0..255 in the row's order, padded with black at the right and bottom. */
export function createYunetPass(network: Network, row: DetectorRow): DetectorPass {
  const firstChannel = row.input.order === 'BGR' ? 2 : 0
  const scratch = createScratch()
  return async (image, minScore) => {
    const width = Math.ceil(image.width / multiplePx) * multiplePx
    const height = Math.ceil(image.height / multiplePx) * multiplePx
    const outputs = await scratch.lend(3 * width * height, (input) => {
      fillPlanes(input, image, width, height, firstChannel)
      return network.run(input, [1, 3, height, width])
    })
    return strides.flatMap((stride) => decode(outputs, stride, width, minScore))
  }
}

/** Interleaved RGB to three planes of floats, zero beyond the picture. */
function fillPlanes(planes: Float32Array, image: RgbImage, width: number, height: number, firstChannel: number): void {
  const [first, second, third] = [0, 1, 2].map((plane) => planes.subarray(plane * width * height, (plane + 1) * width * height)) as
    [Float32Array, Float32Array, Float32Array]
  const { data } = image
  const lastChannel = 2 - firstChannel
  for (let y = 0, from = 0; y < image.height; y++) {
    const end = y * width + image.width
    for (let at = y * width; at < end; at++, from += 3) {
      first[at] = data[from + firstChannel]!
      second[at] = data[from + 1]!
      third[at] = data[from + lastChannel]!
    }
    for (const plane of [first, second, third]) plane.fill(0, end, (y + 1) * width)
  }
  for (const plane of [first, second, third]) plane.fill(0, image.height * width)
}

function decode(outputs: Record<string, Float32Array>, stride: number, width: number, minScore: number): Detection[] {
  const classes = outputs[`cls_${stride}`]!
  const objects = outputs[`obj_${stride}`]!
  const boxes = outputs[`bbox_${stride}`]!
  const points = outputs[`kps_${stride}`]!
  const columns = width / stride
  const found: Detection[] = []
  for (let cell = 0; cell < classes.length; cell++) {
    const score = Math.sqrt(Math.max(0, Math.min(1, classes[cell]!)) * Math.max(0, Math.min(1, objects[cell]!)))
    if (score < minScore) continue
    const column = cell % columns
    const row = Math.floor(cell / columns)
    const centreX = (column + boxes[cell * 4]!) * stride
    const centreY = (row + boxes[cell * 4 + 1]!) * stride
    const boxWidth = Math.exp(boxes[cell * 4 + 2]!) * stride
    const boxHeight = Math.exp(boxes[cell * 4 + 3]!) * stride
    found.push({
      box: { x: centreX - boxWidth / 2, y: centreY - boxHeight / 2, width: boxWidth, height: boxHeight },
      score,
      points: points.subarray(cell * 10, cell * 10 + 10).map((offset, i) => (offset + (i % 2 === 0 ? column : row)) * stride),
    })
  }
  return found
}
