/** Which of TensorFlow.js's backends trains: the fastest that works here. */
import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
// Brings the gradients of all operations, which the core alone does not have.
import '@tensorflow/tfjs-layers'
import { registerWasmGradients } from './wasm-gradients.ts'

export type BackendName = 'tensorflow' | 'wasm' | 'cpu'

export interface StartedBackend {
  readonly name: BackendName
  /** Faster backends that were not taken, and why, one sentence each. */
  readonly passedOver: readonly string[]
}

interface Candidate {
  readonly name: BackendName
  /** What people call it. */
  readonly title: string
  load(): Promise<unknown>
}

const require = createRequire(import.meta.url)
/** In a variable, since the compiler must not look for what need not be installed. */
const nativePackage: string = '@tensorflow/tfjs-node'

const candidates: readonly Candidate[] = [
  { name: 'tensorflow', title: nativePackage, load: () => import(nativePackage) },
  { name: 'wasm', title: 'WebAssembly', load: loadWasm },
  { name: 'cpu', title: 'plain JavaScript', load: () => import('@tensorflow/tfjs-backend-cpu') },
]

async function loadWasm(): Promise<void> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm')
  setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist') + sep)
  registerWasmGradients()
}

/**
 * Starts the first backend that works.
 * @param names backends to try, best first; default: all
 * @throws Error where none works
 */
export async function startTensorFlow(names: readonly BackendName[] = ['tensorflow', 'wasm', 'cpu']): Promise<StartedBackend> {
  const passedOver: string[] = []
  for (const { name, title, load } of names.map((wanted) => candidates.find((candidate) => candidate.name === wanted)!)) {
    try {
      await load()
      await tryOut(name)
      return { name, passedOver }
    } catch (error) {
      passedOver.push(`${title}: ${reasonOf(error, title)}`)
    }
  }
  throw new Error(`No backend of TensorFlow.js works here: ${passedOver.join('; ')}`)
}

/** Loading proves little: @tensorflow/tfjs-node loads under Node 23 and later, and throws at the first value. */
async function tryOut(name: BackendName): Promise<void> {
  if (!(await tf.setBackend(name))) throw new Error('it did not start')
  await tf.ready()
  const gradient = tf.tidy(() => tf.grad((x: tf.Tensor) => tf.sum(tf.square(x)))(tf.tensor1d([3])).dataSync()[0])
  if (gradient !== 6) throw new Error(`the gradient of x² at 3 is ${gradient}`)
}

function reasonOf(error: unknown, title: string): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ERR_MODULE_NOT_FOUND' && message.includes(title)) return 'not installed'
  return message.split('\n')[0]!
}
