import { describe, expect, it } from 'vitest'
import { createPlainKernel } from '../../../src-main/engine/math/distance-kernel.ts'
import { finish } from '../../../src-main/engine/math/steps.ts'
import { dlibThresholds, openFaceThresholds } from '../../../src-main/engine/math/thresholds.ts'
import type { RecognitionThresholds } from '../../../src-main/engine/math/thresholds.ts'
import type { FaceRows, Judgement, Knowledge, NeighbourRows, Verdicts } from '../../../src-main/engine/ports.ts'
import { createFaceMemory } from '../../../src-main/engine/recognition/face-memory.ts'
import type { FaceMemory } from '../../../src-main/engine/recognition/face-memory.ts'
import { generateFaces } from '../../fixtures/embeddings.ts'
import { goldenNn4 } from '../../fixtures/golden.ts'
import { createRandom } from '../../fixtures/random.ts'

interface Library {
  rows: FaceRows
  neighbours: NeighbourRows
  /** Who each face is, from 1. */
  people: Int32Array
  thresholds: RecognitionThresholds
}

const open = 0, closed = -1

function libraryOf(rows: FaceRows, people: Int32Array, thresholds: RecognitionThresholds): Library {
  return { rows, people, thresholds, neighbours: createFaceMemory(() => createPlainKernel(128), thresholds).add(rows) }
}

function generated(count: number, thresholds: RecognitionThresholds): Library {
  const { people, ...rows } = generateFaces(count, { seed: 21 })
  return libraryOf(rows, people.map((person) => person + 1), thresholds)
}

/** A library of which faces are named, unnamed, refused and put aside, one after the other. */
function decisionsOn(library: Library, seed: number) {
  const { rows, people } = library
  const random = createRandom(seed)
  const standing = new Map<number, number>(Array.from(rows.faceIds, (faceId) => [faceId, open]))
  const refused = new Map<number, Set<number>>()
  const personOf = (faceId: number) => people[rows.faceIds.indexOf(faceId)]
  const refusals = (faceIds: Iterable<number>) => {
    const pairs = Array.from(faceIds, (faceId) => [...(refused.get(faceId) ?? [])].map((personId) => [faceId, personId])).flat()
    return { rejectedFaceIds: Int32Array.from(pairs, ([faceId]) => faceId), rejectedPersonIds: Int32Array.from(pairs, ([, personId]) => personId) }
  }
  return {
    random, standing,
    /** Anything at all happens to one to three faces. Answers their ids. */
    decide(): number[] {
      const faceIds = random.some([...rows.faceIds], 1 + random.below(3))
      for (const faceId of faceIds) {
        const before = standing.get(faceId)!
        const what = random.below(10)
        if (what === 0) standing.set(faceId, closed)
        else if (what < 3 && before === open) refused.set(faceId, new Set([...(refused.get(faceId) ?? []), personOf(faceId)]))
        else if (what === 3) refused.delete(faceId)
        else if (before === open) standing.set(faceId, what === 4 ? 1 + random.below(5) : personOf(faceId))
        else if (what > 7) standing.set(faceId, open)
      }
      return faceIds
    },
    change: (faceIds: number[]) => ({
      faceIds: Int32Array.from(faceIds), personIds: Int32Array.from(faceIds, (faceId) => standing.get(faceId)!), ...refusals(faceIds),
    }),
    knowledge(): Knowledge {
      const all = [...standing]
      const labelled = all.filter(([, personId]) => personId > 0)
      return {
        labelledFaceIds: Int32Array.from(labelled, ([faceId]) => faceId), labelledPersonIds: Int32Array.from(labelled, ([, personId]) => personId),
        openFaceIds: Int32Array.from(all.filter(([, personId]) => personId === open), ([faceId]) => faceId), ...refusals(refused.keys()),
      }
    },
  }
}

function load({ rows, neighbours, thresholds }: Library): FaceMemory {
  const memory = createFaceMemory(() => createPlainKernel(128), thresholds)
  memory.load(rows, neighbours)
  return memory
}

function keep(stands: Map<number, Judgement>, { faceIds, judgements }: Verdicts): void {
  for (const faceId of faceIds) stands.delete(faceId)
  for (const judgement of judgements) stands.set(judgement.faceId, judgement)
}

/** What stands after many decisions learnt one by one, and what a memory says that is told all at once. */
function walk(library: Library, { seed = 1, decisions = 120, named = 0.3, settle = true } = {}) {
  const walked = decisionsOn(library, seed)
  for (const faceId of walked.standing.keys()) if (walked.random.fraction() < named) walked.standing.set(faceId, library.people[library.rows.faceIds.indexOf(faceId)])
  const memory = load(library)
  const stands = new Map<number, Judgement>()
  finish(memory.know(walked.knowledge(), false))
  keep(stands, finish(memory.judge()))
  let most = 0
  for (let turn = 0; turn < decisions; turn++) {
    const verdicts = finish(memory.learn(walked.change(walked.decide())))
    most = Math.max(most, verdicts.faceIds.length)
    keep(stands, verdicts)
  }
  if (settle) keep(stands, finish(memory.judge()))
  for (const faceId of stands.keys()) if (walked.standing.get(faceId) !== open) stands.delete(faceId)
  const fresh = load(library)
  const expected = new Map<number, Judgement>()
  finish(fresh.know(walked.knowledge(), false))
  keep(expected, finish(fresh.judge()))
  return { stands, expected, most, openCount: walked.knowledge().openFaceIds.length }
}

const sorted = (judgements: ReadonlyMap<number, Judgement>) => [...judgements.values()].sort((a, b) => a.faceId - b.faceId)

/** Share of open faces on which both say another person or verdict. */
function difference({ stands, expected, openCount }: ReturnType<typeof walk>): number {
  let different = 0
  for (const faceId of new Set([...stands.keys(), ...expected.keys()])) {
    const [a, b] = [stands.get(faceId), expected.get(faceId)]
    if (a?.personId !== b?.personId || a?.verdict !== b?.verdict) different++
  }
  return different / openCount
}

describe('learning decision by decision', () => {
  it('comes to the very verdicts of learning all at once, while KNN decides alone', () => {
    const library = generated(900, { ...dlibThresholds, svmFromFaces: Infinity })
    for (const seed of [1, 2]) {
      const { stands, expected } = walk(library, { seed })
      expect(expected.size).toBeGreaterThan(100)
      expect(sorted(stands)).toEqual(sorted(expected))
    }
  })

  it('comes to the very same with SVMs, where so much changed that everybody is trained again', () => {
    const walked = walk(generated(1500, dlibThresholds), { named: 0.4, decisions: 150 })
    expect(walked.expected.size).toBeGreaterThan(300)
    expect(sorted(walked.stands)).toEqual(sorted(walked.expected))
  })

  it('judges few faces a decision, and differs on one face in fifty where the others were trained before', () => {
    const walked = walk(generated(1500, dlibThresholds), { named: 0.4, decisions: 30, settle: false })
    expect(walked.most).toBeLessThan(walked.openCount / 2)
    expect(difference(walked)).toBeLessThan(0.02)
  })

  it('does the same on genuine embeddings of unit length', ({ skip }) => {
    const golden = goldenNn4()
    if (!golden) return skip()
    const { values, people, count } = golden
    const faceIds = Int32Array.from({ length: count }, (_, i) => i + 1)
    const rows: FaceRows = { faceIds, photoIds: faceIds.slice(), sizesPx: new Float32Array(count).fill(100), embeddings: values }
    const library = libraryOf(rows, people.map((person) => person + 1), openFaceThresholds)
    const much = walk(library, { named: 0.5 })
    expect(much.expected.size).toBeGreaterThan(100)
    expect(sorted(much.stands)).toEqual(sorted(much.expected))
    expect(difference(walk(library, { named: 0.5, decisions: 20, settle: false }))).toBeLessThan(0.02)
  })

  it('judges nothing that an earlier memory judged, until something changes', () => {
    const library = generated(900, dlibThresholds)
    const walked = decisionsOn(library, 5)
    for (const faceId of walked.standing.keys()) if (walked.random.fraction() < 0.4) walked.standing.set(faceId, library.people[library.rows.faceIds.indexOf(faceId)])
    const first = load(library), second = load(library)
    const stands = new Map<number, Judgement>()
    finish(first.know(walked.knowledge(), false))
    keep(stands, finish(first.judge()))
    finish(second.know(walked.knowledge(), true))
    // A decision comes before the SVMs are trained.
    const decided = walked.change(walked.decide())
    const early = finish(second.learn(decided))
    keep(stands, early)
    const judged = finish(second.judge())
    keep(stands, judged)
    expect(early.faceIds.length).toBeGreaterThan(0)
    expect(judged.faceIds.length).toBeLessThan(walked.knowledge().openFaceIds.length / 2)
    for (const faceId of stands.keys()) if (walked.standing.get(faceId) !== open) stands.delete(faceId)
    const expected = new Map<number, Judgement>()
    const fresh = load(library)
    finish(fresh.know(walked.knowledge(), false))
    keep(expected, finish(fresh.judge()))
    expect(difference({ stands, expected, most: 0, openCount: walked.knowledge().openFaceIds.length })).toBeLessThan(0.02)
  })
})

describe('questions between the steps of learning', () => {
  it('are answered from what was known before or what is known after, and change no verdict', () => {
    const library = generated(900, dlibThresholds)
    const { rows } = library
    const walked = decisionsOn(library, 3)
    for (const faceId of walked.standing.keys()) if (walked.random.fraction() < 0.4) walked.standing.set(faceId, library.people[rows.faceIds.indexOf(faceId)])
    const asked = load(library), quiet = load(library)
    for (const memory of [asked, quiet]) {
      finish(memory.know(walked.knowledge(), false))
      finish(memory.judge())
    }
    const some = rows.faceIds.slice(0, 20), stranger = rows.embeddings.slice(128, 256)
    const questions = (memory: FaceMemory) => [memory.candidates(some, 9), memory.identify(stranger, 100)]
    const answersOf = (memory: FaceMemory) => JSON.stringify(questions(memory).map((question) => finish<unknown>(question)))
    const between = { before: 0, after: 0 }
    for (let turn = 0; turn < 20; turn++) {
      const change = walked.change([...new Set(Array.from({ length: 12 }, () => walked.decide()).flat())])
      const before = answersOf(asked)
      expect(answersOf(quiet)).toBe(before)
      const answers: string[] = []
      const learning = asked.learn(change)
      let step = learning.next()
      for (; !step.done; step = learning.next()) {
        const first = questions(asked).map((question) => question.next())
        if (first.every(({ done }) => done)) answers.push(JSON.stringify(first.map(({ value }) => value as unknown)))
      }
      expect(step.value).toEqual(finish(quiet.learn(change)))
      const after = answersOf(asked)
      expect(answersOf(quiet)).toBe(after)
      for (const answer of answers) expect([before, after]).toContain(answer)
      if (before === after) continue
      between.before += answers.filter((answer) => answer === before).length
      between.after += answers.filter((answer) => answer === after).length
    }
    expect(between.before).toBeGreaterThan(5)
    expect(between.after).toBeGreaterThan(5)
    expect(finish(asked.judge())).toEqual(finish(quiet.judge()))
  })
})

describe('the scale of an embedder\'s space', () => {
  it('makes no difference: twice the distances and thresholds give the same groups and verdicts', () => {
    const once = generated(900, { ...dlibThresholds, svmFromFaces: Infinity })
    const { grouping, samePerson, ...rest } = once.thresholds
    const twice = libraryOf({ ...once.rows, embeddings: once.rows.embeddings.map((value) => 2 * value) }, once.people, {
      ...rest, autoName: 2 * rest.autoName, suggest: 2 * rest.suggest, loose: 2 * rest.loose, margin: 2 * rest.margin,
      tightenPerTenfold: 2 * rest.tightenPerTenfold, samePerson: { ...samePerson, slope: samePerson.slope / 2 },
      grouping: {
        mergeAtMost: 2 * grouping.mergeAtMost, leaveAbove: 2 * grouping.leaveAbove, sameShot: 2 * grouping.sameShot,
        joinSingles: 2 * grouping.joinSingles, joinLarge: 2 * grouping.joinLarge,
      },
    })
    expect(finish(load(twice).group(twice.rows.faceIds))).toEqual(finish(load(once).group(once.rows.faceIds)))
    const [a, b] = [walk(once, { decisions: 10 }).expected, walk(twice, { decisions: 10 }).expected]
    expect(a.size).toBeGreaterThan(100)
    const saidOf = (judgements: Map<number, Judgement>) => [...judgements.values()].map(({ faceId, personId, verdict }) => ({ faceId, personId, verdict }))
    expect(saidOf(b)).toEqual(saidOf(a))
  })
})
