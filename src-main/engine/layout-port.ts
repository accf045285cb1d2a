/** What the library asks of whoever lays faces out in the plane, as types alone. It happens on a thread of its own. */

/** Faces with their embeddings and kept neighbours; row i of each array belongs to faceIds[i]. Nothing else is measured. */
export interface LayoutJob {
  faceIds: Int32Array
  /** Numbers of one embedding. */
  dimension: number
  /** faceIds.length × dimension. */
  embeddings: Float32Array
  neighbourCount: number
  /** faceIds.length × neighbourCount rows, nearest first; -1 where there are fewer. */
  neighbours: Int32Array
  /** faceIds.length × neighbourCount Euclidean distances. */
  distances: Float32Array
}

/** Where the faces are. */
export interface FaceLayout {
  /** x and y of each face, in the order of the job, 0..1; the longer side of what they cover is 1. */
  positions: Float32Array
  /** Faces that were laid out by UMAP; the rest stand between their neighbours. */
  laidOut: number
}

export interface LayoutPort {
  /**
   * Lays faces out so that those which look alike are near each other. The same faces always come to the same places.
   * @param job handed over: its arrays are the thread's from now on
   * @param options `onProgress` is told how many of the steps are done
   * @throws AbortError on `signal`; Error where the thread was lost
   */
  layOut(job: LayoutJob, options: { signal: AbortSignal; onProgress(done: number, total: number): void }): Promise<FaceLayout>
}
