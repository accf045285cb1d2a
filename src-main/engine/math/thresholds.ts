/** What distances mean: one set of numbers for each embedder, since every embedder is a space of its own. */

/** A logistic curve: probability = 1 / (1 + exp(slope · x + offset)). */
export interface Logistic {
  slope: number
  offset: number
}

/** Distances at which unnamed faces are grouped. */
export interface GroupingThresholds {
  /** HDBSCAN: no cluster is made of two clusters that meet above this distance. */
  mergeAtMost: number
  /** HDBSCAN: a face that leaves its cluster above this distance belongs to none. */
  leaveAbove: number
  /** HDBSCAN: what is nearer than this counts as this near, so that copies and bursts of one scene make no cluster of their own. */
  sameShot: number
  /** Average linkage: root mean square distance up to which two single faces are joined … */
  joinSingles: number
  /** … and to which it grows for large groups, with 1 / √size. */
  joinLarge: number
}

/** All distances are Euclidean, in the embedder's own space; sizes are the shorter side of the face's box. */
export interface RecognitionThresholds {
  /** A name is given without asking up to this distance. */
  autoName: number
  /** A name is suggested up to this distance. */
  suggest: number
  /** Up to this distance two faces may be the same person; beyond it a neighbour is no evidence. */
  loose: number
  /** A name is given without asking only if the next likely person is farther than this. */
  margin: number
  /**
   * The more labelled faces a face is compared with, the more likely a stranger's is near one by chance: where KNN decides
   * alone, `autoName` holds for so many labelled faces …
   */
  freeComparisons: number
  /** … and is so much less for ten times as many. */
  tightenPerTenfold: number
  /** Calibrated probability from which the SVM lets a name be given without asking. */
  autoNameProbability: number
  /** Labelled faces from which a person has an SVM of their own and KNN no longer decides alone. */
  svmFromFaces: number
  /** Cost C of a labelled face on the wrong side of the SVM's margin. */
  svmCost: number
  /** Probability of an SVM's score while a library has too few labelled faces for a curve of its own. */
  svmCurve: Logistic
  /** Smallest face that is named without asking, or grouped. */
  minimumNamedPx: number
  /** Smallest face for which a name is suggested. */
  minimumSuggestedPx: number
  /** Probability that two faces at a distance are the same person, where both cases are equally common. */
  samePerson: Logistic
  grouping: GroupingThresholds
}

/**
 * dlib's ResNet-34, raw output (norm about 1.35), the mean of two views' embeddings; that shortens the distances of
 * single views, in which the figures here were found, by 2 %, and so these are 2 % less. Of two strangers' faces about 1e-3 to 8e-3 come within .60, by how alike
 * the strangers are; .05 less is four to five times fewer (982 people of LFW who are in no test: 8e-3 at .60, 2e-3 at .55,
 * 6e-4 at .50, 1e-4 at .45). On those people and 18 others the caps of the grouping, the curves and the tightening were
 * chosen: for pure groups first, since joining two groups is one action and parting them is many.
 */
export const dlibThresholds: RecognitionThresholds = {
  autoName: 0.54,
  suggest: 0.59,
  loose: 0.64,
  margin: 0.05,
  freeComparisons: 10,
  tightenPerTenfold: 0.075,
  autoNameProbability: 0.97,
  svmFromFaces: 5,
  svmCost: 10,
  svmCurve: { slope: -9, offset: -1.25 },
  minimumNamedPx: 48,
  minimumSuggestedPx: 32,
  samePerson: { slope: 35, offset: -22 },
  grouping: { mergeAtMost: 0.46, leaveAbove: 0.54, sameShot: 0.25, joinSingles: 0.41, joinLarge: 0.47 },
}

/** Probability of x on a logistic curve. */
export function logistic(x: number, { slope, offset }: Logistic): number {
  return 1 / (1 + Math.exp(slope * x + offset))
}
