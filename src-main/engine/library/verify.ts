/** Pictures that need not be in the library: do two show the same person, and who is on one. */
import type { BoundingBox } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { distanceBetween } from '../math/vector.ts'
import { PhotoReadError, RecognitionStoppedError, type DetectedFace, type Embedder, type PhotoAnalysis, type VisionPort } from '../ports.ts'
import type { LibraryContext } from './context.ts'

export interface Verdict {
  same: boolean
  /** Euclidean, in the embedder's own space. */
  distance: number
  /** Up to this distance two faces count as the same person. */
  threshold: number
  /** Probability, 0..1, that faces at this distance are one person's, where both cases are equally common. */
  probability: number
}

/** What distances mean in the embedder's space. */
export interface VerificationScale {
  threshold: number
  probabilityOf(distance: number): number
}

export interface IdentifiedFace {
  box: BoundingBox
  /** Null: nobody who has a name. */
  person: string | null
  probability: number | null
  /** Euclidean, to the nearest labelled face of that person. */
  distance: number | null
}

/** @throws KithError picture-unreadable naming the file */
async function analyze(vision: VisionPort, path: string, embedder?: Embedder): Promise<PhotoAnalysis> {
  try {
    return await vision.analyze(path, embedder ? { embedder } : {})
  } catch (error) {
    if (error instanceof PhotoReadError) throw new KithError('picture-unreadable', `${path}: ${error.message}`, undefined, { cause: error })
    throw error
  }
}

/** @throws KithError no-face naming the file, picture-unreadable */
async function largestFace(vision: VisionPort, path: string): Promise<DetectedFace> {
  const { faces } = await analyze(vision, path)
  if (faces.length === 0) throw new KithError('no-face', `No face was found on ${path}. Choose a picture that shows a face.`)
  return faces.reduce((largest, face) => (face.sizePx > largest.sizePx ? face : largest))
}

/** Compares the largest face of each of two picture files. @throws KithError no-face, picture-unreadable */
export async function verifyPictures(
  vision: VisionPort, scale: VerificationScale, path: string, otherPath: string,
): Promise<Verdict> {
  const [face, other] = [await largestFace(vision, path), await largestFace(vision, otherPath)]
  const distance = distanceBetween(face.embedding, other.embedding)
  return { same: distance <= scale.threshold, distance, threshold: scale.threshold, probability: scale.probabilityOf(distance) }
}

/**
 * Says who is on a picture file, from left to right.
 * @param learnt resolves when recognition knows all that the library knows
 * @throws KithError picture-unreadable
 */
export async function identifyPicture(
  context: Pick<LibraryContext, 'vision' | 'embedder' | 'recognition'>,
  learnt: () => Promise<void>,
  nameOf: (personId: number) => string | undefined,
  path: string,
): Promise<IdentifiedFace[]> {
  for (;;) {
    await learnt()
    const { embedder, recognition } = context
    const { faces } = await analyze(context.vision, path, embedder)
    try {
      const people = await Promise.all(faces.map(({ embedding, sizePx }) => recognition.identify(embedding, sizePx)))
      const identified = faces.map(({ box }, i): IdentifiedFace => {
        const best = people[i]![0]
        const person = best && nameOf(best.personId)
        return best && person !== undefined
          ? { box, person, probability: best.probability, distance: best.distance }
          : { box, person: null, probability: null, distance: null }
      })
      return identified.sort((a, b) => a.box.x - b.box.x)
    } catch (error) {
      // The library changed its embedder meanwhile: the other one is asked from the start.
      if (!(error instanceof RecognitionStoppedError) || context.embedder === embedder) throw error
    }
  }
}
