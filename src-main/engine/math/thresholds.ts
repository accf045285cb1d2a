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
  /** Calibrated probability from which the SVM lets a name be given without asking. */
  autoNameProbability: number
  /** Labelled faces from which a person has an SVM of their own and KNN no longer decides alone. */
  svmFromFaces: number
  /** Cost C of a labelled face on the wrong side of the SVM's margin. */
  svmCost: number
  /** Smallest face that is named without asking, or grouped. */
  minimumNamedPx: number
  /** Smallest face for which a name is suggested. */
  minimumSuggestedPx: number
  /** Probability that two faces at a distance are the same person, where both cases are equally common. */
  samePerson: Logistic
  grouping: GroupingThresholds
}

/**
 * dlib's ResNet-34, raw output (norm about 1.35). On LFW .60 is a false-match rate of about 1e-3 and .65 of about 1e-2;
 * every .05 less is about ten times fewer, so that the caps of the grouping lie at 1e-4 (leave), 1e-5 (merge), 1e-6
 * (singles) and 1e-4 (large groups).
 */
export const dlibThresholds: RecognitionThresholds = {
  autoName: 0.55,
  suggest: 0.6,
  loose: 0.65,
  margin: 0.05,
  autoNameProbability: 0.97,
  svmFromFaces: 5,
  svmCost: 10,
  minimumNamedPx: 48,
  minimumSuggestedPx: 32,
  samePerson: { slope: 30, offset: -17.4 },
  grouping: { mergeAtMost: 0.5, leaveAbove: 0.55, sameShot: 0.25, joinSingles: 0.46, joinLarge: 0.56 },
}

/** Probability of x on a logistic curve. */
export function logistic(x: number, { slope, offset }: Logistic): number {
  return 1 / (1 + Math.exp(slope * x + offset))
}
