/** The options of a run: what was asked for, the defaults for the rest, and on resuming what it began with. */
import { KithError } from '../../../src-shared/errors.ts'
import type { TrainingJob, TrainingOptions } from '../training-port.ts'

/** What may change when a run goes on: how long, and how large its steps are. */
const changeable: ReadonlySet<string> = new Set<keyof TrainingOptions>(['epochs', 'patience', 'learningRate'])
const flags: Readonly<Record<keyof TrainingOptions, string>> = {
  layers: '--layers', epochs: '--epochs', steps: '--steps', people: '--people', pictures: '--pictures', margin: '--margin',
  learningRate: '--learning-rate', seed: '--seed', patience: '--patience',
}
/** The margin is FaceNet's. */
const common = { epochs: 20, pictures: 4, margin: 0.2, seed: 1, patience: 5 } as const
/**
 * Adam's own learning rate is for the embedding layer. The whole network is fine-tuned with a tenth: of ten people, eight to learn
 * from, held-out faces were told apart best (area under the ROC curve, .886 before) at .927 with 1e-4, .898 with 1e-5, .870 with 1e-3,
 * which made them worse from the first epoch on.
 */
const byLayers = { all: { people: 8, learningRate: 1e-4 }, embedding: { people: 32, learningRate: 1e-3 } } as const

/**
 * Options of a run. `steps` is by default what takes as many faces as there are to learn from.
 * @param begun options of the checkpoint that it goes on from
 * @throws KithError invalid-input for numbers out of their range, and for another value than the checkpoint's
 */
export function settleOptions({ options: asked, people }: Pick<TrainingJob, 'options' | 'people'>, begun: TrainingOptions | null): TrainingOptions {
  const layers = asked.layers ?? 'embedding'
  const batch = { people: asked.people ?? byLayers[layers].people, pictures: asked.pictures ?? common.pictures }
  const usable = people.filter(({ faces }) => faces.length >= 2)
  const faces = usable.reduce((sum, person) => sum + person.faces.length, 0)
  const steps = Math.max(1, Math.ceil(faces / (Math.min(batch.people, usable.length) * batch.pictures)))
  const options: TrainingOptions = { ...common, ...byLayers[layers], layers, steps, ...batch, ...begun, ...defined(asked) }
  for (const name of Object.keys(flags) as (keyof TrainingOptions)[]) {
    if (begun && !changeable.has(name) && options[name] !== begun[name]) {
      throw new KithError('invalid-input',
        `The checkpoint was made with ${flags[name]} ${begun[name]}, not ${options[name]}. Leave ${flags[name]} out, or begin again without --resume.`)
    }
  }
  requireInRange(options)
  return options
}

function defined(options: Partial<TrainingOptions>): Partial<TrainingOptions> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

function requireInRange(options: TrainingOptions): void {
  const least: Partial<Record<keyof TrainingOptions, number>> = { epochs: 1, steps: 1, people: 2, pictures: 2, seed: 0, patience: 1 }
  for (const [name, limit] of Object.entries(least) as [keyof TrainingOptions, number][]) {
    const value = options[name] as number
    if (!Number.isSafeInteger(value) || value < limit) throw new KithError('invalid-input', `${flags[name]} is a whole number from ${limit} on, not ${value}.`)
  }
  for (const name of ['margin', 'learningRate'] as const) {
    if (!(options[name] > 0 && Number.isFinite(options[name]))) throw new KithError('invalid-input', `${flags[name]} is a number above 0, not ${options[name]}.`)
  }
  if (options.margin > 4) throw new KithError('invalid-input', `--margin is at most 4, the largest squared distance there can be, not ${options.margin}.`)
}
