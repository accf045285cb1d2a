/** Recognition that starts its thread when it is first asked something: most commands never do. */
import { RecognitionStoppedError, type RecognitionPort } from '../ports.ts'
import { neighbourCount } from './face-memory.ts'

export function createLazyRecognition(start: () => RecognitionPort): RecognitionPort {
  let port: RecognitionPort | null = null
  let isClosed = false
  const started = (): RecognitionPort => {
    if (!port && isClosed) throw new RecognitionStoppedError('Recognition was closed before it was started.')
    return (port ??= start())
  }
  return {
    neighbourCount,
    load: async (faces, neighbours) => started().load(faces, neighbours),
    add: async (faces) => started().add(faces),
    remove: async (faceIds) => started().remove(faceIds),
    group: async (faceIds, closeness) => started().group(faceIds, closeness),
    compare: async (faceIds, otherFaceIds) => started().compare(faceIds, otherFaceIds),
    neighbours: async (faceIds) => started().neighbours(faceIds),
    know: async (knowledge, areJudged) => started().know(knowledge, areJudged),
    learn: async (change) => started().learn(change),
    judge: async () => started().judge(),
    candidates: async (faceIds, limit) => started().candidates(faceIds, limit),
    nearest: async (faceId, amongFaceIds, limit) => started().nearest(faceId, amongFaceIds, limit),
    identify: async (embedding, sizePx) => started().identify(embedding, sizePx),
    async close() {
      isClosed = true
      await port?.close()
    },
  }
}
