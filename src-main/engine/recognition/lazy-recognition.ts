/** Recognition that starts its thread when it is first asked something: most commands never do. */
import type { RecognitionPort } from '../ports.ts'
import { neighbourCount } from './face-memory.ts'

export function createLazyRecognition(start: () => RecognitionPort): RecognitionPort {
  let port: RecognitionPort | null = null
  let isClosed = false
  const started = (): RecognitionPort => {
    if (!port && isClosed) throw new Error('Recognition was closed before it was started.')
    return (port ??= start())
  }
  return {
    neighbourCount,
    load: async (faces, neighbours) => started().load(faces, neighbours),
    add: async (faces) => started().add(faces),
    remove: async (faceIds) => started().remove(faceIds),
    group: async (openFaceIds) => started().group(openFaceIds),
    judge: async (knowledge) => started().judge(knowledge),
    candidates: async (faceIds, limit) => started().candidates(faceIds, limit),
    identify: async (embedding, sizePx) => started().identify(embedding, sizePx),
    async close() {
      isClosed = true
      await port?.close()
    },
  }
}
