/**
 * Lets recognition learn from decisions as they are taken, and writes what follows at once: only what a decision changed is
 * read, and only what may be another verdict for it is judged. What comes while it learns waits and is learnt together.
 */
import { setImmediate as pause } from 'node:timers/promises'
import type { Judgement, RecognitionPort } from '../ports.ts'
import type { JudgedFace, JudgementStore } from '../store/judgements.ts'
import type { DecisionTouched } from './context.ts'
import { changeOf } from './knowledge.ts'
import type { JudgedFaces } from './judged-faces.ts'

/** Faces read at a time, so that others are answered in between. */
const facesAtOnce = 4000

interface Noted {
  faceIds: ReadonlySet<number>
  personIds: ReadonlySet<number>
}

type Rejection = ReturnType<JudgementStore['rejectionsOf']>[number]

export interface DecisionFollower {
  /** Remembers what a decision was about. */
  note(touched: DecisionTouched): void
  /** Reads what was noted into `faces` without learning from it: recognition is told everything after that. */
  absorb(): void
  /** Learns from all that was noted, until nothing is; one run at a time. @throws RecognitionStoppedError, what writing throws */
  follow(): Promise<void>
  /** Waits until nothing is being learnt. Never throws: `follow` does. */
  idle(): Promise<void>
  /** Faces that were judged since this was asked last. */
  takeJudged(): ReadonlySet<number>
}

/**
 * @param recognitionNow asked again for each decision
 * @param onWritten called where what was written changed something
 */
export function createDecisionFollower(
  faces: JudgedFaces, store: JudgementStore, recognitionNow: () => RecognitionPort, onWritten: () => void,
): DecisionFollower {
  let faceIds = new Set<number>(), personIds = new Set<number>()
  let judged = new Set<number>()
  let running: Promise<void> | null = null

  const isNoted = () => faceIds.size + personIds.size > 0

  function takeNoted(): Noted {
    const noted = { faceIds, personIds }
    faceIds = new Set()
    personIds = new Set()
    return noted
  }

  /** Reads what was noted, in pieces; what is decided meanwhile is noted, and read after. */
  async function readNoted(noted: Noted): Promise<{ faces: JudgedFace[]; rejections: Rejection[] }> {
    const read = faces.refresh([], noted.personIds)
    const rejections = store.rejectionsOf(read.map(({ id }) => id))
    const known = new Set(read.map(({ id }) => id))
    const wanted = [...noted.faceIds].filter((id) => !known.has(id))
    for (let first = 0; first < wanted.length; first += facesAtOnce) {
      const some = faces.refresh(wanted.slice(first, first + facesAtOnce), new Set())
      read.push(...some)
      rejections.push(...store.rejectionsOf(some.map(({ id }) => id)))
      if (wanted.length > facesAtOnce) await pause()
    }
    return { faces: read, rejections }
  }

  async function run(): Promise<void> {
    // Verdicts wait until no decision does that could have made them wrong.
    const unwritten = new Map<number, Judgement | null>()
    while (isNoted()) {
      const { faces: changed, rejections } = await readNoted(takeNoted())
      const verdicts = await recognitionNow().learn(changeOf(changed, rejections))
      for (const faceId of verdicts.faceIds) {
        judged.add(faceId)
        unwritten.set(faceId, null)
      }
      for (const judgement of verdicts.judgements) unwritten.set(judgement.faceId, judgement)
    }
    const judgements = new Map([...unwritten].filter((entry): entry is [number, Judgement] => entry[1] !== null))
    if (faces.writeJudgements(unwritten.keys(), judgements)) onWritten()
  }

  return {
    note(touched) {
      for (const faceId of touched.faceIds) faceIds.add(faceId)
      for (const personId of touched.personIds) personIds.add(personId)
    },

    absorb() {
      const noted = takeNoted()
      faces.refresh(noted.faceIds, noted.personIds)
    },

    follow: () => (running ??= run().finally(() => (running = null))),

    async idle() {
      while (running) await running.catch(() => {})
    },

    takeJudged() {
      const taken = judged
      judged = new Set()
      return taken
    },
  }
}
