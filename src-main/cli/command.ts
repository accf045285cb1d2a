/** What every command is given, and how one is added to the program. */
import type { Command } from 'commander'
import type { Engine } from '../engine/engine.ts'
import type { Tools } from '../engine/tools.ts'
import type { Interrupt } from './interrupt.ts'
import type { Output } from './output.ts'

export interface GlobalOptions {
  library: string
  models: string[]
  detector?: string
  model?: string
  json: boolean
}

/** The parts of the program that have to be built before they can be used. */
export type BuiltPart = 'page' | 'kernel' | 'shell'

export interface CommandContext {
  readonly options: GlobalOptions
  readonly output: Output
  readonly interrupt: Interrupt
  /** The folder with the built page. */
  readonly pageDirectory: string
  /** Builds what is missing where the program runs from its sources. */
  ensureBuilt(parts: readonly BuiltPart[]): Promise<void>
  /** Opens the library for one piece of work and closes it after. `read` works beside a Kith that is running; `serve` waits for a library that goes away. */
  withEngine<T>(mode: 'read' | 'write' | 'serve', work: (engine: Engine) => Promise<T>): Promise<T>
  /** What needs no library. */
  withTools<T>(work: (tools: Tools) => Promise<T>): Promise<T>
  /** One line for the log. */
  log(message: string): void
}

/** Runs a command's work with its context; a number it answers is the exit status. */
export type RunCommand = (work: (context: CommandContext) => Promise<number | void>) => Promise<void>

export type RegisterCommand = (program: Command, run: RunCommand) => void
