import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { intersectionOverUnion } from '../../../src-main/engine/math/geometry.ts'
import { findModel } from '../../../src-main/engine/models/registry.ts'
import type { DetectedFace, PhotoAnalysis } from '../../../src-main/engine/ports.ts'
import { createPipeline, type Pipeline } from '../../../src-main/engine/vision/pipeline.ts'

const samples = join(import.meta.dirname, '../../../node_modules/@vladmandic/face-api/demo')
const sample = (number: number): string => join(samples, `sample${number}.jpg`)
const { thresholds } = findModel('embedder', 'dlib-resnet')!

let directory: string
let pipeline: Pipeline
let group: PhotoAnalysis
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'kith-pipeline-'))
  pipeline = await createPipeline({
    detector: findModel('detector', 'kith-detector.v1')!, embedder: findModel('embedder', 'dlib-resnet')!, modelsDirectories: [],
  })
  group = await pipeline.analyze(sample(6))
})
afterAll(async () => {
  await pipeline.close()
  rmSync(directory, { recursive: true, force: true })
})

const distance = (a: Float32Array, b: Float32Array): number => Math.hypot(...a.map((value, i) => value - b[i]!))
/** For each face of one photo the nearest of another, as distances. */
const nearest = (faces: DetectedFace[], others: DetectedFace[]): number[] =>
  faces.map((face) => Math.min(...others.map((other) => distance(face.embedding, other.embedding))))

/** Faces that a person counts on each sample, of which at least so many are found by the built-in detector. */
test.each([[1, 3], [2, 1], [3, 3], [4, 4], [5, 5], [6, 4]])('sample %i has at least %i faces', async (number, count) => {
  expect((await pipeline.analyze(sample(number))).faces.length).toBeGreaterThanOrEqual(count)
})

test('a face is described in full', async () => {
  expect(group).toMatchObject({ widthPx: 1920, heightPx: 1537, takenAt: '2018-05-05T19:42:10' })
  expect(await sharp(group.thumbnail).metadata()).toMatchObject({ format: 'jpeg', width: 512 })
  for (const face of group.faces) {
    expect(face.embedding).toHaveLength(128)
    expect(face.landmarks).toHaveLength(136)
    expect(face.sharpness).toBeGreaterThan(0)
    expect(await sharp(face.crop).metadata()).toMatchObject({ format: 'jpeg', width: 192, height: 192 })
    const { box } = face
    expect(face.sizePx).toBeCloseTo(Math.min(box.width * 1920, box.height * 1537), 3)
    const [eyeX, eyeY] = [face.landmarks[37 * 2]!, face.landmarks[37 * 2 + 1]!]
    expect(eyeX > box.x && eyeX < box.x + box.width && eyeY > box.y && eyeY < box.y + box.height).toBe(true)
  }
})

test('four people on one photo are four people', () => {
  group.faces.forEach((face, i) => group.faces.slice(i + 1).forEach((other) =>
    expect(distance(face.embedding, other.embedding)).toBeGreaterThan(thresholds.autoName)))
})

test('the same photo twice gives the same answer', async () => {
  expect(await pipeline.analyze(sample(6))).toEqual(group)
})

test.each([3, 6, 8])('turned by EXIF %i: the same faces at the same places', async (orientation) => {
  const path = join(directory, `turned-${orientation}.jpg`)
  // The pixels are turned the other way, so that the orientation puts them right again.
  const angle = { 3: 180, 6: 270, 8: 90 }[orientation]!
  await sharp(sample(6)).autoOrient().rotate(angle).withExif({}).withMetadata({ orientation }).jpeg({ quality: 95 }).toFile(path)
  const turned = await pipeline.analyze(path)
  expect(turned).toMatchObject({ widthPx: 1920, heightPx: 1537 })
  expect(turned.faces).toHaveLength(group.faces.length)
  for (const face of group.faces) {
    const same = turned.faces.find((other) => intersectionOverUnion(face.box, other.box) > 0.8)!
    expect(distance(face.embedding, same.embedding)).toBeLessThan(0.15)
  }
})

describe('faces of every size', () => {
  test('16 px in a group: the photo small on a large wall', async () => {
    const path = join(directory, 'wall.jpg')
    const small = await sharp(sample(6)).resize(180).toBuffer()
    await sharp({ create: { width: 1280, height: 960, channels: 3, background: '#708090' } })
      .composite([{ input: small, left: 40, top: 60 }, { input: small, left: 900, top: 700 }]).jpeg({ quality: 95 }).toFile(path)
    const { faces } = await pipeline.analyze(path)
    expect(faces.length).toBeGreaterThanOrEqual(6)
    expect(Math.max(...faces.map(({ sizePx }) => sizePx))).toBeLessThan(32)
  })

  test('a face that fills the frame', async () => {
    const path = join(directory, 'close-up.jpg')
    const { box } = group.faces[0]!
    await sharp(sample(6)).extract({
      left: Math.round((box.x + 0.08 * box.width) * 1920), top: Math.round((box.y + 0.08 * box.height) * 1537),
      width: Math.round(box.width * 0.84 * 1920), height: Math.round(box.height * 0.84 * 1537),
    }).resize(2400).jpeg().toFile(path)
    const { faces } = await pipeline.analyze(path)
    expect(faces).toHaveLength(1)
    expect(faces[0]!.sizePx).toBeGreaterThan(1200)
  })

  test('small faces of a large photo are looked at again in its own pixels', async () => {
    // The group takes a quarter of the width of a photo that lies upside down in its file: about 37 px a face in the
    // working copy, 200 px in the file.
    const wall = sharp({ create: { width: 7000, height: 3000, channels: 3, background: '#708090' } })
    const upright = await wall.composite([{ input: sample(6), left: 3000, top: 800 }]).png({ compressionLevel: 1 }).toBuffer()
    const large = join(directory, 'large.jpg')
    await sharp(upright).rotate(180).withMetadata({ orientation: 3 }).jpeg({ quality: 92 }).toFile(large)
    const reduced = join(directory, 'reduced.jpg')
    await sharp(upright).resize(1280).jpeg({ quality: 92 }).toFile(reduced)

    const seenAgain = (await pipeline.analyze(large)).faces
    const seenOnce = (await pipeline.analyze(reduced)).faces
    expect(seenAgain.length).toBeGreaterThanOrEqual(4)
    for (const face of seenAgain) expect(face.sizePx).toBeGreaterThan(120)
    expect(Math.max(...nearest(group.faces, seenAgain))).toBeLessThan(0.3)
    expect(Math.max(...nearest(group.faces, seenAgain))).toBeLessThan(Math.max(...nearest(group.faces, seenOnce)))
    expect(await sharp(seenAgain[0]!.crop).metadata()).toMatchObject({ width: 192, height: 192 })
  }, 30_000)
})

describe('faces that are known', () => {
  const known = ({ faces }: PhotoAnalysis) => faces.map(({ box, landmarks }) => ({ box, landmarks }))

  test.each([['dlib-resnet', 1], ['dlib-resnet', 6], ['nn4.small2', 1], ['nn4.small2', 6]] as const)(
    'are embedded by %s as an analysis does, with EXIF orientation %i', async (model, orientation) => {
      const embedder = findModel('embedder', model)!
      // Small in the working copy and large in the file, so that they take the second look.
      const wall = sharp({ create: { width: 2400, height: 1600, channels: 3, background: '#708090' } })
      const upright = await wall.composite([{ input: await sharp(sample(6)).resize(700).toBuffer(), left: 900, top: 300 }]).png().toBuffer()
      const path = join(directory, `known ${model} ${orientation}.jpg`)
      await sharp(upright).rotate(orientation === 6 ? 270 : 0).withMetadata({ orientation }).jpeg({ quality: 92 }).toFile(path)
      const analysis = await pipeline.analyze(path, embedder)
      expect(analysis.faces.length).toBeGreaterThanOrEqual(3)
      const { contentHash, embeddings } = await pipeline.embed(path, known(analysis), embedder)
      expect(contentHash).toBe(analysis.contentHash)
      analysis.faces.forEach(({ embedding }, i) => expect(distance(embedding, embeddings[i]!)).toBeLessThan(1e-3))
    }, 30_000)

  test('none of them need no embedding', async () => {
    expect((await pipeline.embed(sample(1), [], findModel('embedder', 'dlib-resnet')!)).embeddings).toEqual([])
  })
})

test('no faces on a plain picture', async () => {
  const path = join(directory, 'plain.png')
  await sharp({ create: { width: 640, height: 480, channels: 3, background: '#446688' } }).png().toFile(path)
  expect((await pipeline.analyze(path)).faces).toEqual([])
})

test.each([[1, 1], [1, 900], [900, 1], [5, 3], [31, 33]])('%i × %i pixels are no trouble', async (width, height) => {
  const path = join(directory, `${width}x${height}.png`)
  await sharp({ create: { width, height, channels: 3, background: '#ffeedd' } }).png().toFile(path)
  expect(await pipeline.analyze(path)).toMatchObject({ widthPx: width, heightPx: height, faces: [] })
})
