/**
 * What `kith evaluate --json` prints and the report page shows, as types alone. Programs rely on the names: fields may be
 * added. Distances are Euclidean, paths absolute, people named as their folders are.
 */
import type { ClassificationFigures, UnknownFigures } from './math/classification-figures.ts'
import type { ClusteringFigures } from './math/clustering-figures.ts'
import type { AtThreshold } from './math/metrics.ts'
import type { VerificationFigures } from './math/verification-figures.ts'

export interface EvaluationReport {
  /** Id of the embedder. */
  model: string
  detector: string
  folder: string
  /** ISO 8601, UTC. */
  measuredAt: string
  seconds: number
  /** Pictures looked at. */
  images: number
  identities: number
  /** Pictures with a face; of several the largest counts. */
  facesFound: number
  /** Pictures without a face, unreadable ones among them. */
  missed: string[]
  unreadable: { path: string; code: string; reason: string }[]
  detection: {
    /** Faces on all pictures together. */
    faces: number
    picturesWithOneFace: number
    picturesWithSeveralFaces: number
  }
  /** The model's own, as a library uses them: a name is given without asking, suggested, and thought possible. */
  thresholds: { name: number; suggest: number; loose: number; minimumNamedPx: number; minimumSuggestedPx: number }
  verification: VerificationFigures
  /** The pairs that are hardest to get right: one person farthest apart, two people nearest; no picture twice in a list. */
  worstPairs: { same: WorstPair[]; different: WorstPair[] }
  classification: Omit<ClassificationFigures, 'people' | 'mistakes'> & {
    people: { person: string; tested: number; right: number }[]
    mistakes: { person: string; namedAs: string; faces: number }[]
  }
  unknown: UnknownFigures
  clustering: ClusteringFigures
  /** Where a list of pairs was given. */
  pairs?: PairsReport
  /** Where it was asked for. */
  map?: FaceMap
}

export interface WorstPair {
  distance: number
  faces: { person: string; path: string }[]
}

/** Accuracy by the protocol of Labeled Faces in the Wild. */
export interface PairsReport {
  /** The list of pairs. */
  file: string
  folds: number
  pairs: number
  same: number
  different: number
  /** Pairs with a picture on which no face was found: answered "different". */
  missing: number
  accuracy: { mean: number; standardError: number }
  /** Of each fold. */
  accuracies: number[]
  /** Of each fold, chosen on the other folds. */
  thresholds: number[]
  /** One threshold for all pairs, chosen on these very pairs. */
  bestAccuracy: AtThreshold
  auc: number
  tarAtFar: Record<string, { tar: number; threshold: number }>
}

/** The embeddings laid out in the plane so that near ones stay near (UMAP: McInnes, Healy, Melville 2018). */
export interface FaceMap {
  /** Faces found; `points` may be a sample of them. */
  faces: number
  neighbours: number
  seed: number
  points: { person: string; path: string; x: number; y: number }[]
}
