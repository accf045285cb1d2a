/** Who is to have an SVM, what there is to learn it from now, and whether everybody's is in step with that. */
import type { NeighbourGraph } from '../math/neighbours.ts'
import { createPersonModels } from '../math/person-models.ts'
import type { Lessons } from '../math/person-models.ts'
import type { RecognitionThresholds } from '../math/thresholds.ts'
import { drawBackground } from './background.ts'
import type { LabelledNeighbours } from './labelled-neighbours.ts'

export interface Teaching {
  /** Says that labels or standings are others now. @param drawAnew whether other faces may be the background now */
  forget(drawAnew: boolean): void
  /** Whether everybody was trained on so much else that everybody should be again. */
  isOutdated(): boolean
  /** Trains those of whom something changed, in steps; answers who they are. @param wanted as PersonModels has it */
  keepUp(wanted?: ReadonlySet<number>): Generator<void, ReadonlySet<number>>
  /**
   * Trains everybody who should have an SVM and has none, and all where much has changed, in steps. Where that is under way
   * already it waits for it, unless everybody has an SVM of what is known now: the old calibration serves until then.
   */
  train(): Generator<void, void>
  /** Calibrated probability that a vector is the person; null without an SVM for that person. */
  probability(personId: number, values: Float32Array, offset: number): number | null
}

/**
 * @param openRows rows that may stand for nobody known
 * @param onTrained `train` tells of the people whose SVM is another one; null: everybody's
 */
export function createTeaching(
  graph: NeighbourGraph, labelled: LabelledNeighbours, openRows: ReadonlySet<number>, thresholds: RecognitionThresholds,
  onTrained: (people: ReadonlySet<number> | null) => void,
): Teaching {
  const models = createPersonModels(thresholds)
  let lessons: Lessons | null = null
  let background: readonly number[] | null = null
  /** Everybody's SVM is of these. */
  let trainedOn: Lessons | null = null
  /** Asked of `models` once for the same lessons, since it looks at every labelled face. */
  let outdated: { lessons: Lessons; is: boolean } | null = null
  let isTraining = false

  return {
    forget(drawAnew) {
      lessons = null
      if (drawAnew) background = null
    },
    isOutdated,
    keepUp,

    *train() {
      // What is known may change while somebody is trained.
      while (!isReady()) {
        yield
        if (isTraining) continue
        isTraining = true
        yield* trainAll()
        isTraining = false
      }
    },

    probability: models.probability,
  }

  function* trainAll(): Generator<void, void> {
    yield* labelled.listInSteps(Int32Array.from(backgroundNow()))
    if (isOutdated()) {
      lessons = background = null
      yield* labelled.listInSteps(Int32Array.from(backgroundNow()))
      if (models.hasAll(learnFrom())) onTrained(yield* keepUp())
      yield
      outdated = null
      yield* models.relearn(learnFrom)
      onTrained(null)
    }
    onTrained(yield* keepUp())
  }

  function isReady(): boolean {
    return lessons !== null && lessons === trainedOn && (isTraining || !isOutdated())
  }

  function isOutdated(): boolean {
    const now = learnFrom()
    if (outdated?.lessons !== now) outdated = { lessons: now, is: models.isOutdated(now) }
    return outdated.is
  }

  function* keepUp(wanted?: ReadonlySet<number>): Generator<void, ReadonlySet<number>> {
    const before = learnFrom()
    if (before === trainedOn) return new Set()
    yield
    const changed = yield* models.keepUp(learnFrom, wanted)
    if (learnFrom() === before && models.hasAll(before)) trainedOn = before
    return changed
  }

  function backgroundNow(): number[] {
    background ??= drawBackground([...openRows], graph.faceIdOf)
    return background.filter((row) => openRows.has(row))
  }

  /** What there is to learn from now. */
  function learnFrom(): Lessons {
    if (lessons) return lessons
    const faces = new Map<number, number[]>()
    for (const row of Int32Array.from(labelled.rows()).sort()) {
      const own = faces.get(labelled.personOf(row))
      if (own) own.push(graph.offsetOf(row))
      else faces.set(labelled.personOf(row), [graph.offsetOf(row)])
    }
    const drawn = backgroundNow()
    labelled.list(Int32Array.from(drawn))
    lessons = {
      values: graph.values, dimension: graph.dimension, faces,
      background: drawn.map((row) => ({ offset: graph.offsetOf(row), mayBe: labelled.of(row).map(({ personId }) => personId) })),
    }
    return lessons
  }
}
