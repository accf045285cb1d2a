/**
 * Writes the aligned faces of a folder of people: the main face of every picture, person folder by person folder, as the
 * method wants them for training and for looking at.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, extname, join, relative, resolve, sep } from 'node:path'
import { KithError } from '../../../src-shared/errors.ts'
import type { FaceAlignment } from '../math/align.ts'
import { PhotoReadError, type VisionPort } from '../ports.ts'
import { readPngNote, writePngNote } from './png-note.ts'

export interface AlignReport {
  alignment: FaceAlignment
  sidePx: number
  /** Pictures in the folder. */
  images: number
  /** Faces written now. */
  aligned: number
  /** Faces that were there already, from the same picture. */
  unchanged: number
  /** Pictures without a face. */
  withoutFace: string[]
  failed: { path: string; code: string; reason: string }[]
  /** Files that were in the way and are not Kith's: they were left as they are. */
  kept: string[]
  /** It was stopped before the end; the next run goes on from here. */
  stopped: boolean
  seconds: number
}

export interface AlignFolderOptions {
  alignment: FaceAlignment
  /** Side of the faces in pixels. */
  sidePx: number
  signal?: AbortSignal
  /** Pictures done, of all, and the seconds that the rest will take: null while that can't be told. */
  onProgress?(done: number, total: number, remainingSeconds: number | null): void
}

const pictureExtensions = new Set(['.jpg', '.jpeg', '.png', '.webp', '.avif', '.gif', '.tif', '.tiff'])
/** Starting up takes its time: before that no rate says anything. */
const secondsUntilRate = 3
/** Keyword of the note in every file written, by which Kith knows it again. */
const noteKeyword = 'kith-align'

/**
 * Writes to `out` what it finds in `folder`, a PNG a picture, each under the name of its picture. A face that an earlier run
 * wrote from the same picture (its size and time) by the same template stays; a file that Kith did not write is never overwritten.
 * A picture that can't be read is listed, and so is one without a face. On `signal` it ends with what is done.
 * @throws KithError folder-unreadable; invalid-input for a folder without pictures, or an `out` that is the folder or lies in it;
 *   no-space, library-read-only for an `out` that can't be written
 */
export async function alignFolder(vision: VisionPort, folder: string, out: string, options: AlignFolderOptions): Promise<AlignReport> {
  const { alignment, sidePx, signal, onProgress } = options
  requireApart(folder, out)
  const pictures = listPictures(folder)
  const startMs = performance.now()
  const report: AlignReport = {
    alignment, sidePx, images: pictures.length,
    aligned: 0, unchanged: 0, withoutFace: [], failed: [], kept: [], stopped: false, seconds: 0,
  }
  let next = 0
  let done = 0
  const alignOne = async ({ path, name }: Picture): Promise<void> => {
    const target = join(out, name)
    const { size, mtimeMs } = statSync(path)
    const note = `${alignment} ${sidePx} ${size} ${Math.round(mtimeMs)}`
    if (existsSync(target)) {
      const found = readPngNote(readFileSync(target), noteKeyword)
      if (found === null) return void report.kept.push(target)
      if (found === note) return void report.unchanged++
    }
    const png = await vision.align(path, { alignment, sidePx, ...(signal ? { signal } : {}) })
    if (!png) return void report.withoutFace.push(path)
    writeWhole(target, writePngNote(png, noteKeyword, note), out)
    report.aligned++
  }
  const work = async (): Promise<void> => {
    for (let i = next++; i < pictures.length && !signal?.aborted; i = next++) {
      try {
        await alignOne(pictures[i]!)
      } catch (error) {
        if (signal?.aborted) return
        report.failed.push(toFailure(error, pictures[i]!.path))
      }
      done++
      const seconds = (performance.now() - startMs) / 1000
      const seen = done - report.unchanged - report.kept.length
      onProgress?.(done, pictures.length, seconds > secondsUntilRate && seen > 0 ? (seconds / seen) * (pictures.length - done) : null)
    }
  }
  await Promise.all(Array.from({ length: vision.concurrency }, work))
  report.stopped = signal?.aborted === true && done < pictures.length
  report.withoutFace.sort()
  report.kept.sort()
  report.failed.sort((a, b) => (a.path < b.path ? -1 : 1))
  report.seconds = (performance.now() - startMs) / 1000
  return report
}

/** What is wrong with one picture is told; what would be wrong with every other one ends the run. @throws what is not of the picture */
function toFailure(error: unknown, path: string): AlignReport['failed'][number] {
  if (error instanceof PhotoReadError) return { path, code: error.code, reason: error.message }
  if (error instanceof KithError && error.code === 'internal') return { path, code: error.code, reason: error.message }
  const { code } = error as NodeJS.ErrnoException
  if (!(error instanceof KithError) && (code === 'ENOENT' || code === 'EACCES')) {
    return { path, code: code === 'ENOENT' ? 'missing' : 'permission-denied', reason: `${path} can't be read.` }
  }
  throw error
}

interface Picture {
  path: string
  /** Under which its face is written, from the folder on. */
  name: string
}

/** Pictures in the folder's own folders, and those that lie in it directly. @throws KithError folder-unreadable, invalid-input */
function listPictures(folder: string): Picture[] {
  const entries = list(folder)
  const people = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name).sort()
  const pictures = ['', ...people].flatMap((person) => picturesOf(folder, person, person === '' ? entries : list(join(folder, person))))
  if (pictures.length === 0) {
    throw new KithError('invalid-input', `There are no pictures in ${folder}. Aligning needs a folder with one folder of pictures for each person.`)
  }
  return pictures
}

function picturesOf(folder: string, person: string, entries: ReturnType<typeof list>): Picture[] {
  const names = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && pictureExtensions.has(extname(entry.name).toLowerCase()))
    .map(({ name }) => name).sort()
  const stemOf = (name: string): string => name.slice(0, -extname(name).length)
  const uses = new Map<string, number>()
  // Without regard to case: on some disks A.png and a.png are one file.
  for (const name of names) uses.set(stemOf(name).toLowerCase(), (uses.get(stemOf(name).toLowerCase()) ?? 0) + 1)
  return names.map((name) => ({
    path: join(folder, person, name),
    name: join(person, `${uses.get(stemOf(name).toLowerCase()) === 1 ? stemOf(name) : name}.png`),
  }))
}

function list(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch (error) {
    throw new KithError('folder-unreadable', `The folder ${path} can't be read. Check that it is there and that you may open it.`, undefined, { cause: error })
  }
}

/** @throws KithError invalid-input where `out` is the folder or lies in it, by whatever way one gets there */
function requireApart(folder: string, out: string): void {
  const path = relative(realPathOf(folder), realPathOf(out))
  if (path === '' || (path !== '..' && !path.startsWith(`..${sep}`) && resolve(path) !== path)) {
    throw new KithError('invalid-input', `The aligned faces can't be written into ${folder} itself, where the pictures are. Choose a folder outside it.`)
  }
}

/** With links followed, also where the last parts of the path are not there yet. */
function realPathOf(path: string): string {
  const absolute = resolve(path)
  if (existsSync(absolute)) return realpathSync(absolute)
  const parent = dirname(absolute)
  return parent === absolute ? absolute : join(realPathOf(parent), relative(parent, absolute))
}

/** To a file beside it that then takes its name. @throws KithError no-space, library-read-only */
function writeWhole(path: string, bytes: Uint8Array, out: string): void {
  const partPath = `${path}.part`
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(partPath, bytes)
    renameSync(partPath, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOTDIR') rmSync(partPath, { force: true })
    if (code === 'ENOSPC') throw new KithError('no-space', `There is no room in ${out}. Make room and run the command again: it goes on from here.`)
    throw new KithError('library-read-only', `${path} can't be written. Check that you may write to ${out}, or choose another folder.`, undefined, { cause: error })
  }
}
