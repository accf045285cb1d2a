/** How well held-out people are told apart. */
import { setImmediate as pause } from 'node:timers/promises'
import * as tf from '@tensorflow/tfjs-core'
import { sweepPairs } from '../math/metrics.ts'
import { pairwiseDistances } from '../math/vector.ts'
import type { ValidationFigures } from '../training-port.ts'
import type { Trainable } from './trainable.ts'

/** Faces embedded at once. */
const chunkSize = 32

/**
 * Embeds faces as the model is now.
 * @returns one row each, one after the other
 */
export async function embedFaces(
  trainable: Trainable, faces: readonly number[], { signal, onProgress }: { signal?: AbortSignal; onProgress?(done: number): void } = {},
): Promise<Float32Array> {
  const chunks: Float32Array[] = []
  for (let start = 0; start < faces.length && !signal?.aborted; start += chunkSize) {
    chunks.push(tf.tidy(() => trainable.embed(faces.slice(start, start + chunkSize)).dataSync() as Float32Array).slice())
    onProgress?.(Math.min(start + chunkSize, faces.length))
    await pause()
  }
  return Float32Array.from(chunks.flatMap((chunk) => [...chunk]))
}

/**
 * Figures over all pairs.
 * @param embeddings rows one after the other
 * @param people of each row
 */
export function validate(embeddings: Float32Array, people: readonly number[]): ValidationFigures {
  const distances = pairwiseDistances(embeddings, people.length, embeddings.length / people.length)
  const { auc, bestAccuracy, tarAtFar } = sweepPairs(distances, samePairs(people))
  return { auc, accuracy: bestAccuracy.value, tarAtFar: { '0.01': tarAtFar(0.01).tar, '0.001': tarAtFar(0.001).tar } }
}

/** 1 for every pair of one person, in the order of `pairwiseDistances`. */
export function samePairs(people: readonly number[]): Uint8Array {
  const same = new Uint8Array((people.length * (people.length - 1)) / 2)
  let at = 0
  for (let i = 0; i < people.length; i++) for (let j = i + 1; j < people.length; j++) same[at++] = Number(people[i] === people[j])
  return same
}
