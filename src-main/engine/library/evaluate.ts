/** Measures detection, verification, classification and grouping on a folder that has one folder of pictures a person. */
import { readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { KithError } from '../../../src-shared/errors.ts'
import { measure } from '../math/evaluation.ts'
import type { EvaluatedFace, RecognitionFigures } from '../math/evaluation.ts'
import type { RecognitionThresholds } from '../math/thresholds.ts'
import { PhotoReadError } from '../ports.ts'
import type { DetectedFace, VisionPort } from '../ports.ts'

export interface EvaluationReport extends RecognitionFigures {
  /** Id of the embedder. */
  model: string
  detector: string
  /** Pictures in the folder. */
  images: number
  identities: number
  facesFound: number
  /** Pictures without a face, unreadable ones among them. */
  missed: string[]
  unreadable: { path: string; code: string; reason: string }[]
}

export interface EvaluationOptions {
  /** Pictures done, of all. */
  onProgress?(done: number, total: number): void
  signal?: AbortSignal
}

interface Picture {
  path: string
  person: number
}

const pictureExtensions = new Set(['.jpg', '.jpeg', '.png', '.webp', '.avif', '.gif', '.tif', '.tiff'])

/**
 * Looks at every picture, takes the main face of each, and measures.
 * @throws KithError folder-unreadable, invalid-input (fewer than two people, or one picture a person), no-face;
 *   the signal's reason when it is aborted
 */
export async function evaluateFolder(
  { vision, thresholds }: { vision: VisionPort; thresholds: RecognitionThresholds },
  folder: string,
  { onProgress, signal }: EvaluationOptions = {},
): Promise<EvaluationReport> {
  const people = listPeople(folder)
  const pictures: Picture[] = people.flatMap(({ paths }, person) => paths.map((path) => ({ path, person })))
  const faces: (EvaluatedFace | null)[] = new Array(pictures.length).fill(null)
  const unreadable: EvaluationReport['unreadable'] = []

  let next = 0, done = 0
  const work = async () => {
    for (let i = next++; i < pictures.length; i = next++) {
      signal?.throwIfAborted()
      const { path, person } = pictures[i]
      try {
        const photo = await vision.analyze(path, signal ? { signal } : {})
        const main = mainFace(photo.faces)
        if (main) faces[i] = { person, sizePx: main.sizePx, embedding: main.embedding }
      } catch (error) {
        if (!(error instanceof PhotoReadError)) throw error
        unreadable.push({ path, code: error.code, reason: error.message })
      }
      onProgress?.(++done, pictures.length)
    }
  }
  await Promise.all(Array.from({ length: vision.concurrency }, work))

  const found = faces.filter((face) => face !== null)
  if (found.length === 0) {
    throw new KithError('no-face', `No face was found on any of the ${pictures.length} pictures in ${folder}. Choose pictures on which faces can be seen.`)
  }
  requireComparable(found, folder)
  return {
    model: vision.embedderId,
    detector: vision.detectorId,
    images: pictures.length,
    identities: people.length,
    facesFound: found.length,
    missed: pictures.filter((_, i) => faces[i] === null).map(({ path }) => path),
    unreadable: unreadable.sort((a, b) => (a.path < b.path ? -1 : 1)),
    ...measure(found, thresholds),
  }
}

/** The largest face, where a doubtful one counts as smaller: size × detector score. */
function mainFace(faces: readonly DetectedFace[]): DetectedFace | null {
  const weight = ({ sizePx, score }: DetectedFace) => sizePx * score
  return faces.reduce<DetectedFace | null>((best, face) => (best && weight(best) >= weight(face) ? best : face), null)
}

/** Folders with at least one picture, by name; pictures by name. */
function listPeople(folder: string): { name: string; paths: string[] }[] {
  const list = (path: string) => {
    try {
      return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
    } catch (error) {
      throw new KithError('folder-unreadable', `The folder ${path} can't be read. Check that it is there and that you may open it.`, undefined, { cause: error })
    }
  }
  const people = list(folder)
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => ({
      name,
      paths: list(join(folder, name))
        .filter((entry) => entry.isFile() && pictureExtensions.has(extname(entry.name).toLowerCase()))
        .map((entry) => join(folder, name, entry.name)),
    }))
    .filter(({ paths }) => paths.length > 0)
  if (people.length < 2) {
    const has = people.length === 1 ? `only pictures of one person (${people[0].name})` : 'no folders with pictures'
    throw new KithError('invalid-input', `${folder} has ${has}. Measuring needs a folder with one folder of pictures for each of at least two people.`)
  }
  if (people.every(({ paths }) => paths.length === 1)) {
    throw new KithError('invalid-input', `Every person in ${folder} has a single picture, so no two pictures of one person can be compared. Add at least a second one.`)
  }
  return people
}

/** What is left once pictures without a face are gone must still hold two people, and one of them twice. */
function requireComparable(found: readonly EvaluatedFace[], folder: string): void {
  const people = new Set(found.map(({ person }) => person))
  if (people.size >= 2 && people.size < found.length) return
  const reason = people.size < 2 ? 'faces of one person only' : 'one face of each person only'
  throw new KithError('no-face', `On the pictures in ${folder} there are ${reason}, so nothing can be compared. Add pictures on which faces can be seen.`)
}
