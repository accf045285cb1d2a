/** Fingerprints of models' files. */
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { csvFilesIn } from './openface-csv.ts'

/** What a model's file is known by: its SHA-256, or where that was never published its id as an object of Git. */
export interface Checksum {
  readonly algorithm: 'sha256' | 'git-blob'
  /** In hexadecimal digits. */
  readonly hex: string
}

/** Hex SHA-256 of bytes. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The id that Git gives to a file of that content: the SHA-1 of `blob`, its length, a zero byte and the content. */
export function gitBlobId(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}

/** Whether these are the bytes that the checksum was made of. */
export function matches({ algorithm, hex }: Checksum, bytes: Uint8Array): boolean {
  return (algorithm === 'sha256' ? sha256(bytes) : gitBlobId(bytes)) === hex
}

/** SHA-256 and size of a file, or of a folder of CSV files: their names and contents. */
export function fingerprintOf(path: string): { hex: string; bytes: number } {
  if (!statSync(path).isDirectory()) {
    const content = readFileSync(path)
    return { hex: sha256(content), bytes: content.length }
  }
  const hash = createHash('sha256')
  let bytes = 0
  for (const name of csvFilesIn(path)) {
    const content = readFileSync(join(path, name))
    hash.update(`${name}\0${content.length}\0`).update(content)
    bytes += content.length
  }
  return { hex: hash.digest('hex'), bytes }
}
