/**
 * Adam (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1), on plain numbers: what it remembers can be written down and taken up
 * again to the bit, whatever backend computed the gradients.
 */

/** Name of a weight to its numbers. */
export type NumbersByName = ReadonlyMap<string, Float32Array>

export interface AdamState {
  /** Updates made. */
  readonly steps: number
  readonly firstMoments: NumbersByName
  readonly secondMoments: NumbersByName
}

export interface Adam {
  /** Changes the weights in place. @param gradients of the same names and lengths */
  update(weights: NumbersByName, gradients: NumbersByName): void
  state(): AdamState
}

const beta1 = 0.9
const beta2 = 0.999
/** As TensorFlow has it for 32-bit floats. */
const epsilon = 1e-7

/** @param from what an earlier one remembered; default: nothing */
export function createAdam(learningRate: number, from?: AdamState): Adam {
  let steps = from?.steps ?? 0
  const firstMoments = new Map(from?.firstMoments)
  const secondMoments = new Map(from?.secondMoments)
  const moment = (moments: Map<string, Float32Array>, name: string, length: number): Float32Array => {
    const known = moments.get(name) ?? new Float32Array(length)
    moments.set(name, known)
    return known
  }
  return {
    update(weights, gradients) {
      steps++
      const correction1 = 1 - beta1 ** steps, correction2 = 1 - beta2 ** steps
      for (const [name, gradient] of gradients) {
        const weight = weights.get(name)!
        const first = moment(firstMoments, name, weight.length), second = moment(secondMoments, name, weight.length)
        for (let i = 0; i < weight.length; i++) {
          first[i] = beta1 * first[i]! + (1 - beta1) * gradient[i]!
          second[i] = beta2 * second[i]! + (1 - beta2) * gradient[i]! ** 2
          weight[i] = weight[i]! - (learningRate * (first[i]! / correction1)) / (Math.sqrt(second[i]! / correction2) + epsilon)
        }
      }
    },
    state: () => ({ steps, firstMoments, secondMoments }),
  }
}

/**
 * Scales the gradients down, in place, where their common length is above the limit.
 * @returns the length before; NaN or Infinity where a gradient is
 */
export function clipByGlobalNorm(gradients: NumbersByName, limit: number): number {
  let sum = 0
  for (const gradient of gradients.values()) for (let i = 0; i < gradient.length; i++) sum += gradient[i]! ** 2
  const norm = Math.sqrt(sum)
  if (norm > limit) for (const gradient of gradients.values()) for (let i = 0; i < gradient.length; i++) gradient[i]! *= limit / norm
  return norm
}
