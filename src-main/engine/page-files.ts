/** The built page, read into memory once: a request picks from a list and never reaches the file system. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { extname, join, sep } from 'node:path'

export interface PageFile {
  bytes: Uint8Array<ArrayBuffer>
  contentType: string
  etag: string
  /** The file's name changes with its content, so nobody ever has to ask again. */
  immutable: boolean
}

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
}

/**
 * Reads every file of the built page, keyed by the path part of its URL as it is written on the wire (`/assets/a.js`);
 * `/` is the page itself. A directory that does not exist has no files.
 */
export function readPageFiles(pageDirectory: string | undefined): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>()
  if (!pageDirectory || !existsSync(pageDirectory)) return files
  for (const entry of readdirSync(pageDirectory, { recursive: true, withFileTypes: true })) {
    const contentType = contentTypes[extname(entry.name)]
    if (!entry.isFile() || !contentType) continue
    const path = join(entry.parentPath, entry.name)
    const bytes = new Uint8Array(readFileSync(path))
    const urlPath = encodeURI(path.slice(pageDirectory.length).split(sep).join('/').replace(/^\/*/, '/'))
    const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`
    files.set(urlPath, { bytes, contentType, etag, immutable: urlPath.startsWith('/assets/') })
  }
  const page = files.get('/index.html')
  if (page) files.set('/', page)
  return files
}
