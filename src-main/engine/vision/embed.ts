/** Embeddings of aligned faces. */
import { fitFace } from '../math/align.ts'
import { compose, invert, type Affine } from '../math/geometry.ts'
import type { EmbedderRow } from '../models/registry.ts'
import type { AlignmentOptions } from '../ports.ts'
import type { Network } from './onnx-session.ts'
import type { Pyramid } from './pyramid.ts'
import { createScratch } from './scratch.ts'

/** Room around the face as a part of its width, as dlib's get_face_chip is mostly asked for it. */
const dlibPadding = 0.25

/** A face turned and scaled for the embedder. */
export interface Chip {
  /** RGB 0..255, side × side × 3 each, in the order of the row's views. */
  readonly views: readonly Float32Array[]
  readonly sidePx: number
}

/** A face turned and cut out, RGB 0..255. @param toPicture from the landmarks' coordinates to pixels of the pyramid */
export function cutAligned(
  pyramid: Pyramid, toPicture: Affine, landmarks: ArrayLike<number>, { alignment, sidePx }: AlignmentOptions,
): Uint8Array {
  const toLandmarks = invert(fitFace(alignment, landmarks, sidePx, dlibPadding))
  return Uint8Array.from(pyramid.sample(compose(toPicture, toLandmarks), sidePx, sidePx), Math.round)
}

/** Cuts the chip of a face. @param toPicture from the landmarks' coordinates to pixels of the pyramid */
export function cutChip(pyramid: Pyramid, toPicture: Affine, landmarks: ArrayLike<number>, row: EmbedderRow): Chip {
  const sidePx = row.input.sidePx!
  const mirror: Affine = [-1, 0, sidePx - 1, 0, 1, 0]
  const views = row.views.map(({ padding, mirrored }) => {
    const toLandmarks = invert(fitFace(row.alignment, landmarks, sidePx, padding))
    return pyramid.sample(compose(toPicture, mirrored ? compose(toLandmarks, mirror) : toLandmarks), sidePx, sidePx)
  })
  return { views, sidePx }
}

/** Views a batch: the network takes a fifth less time a view in batches, and memory stays bounded. */
const batchSize = 8

/** Embeddings of chips, in their order. */
export type Embed = (chips: readonly Chip[]) => Promise<Float32Array[]>

/** Embeds chips: the mean of the embeddings of each chip's views. */
export function createEmbedder(network: Network, row: EmbedderRow): Embed {
  const sidePx = row.input.sidePx!
  const viewLength = sidePx ** 2 * 3
  const viewsPerChip = row.views.length
  const chipsPerBatch = Math.max(1, Math.floor(batchSize / viewsPerChip))
  const scratch = createScratch()
  return async (chips) => {
    const embeddings: Float32Array[] = []
    for (let start = 0; start < chips.length; start += chipsPerBatch) {
      const batch = chips.slice(start, start + chipsPerBatch)
      const views = batch.flatMap((chip) => chip.views)
      const { embedding } = await scratch.lend(views.length * viewLength, (input) => {
        views.forEach((view, i) => input.set(view, i * viewLength))
        return network.run(input, [views.length, sidePx, sidePx, 3])
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
export function sharpness({ views: [pixels], sidePx }: Chip): number {
  const luma = new Float32Array(sidePx * sidePx)
  for (let i = 0; i < luma.length; i++) {
    luma[i] = 0.299 * pixels![i * 3]! + 0.587 * pixels![i * 3 + 1]! + 0.114 * pixels![i * 3 + 2]!
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
