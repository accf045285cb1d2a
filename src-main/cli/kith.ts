/** `kith …`: reads the command line, runs one command, answers its exit status. */
import { resolve } from 'node:path'
import { Command, CommanderError, Option } from 'commander'
import { KithError } from '../../src-shared/errors.ts'
import { pageDirectory } from '../engine/places.ts'
import type { BuiltPart, CommandContext, GlobalOptions, RunCommand } from './command.ts'
import { commands } from './commands/commands.ts'
import { defaultLibraryDirectory, modelsDirectories } from '../environment.ts'
import { listenForInterrupt } from './interrupt.ts'
import { createOutput, printable, tolerateClosedPipes } from './output.ts'
import { UsageError } from './usage-error.ts'

const exitStatus = { done: 0, failed: 1, wrongUsage: 2 } as const
const version = '0.1.0'

export interface CommandLineHost {
  /** Builds parts of the program that are missing; absent where everything comes built. */
  ensureBuilt?(parts: readonly BuiltPart[]): Promise<void>
}

function createContext(options: GlobalOptions, host: CommandLineHost): CommandContext {
  const output = createOutput(options.json)
  const log = (message: string) => output.note(`kith: ${message}`)
  const engineOptions = {
    libraryDirectory: options.library,
    modelsDirectories: modelsDirectories(options.models),
    ...(options.detector ? { detectorId: options.detector } : {}),
    ...(options.model ? { embedderId: options.model } : {}),
    log,
  }
  return {
    options,
    output,
    pageDirectory,
    interrupt: listenForInterrupt(output.note),
    ensureBuilt: async (parts) => host.ensureBuilt?.(parts),
    async withEngine(mode, work) {
      // Loaded only now: `kith --help` and `kith doctor` must work where a native module does not load.
      const open = mode === 'serve'
        ? (await import('../engine/lasting-engine.ts')).createLastingEngine
        : (await import('../engine/engine.ts')).createEngine
      const engine = await open({ ...engineOptions, readOnly: mode === 'read', pageDirectory })
      try {
        return await work(engine)
      } finally {
        await engine.close()
      }
    },
    async withTools(work) {
      const { createTools } = await import('../engine/tools.ts')
      const tools = await createTools(engineOptions)
      try {
        return await work(tools)
      } finally {
        await tools.close()
      }
    },
    log,
  }
}

function collect(value: string, list: string[]): string[] {
  return [...list, value]
}

function createProgram(setExitStatus: (status: number) => void, host: CommandLineHost): Command {
  const program = new Command('kith')
    .description("Puts names to the faces in your photos, on your own machine.")
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'explain the command')
    .helpCommand('help [command]', 'explain a command')
    .addOption(new Option('--library <dir>', 'where the library lives').default(defaultLibraryDirectory()).argParser((value: string) => resolve(value)))
    .addOption(new Option('--models <dir>', 'a folder with model files; may be given several times').default([], 'KITH_MODELS').argParser(collect))
    .option('--detector <id>', 'the face detector to use; kith models lists them')
    .option('--model <id>', 'the embedder to use: as kith models lists it, or the path of a trained one')
    .option('--json', 'print one JSON document', false)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
  const run: RunCommand = async (work) => {
    const context = createContext(program.opts<GlobalOptions>(), host)
    try {
      setExitStatus((await work(context)) ?? exitStatus.done)
    } finally {
      context.interrupt.release()
    }
  }
  for (const register of commands) register(program, run)
  return program
}

/** Says what went wrong in one line, and as JSON where JSON was asked for. */
async function report(error: unknown, json: boolean): Promise<number> {
  const output = createOutput(json)
  if (error instanceof Error && error.name === 'AbortError') {
    output.note('Stopped before the end.')
    if (json) await output.result({ error: { code: 'busy', message: 'Stopped before the end.' } }, () => '')
    return exitStatus.failed
  }
  const wrongUsage = error instanceof UsageError || error instanceof CommanderError
  const known = error instanceof KithError || wrongUsage
  if (!(error instanceof CommanderError)) output.note(`kith: ${printable(error instanceof Error ? error.message : String(error))}`)
  if (!known && error instanceof Error) output.note(error.stack ?? '')
  const apiError = error instanceof KithError
    ? error.toApiError()
    : { code: wrongUsage ? 'invalid-input' : 'internal', message: error instanceof Error ? error.message : String(error) }
  if (json) await output.result({ error: apiError }, () => '')
  return wrongUsage ? exitStatus.wrongUsage : exitStatus.failed
}

/**
 * @param argv without the program's own name
 * @returns the exit status: 0 done, 1 failed, 2 wrong usage
 */
export async function runCommandLine(argv: readonly string[], host: CommandLineHost = {}): Promise<number> {
  tolerateClosedPipes()
  let status: number = exitStatus.done
  const program = createProgram((result) => (status = result), host)
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return status
  } catch (error) {
    // Help and the version come as errors too.
    if (error instanceof CommanderError && error.exitCode === 0) return exitStatus.done
    return report(error, argv.includes('--json'))
  }
}
