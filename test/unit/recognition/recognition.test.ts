import { afterEach, describe, expect, it } from 'vitest'
import { dlibThresholds } from '../../../src-main/engine/math/thresholds.ts'
import { distanceBetween } from '../../../src-main/engine/math/vector.ts'
import { RecognitionStoppedError } from '../../../src-main/engine/ports.ts'
import type { FaceRows, Judgement, Knowledge, NeighbourRows, RecognitionPort, Verdicts } from '../../../src-main/engine/ports.ts'
import { createRecognition } from '../../../src-main/engine/recognition/recognition.ts'
import { generateFaces } from '../../fixtures/embeddings.ts'

const faces = generateFaces(1200, { seed: 11 })
const noNeighbours: NeighbourRows = { faceIds: new Int32Array(0), neighbourIds: new Int32Array(0), distances: new Float32Array(0) }
const opened: RecognitionPort[] = []
const messages: string[] = []

function open(): RecognitionPort {
  const recognition = createRecognition({ thresholds: dlibThresholds, dimension: 128, log: (message) => messages.push(message) })
  opened.push(recognition)
  return recognition
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((recognition) => recognition.close()))
})

function rows(from: number, to: number): FaceRows {
  return {
    faceIds: faces.faceIds.slice(from, to),
    photoIds: faces.photoIds.slice(from, to),
    sizesPx: faces.sizesPx.slice(from, to),
    embeddings: faces.embeddings.slice(from * 128, to * 128),
  }
}

function knowing(labelled: number[], overrides: Partial<Knowledge> = {}): Knowledge {
  const isLabelled = new Set(labelled)
  return {
    labelledFaceIds: Int32Array.from(labelled, (i) => faces.faceIds[i]),
    labelledPersonIds: Int32Array.from(labelled, (i) => faces.people[i] + 1),
    openFaceIds: faces.faceIds.filter((_, i) => !isLabelled.has(i)),
    rejectedFaceIds: new Int32Array(0),
    rejectedPersonIds: new Int32Array(0),
    ...overrides,
  }
}

const standing = new WeakMap<RecognitionPort, Map<number, Judgement>>()

/** Takes verdicts into those that stand, and answers all that stand, by face. */
function keep(recognition: RecognitionPort, { faceIds, judgements }: Verdicts): Judgement[] {
  const stands = standing.get(recognition) ?? new Map<number, Judgement>()
  standing.set(recognition, stands)
  for (const faceId of faceIds) stands.delete(faceId)
  for (const judgement of judgements) stands.set(judgement.faceId, judgement)
  return [...stands.values()].sort((a, b) => a.faceId - b.faceId)
}

/** Takes all that is known, and judges. */
async function judge(recognition: RecognitionPort, knowledge: Knowledge): Promise<Judgement[]> {
  await recognition.know(knowledge, false)
  return keep(recognition, await recognition.judge())
}

function asMap(kept: NeighbourRows): Map<number, string> {
  return new Map(Array.from(kept.faceIds, (faceId, i) => [
    faceId, JSON.stringify([[...kept.neighbourIds.slice(i * 16, i * 16 + 16)], [...kept.distances.slice(i * 16, i * 16 + 16)]]),
  ]))
}

function merge(older: NeighbourRows, newer: NeighbourRows): NeighbourRows {
  const known = new Map<number, [NeighbourRows, number]>()
  for (const kept of [older, newer]) kept.faceIds.forEach((faceId, i) => known.set(faceId, [kept, i]))
  const chosen = [...known]
  return {
    faceIds: Int32Array.from(chosen, ([faceId]) => faceId),
    neighbourIds: Int32Array.from(chosen.flatMap(([, [kept, i]]) => [...kept.neighbourIds.slice(i * 16, i * 16 + 16)])),
    distances: Float32Array.from(chosen.flatMap(([, [kept, i]]) => [...kept.distances.slice(i * 16, i * 16 + 16)])),
  }
}

/** Indices of the faces of people with at least `least` faces, `each` of them a person. */
function someOf(least: number, each: number): number[] {
  const byPerson = new Map<number, number[]>()
  faces.people.forEach((person, i) => byPerson.set(person, [...(byPerson.get(person) ?? []), i]))
  return [...byPerson.values()].filter((own) => own.length >= least).flatMap((own) => own.slice(0, each))
}

describe('recognition thread', () => {
  it('goes on from kept neighbours as if it had never stopped', async () => {
    const first = open()
    const half = await first.add(rows(0, 600))
    const rest = await first.add(rows(600, 1200))
    const kept = merge(half, rest)
    const second = open()
    expect((await second.load(rows(0, 1200), kept)).faceIds.length).toBe(0)
    const openFaceIds = faces.faceIds.slice()
    expect(await second.group(openFaceIds)).toEqual(await first.group(openFaceIds))
    const gone = faces.faceIds.slice(100, 120)
    expect(asMap(await second.remove(gone))).toEqual(asMap(await first.remove(gone)))
  })

  it('makes lists that are missing or name faces that are gone', async () => {
    const recognition = open()
    const whole = await recognition.add(rows(0, 300))
    const without = await recognition.remove(faces.faceIds.slice(295, 300))
    const kept = merge(whole, without)
    const partial: NeighbourRows = {
      faceIds: kept.faceIds.slice(0, 280), neighbourIds: kept.neighbourIds.slice(0, 280 * 16), distances: kept.distances.slice(0, 280 * 16),
    }
    // Kept before the last five left: some lists still name them.
    const stale: NeighbourRows = {
      faceIds: whole.faceIds.slice(0, 280), neighbourIds: whole.neighbourIds.slice(0, 280 * 16), distances: whole.distances.slice(0, 280 * 16),
    }
    for (const broken of [partial, stale]) {
      const repaired = await open().load(rows(0, 295), structuredClone(broken))
      expect(repaired.faceIds.length).toBeGreaterThanOrEqual(15)
      const expected = asMap(kept)
      for (const [faceId, list] of asMap(merge(broken, repaired))) expect(list).toBe(expected.get(faceId))
    }
  })

  it('replaces a face that is added again', async () => {
    const recognition = open()
    await recognition.add(rows(0, 200))
    const changed = await recognition.add({ ...rows(0, 1), embeddings: faces.embeddings.slice(50 * 128, 51 * 128) })
    const list = changed.neighbourIds.slice(changed.faceIds.indexOf(1) * 16)
    expect(list[0]).toBe(51)
    expect(changed.distances[changed.faceIds.indexOf(1) * 16]).toBe(0)
  })

  it('rejects what waits when the thread dies, and works again after load', async () => {
    const recognition = open()
    await recognition.add(rows(0, 50))
    const tooShort = { ...rows(50, 60), embeddings: new Float32Array(3), faceIds: null as unknown as Int32Array }
    const broken = recognition.add(tooShort)
    const waiting = recognition.group(faces.faceIds.slice(0, 50))
    await expect(broken).rejects.toThrow(RecognitionStoppedError)
    await expect(waiting).rejects.toThrow(RecognitionStoppedError)
    await expect(recognition.add(rows(50, 60))).rejects.toThrow(/loaded again/)
    expect(messages.join()).toMatch(/recognition thread stopped/)
    const answered = await recognition.load(rows(0, 60), noNeighbours)
    expect(answered.faceIds.length).toBe(60)
    expect((await recognition.group(faces.faceIds.slice(0, 60))).group.length).toBe(60)
  })

  it('rejects calls after close', async () => {
    const recognition = open()
    await recognition.close()
    await expect(recognition.load(rows(0, 1), noNeighbours)).rejects.toThrow(/closed/)
  })
})

describe('verdicts', () => {
  it('names the known, leaves strangers alone, and is the same twice', async () => {
    const recognition = open()
    await recognition.add(rows(0, 1200))
    const labelled = someOf(12, 6)
    const known = new Set(labelled.map((i) => faces.people[i]))
    const knowledge = knowing(labelled)
    const judged = await judge(recognition, knowledge)
    let rightNames = 0, wrongNames = 0
    for (const { faceId, verdict, personId } of judged) {
      if (verdict !== 'name') continue
      if (faces.people[faceId - 1] + 1 === personId) rightNames++
      else wrongNames++
    }
    const openKnown = [...knowledge.openFaceIds].filter((faceId) => known.has(faces.people[faceId - 1])).length
    expect(openKnown).toBeGreaterThan(300)
    expect(rightNames / openKnown).toBeGreaterThan(0.85)
    expect(wrongNames / rightNames).toBeLessThan(0.005)
    expect((await recognition.judge()).faceIds.length).toBe(0)
    const again = open()
    await again.add(rows(0, 1200))
    expect(await judge(again, knowledge)).toEqual(judged)
  })

  it('answers the same whether labels came one by one or at once, while no person has an SVM', async () => {
    const atOnce = open(), oneByOne = open()
    await Promise.all([atOnce.add(rows(0, 800)), oneByOne.add(rows(0, 800))])
    const labelled = someOf(8, 3).filter((i) => i < 800)
    const openFaceIds = faces.faceIds.slice(0, 800).filter((faceId) => !labelled.includes(faceId - 1))
    let last = await judge(oneByOne, knowing(labelled.slice(0, 40), { openFaceIds }))
    for (const cut of [5, 20, labelled.length]) last = await judge(oneByOne, knowing(labelled.slice(0, cut), { openFaceIds }))
    expect(last.length).toBeGreaterThan(100)
    expect(last).toEqual(await judge(atOnce, knowing(labelled, { openFaceIds })))
  })

  it('never proposes a refused name, and finds who hides behind it', async () => {
    const recognition = open()
    await recognition.add(rows(0, 1200))
    const labelled = someOf(12, 6)
    const named = (await judge(recognition, knowing(labelled))).filter(({ verdict }) => verdict === 'name').slice(0, 50)
    const rejections = {
      rejectedFaceIds: Int32Array.from(named, ({ faceId }) => faceId),
      rejectedPersonIds: Int32Array.from(named, ({ personId }) => personId),
    }
    const again = await judge(recognition, knowing(labelled, rejections))
    const candidates = await recognition.candidates(rejections.rejectedFaceIds, 9)
    named.forEach(({ faceId, personId }, i) => {
      expect(again.find((judgement) => judgement.faceId === faceId)?.personId).not.toBe(personId)
      expect(candidates[i].length).toBe(9)
      expect(candidates[i].map((candidate) => candidate.personId)).not.toContain(personId)
    })
  })

  it('gives a name once a photo, and none that the user gave another face there', async () => {
    const recognition = open()
    const person = faces.people[0]
    const own = [...faces.people.keys()].filter((i) => faces.people[i] === person)
    const most = someOf(12, 12).filter((i, _, all) => faces.people[i] === faces.people[all[0]])
    expect(own.length + most.length).toBeGreaterThan(0)
    const twice: FaceRows = { ...rows(0, 1200), photoIds: faces.photoIds.slice(0, 1200) }
    // Four faces of one person as if on two photos, two each; on the second the user named one.
    const [a, b, c, d, ...teachers] = most
    for (const i of [a, b]) twice.photoIds[i] = 90_001
    for (const i of [c, d]) twice.photoIds[i] = 90_002
    await recognition.add(twice)
    const judged = await judge(recognition, knowing([...teachers.slice(0, 4), d]))
    const verdictOf = (i: number) => judged.find(({ faceId }) => faceId === faces.faceIds[i])?.verdict
    expect([verdictOf(a), verdictOf(b)].sort()).toEqual(['name', 'suggest'])
    expect(verdictOf(c)).toBeUndefined()
  })

  it('names no small face and suggests none for the smallest', async () => {
    const recognition = open()
    const sized: FaceRows = { ...rows(0, 1200), sizesPx: faces.sizesPx.map((_, i) => [120, 40, 20][i % 3]) }
    await recognition.add(sized)
    const labelled = someOf(12, 6)
    const judged = await judge(recognition, knowing(labelled))
    const verdicts = (rest: number) => new Set(judged.filter(({ faceId }) => (faceId - 1) % 3 === rest).map(({ verdict }) => verdict))
    expect(verdicts(0)).toEqual(new Set(['name', 'suggest']))
    expect(verdicts(1)).toEqual(new Set(['suggest']))
    expect(verdicts(2)).toEqual(new Set())
    const { group } = await recognition.group(faces.faceIds)
    expect(group.filter((number, i) => i % 3 > 0 && number > 0).length).toBe(0)
    expect(group.filter((number) => number > 0).length).toBeGreaterThan(100)
  })

  it('identifies somebody who is not in the library, or nobody', async () => {
    const recognition = open()
    await recognition.add(rows(0, 1000))
    const labelled = someOf(12, 6).filter((i) => i < 1000)
    await judge(recognition, knowing(labelled, { openFaceIds: faces.faceIds.slice(0, 1000) }))
    const people = new Set(labelled.map((i) => faces.people[i]))
    let known = 0, right = 0, strangers = 0, named = 0
    for (let i = 1000; i < 1200; i++) {
      const [best] = await recognition.identify(faces.embeddings.slice(i * 128, (i + 1) * 128), 120)
      if (people.has(faces.people[i])) {
        known++
        if (best?.personId === faces.people[i] + 1) right++
      } else {
        strangers++
        if (best) named++
      }
    }
    expect(known).toBeGreaterThan(50)
    expect(strangers).toBeGreaterThan(20)
    expect(right / known).toBeGreaterThan(0.95)
    expect(named / strangers).toBeLessThan(0.1)
    expect(await recognition.identify(faces.embeddings.slice(0, 128), 20)).toEqual([])
  })
})

describe('while much is learnt', () => {
  const labelled = someOf(5, 4), taken = someOf(12, 9).filter((i) => !labelled.includes(i))
  const naming = (indices: number[]) => ({
    faceIds: Int32Array.from(indices, (i) => faces.faceIds[i]), personIds: Int32Array.from(indices, (i) => faces.people[i] + 1),
    rejectedFaceIds: new Int32Array(0), rejectedPersonIds: new Int32Array(0),
  })
  const asked = faces.faceIds.filter((_, i) => !labelled.includes(i) && !taken.includes(i)).slice(0, 30)
  const questions = (recognition: RecognitionPort): Record<string, () => Promise<unknown>> => ({
    nearest: () => recognition.nearest(asked[0], faces.faceIds, 5),
    compare: () => recognition.compare(faces.faceIds.slice(0, 5), faces.faceIds.slice(5, 9)),
    neighbours: () => recognition.neighbours(asked),
    candidates: () => recognition.candidates(asked, 9),
    identify: () => recognition.identify(faces.embeddings.slice(0, 128), 120),
  })

  it('answers questions before that ends, as before or as after', async () => {
    expect(taken.length).toBeGreaterThan(100)
    const recognition = open()
    await recognition.add(rows(0, 1200))
    await judge(recognition, knowing(labelled))
    const ask = Object.entries(questions(recognition))
    const before = await Promise.all(ask.map(([, question]) => question()))
    const order: string[] = []
    const learnt = recognition.learn(naming(taken)).then(() => order.push('learn'))
    const between = await Promise.all(ask.map(async ([name, question]) => {
      const answer = await question()
      order.push(name)
      return answer
    }))
    await learnt
    const after = await Promise.all(ask.map(([, question]) => question()))
    expect(order.at(-1)).toBe('learn')
    between.forEach((answer, i) => expect([before[i], after[i]]).toContainEqual(answer))
    expect(after).not.toEqual(before)
  })

  it('learns one decision after the other, and judges after those that came first', async () => {
    const atOnce = open(), inTurn = open()
    await Promise.all([atOnce, inTurn].map((recognition) => recognition.add(rows(0, 1200))))
    const half = Math.floor(taken.length / 2)
    const changes = [naming(taken.slice(0, half)), { ...naming(taken.slice(0, half)), personIds: new Int32Array(half) }, naming(taken.slice(half))]
    for (const recognition of [atOnce, inTurn]) await judge(recognition, knowing(labelled))
    const answers: Verdicts[] = []
    for (const change of changes) answers.push(await inTurn.learn(change))
    answers.push(await inTurn.judge())
    const calls = [...changes.map((change) => atOnce.learn(change)), atOnce.judge()]
    expect(await Promise.all(calls)).toEqual(answers)
  })
})

describe('groups', () => {
  it('holds unnamed faces together when named ones crowd their lists', async () => {
    const recognition = open()
    // Sixty copies of one face, turned a little, of which forty are named: each list is full of named faces.
    const copies = generateFaces(60, { seed: 2 })
    const base = faces.embeddings.slice(0, 128)
    for (let i = 0; i < 60; i++) {
      for (let k = 0; k < 128; k++) copies.embeddings[i * 128 + k] = base[k] + (i < 40 ? 0.2 : 0.35) * (copies.embeddings[i * 128 + k] - (k % 2 ? 0.11 : -0.11))
    }
    await recognition.add({ ...copies, photoIds: copies.faceIds.slice() })
    const { group } = await recognition.group(copies.faceIds.slice(40))
    expect(new Set(group)).toEqual(new Set([1]))
  })
})

describe('the nearest among given faces', () => {
  it('are exactly those, nearest first, without the face itself and without unknown ones', async () => {
    const recognition = open()
    await recognition.load(rows(0, 400), noNeighbours)
    const embeddingOf = (i: number) => faces.embeddings.slice(i * 128, i * 128 + 128)
    const among = Int32Array.from({ length: 60 }, (_, i) => faces.faceIds[i * 5])
    const expected = Array.from({ length: 60 }, (_, i) => i * 5).filter((i) => i !== 10)
      .map((i) => ({ faceId: faces.faceIds[i], distance: distanceBetween(embeddingOf(10), embeddingOf(i)) }))
      .sort((a, b) => a.distance - b.distance).slice(0, 3)
    const found = await recognition.nearest(faces.faceIds[10], Int32Array.of(...among, 999_999), 3)
    expect(found!.map(({ faceId }) => faceId)).toEqual(expected.map(({ faceId }) => faceId))
    found!.forEach(({ distance }, i) => expect(distance).toBeCloseTo(expected[i].distance, 5))
    expect(await recognition.nearest(999_999, among, 3)).toBeNull()
    expect(await recognition.nearest(faces.faceIds[10], new Int32Array(0), 3)).toEqual([])
  })

  it('never teach where they are too small to be recognised', async () => {
    const recognition = open()
    const small: FaceRows = { ...rows(0, 400), sizesPx: faces.sizesPx.slice(0, 400).fill(dlibThresholds.minimumSuggestedPx - 1) }
    await recognition.load(small, noNeighbours)
    await recognition.know(knowing([0, 1, 2, 3, 4, 5]), false)
    expect((await recognition.judge()).judgements).toEqual([])
    expect(await recognition.candidates(Int32Array.of(faces.faceIds[20]), 9)).toEqual([[]])
  })
})
