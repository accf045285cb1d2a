/**
 * Measures detection, verification, classification and grouping on a folder that has one folder of pictures a person, and
 * on a list of pairs of them.
 */
import { basename, dirname } from 'node:path'
import type { EvaluationReport } from '../evaluation-report.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { measure } from '../math/evaluation.ts'
import type { RecognitionFigures } from '../math/evaluation.ts'
import type { EvaluatedFace } from '../math/face-set.ts'
import type { FacePair } from '../math/verification-figures.ts'
import type { RecognitionThresholds } from '../math/thresholds.ts'
import type { VisionPort } from '../ports.ts'
import { mapFaces } from './evaluation-map.ts'
import { lookAtPictures } from './look-at-pictures.ts'
import type { LookOptions, SeenPictures } from './look-at-pictures.ts'
import { measurePairs } from './measure-pairs.ts'
import { readPairs } from './pairs-file.ts'
import type { PicturePair } from './pairs-file.ts'
import { listPeople } from './people-folder.ts'
import type { PersonFolder } from './people-folder.ts'

export interface EvaluationOptions extends LookOptions {
  /** A list of pairs (pairs-file.ts); then only the pictures it names are looked at. */
  pairsFile?: string
  /** Lays the embeddings out in the plane, for a picture of them. */
  withMap?: boolean
}

export interface EvaluationParts {
  vision: VisionPort
  thresholds: RecognitionThresholds
}

/**
 * Looks at every picture, takes the main face of each, and measures.
 * @throws KithError folder-unreadable, invalid-input (fewer than two people, or one picture a person, or a list of pairs
 *   that is wrong), no-face; the signal's reason when it is aborted
 */
export async function evaluateFolder(
  { vision, thresholds }: EvaluationParts, folder: string, options: EvaluationOptions = {},
): Promise<EvaluationReport> {
  const { pairsFile, withMap = false, signal } = options
  const startedAt = performance.now()
  const folds = pairsFile ? readPairs(pairsFile, folder) : null
  const people = folds ? peopleOf(folds.flat()) : listPeople(folder)
  const paths = people.flatMap((person) => person.paths)
  const seen = await lookAtPictures(vision, paths, options)
  const { found, foundPaths } = facesOf(people, seen)
  if (found.length === 0) {
    throw new KithError('no-face', `No face was found on any of the ${paths.length} pictures in ${folder}. Choose pictures on which faces can be seen.`)
  }
  requireComparable(found, folder)
  const pause = async () => {
    await new Promise(setImmediate)
    signal?.throwIfAborted()
  }
  const figures = await measure(found, thresholds, pause)
  const names = people.map(({ name }) => name)
  const map = withMap ? await mapFaces(found, foundPaths, names, pause) : null
  return {
    model: vision.embedderId,
    detector: vision.detectorId,
    folder,
    measuredAt: new Date().toISOString(),
    images: paths.length,
    identities: people.length,
    facesFound: found.length,
    missed: paths.filter((_, i) => seen.faces[i] === null),
    unreadable: seen.unreadable,
    detection: detectionFigures(seen),
    thresholds: {
      name: thresholds.autoName, suggest: thresholds.suggest, loose: thresholds.loose,
      minimumNamedPx: thresholds.minimumNamedPx, minimumSuggestedPx: thresholds.minimumSuggestedPx,
    },
    ...inNames(figures, names, found, foundPaths),
    ...(folds && pairsFile ? { pairs: measurePairs(folds, new Map(foundPaths.map((path, i) => [path, found[i].embedding])), pairsFile) } : {}),
    ...(map ? { map } : {}),
    seconds: (performance.now() - startedAt) / 1000,
  }
}

/** The people that pairs name, by name, each with the pictures that are named. */
function peopleOf(pairs: readonly PicturePair[]): PersonFolder[] {
  const people = new Map<string, Set<string>>()
  for (const path of pairs.flatMap((pair) => pair.paths)) {
    const name = basename(dirname(path))
    people.set(name, (people.get(name) ?? new Set()).add(path))
  }
  return Array.from(people, ([name, paths]) => ({ name, paths: [...paths].sort() })).sort((a, b) => (a.name < b.name ? -1 : 1))
}

function facesOf(people: readonly PersonFolder[], seen: SeenPictures): { found: EvaluatedFace[]; foundPaths: string[] } {
  const found: EvaluatedFace[] = [], foundPaths: string[] = []
  people.flatMap(({ paths }, person) => paths.map((path) => ({ path, person }))).forEach(({ path, person }, i) => {
    const face = seen.faces[i]
    if (!face) return
    found.push({ person, sizePx: face.sizePx, embedding: face.embedding })
    foundPaths.push(path)
  })
  return { found, foundPaths }
}

function detectionFigures({ counts }: SeenPictures): EvaluationReport['detection'] {
  return {
    faces: counts.reduce((sum, count) => sum + count, 0),
    picturesWithOneFace: counts.filter((count) => count === 1).length,
    picturesWithSeveralFaces: counts.filter((count) => count > 1).length,
  }
}

/** The figures with names and paths in place of numbers. */
function inNames(
  { worstPairs, classification, ...figures }: RecognitionFigures, names: readonly string[],
  found: readonly EvaluatedFace[], paths: readonly string[],
): Pick<EvaluationReport, 'verification' | 'worstPairs' | 'classification' | 'unknown' | 'clustering'> {
  const toNames = ({ faces, distance }: FacePair) => ({
    distance,
    faces: faces.map((face) => ({ person: names[found[face].person], path: paths[face] })),
  })
  return {
    ...figures,
    worstPairs: { same: worstPairs.same.map(toNames), different: worstPairs.different.map(toNames) },
    classification: {
      ...classification,
      people: classification.people.map(({ person, ...rest }) => ({ person: names[person], ...rest })),
      mistakes: classification.mistakes.map(({ person, namedAs, faces }) => ({ person: names[person], namedAs: names[namedAs], faces })),
    },
  }
}

/** What is left once pictures without a face are gone must still hold two people, and one of them twice. */
function requireComparable(found: readonly EvaluatedFace[], folder: string): void {
  const people = new Set(found.map(({ person }) => person))
  if (people.size >= 2 && people.size < found.length) return
  const reason = people.size < 2 ? 'faces of one person only' : 'one face of each person only'
  throw new KithError('no-face', `On the pictures in ${folder} there are ${reason}, so nothing can be compared. Add pictures on which faces can be seen.`)
}
