/** Faces that the user draws, moves and deletes: looked at by vision where they are, kept, and in the journal like any name. */
import { basename } from 'node:path'
import type { Decision, DrawnFace, MethodParsedInput } from '../../../src-shared/api.ts'
import type { BoundingBox, FaceId } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { minimumBoxPx } from '../../../src-shared/limits.ts'
import { PhotoReadError, type DetectedFace, type Embedder } from '../ports.ts'
import type { Recorder } from '../store/changes.ts'
import { toBase64, type FaceLook } from '../store/face-looks.ts'
import { createFacesStore } from '../store/faces.ts'
import { createImageStore } from '../store/images.ts'
import { overlapOf } from '../store/match-faces.ts'
import { createPhotoViews } from '../store/photo-views.ts'
import { createPictureLookup } from '../store/pictures.ts'
import type { LibraryContext } from './context.ts'
import { counted, createDeciding } from './deciding.ts'

/** Two boxes that overlap more than this (IoU) are of one face. */
const maxOverlap = 0.5

export function createDrawing(context: LibraryContext) {
  const { vision, libraryDirectory } = context
  const { db, readOnly } = context.database
  const { decide, faceOf, facesById, giveName, personNamed } = createDeciding(context)
  const faces = createFacesStore(db)
  const photos = createPhotoViews(db)
  const pictures = createPictureLookup(db)
  const images = createImageStore(libraryDirectory)

  function requireWritable(): void {
    if (readOnly)
      throw new KithError('library-read-only', `The library ${libraryDirectory} is open for reading only, so no face can be drawn or moved.`)
  }

  function requireSize(box: BoundingBox, widthPx: number, heightPx: number): void {
    const sidePx = Math.min(box.width * widthPx, box.height * heightPx)
    if (sidePx >= minimumBoxPx) return
    throw new KithError('invalid-input', `The box is ${Math.max(0, Math.floor(sidePx))} pixels small; a face needs ${minimumBoxPx} at least. Draw it larger.`, { field: 'box' })
  }

  function requireRoom(photoId: number, box: BoundingBox, except: number | null): void {
    const there = faces.ofPhoto(photoId).find((face) => face.id !== except && overlapOf(face.box, box) > maxOverlap)
    if (!there) return
    throw new KithError('invalid-input', `There is a box for ${there.personName ?? 'this face'} already. Move that one, or delete it first.`, { field: 'box' })
  }

  /** What is seen in the box, with its crop kept. @throws KithError not-found, picture-unreadable, invalid-input, no-space */
  async function lookAt(photoId: number, box: BoundingBox): Promise<FaceLook> {
    const photo = photos.get(photoId)
    const file = pictures.photo(photoId)
    if (!photo || !file) throw new KithError('not-found', 'That photo is not in the library any more.')
    if (photo.widthPx > 0) requireSize(box, photo.widthPx, photo.heightPx)
    const { embedder } = context
    const { widthPx, heightPx, faces: [face] } = await describe(file.path, box, embedder)
    requireSize(box, widthPx, heightPx)
    return lookOf(face!, box, await images.put(face!.crop), embedder)
  }

  async function describe(path: string, box: BoundingBox, embedder: Embedder) {
    try {
      return await vision.describe(path, [{ box, landmarks: null }], { embedder })
    } catch (error) {
      if (!(error instanceof PhotoReadError)) throw error
      const why = error.code === 'vanished'
        ? `${basename(path)} is not in its place now. If it lies on another drive, plug the drive in; then try again.`
        : error.message
      throw new KithError('picture-unreadable', `${why} Nothing was changed.`, undefined, { cause: error })
    }
  }

  function lookOf(face: DetectedFace, box: BoundingBox, cropHash: string, { spaceId }: Embedder): FaceLook {
    return {
      box, boxBy: 'user', score: face.score, sizePx: face.sizePx, sharpness: face.sharpness,
      landmarks: toBase64(face.landmarks), cropHash, clusterId: null,
      embeddings: [{ modelId: spaceId, vector: toBase64(face.embedding) }],
    }
  }

  const drawnFace = (decision: Decision, faceId: number, { sizePx }: { sizePx: number }): DrawnFace => ({
    ...decision, faceId: faceId as FaceId, teaches: sizePx >= context.embedder.thresholds.minimumSuggestedPx,
  })

  /** The label's words for a face that has a name or none. */
  const nameIn = (recorder: Recorder, personId: number | null) => (personId === null ? null : (recorder.person(personId)?.name ?? null))

  return {
    /**
     * Adds a face that no detector found, with a name or without.
     * @throws KithError not-found, invalid-input for a box that is too small or taken, picture-unreadable, vision-unavailable,
     *   no-space, library-read-only; then nothing is changed
     */
    async draw({ photoId, box, name }: MethodParsedInput<'faces.draw'>): Promise<DrawnFace> {
      requireWritable()
      requireRoom(photoId, box, null)
      const look = await lookAt(photoId, box)
      let faceId = 0
      const decision = decide((recorder) => {
        requireRoom(photoId, box, null)
        const face = recorder.addFace(photoId, look)
        faceId = face.id
        const person = name === null ? null : personNamed(recorder, name)
        if (person) giveName(recorder, [face], person.id)
        return { label: person ? `Drew a face of ${person.name}` : 'Drew a face', faces: 1, personId: person?.id ?? null }
      })
      return drawnFace(decision, faceId, look)
    },

    /** Gives a face another box, where it is looked at anew; its name stays. @throws KithError as `draw` */
    async move({ faceId, box }: MethodParsedInput<'faces.move'>): Promise<DrawnFace> {
      requireWritable()
      const [face] = faces.byIds([faceId])
      if (!face) throw new KithError('not-found', `Face ${faceId} is not in the library any more. Look at the photo again.`)
      requireRoom(face.photoId, box, faceId)
      const look = await lookAt(face.photoId, box)
      const decision = decide((recorder) => {
        const row = faceOf(recorder, faceId)
        const { clusterId } = recorder.lookOf(faceId)!
        recorder.setLook(row, { ...look, clusterId })
        const name = nameIn(recorder, row.personId)
        return { label: name === null ? 'Moved the box of a face' : `Moved the box of ${name}`, faces: 1, personId: row.personId }
      })
      return drawnFace(decision, faceId, look)
    },

    /** Takes away faces that are none; no detector finds them there again. @throws KithError not-found */
    delete: ({ faceIds }: MethodParsedInput<'faces.delete'>): Decision =>
      decide((recorder) => {
        const rows = facesById(recorder, faceIds)
        for (const row of rows) recorder.removeFace(row)
        return { label: `Deleted ${counted(rows.length)}`, faces: rows.length, personId: null }
      }),
  }
}
export type Drawing = ReturnType<typeof createDrawing>
