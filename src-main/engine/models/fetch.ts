/** Fetches a model's file: resumable, checked, and there only when it is whole. */
import { createWriteStream } from 'node:fs'
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { KithError } from '../../../src-shared/errors.ts'
import { matches } from './checksum.ts'
import type { ModelRow } from './registry.ts'

/** What a model whose size is not known may have at the most. */
const mostBytes = 200_000_000

export interface FetchOptions {
  /** `totalBytes` is null while neither the model's row nor the server has said how large the file is. */
  onProgress?(progress: { receivedBytes: number; totalBytes: number | null }): void
  signal?: AbortSignal
  /** Another place to fetch from; the checksum stays the same. */
  url?: string
}

/**
 * Fetches a model into a folder and answers the path of its file. What an interrupted attempt left in `<file>.part` is
 * continued; the file takes its name only after its checksum was found right, so nobody ever loads half a model.
 * @throws KithError `model-missing` where it can't be had, `model-damaged` where something else came, `no-space`,
 * `invalid-input` for a model that is not fetched; AbortError on `signal`
 */
export async function fetchModel(row: ModelRow, directory: string, options: FetchOptions = {}): Promise<string> {
  if (row.origin.kind !== 'fetched') throw new KithError('invalid-input', `The model ${row.id} comes with Kith; there is nothing to fetch.`)
  const path = join(directory, row.origin.file)
  const partPath = `${path}.part`
  const url = options.url ?? row.origin.url
  try {
    await mkdir(directory, { recursive: true })
    if (await isWhole(path, row)) return path
    if (!(await isWhole(partPath, row))) {
      if (row.bytes !== null && (await sizeOf(partPath)) >= row.bytes) await rm(partPath, { force: true })
      await receive(row, url, partPath, await sizeOf(partPath), options)
    }
    if (!(await isWhole(partPath, row))) {
      throw new KithError('model-damaged',
        `What came from ${url} is not the model ${row.id}: its checksum differs. Nothing was kept. Try again later, or put ${row.origin.file} into ${directory} by hand.`)
    }
    await rename(partPath, path)
    return path
  } catch (error) {
    if (error instanceof KithError && error.code === 'model-damaged') await rm(partPath, { force: true })
    throw describe(error, row, url, directory, options.signal)
  }
}

async function receive(row: ModelRow, url: string, partPath: string, offset: number, options: FetchOptions): Promise<void> {
  const response = await fetch(url, {
    // Compression would make a range mean something else.
    headers: { 'accept-encoding': 'identity', ...(offset > 0 ? { range: `bytes=${offset}-` } : {}) },
    ...(options.signal ? { signal: options.signal } : {}),
  })
  if (response.status === 416 && offset > 0) {
    // What was left of an attempt is as long as the file or longer, and is not the file.
    await response.body?.cancel()
    await rm(partPath, { force: true })
    return receive(row, url, partPath, 0, options)
  }
  if (!response.ok || !response.body) {
    await response.body?.cancel()
    throw new KithError('model-missing', `${url} answered ${response.status} ${response.statusText}. Try again later.`)
  }
  const continues = response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${offset}-`) === true
  if (response.status === 206 && !continues) {
    await response.body.cancel()
    throw new KithError('model-missing', `${url} sent another part of the file than was asked for. Try again later.`)
  }
  let receivedBytes = continues ? offset : 0
  const announcedBytes = Number(response.headers.get('content-length') ?? NaN)
  const totalBytes = row.bytes ?? (Number.isNaN(announcedBytes) ? null : receivedBytes + announcedBytes)
  const guard = new Transform({
    transform(chunk: Uint8Array, _, done) {
      receivedBytes += chunk.byteLength
      if (receivedBytes > (row.bytes ?? mostBytes)) {
        done(new KithError('model-damaged', `${url} sends more than the ${row.bytes ?? mostBytes} bytes that the model ${row.id} may have. Nothing was kept.`))
        return
      }
      options.onProgress?.({ receivedBytes, totalBytes })
      done(null, chunk)
    },
  })
  await pipeline(Readable.from(response.body), guard, createWriteStream(partPath, { flags: continues ? 'a' : 'w' }))
  if (totalBytes !== null && receivedBytes < totalBytes) throw new Error(`the connection ended after ${receivedBytes} of ${totalBytes} bytes`)
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0
}

async function isWhole(path: string, row: ModelRow): Promise<boolean> {
  const size = await sizeOf(path)
  return size > 0 && (row.bytes === null || size === row.bytes) && matches(row.checksum, await readFile(path))
}

function describe(error: unknown, row: ModelRow, url: string, directory: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason
  if (error instanceof KithError) return error
  const { code, message, cause } = error as NodeJS.ErrnoException & { cause?: NodeJS.ErrnoException }
  if (code === 'ENOSPC') return new KithError('no-space', `There is no room in ${directory} for the model ${row.id}${row.bytes === null ? '' : ` (${row.bytes} bytes)`}.`)
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return new KithError('library-read-only', `The model ${row.id} can't be written to ${directory}: the folder is read-only.`)
  }
  const reason = cause?.code ?? cause?.message ?? message
  return new KithError('model-missing',
    `The model ${row.id} could not be fetched from ${url} (${reason}). What came is kept: run kith models fetch ${row.id} again to go on.`,
    undefined, { cause: error })
}
