/** The SSD detector: one square of 512 pixels, boxes as fractions of it. */
import { warp } from '../math/geometry.ts'
import type { DetectorRow } from '../models/registry.ts'
import type { Detection, DetectorPass } from './detect-yunet.ts'
import type { Network } from './onnx-session.ts'
import { createScratch } from './scratch.ts'

/** A pass of SSD MobileNet: the picture fitted into the square, black at the right or bottom. */
export function createSsdPass(network: Network, row: DetectorRow): DetectorPass {
  const sidePx = row.input.sidePx!
  const scratch = createScratch()
  return async (image, minScore) => {
    const longest = Math.max(image.width, image.height)
    // TensorFlow's resizeBilinear maps pixel i of the result to i · scale, not to its centre; the network learnt from that.
    const scale = longest / sidePx
    const { boxes, scores } = await scratch.lend(sidePx * sidePx * 3, (input) =>
      network.run(warp(image, [scale, 0, 0, 0, scale, 0], sidePx, sidePx, input), [1, sidePx, sidePx, 3]))
    const found: Detection[] = []
    for (let anchor = 0; anchor < scores!.length; anchor++) {
      if (scores![anchor]! < minScore) continue
      const side = (index: number): number => Math.max(0, Math.min(1, boxes![anchor * 4 + index]!)) * longest
      const [top, left, bottom, right] = [side(0), side(1), side(2), side(3)]
      if (right > left && bottom > top) {
        found.push({ box: { x: left, y: top, width: right - left, height: bottom - top }, score: scores![anchor]!, points: null })
      }
    }
    return found
  }
}
