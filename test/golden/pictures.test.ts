/** The pipeline's parts on real pictures, against figures measured with other implementations (Python, OpenCV, face-api.js). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadModel, locateModel } from '../../src-main/engine/models/files.ts'
import { findModel } from '../../src-main/engine/models/registry.ts'
import { fitDlibChip } from '../../src-main/engine/math/align.ts'
import { fitSimilarity, identity, intersectionOverUnion, invert, mapPoints, type Rectangle } from '../../src-main/engine/math/geometry.ts'
import { decodePhoto } from '../../src-main/engine/vision/decode.ts'
import { detectFaces } from '../../src-main/engine/vision/detect.ts'
import { createYunetPass } from '../../src-main/engine/vision/detect-yunet.ts'
import { createEmbedder } from '../../src-main/engine/vision/embed.ts'
import { createLandmarkFinder } from '../../src-main/engine/vision/landmarks.ts'
import { loadNetwork } from '../../src-main/engine/vision/onnx-session.ts'
import { createPyramid } from '../../src-main/engine/vision/pyramid.ts'
import { sharedPath } from '../fixtures/shared.ts'

interface GoldenPicture {
  file: string
  /** YuNet at the picture's own size; box is x1, y1, x2, y2. */
  yunet: { score: number; box: [number, number, number, number]; pts: [number, number][] }[]
  faceapi_tfjs: { box_xywh: [number, number, number, number]; landmarks68: [number, number][] }[]
  /** Descriptor of the largest face, aligned by YuNet's five points. */
  dlib_yunet5: number[]
}

/** Where the five points lie on dlib's 150 px chip: eye, eye, nose, mouth corner, mouth corner. */
const fivePointTemplate = [47.549, 46.599, 100.476, 46.599, 74.013, 76.562, 50.415, 103.023, 97.61, 103.023]

const golden = sharedPath('data/golden/lfw100.json')
const pictures = sharedPath('data/faces_lfw100')
const modelsDirectory = sharedPath('models')
const yunetRow = findModel('detector', 'yunet')!
const landmarksRow = findModel('landmarks', 'landmarks-68')!
const available = golden && pictures && modelsDirectory && locateModel(yunetRow, [modelsDirectory])

describe.skipIf(!available)('on the 100 LFW pictures', async () => {
  const references = available ? (JSON.parse(readFileSync(golden, 'utf8')) as GoldenPicture[]) : []
  const network = async (row: Parameters<typeof loadModel>[0]) => loadNetwork(await loadModel(row, [modelsDirectory!]))
  const photos = await Promise.all(references.map(async (reference) =>
    ({ reference, picture: (await decodePhoto(join(pictures!, reference.file))).picture })))

  test('YuNet finds the same 120 faces', async () => {
    const pass = createYunetPass(await network(yunetRow), yunetRow)
    let faces = 0
    for (const { reference, picture } of photos) {
      const found = (await detectFaces(pass, yunetRow, createPyramid(picture))).filter(({ score }) => score >= yunetRow.minScore)
      expect(found, reference.file).toHaveLength(reference.yunet.length)
      faces += found.length
      for (const { box, score, pts } of reference.yunet) {
        const expected = clip({ x: box[0], y: box[1], width: box[2] - box[0], height: box[3] - box[1] }, picture)
        const nearest = found.toSorted((a, b) => intersectionOverUnion(b.box, expected) - intersectionOverUnion(a.box, expected))[0]!
        for (const side of ['x', 'y', 'width', 'height'] as const) {
          expect(Math.abs(nearest.box[side] - expected[side]), reference.file).toBeLessThan(0.05)
        }
        expect(Math.abs(nearest.score - score)).toBeLessThan(1e-3)
        pts.flat().forEach((value, i) => expect(Math.abs(nearest.points![i]! - value)).toBeLessThan(0.05))
      }
    }
    expect(faces).toBe(120)
  })

  test('the descriptors of faces aligned by five points are those of the reference', async () => {
    const row = { ...findModel('embedder', 'dlib-resnet')!, views: [{ padding: 0.25, mirrored: false }] }
    const embed = createEmbedder(await network(row), row)
    const chips = photos.map(({ reference, picture }) => {
      const largest = reference.yunet.toSorted((a, b) => area(b.box) - area(a.box))[0]!
      const toPicture = invert(fitSimilarity(largest.pts.flat(), fivePointTemplate))
      return { views: [createPyramid(picture).sample(toPicture, 150, 150)], sidePx: 150 }
    })
    const distances = (await embed(chips)).map((embedding, i) =>
      Math.hypot(...embedding.map((value, k) => value - photos[i]!.reference.dlib_yunet5[k]!)))
    // OpenCV's warp rounds positions to 1/32 px, which is what remains of a difference.
    expect(Math.max(...distances)).toBeLessThan(0.015)
  })

  test('the landmarks lie where face-api.js puts them', async () => {
    const find = createLandmarkFinder(await network(landmarksRow), landmarksRow)
    const errors: number[] = []
    for (const { reference, picture } of photos) {
      const pyramid = createPyramid(picture)
      for (const { box_xywh: [x, y, width, height], landmarks68 } of reference.faceapi_tfjs) {
        // face-api.js cuts the box at whole pixels inside the picture, and then puts the points where the box was.
        const cut = clip({ x, y, width, height }, picture)
        const [left, top, cutWidth, cutHeight] = [cut.x, cut.y, cut.width, cut.height].map(Math.floor) as [number, number, number, number]
        const found = await find(pyramid, identity, { x: left, y: top, width: cutWidth, height: cutHeight })
        const distances = landmarks68.map(([u, v], i) => Math.hypot(
          (u - x - found[i * 2]! + left) / cutWidth, (v - y - found[i * 2 + 1]! + top) / cutHeight))
        errors.push(distances.reduce((sum, distance) => sum + distance, 0) / 68)
      }
    }
    // Parts of the face's size. What differs is half a pixel of padding, and how its edge is mixed into the picture.
    expect(errors.toSorted((a, b) => a - b)[errors.length >> 1]!).toBeLessThan(0.006)
    expect(Math.max(...errors)).toBeLessThan(0.035)
  })

  test('faces aligned by 68 landmarks have their five points where the template has them', async () => {
    const find = createLandmarkFinder(await network(landmarksRow), landmarksRow)
    const onChips = await Promise.all(photos.map(async ({ reference, picture }) => {
      const { box, pts } = reference.yunet.toSorted((a, b) => area(b.box) - area(a.box))[0]!
      const landmarks = await find(createPyramid(picture), identity, { x: box[0], y: box[1], width: box[2] - box[0], height: box[3] - box[1] })
      return mapPoints(fitDlibChip(landmarks, 150, 0.25), pts.flat())
    }))
    fivePointTemplate.forEach((expected, i) => {
      const mean = onChips.reduce((sum, points) => sum + points[i]!, 0) / onChips.length
      expect(Math.abs(mean - expected)).toBeLessThan(3)
    })
  })
})

function area([left, top, right, bottom]: [number, number, number, number]): number {
  return (right - left) * (bottom - top)
}

function clip({ x, y, width, height }: Rectangle, picture: { width: number; height: number }): Rectangle {
  const left = Math.max(0, x)
  const top = Math.max(0, y)
  return { x: left, y: top, width: Math.min(picture.width, x + width) - left, height: Math.min(picture.height, y + height) - top }
}
