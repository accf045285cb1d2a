/** kith models: which there are; kith models fetch ID: gets one. */
import type { RegisterCommand } from '../command.ts'
import { formatTable } from '../output.ts'
import { createProgressReporter } from '../progress.ts'

const megabytes = (bytes: number | null) => (bytes === null ? '' : `${(bytes / 1e6).toFixed(1)} MB`)

export const registerModels: RegisterCommand = (program, run) => {
  const models = program
    .command('models')
    .description('which models there are, where from, licence, checksum, in use')
    .action(() =>
      run(({ output, withTools }) =>
        withTools(async (tools) => {
          const list = await tools.models()
          await output.result(list, () => formatTable(['Model', 'For', 'State', 'In use', 'Size', 'Licence', 'SHA-256'], list.map((model) =>
            [model.id, model.role, model.state, model.inUse ? 'yes' : '', megabytes(model.sizeBytes), model.licence, model.sha256?.slice(0, 12) ?? ''])))
        })))
  models
    .command('fetch')
    .argument('<id>', 'as kith models lists it')
    .description('download a model, check its fingerprint, keep it in the library')
    .action((id: string) =>
      run(({ output, withTools, interrupt }) =>
        withTools(async (tools) => {
          const progress = createProgressReporter()
          try {
            const model = await tools.fetchModel(id, {
              signal: interrupt.signal,
              onProgress: (doneBytes, totalBytes) =>
                progress.show({ label: 'fetching', done: doneBytes, total: totalBytes, facts: ['bytes'] }),
            })
            progress.stop()
            await output.result(model, () => `${model.id} is here and its fingerprint is right. It is ${model.inUse ? '' : 'not '}in use.`)
          } finally {
            progress.stop()
          }
        })))
}
