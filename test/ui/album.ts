/** Photos for tests of the window, made of those that an npm package brings along: each scene several times over. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import sharp, { type Sharp } from 'sharp'

const samples = resolve(import.meta.dirname, '../../node_modules/@vladmandic/face-api/demo')

/** What stands on disk where a file could not be read. */
export const brokenFile = 'letter.jpg'

const variants: ((picture: Sharp) => Sharp)[] = [
  (picture) => picture,
  (picture) => picture.modulate({ brightness: 1.12 }),
  (picture) => picture.extend({ left: 70, top: 40, background: '#667766' }),
  (picture) => picture.flop(),
]

/**
 * Writes `scenes` scenes, four pictures of each with dates in as many years, into `directory`; with `broken` also a file
 * that says it is a photo and is none.
 */
export async function writeAlbum(directory: string, options: { scenes?: number; broken?: boolean } = {}): Promise<void> {
  mkdirSync(directory, { recursive: true })
  for (let scene = 1; scene <= (options.scenes ?? 3); scene++)
    for (const [index, change] of variants.entries())
      await change(sharp(join(samples, `sample${scene}.jpg`)).rotate().resize({ width: 1280 }))
        .withExif({ IFD2: { DateTimeOriginal: `20${10 + index}:0${scene}:0${scene} 1${index}:00:00` } })
        .jpeg({ quality: 88 })
        .toFile(join(directory, `scene ${scene}-${index + 1}.jpg`))
  if (options.broken) writeFileSync(join(directory, brokenFile), 'This is a letter, not a photo.')
}
