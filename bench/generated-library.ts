/** Libraries of any size, filled through SQL in one transaction: photos over ten years, people of very different size. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { createContext, type LibraryContext } from '../src-main/engine/library/context.ts'
import { findModel } from '../src-main/engine/models/registry.ts'
import { personNameKey } from '../src-main/engine/library/people.ts'
import type { Embedder, RecognitionPort, VisionPort } from '../src-main/engine/ports.ts'
import { openDatabase } from '../src-main/engine/store/database.ts'
import { createRandom } from '../test/fixtures/random.ts'

export interface GeneratedLibrary {
  directory: string
  context: LibraryContext
  db: Database
  close(): void
}

export interface LibrarySize {
  photos: number
  faces: number
  people: number
  /** Part of the faces that have a name; the rest are in groups, suggested or unknown. */
  named: number
  /** Length of the embeddings; 0 writes none. */
  dimension: number
}

export const benchEmbedderId = 'bench-embedder'
/** As dlib's, under that id. */
export const benchEmbedder: Embedder = {
  ...findModel('embedder', 'dlib-resnet')!, id: benchEmbedderId, spaceId: benchEmbedderId, isTrained: false,
}

/** Opens a library in `directory` with neighbours that must not be needed. */
export function openLibrary(directory: string): LibraryContext {
  const refuse = new Proxy({}, {
    get(_target, property) {
      throw new Error(`the benchmark does not expect ${String(property)}`)
    },
  })
  return createContext({
    libraryDirectory: directory,
    database: openDatabase(directory),
    vision: refuse as VisionPort,
    embedder: benchEmbedder,
    openRecognition: () => refuse as RecognitionPort,
    emit: () => {},
    log: () => {},
  })
}

/**
 * The person of rank r has 1/r of the faces of the first (Zipf), as in families: few people are on very many photos.
 * Faces of one photo are mostly of people who belong together.
 */
export function generateLibrary({ photos, faces, people, named, dimension }: LibrarySize): GeneratedLibrary {
  const directory = mkdtempSync(join(tmpdir(), 'kith-bench-'))
  const context = openLibrary(directory)
  const { db } = context.database
  const random = createRandom(1)
  const cumulative: number[] = []
  let sum = 0
  for (let rank = 1; rank <= people; rank++) cumulative.push((sum += 1 / rank))
  const anybody = () => {
    const at = random.fraction() * sum
    let low = 0
    let high = people - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (cumulative[middle]! < at) low = middle + 1
      else high = middle
    }
    return low + 1
  }

  db.exec('BEGIN')
  const insertPerson = db.prepare("INSERT INTO people (id, name, name_key, created_at) VALUES (?, ?, ?, '2026-01-01T00:00:00.000Z')")
  for (let id = 1; id <= people; id++) insertPerson.run(id, `Person ${id}`, personNameKey(`Person ${id}`))
  db.exec("INSERT INTO folders (path, added_at) VALUES ('/photos', '2026-01-01T00:00:00.000Z')")
  const insertPhoto = db.prepare(`
    INSERT INTO photos (id, folder_id, relative_path, size_bytes, modified_ms, content_hash, width_px, height_px, taken_at,
      taken_at_source, status, face_count, unnamed_count)
    VALUES (?, 1, ?, 4000000, 0, ?, 4000, 3000, ?, 'camera', 'indexed', ?, ?)`)
  const insertFace = db.prepare(`
    INSERT INTO faces (photo_id, x, y, width, height, score, size_px, sharpness, landmarks, crop_hash, person_id,
      assigned_by, cluster_id, suggested_person_id, suggestion_probability, suggestion_distance)
    VALUES (?, 0.4, 0.3, 0.1, 0.1333, 0.9, ?, 200, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const insertPersonPhoto = db.prepare('INSERT INTO person_photo (person_id, taken_at, photo_id, face_count) VALUES (?, ?, ?, ?)')
  const insertEmbedding = db.prepare('INSERT INTO face_embeddings (face_id, model_id, vector) VALUES (?, ?, ?)')
  const landmarks = Buffer.alloc(68 * 2 * 4, 1)
  const hash = 'a'.repeat(64)
  const vector = new Float32Array(dimension)
  const personPhotos: [number, number, number, number][] = []
  const firstSecond = Date.UTC(2015, 0, 1) / 1000
  const perPhoto = faces / photos
  let facesSoFar = 0
  for (let photoId = 1; photoId <= photos; photoId++) {
    const takenAt = firstSecond + Math.floor(random.fraction() * 10 * 365 * 86_400)
    const count = photoId === photos ? faces - facesSoFar : Math.min(faces - facesSoFar, Math.floor(random.fraction() * (2 * perPhoto + 1)))
    const onPhoto = new Map<number, number>()
    const rows: [number | null, number | null][] = []
    let last = 0
    for (let i = 0; i < count; i++) {
      if (random.fraction() < named) {
        const personId: number = last > 0 && random.fraction() < 0.3 ? 1 + (last % people) : anybody()
        last = personId
        onPhoto.set(personId, (onPhoto.get(personId) ?? 0) + 1)
        rows.push([personId, null])
      } else rows.push([null, random.fraction() < 0.8 ? 1 + random.below(Math.ceil(faces / 100)) : null])
    }
    facesSoFar += count
    insertPhoto.run(photoId, `album ${Math.ceil(photoId / 1000)}/IMG_${photoId}.jpg`, hash, takenAt, count, rows.filter(([personId]) => personId === null).length)
    for (const [personId, clusterId] of rows) {
      const suggested = personId === null && random.fraction() < 0.2
      const { lastInsertRowid } = insertFace.run(
        photoId, 40 + random.below(400), landmarks, hash, personId, personId === null ? null : random.fraction() < 0.5 ? 'user' : 'machine',
        clusterId, suggested ? anybody() : null, suggested ? random.fraction() : null, suggested ? 0.5 : null)
      if (dimension === 0) continue
      for (let i = 0; i < dimension; i++) vector[i] = random.fraction() - 0.5
      insertEmbedding.run(lastInsertRowid, benchEmbedderId, Buffer.from(vector.buffer))
    }
    for (const [personId, faceCount] of onPhoto) personPhotos.push([personId, takenAt, photoId, faceCount])
  }
  personPhotos.sort((a, b) => a[0] - b[0] || b[1] - a[1] || b[2] - a[2])
  for (const row of personPhotos) insertPersonPhoto.run(...row)
  db.exec('COMMIT')
  db.pragma('wal_checkpoint(TRUNCATE)')
  return {
    directory,
    context,
    db,
    close() {
      context.database.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
