/** kith doctor: checks the installation, the library, the models; says what to do. */
import type { RegisterCommand } from '../command.ts'

const marks = { ok: 'ok    ', warning: 'look  ', failed: 'FAILED' } as const

export const registerDoctor: RegisterCommand = (program, run) => {
  program
    .command('doctor')
    .description('check the installation, the library, the models; say what to do')
    .action(() =>
      run(async ({ options, output, pageDirectory }) => {
        const { examine } = await import('../../engine/doctor.ts')
        const { modelsDirectories } = await import('../../environment.ts')
        const checks = await examine({
          libraryDirectory: options.library, modelsDirectories: modelsDirectories(options.models), pageDirectory,
        })
        const healthy = checks.every(({ state }) => state !== 'failed')
        await output.result({ healthy, checks }, () =>
          checks.map(({ state, name, finding, advice }) => `${marks[state]} ${name}: ${finding}${advice ? `\n       ${advice}` : ''}`).join('\n'))
        return healthy ? 0 : 1
      }))
}
