/** A small family album out of the photos that an npm package brings along: three pictures of each scene. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import sharp from 'sharp'

const samples = resolve(import.meta.dirname, '../../node_modules/@vladmandic/face-api/demo')

export const album = {
  /** Scenes times pictures of each. */
  photos: 9,
  scenes: 3,
  /** A file that says it is a photo and is none. */
  brokenFile: 'broken.jpg',
  /** A photo in a folder of its own. */
  folder: 'holidays',
} as const

/** Writes the album into `directory`: nine photos, three of each scene, and a file that is no photo. */
export async function writeAlbum(directory: string): Promise<void> {
  mkdirSync(join(directory, album.folder), { recursive: true })
  for (let scene = 1; scene <= album.scenes; scene++) {
    const picture = () => sharp(join(samples, `sample${scene}.jpg`)).rotate().resize({ width: 1280 }).withExif({
      IFD2: { DateTimeOriginal: `201${scene}:06:0${scene} 12:00:00` },
    })
    await picture().jpeg().toFile(join(directory, album.folder, `scene ${scene}.jpg`))
    await picture().modulate({ brightness: 1.1 }).jpeg({ quality: 70 }).toFile(join(directory, `scene ${scene}, lighter.jpg`))
    await picture().extend({ left: 60, top: 40, background: 'gray' }).gamma(1.2).jpeg().toFile(join(directory, `scene ${scene}, framed.jpg`))
  }
  writeFileSync(join(directory, album.brokenFile), 'This is a letter, not a photo.')
}
