/**
 * Where the program's own files lie. It runs as sources (src-main/engine) and as a bundle (out/engine), both two folders
 * below the root; nothing else in the engine asks where it lies.
 */
import { basename, extname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
const isBundle = extname(import.meta.filename) === '.js'

/** A file that is started as a process or thread of its own; `path` as sources, without the extension. */
function entry(path: string): string {
  return join(import.meta.dirname, isBundle ? `${basename(path)}.js` : `${path}.ts`)
}

export const libraryProcessFile = entry('library-process')
export const visionProcessFile = entry('vision-process')
export const trainingProcessFile = entry('training-process')
export const checkpointThreadFile = entry('store/checkpoint-thread')
export const layoutThreadFile = entry('layout/layout-thread')
export const recognitionThreadFile = entry('recognition/recognition-thread')

/** The built page. */
export const pageDirectory = join(root, 'out/renderer')
/** Compiled from math/kernel; without it distances are measured in plain code, several times slower. */
export const kernelFile = join(root, 'out/kernel/distances.wasm')
/** Models that come with the program. */
export const shippedModelsDirectory = join(root, 'resources/models')
