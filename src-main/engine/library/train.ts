/** Trains a model on the faces of a folder per person: finds and keeps the faces, then hands them to training. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { KithError } from '../../../src-shared/errors.ts'
import { createContentCache } from '../content-cache.ts'
import { PhotoReadError, type AlignmentOptions, type VisionPort } from '../ports.ts'
import type { TrainingJob, TrainingOptions, TrainingOutcome, TrainingPerson, TrainingPort, TrainingProgress } from '../training-port.ts'
import { listPeople } from './people-folder.ts'

export interface TrainParts extends Pick<TrainingJob, 'id' | 'from' | 'modelsDirectory'>, AlignmentOptions {
  readonly vision: VisionPort
  readonly training: TrainingPort
  /** Where faces, features and checkpoints are kept. */
  readonly workDirectory: string
}

export interface TrainFolderOptions {
  options?: Partial<TrainingOptions>
  /** Goes on from the checkpoint of a run that did not come to its end. */
  resume?: boolean
  /** Pictures looked at, of all. */
  onFaces?(done: number, total: number): void
  onProgress?(progress: TrainingProgress): void
  signal?: AbortSignal
}

export interface TrainReport extends Omit<TrainingOutcome, 'people' | 'faces' | 'options'> {
  layers: TrainingOptions['layers']
  options: TrainingOptions
  /** Whose pictures are in the folder. */
  people: number
  pictures: number
  /** Found, one a picture. */
  faces: number
  /** Learned from; held out to measure; left out, because they have a single face. */
  split: { people: TrainingOutcome['people']; faces: TrainingOutcome['faces'] }
  /** Pictures without a face. */
  withoutFace: string[]
  unreadable: { path: string; code: string; reason: string }[]
}

/** Faces of earlier trainings are kept for the next one up to here: some 37,000. */
const mostFaceBytes = 1024 ** 3

/**
 * Trains a model. A picture that was looked at before is not looked at again; one that can't be read, or without a face, is listed.
 * @throws KithError name-taken where a run of that name was stopped and is not to be resumed; folder-unreadable; invalid-input for fewer than two people, or a single picture of everybody, and what training
 *   finds wrong; no-face; the signal's reason when it is aborted before the training began
 */
export async function trainOnFolder(parts: TrainParts, folder: string, options: TrainFolderOptions): Promise<TrainReport> {
  const { training, workDirectory, id, from, modelsDirectory } = parts
  const checkpointPath = join(workDirectory, `${id}.checkpoint.safetensors`)
  if (!options.resume && existsSync(checkpointPath))
    throw new KithError('name-taken', `A training called ${id} was stopped before its end. Go on with --resume, choose another name with --name, or delete ${checkpointPath} to begin again.`)
  const people = listPeople(folder)
  const pictures = people.flatMap(({ paths }) => paths)
  const found = await collectFaces(parts, pictures, options)
  const faces: TrainingPerson[] = people.map(({ name, paths }) => ({ name, faces: paths.flatMap((path) => found.faces.get(path) ?? []) }))
  if (found.faces.size === 0) {
    throw new KithError('no-face', `No face was found on any of the ${pictures.length} pictures in ${folder}. Choose pictures on which faces can be seen.`)
  }
  const outcome = await training.train({
    id, from, modelsDirectory,
    people: faces.filter((person) => person.faces.length > 0),
    options: options.options ?? {},
    resume: options.resume ?? false,
    checkpointPath,
    featuresDirectory: join(workDirectory, 'features'),
  }, { ...(options.signal ? { signal: options.signal } : {}), ...(options.onProgress ? { onProgress: options.onProgress } : {}) })
  return {
    ...outcome,
    layers: outcome.options.layers,
    people: people.length, pictures: pictures.length, faces: found.faces.size,
    split: { people: outcome.people, faces: outcome.faces },
    withoutFace: found.withoutFace.sort(),
    unreadable: found.unreadable.sort((a, b) => (a.path < b.path ? -1 : 1)),
  }
}

interface FoundFaces {
  /** Picture to the file with the pixels of its main face. */
  faces: Map<string, string>
  withoutFace: string[]
  unreadable: TrainReport['unreadable']
}

async function collectFaces(
  { vision, alignment, sidePx, workDirectory }: TrainParts, pictures: readonly string[], { onFaces, signal }: TrainFolderOptions,
): Promise<FoundFaces> {
  const cache = createContentCache(join(workDirectory, 'faces'))
  const used = new Set<string>()
  const result: FoundFaces = { faces: new Map(), withoutFace: [], unreadable: [] }
  let next = 0, done = 0
  const work = async () => {
    for (let i = next++; i < pictures.length; i = next++) {
      signal?.throwIfAborted()
      const path = pictures[i]!
      try {
        const key = createHash('sha256').update(`${vision.detectorId} ${alignment} ${sidePx}\n`).update(readPicture(path)).digest('hex')
        used.add(key)
        if (cache.sizeOf(key) === null) {
          const pixels = await vision.align(path, { alignment, sidePx, format: 'pixels', ...(signal ? { signal } : {}) })
          // Nothing stands for no face.
          cache.write(key, pixels ?? new Uint8Array())
        }
        if (cache.sizeOf(key) === 0) result.withoutFace.push(path)
        else result.faces.set(path, cache.pathOf(key))
      } catch (error) {
        if (!(error instanceof PhotoReadError)) throw error
        result.unreadable.push({ path, code: error.code, reason: error.message })
      }
      onFaces?.(++done, pictures.length)
    }
  }
  await Promise.all(Array.from({ length: vision.concurrency }, work))
  cache.prune(used, mostFaceBytes)
  return result
}

function readPicture(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch {
    throw new PhotoReadError('unreadable', `${path} can't be read.`)
  }
}
