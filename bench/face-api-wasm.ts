/** face-api.js under TensorFlow.js's WASM backend, as its package's demo runs it in Node: what the pipeline is measured against. */
import { createRequire, registerHooks } from 'node:module'
import { dirname, join } from 'node:path'

interface Tensor {
  dispose(): void
}
interface TensorFlow {
  Tensor: { prototype: Record<string, unknown> }
  setBackend(name: string): Promise<boolean>
  ready(): Promise<void>
  getBackend(): string
  tensor3d(values: Uint8Array, shape: [number, number, number], type: 'int32'): Tensor
  reshape(tensor: unknown, shape: number[]): unknown
}
interface FaceApi {
  nets: Record<'ssdMobilenetv1' | 'faceLandmark68Net' | 'faceRecognitionNet', { loadFromDisk(directory: string): Promise<void> }>
  SsdMobilenetv1Options: new (options: { minConfidence: number }) => object
  detectAllFaces(input: Tensor, options: object): {
    withFaceLandmarks(): { withFaceDescriptors(): Promise<{ descriptor: Float32Array }[]> }
  }
}

const require = createRequire(import.meta.url)

/** Finds, aligns and embeds the faces of a decoded picture; answers how many there are. */
export type FaceApiRun = (rgb: Uint8Array, width: number, height: number) => Promise<number>

/** Loads face-api.js and its three networks; the union package that it asks for is made of its parts. */
export async function loadFaceApi(): Promise<{ run: FaceApiRun; backend: string }> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) => next(specifier === '@tensorflow/tfjs' ? '@tensorflow/tfjs-core' : specifier, context),
  })
  const tf = require('@tensorflow/tfjs') as TensorFlow & Record<string, unknown>
  require('@tensorflow/tfjs-backend-wasm')
  const faceApi = require('@vladmandic/face-api/dist/face-api.node-wasm.js') as FaceApi
  hooks.deregister()
  chainOperations(tf)
  await tf.setBackend('wasm')
  await tf.ready()

  const models = join(dirname(require.resolve('@vladmandic/face-api/package.json')), 'model')
  for (const net of Object.values({
    ssd: faceApi.nets.ssdMobilenetv1, landmarks: faceApi.nets.faceLandmark68Net, recognition: faceApi.nets.faceRecognitionNet,
  })) await net.loadFromDisk(models)
  const options = new faceApi.SsdMobilenetv1Options({ minConfidence: 0.3 })
  return {
    backend: tf.getBackend(),
    async run(rgb, width, height) {
      const tensor = tf.tensor3d(rgb, [height, width, 3], 'int32')
      const faces = await faceApi.detectAllFaces(tensor, options).withFaceLandmarks().withFaceDescriptors()
      tensor.dispose()
      return faces.length
    },
  }
}

/** The union package also makes every operation a method of tensors. */
function chainOperations(tf: TensorFlow & Record<string, unknown>): void {
  const { prototype } = tf.Tensor
  for (const [name, operation] of Object.entries(tf)) {
    if (typeof operation !== 'function' || name in prototype || !/^[a-z]/.test(name)) continue
    prototype[name] = function chained(this: unknown, ...rest: unknown[]) { return operation(this, ...rest) }
  }
  for (const name of ['as1D', 'as2D', 'as3D', 'as4D', 'as5D']) {
    prototype[name] = function reshaped(this: { size: number }, ...shape: number[]) {
      return tf.reshape(this, name === 'as1D' ? [this.size] : shape)
    }
  }
}
