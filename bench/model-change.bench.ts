/** What it costs to change a library's embedder: known faces embedded anew against indexing the same photos from nothing. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { makeLargePhotos } from './vision.bench.ts'

const samples = resolve(import.meta.dirname, '../node_modules/@vladmandic/face-api/demo')
const rounds = 3
const copies = 3
const model = 'nn4.small2'

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

interface Report {
  photosPerSecond: number
  modelChange: { photosPerSecond: number; faces: number; outcome: string } | null
}

function index(directory: string, library: string, ...args: string[]): Report {
  const { stdout, stderr, status } = spawnSync(process.execPath, [
    resolve(import.meta.dirname, '../scripts/kith.mjs'), 'index', join(directory, 'photos'), '--library', join(directory, library),
    '--detector', 'kith-detector.v1', '--json', ...args,
  ], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`kith index ended with status ${status}: ${stderr}`)
  return JSON.parse(stdout) as Report
}

/** Rates of the three ways, one after the other in each round, so that whatever else the machine does falls on all. */
function measure(paths: readonly string[]): { dlib: number; nn4: number; change: number; faces: number } {
  const rates = { dlib: [] as number[], nn4: [] as number[], change: [] as number[] }
  let faces = 0
  for (let round = 0; round < rounds; round++) {
    const directory = mkdtempSync(join(tmpdir(), 'kith-bench-change-'))
    try {
      mkdirSync(join(directory, 'photos'))
      for (let copy = 0; copy < copies; copy++)
        paths.forEach((path, i) => copyFileSync(path, join(directory, 'photos', `${copy}-${i}.jpg`)))
      rates.dlib.push(index(directory, 'dlib').photosPerSecond)
      rates.nn4.push(index(directory, 'nn4', '--model', model).photosPerSecond)
      const { modelChange } = index(directory, 'dlib', '--model', model)
      if (modelChange?.outcome !== 'switched') throw new Error(`The change came to ${modelChange?.outcome}`)
      rates.change.push(modelChange.photosPerSecond)
      faces = modelChange.faces
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }
  return { dlib: median(rates.dlib), nn4: median(rates.nn4), change: median(rates.change), faces }
}

/** Prints a Markdown table. */
export async function run(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'kith-bench-'))
  try {
    const sets: [string, string[]][] = [
      ['1920 px', [1, 2, 3, 4, 5, 6].map((number) => join(samples, `sample${number}.jpg`))],
      ['12 megapixels', await makeLargePhotos(directory)],
    ]
    console.log(`Changing a library from dlib-resnet to ${model}, photos a second as kith index reports them, medians of ${rounds}:\n`)
    console.log('| photos | indexed by dlib-resnet | indexed by nn4.small2 | known faces embedded by nn4.small2 | times indexing by it |\n|---|---|---|---|---|')
    for (const [name, paths] of sets) {
      const { dlib, nn4, change, faces } = measure(paths)
      console.log(`| ${paths.length * copies} of ${name}, ${faces} faces | ${dlib.toFixed(1)} | ${nn4.toFixed(1)} | ${change.toFixed(1)} | **${(change / nn4).toFixed(1)}** |`)
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
