/** Embeddings of aligned faces. */
import { fitDlibChip } from '../math/align.ts'
import { compose, invert, mirror, type Affine } from '../math/geometry.ts'
import type { EmbedderRow } from '../models/registry.ts'
import type { Network } from './onnx-session.ts'
import type { Pyramid } from './pyramid.ts'
import { createScratch } from './scratch.ts'

/** Room that dlib's network wants around a face, as a part of the face's width. */
const chipPadding = 0.25

/** A face turned and scaled for the embedder. */
export interface Chip {
  /** RGB 0..255, side × side × 3. */
  readonly pixels: Float32Array
  readonly sidePx: number
}

/** Cuts the chip of a face. @param toPicture from the landmarks' coordinates to pixels of the pyramid */
export function cutChip(pyramid: Pyramid, toPicture: Affine, landmarks: ArrayLike<number>, row: EmbedderRow): Chip {
  const sidePx = row.input.sidePx!
  const toLandmarks = invert(fitDlibChip(landmarks, sidePx, chipPadding))
  return { pixels: pyramid.sample(compose(toPicture, toLandmarks), sidePx, sidePx), sidePx }
}

/** Chips a batch: the network takes a fifth less time a chip in batches, and memory stays bounded. */
const batchSize = 8

/** Embeds chips; where the row says so, the mean of each chip's embedding and its mirror image's. */
export function createEmbedder(network: Network, row: EmbedderRow): (chips: readonly Chip[]) => Promise<Float32Array[]> {
  const sidePx = row.input.sidePx!
  const chipLength = sidePx ** 2 * 3
  const viewsPerChip = row.mirrorAveraged ? 2 : 1
  const chipsPerBatch = batchSize / viewsPerChip
  const scratch = createScratch()
  return async (chips) => {
    const embeddings: Float32Array[] = []
    for (let start = 0; start < chips.length; start += chipsPerBatch) {
      const batch = chips.slice(start, start + chipsPerBatch)
      const views = batch.length * viewsPerChip
      const { embedding } = await scratch.lend(views * chipLength, (input) => {
        batch.forEach(({ pixels }, i) => {
          input.set(pixels, i * viewsPerChip * chipLength)
          if (row.mirrorAveraged) mirror(pixels, sidePx, input.subarray((i * 2 + 1) * chipLength, (i * 2 + 2) * chipLength))
        })
        return network.run(input, [views, sidePx, sidePx, 3])
      })
      for (let i = 0; i < batch.length; i++) embeddings.push(meanOfViews(embedding!, i, viewsPerChip, row.dimension))
    }
    return embeddings
  }
}

function meanOfViews(embeddings: Float32Array, chip: number, views: number, dimension: number): Float32Array {
  const mean = new Float32Array(dimension)
  for (let view = 0; view < views; view++) {
    const offset = (chip * views + view) * dimension
    for (let i = 0; i < dimension; i++) mean[i]! += embeddings[offset + i]! / views
  }
  return mean
}

/** Variance of the Laplacian of the chip's luma (Pech-Pacheco 2000), 0..255 scale; small is blurred. */
export function sharpness({ pixels, sidePx }: Chip): number {
  const luma = new Float32Array(sidePx * sidePx)
  for (let i = 0; i < luma.length; i++) {
    luma[i] = 0.299 * pixels[i * 3]! + 0.587 * pixels[i * 3 + 1]! + 0.114 * pixels[i * 3 + 2]!
  }
  let [sum, squares] = [0, 0]
  for (let y = 1; y < sidePx - 1; y++) {
    for (let at = y * sidePx + 1; at < (y + 1) * sidePx - 1; at++) {
      const value = luma[at - 1]! + luma[at + 1]! + luma[at - sidePx]! + luma[at + sidePx]! - 4 * luma[at]!
      sum += value
      squares += value * value
    }
  }
  const count = (sidePx - 2) ** 2
  return squares / count - (sum / count) ** 2
}
