/** Networks, run by ONNX Runtime: the only file that imports it. */
import { InferenceSession, Tensor } from 'onnxruntime-node'

/** A loaded network. */
export interface Network {
  /**
   * Runs it on one input; holds the thread for as long as that takes.
   * @returns its outputs by name, each a plain array in the network's own layout
   */
  run(input: Float32Array, shape: readonly number[]): Promise<Record<string, Float32Array>>
  close(): Promise<void>
}

/**
 * Loads a network from the bytes of an .onnx file. One thread a session: the processes share the cores already.
 * @throws Error with ONNX Runtime's own words where the bytes are no model
 */
export async function loadNetwork(model: Uint8Array): Promise<Network> {
  const session = await InferenceSession.create(model, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    // The arena keeps what the largest picture ever took, and saves no time that can be measured here.
    enableCpuMemArena: false,
  })
  const inputName = session.inputNames[0]!
  return {
    async run(input, shape) {
      const results = await session.run({ [inputName]: new Tensor('float32', input, shape) })
      return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, tensor.data as Float32Array]))
    },
    close: () => session.release(),
  }
}
