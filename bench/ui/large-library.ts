/**
 * A library of 100,000 photos and 300,000 faces as Kith itself would have it: generated embeddings, real pictures, and names,
 * suggestions and groups that the real recognition gave. Making it takes minutes, so it is kept in the temporary folder.
 */
import { createHash } from 'node:crypto'
import { cpSync, existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { createEngine } from '../../src-main/engine/engine.ts'
import { createRandom } from '../../src-main/engine/math/random.ts'
import { personNameKey } from '../../src-main/engine/library/people.ts'
import { neighbourCount } from '../../src-main/engine/recognition/face-memory.ts'
import { openDatabase } from '../../src-main/engine/store/database.ts'
import { createEmbeddingStore } from '../../src-main/engine/store/embeddings.ts'
import { createImageStore } from '../../src-main/engine/store/images.ts'
import { createPhotoCounts } from '../../src-main/engine/store/photo-counts.ts'
import { drawFamilyPhotos } from '../../test/fixtures/drawings/family.ts'
import { generateFaces, type GeneratedFaces } from '../../test/fixtures/embeddings.ts'

export const photoCount = 100_000
export const faceCount = 300_000
export const personCount = 300
/** Faces of the people who have a name; the other faces are strangers'. */
const familyFaces = 190_000
/** Part of the named people's faces that the user named. */
const confirmedShare = 0.2
/** Parts of the strangers' faces that are small and blurred, and that the user has ignored. */
const smallShare = 0.1
const ignoredShare = 0.02
const embedderId = 'dlib-resnet'
const dimension = 128
const drawnPhotos = 60
/** Another one whenever another library is made. */
const version = 1

const directory = join(tmpdir(), `kith-bench-ui-${version}`)

/** The library, made anew where it is not kept; changes are made on a copy (`copyLargeLibrary`). */
export async function largeLibrary(log: (line: string) => void): Promise<string> {
  const library = join(directory, 'library')
  if (existsSync(join(directory, 'made'))) return library
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(library, { recursive: true })
  log(`${new Date().toISOString()} making a library of ${photoCount} photos and ${faceCount} faces in ${directory}`)
  const faces = generateFaces(faceCount, { facesOf: facesOfFamily })
  const pictures = await makePictures(library)
  await fill(library, faces, pictures)
  log('its faces are judged and grouped')
  const engine = await createEngine({ libraryDirectory: library, modelsDirectories: [], log })
  await engine.paths.settled()
  await engine.close()
  writeFileSync(join(directory, 'made'), '')
  return library
}

/** A copy that may be changed, with all that was decided in it so far. */
export function copyLargeLibrary(library: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'kith-bench-'))
  cpSync(library, copy, { recursive: true })
  return copy
}

/** Few people are on very many photos: the person of rank r has 1/r of the faces of the first (Zipf). */
function facesOfFamily(person: number): number | undefined {
  if (person >= personCount) return undefined
  const sum = Array.from({ length: personCount }, (_, rank) => 1 / (rank + 1)).reduce((a, b) => a + b)
  return Math.round(familyFaces / sum / (person + 1))
}

interface Pictures {
  /** Absolute paths of originals of 12 megapixels, and the thumbnail of each. */
  originals: { path: string; contentHash: string; thumbnailHash: string }[]
  cropHashes: string[]
}

/** Drawn photos, their thumbnails, and crops of them as those that are kept of faces. */
async function makePictures(library: string): Promise<Pictures> {
  const drawn = await drawFamilyPhotos(join(directory, 'drawn'), drawnPhotos)
  const images = createImageStore(library)
  const pictures: Pictures = { originals: [], cropHashes: [] }
  mkdirSync(join(directory, 'originals'))
  for (const [i, { path }] of drawn.entries()) {
    const original = join(directory, 'originals', `${i}.jpg`)
    await sharp(path).resize(4000, 3000, { fit: 'cover' }).jpeg({ quality: 88 }).toFile(original)
    pictures.originals.push({
      path: original,
      contentHash: createHash('sha256').update(readFileSync(original)).digest('hex'),
      thumbnailHash: await images.put(await sharp(original).resize(512).jpeg({ quality: 80 }).toBuffer()),
    })
    for (const left of [700, 1200, 1700, 2200]) {
      const crop = sharp(original).extract({ left, top: 900, width: 1000, height: 1000 }).resize(192, 192)
      pictures.cropHashes.push(await images.put(await crop.jpeg({ quality: 80 }).toBuffer()))
    }
  }
  return pictures
}

async function fill(library: string, faces: GeneratedFaces, pictures: Pictures): Promise<void> {
  const database = openDatabase(library)
  const { db } = database
  const random = createRandom(2)
  const photosDirectory = join(directory, 'photos')
  db.exec('BEGIN')
  db.prepare("INSERT INTO folders (id, path, added_at, last_scanned_at) VALUES (1, ?, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')").run(photosDirectory)
  db.prepare("INSERT INTO settings (key, value) VALUES ('embedder', ?)").run(JSON.stringify({ spaceId: embedderId, description: null }))
  const insertPerson = db.prepare("INSERT INTO people (id, name, name_key, created_at) VALUES (?, ?, ?, '2026-01-01T00:00:00.000Z')")
  for (let person = 0; person < personCount; person++) insertPerson.run(person + 1, nameOf(person), personNameKey(nameOf(person)))
  const insertPhoto = db.prepare(`
    INSERT INTO photos (id, folder_id, relative_path, size_bytes, modified_ms, content_hash, width_px, height_px, taken_at,
      taken_at_source, status, thumbnail_hash, detector_id, embedder_id, indexed_at)
    VALUES (?, 1, ?, 4000000, 0, ?, 4000, 3000, ?, 'camera', 'indexed', ?, 'kith-detector.v1', '${embedderId}', '2026-01-01T00:00:00.000Z')`)
  const insertFace = db.prepare(`
    INSERT INTO faces (id, photo_id, x, y, width, height, score, size_px, sharpness, landmarks, crop_hash, person_id, assigned_by,
      ignored)
    VALUES (?, ?, ?, 0.3, 0.1, 0.1333, 0.9, ?, ?, ?, ?, ?, ?, ?)`)
  const firstSecond = Date.UTC(2005, 0, 1) / 1000
  for (let album = 1; album <= Math.ceil(photoCount / 1000); album++) mkdirSync(join(photosDirectory, `album ${album}`), { recursive: true })
  for (let photoId = 1; photoId <= photoCount; photoId++) {
    const { path, contentHash, thumbnailHash } = pictures.originals[photoId % drawnPhotos]!
    const relativePath = join(`album ${Math.ceil(photoId / 1000)}`, `IMG_${photoId}.jpg`)
    linkSync(path, join(photosDirectory, relativePath))
    insertPhoto.run(photoId, relativePath, contentHash, firstSecond + Math.floor(random() * 20 * 365 * 86_400), thumbnailHash)
  }
  const embeddings = createEmbeddingStore(db)
  const landmarks = Buffer.alloc(68 * 2 * 4, 1)
  const photoIds = spreadOverPhotos(faces.people)
  faces.faceIds.forEach((faceId, i) => {
    const person = faces.people[i]!
    const isStranger = person >= personCount
    const isConfirmed = !isStranger && random() < confirmedShare
    const isSmall = isStranger && random() < smallShare
    const isIgnored = isStranger && random() < ignoredShare
    const cropHash = pictures.cropHashes[faceId % pictures.cropHashes.length]!
    const x = 0.05 + 0.13 * (faceId % 7)
    insertFace.run(
      faceId, photoIds[i], x, isSmall ? 36 : 120, isSmall ? 20 : 200, landmarks, cropHash, isConfirmed ? person + 1 : null,
      isConfirmed ? 'user' : null, Number(isIgnored))
    embeddings.write(faceId, embedderId, faces.embeddings.subarray(i * dimension, (i + 1) * dimension))
  })
  embeddings.writeNeighbours(embedderId, neighboursOf(faces), neighbourCount)
  createPhotoCounts(db).refresh(Array.from({ length: photoCount }, (_, i) => i + 1))
  db.exec('COMMIT')
  database.close()
}

const nameOf = (person: number) => `Person ${person + 1}`

/** One to six different people a photo, until the faces are spread; the photos behind show nobody. */
function spreadOverPhotos(people: Int32Array): Int32Array {
  const random = createRandom(3)
  const photoIds = new Int32Array(people.length)
  let onPhoto = new Set<number>()
  let wanted = 3
  let photoId = 1
  people.forEach((person, i) => {
    if (onPhoto.size >= wanted || onPhoto.has(person)) {
      onPhoto = new Set()
      wanted = 1 + Math.floor(random() * 6)
      photoId = (photoId % photoCount) + 1
    }
    onPhoto.add(person)
    photoIds[i] = photoId
  })
  return photoIds
}

/** The nearest of two hundred faces of the same person, who has the truly nearest ones, and of some others: all would take hours. */
function neighboursOf({ faceIds, people, embeddings }: GeneratedFaces) {
  const [amongOwn, amongOthers] = [200, 40]
  const random = createRandom(4)
  const lists = {
    faceIds, neighbourIds: new Int32Array(faceIds.length * neighbourCount).fill(-1),
    distances: new Float32Array(faceIds.length * neighbourCount).fill(Infinity),
  }
  for (const rows of Map.groupBy(faceIds.keys(), (row) => people[row]).values())
    rows.forEach((row, at) => {
      const own = Array.from({ length: Math.min(amongOwn, rows.length - 1) }, (_, i) => rows[(at + i + 1) % rows.length]!)
      const others = Array.from({ length: amongOthers }, () => Math.floor(random() * faceIds.length)).filter((other) => people[other] !== people[row])
      ;[...new Set([...own, ...others])]
        .map((other) => ({ other, distance: distanceBetween(embeddings, row, other) }))
        .sort((a, b) => a.distance - b.distance)
        .slice(0, neighbourCount)
        .forEach(({ other, distance }, i) => {
          lists.neighbourIds[row * neighbourCount + i] = faceIds[other]!
          lists.distances[row * neighbourCount + i] = distance
        })
    })
  return lists
}

function distanceBetween(embeddings: Float32Array, a: number, b: number): number {
  let sum = 0
  for (let k = 0; k < dimension; k++) {
    const difference = embeddings[a * dimension + k]! - embeddings[b * dimension + k]!
    sum += difference * difference
  }
  return Math.sqrt(sum)
}
