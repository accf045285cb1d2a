/** How well faces of known people are told apart, by the very parts that name and group them in a library. */
import { classificationFigures, unknownFigures } from './classification-figures.ts'
import type { ClassificationFigures, UnknownFigures } from './classification-figures.ts'
import { clusteringFigures } from './clustering-figures.ts'
import type { ClusteringFigures } from './clustering-figures.ts'
import { packFaces } from './face-set.ts'
import type { EvaluatedFace, Pause } from './face-set.ts'
import type { RecognitionThresholds } from './thresholds.ts'
import { verificationFigures } from './verification-figures.ts'
import type { VerificationFigures, WorstPairs } from './verification-figures.ts'

export interface RecognitionFigures {
  verification: VerificationFigures
  worstPairs: WorstPairs
  classification: ClassificationFigures
  unknown: UnknownFigures
  clustering: ClusteringFigures
}

/** @param faces of at least two people, one of them with two faces. @throws what `pause` throws */
export async function measure(
  faces: readonly EvaluatedFace[], thresholds: RecognitionThresholds, pause: Pause = async () => {},
): Promise<RecognitionFigures> {
  const set = packFaces(faces)
  const { verification, worstPairs } = await verificationFigures(set, thresholds, pause)
  return {
    verification,
    worstPairs,
    classification: await classificationFigures(set, thresholds, pause),
    unknown: await unknownFigures(set, thresholds, pause),
    clustering: clusteringFigures(set, thresholds),
  }
}
