/** Finds the main face of each of many pictures. */
import { PhotoReadError } from '../ports.ts'
import type { DetectedFace, VisionPort } from '../ports.ts'

export interface SeenPictures {
  /** Of each path its main face without its crop; null where there is none. */
  faces: (Omit<DetectedFace, 'crop'> | null)[]
  /** How many faces were found on each. */
  counts: number[]
  /** By path. */
  unreadable: { path: string; code: string; reason: string }[]
}

export interface LookOptions {
  /** Pictures done, of all. */
  onProgress?(done: number, total: number): void
  signal?: AbortSignal
}

/** Looks at every picture, as many at once as vision takes. @throws the signal's reason when it is aborted */
export async function lookAtPictures(vision: VisionPort, paths: readonly string[], { onProgress, signal }: LookOptions): Promise<SeenPictures> {
  const seen: SeenPictures = { faces: new Array(paths.length).fill(null), counts: new Array(paths.length).fill(0), unreadable: [] }
  let next = 0, done = 0
  const work = async () => {
    for (let i = next++; i < paths.length; i = next++) {
      signal?.throwIfAborted()
      const path = paths[i]
      try {
        const { faces } = await vision.analyze(path, signal ? { signal } : {})
        seen.counts[i] = faces.length
        const main = mainFace(faces)
        if (main) {
          const { crop: _, ...face } = main
          seen.faces[i] = face
        }
      } catch (error) {
        if (!(error instanceof PhotoReadError)) throw error
        seen.unreadable.push({ path, code: error.code, reason: error.message })
      }
      onProgress?.(++done, paths.length)
    }
  }
  await Promise.all(Array.from({ length: vision.concurrency }, work))
  seen.unreadable.sort((a, b) => (a.path < b.path ? -1 : 1))
  return seen
}

/** Crops of the main faces of some pictures, JPEG by path. @throws the signal's reason when it is aborted */
export async function cropMainFaces(
  vision: VisionPort, paths: readonly string[], signal?: AbortSignal,
): Promise<Map<string, Uint8Array>> {
  const crops = new Map<string, Uint8Array>()
  await Promise.all(paths.map(async (path) => {
    const { faces } = await vision.analyze(path, signal ? { signal } : {})
    const main = mainFace(faces)
    if (main) crops.set(path, main.crop)
  }))
  return crops
}

/** The largest face, where a doubtful one counts as smaller: size × detector score. */
function mainFace(faces: readonly DetectedFace[]): DetectedFace | null {
  const weight = ({ sizePx, score }: DetectedFace) => sizePx * score
  return faces.reduce<DetectedFace | null>((best, face) => (best && weight(best) >= weight(face) ? best : face), null)
}
