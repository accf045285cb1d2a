/** kith train FOLDER: trains nn4.small2 with the triplet loss on a folder per person. */
import { resolve } from 'node:path'
import { InvalidArgumentError, Option } from 'commander'
import type { TrainReport } from '../../engine/tools.ts'
import type { TrainingOptions, TrainingProgress, ValidationFigures } from '../../engine/training-port.ts'
import type { RegisterCommand } from '../command.ts'
import { count, duration, formatTable, percent, printable } from '../output.ts'
import { createProgressReporter, type ProgressState } from '../progress.ts'

interface Flags extends Partial<TrainingOptions> {
  from?: string
  name?: string
  resume?: boolean
}

const number = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('It is no number.')
  return value
}

export const registerTrain: RegisterCommand = (program, run) => {
  program
    .command('train')
    .argument('<folder>', 'a folder with one folder of pictures for each person')
    .description('train nn4.small2 with the triplet loss on a folder per person; a fifth of the people is held out to measure')
    .addOption(new Option('--layers <which>', 'the matrix behind the network alone, which takes minutes, or all').choices(['embedding', 'all']))
    .option('--epochs <n>', 'how often to go through the faces (20)', number)
    .option('--steps <n>', 'batches an epoch (as many as take all faces once)', number)
    .option('--people <n>', 'people a batch (32, with --layers all 8)', number)
    .option('--pictures <n>', 'pictures of each (4)', number)
    .option('--margin <x>', 'how much nearer a person is to be than strangers, as a squared distance (0.2)', number)
    .option('--learning-rate <x>', 'size of a step, of Adam (0.001, with --layers all 0.0001)', number)
    .option('--seed <n>', 'the same seed gives the same model (1)', number)
    .option('--patience <n>', 'stop after so many epochs that were no better (5)', number)
    .option('--from <id>', 'the model to begin with, or the path of its weights (nn4.small2)')
    .option('--name <id>', 'name of the new model, for --model (nn4.small2 and the name of the folder)')
    .option('--resume', 'go on where a run of this name was stopped; without it, such a run is left alone and the name is refused')
    .action((folder: string, { from, name, resume, ...options }: Flags) =>
      run(async ({ output, withTools, interrupt }) =>
        withTools(async (tools) => {
          const progress = createProgressReporter()
          try {
            const report = await tools.train(resolve(folder), {
              ...(from ? { from } : {}), ...(name ? { id: name } : {}), ...(resume ? { resume } : {}), options,
              signal: interrupt.signal,
              onFaces: (done, total) => progress.show({ label: 'faces', done, total, facts: [] }),
              onProgress: (state) => progress.show(fromTrainingProgress(state)),
            })
            progress.stop()
            const { path: _, ...document } = report
            await output.result({ ...document, path: report.path }, () => inWords(report))
            if (report.stopped !== 'interrupted') return 0
            output.note('Stopped before the end. Go on with: kith train … --resume')
            return 1
          } finally {
            progress.stop()
          }
        })))
}

function fromTrainingProgress(progress: TrainingProgress): ProgressState {
  const { phase, epoch, epochs, step, steps, loss, active, imagesPerSecond, remainingSeconds, backend } = progress
  return {
    label: phase, done: step, total: steps,
    facts: [
      ...(epoch > 0 ? [`epoch ${epoch} of ${epochs}`] : []),
      ...(loss === null ? [] : [`loss ${loss.toFixed(4)}`]),
      ...(active === null ? [] : [`${percent(active)} active`]),
      ...(imagesPerSecond === null ? [] : [`${imagesPerSecond.toFixed(1)} images/s`]),
      backend,
      ...(remainingSeconds === null ? [] : [`${duration(remainingSeconds)} left`]),
    ],
  }
}

function inWords(report: TrainReport): string {
  const { model, from, backend, passedOver, layers, split, before, epochs, best, stopped, seconds, path } = report
  const row = (title: string, loss: string, active: string, { auc, accuracy, tarAtFar }: ValidationFigures) =>
    [title, loss, active, auc.toFixed(4), accuracy.toFixed(4), (tarAtFar['0.01'] ?? 0).toFixed(4)]
  const reason = { done: 'all epochs done', patience: 'nothing got better any more', interrupted: 'stopped' }[stopped]
  return [
    `${report.pictures} pictures of ${report.people} people, ${report.faces} with a face; learned from ${split.faces.training} of ${count(split.people.training, 'person', 'people')}, ` +
      `measured on ${split.faces.validation} of ${split.people.validation} others.`,
    `${layers === 'all' ? 'The whole network' : 'The embedding layer'}, from ${from}, with ${backend}${passedOver.length > 0 ? ` (${passedOver.map(printable).join('; ')})` : ''}.`,
    ...(before ? [formatTable(['Epoch', 'Loss', 'Active', 'AUC', 'Accuracy', 'TAR at 1 % FAR'], [
      row('before', '', '', before),
      ...epochs.map(({ epoch, loss, active, validation }) => row(String(epoch), loss.toFixed(4), percent(active), validation)),
    ])] : []),
    `${duration(seconds)}; ${reason}.`,
    ...(best && path ? [
      best.better ? `Epoch ${best.epoch} tells the held-out people apart best; it is the model ${model}: ${printable(path)}`
        : `No epoch tells the held-out people apart better than ${from}. Epoch ${best.epoch}, the best of them, is the model ${model}: ${printable(path)}`,
      `Compare it with others: kith evaluate FOLDER --model ${model}`,
    ] : []),
    ...(report.withoutFace.length > 0 ? ['Without a face:', ...report.withoutFace.map((picture) => printable(`  ${picture}`))] : []),
    ...(report.unreadable.length > 0 ? ['Not read:', ...report.unreadable.map(({ path: picture, reason: why }) => printable(`  ${picture}: ${why}`))] : []),
  ].join('\n')
}
