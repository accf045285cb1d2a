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
  /** Two pictures alone count as one person's up to this distance: the best guess where both cases are equally common. */
  samePair: number
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
  samePair: 0.59,
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

/**
 * nn4.small2.kith.v1, unit length, one view, through Kith's own detector, landmarks and alignment; faces from 48 px. No LFW
 * people were at hand that it never saw besides the ten it is measured on, so the rates are of others, and of pairs of which
 * one side at least is new to it: 4 celebrities with 71 web pictures, 92 faces on 26 group photos, and both of these against 3,301
 * LFW pictures of 1,326 people whom it learned from. Of two strangers' faces come within
 *
 * | | .55 | .60 | .69 | .80 |
 * |---|---|---|---|---|
 * | celebrities and LFW, 234,371 pairs | 9e-4 | 1.7e-3 | 4e-3 | 1.1e-2 |
 * | group photos and LFW, 184,856 pairs | 2e-4 | 5e-4 | 1.6e-3 | 5e-3 |
 *
 * while of the celebrities' own pairs .044, .067, .14 and .27 do. So a tenth of the strangers is .19 less, twice as much as with
 * dlib's network; `suggest` is where its makers found one in a thousand. `samePerson` and `svmCurve` were fitted to the
 * celebrities; the former is even at 1.18, LFW's pairs are told apart best at 1.20. The caps of the grouping: at
 * these .95 of a face's group is the same person with 10 people and 20 strangers drawn from these pictures, .80 with 30 and
 * 100 (means of 20 draws); a tenth more makes it .89 and .77.
 */
export const nn4Small2Thresholds: RecognitionThresholds = {
  autoName: 0.55,
  suggest: 0.69,
  loose: 0.8,
  samePair: 1.2,
  margin: 0.1,
  freeComparisons: 10,
  tightenPerTenfold: 0.17,
  autoNameProbability: 0.97,
  svmFromFaces: 5,
  svmCost: 10,
  svmCurve: { slope: -1.8, offset: 0.7 },
  minimumNamedPx: 48,
  minimumSuggestedPx: 32,
  samePerson: { slope: 10.5, offset: -12.4 },
  grouping: { mergeAtMost: 0.42, leaveAbove: 0.56, sameShot: 0.25, joinSingles: 0.38, joinLarge: 0.43 },
}

/**
 * OpenFace's own weights of nn4.small2, unit length, from 1,000 embeddings of 410 LFW people that OpenFace itself made with
 * its detector and alignment: of two strangers 1e-4 come within .55, 8e-4 within .65, 4e-3 within .75, 1e-2 within .82; of a person's
 * pairs .27, .45, .63 and .74. The SVM is right for .939 of the pictures of ten people at a cost of 1, .933 at 10. The curve of
 * an SVM's score and the sizes are those of the other weights.
 */
export const openFaceThresholds: RecognitionThresholds = {
  ...nn4Small2Thresholds,
  svmCost: 1,
  autoName: 0.65,
  suggest: 0.75,
  loose: 0.82,
  samePair: 1,
  margin: 0.08,
  tightenPerTenfold: 0.12,
  samePerson: { slope: 12.4, offset: -12.6 },
  grouping: { mergeAtMost: 0.52, leaveAbove: 0.67, sameShot: 0.25, joinSingles: 0.47, joinLarge: 0.54 },
}

/** Thresholds for groups of more likeness: every distance times `closeness`. */
export function closer(grouping: GroupingThresholds, closeness: number): GroupingThresholds {
  const { mergeAtMost, leaveAbove, sameShot, joinSingles, joinLarge } = grouping
  return {
    sameShot,
    mergeAtMost: mergeAtMost * closeness,
    leaveAbove: leaveAbove * closeness,
    joinSingles: joinSingles * closeness,
    joinLarge: joinLarge * closeness,
  }
}

/** Probability of x on a logistic curve. */
export function logistic(x: number, { slope, offset }: Logistic): number {
  return 1 / (1 + Math.exp(slope * x + offset))
}
