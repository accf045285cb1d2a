/** kith serve: the app for a browser, until Ctrl-C. */
import { createInterface } from 'node:readline'
import { InvalidArgumentError } from 'commander'
import type { CommandContext, RegisterCommand } from '../command.ts'
import { aborted } from '../interrupt.ts'
import type { Engine } from '../../engine/engine.ts'
import { serve, type ServingHost } from '../../serve/server.ts'
import { isLoopback } from '../../serve/guard.ts'

export interface ListenOptions {
  port?: number
  host?: string
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.')
  return port
}

/** Serves the engine until Ctrl-C. `opened` is called once with the address that lets a browser in. */
export async function serveUntilInterrupted(
  context: CommandContext,
  engine: Engine,
  options: ListenOptions,
  opened: (host: ServingHost) => void | Promise<void>,
): Promise<void> {
  const { output, interrupt } = context
  if (context.options.model !== undefined) engine.paths.useModel(context.options.model)
  const host = await serve({ ...options, handle: engine.handle, log: context.log })
  if (options.host && !isLoopback(options.host))
    output.note(`Warning: other machines can reach ${options.host}, and what they exchange with Kith is not encrypted. Whoever gets the link sees the photos.`)
  // A link works once; Enter prints another for a second browser.
  const lines = process.stdin.isTTY ? createInterface({ input: process.stdin }) : null
  lines?.on('line', () => output.note(host.newUrl()))
  try {
    await opened(host)
    await aborted(interrupt.signal)
  } finally {
    lines?.close()
    await host.close()
  }
}

export const registerServe: RegisterCommand = (program, run) => {
  program
    .command('serve')
    .description('serve the app to a browser and print its address, until Ctrl-C')
    .option('--port <n>', 'the port; without it any that is free', parsePort)
    .option('--host <address>', 'the address to listen on (default: 127.0.0.1, this machine only)')
    .action((options: ListenOptions) =>
      run(async (context) => {
        await context.ensureBuilt(['page', 'kernel'])
        await context.withEngine('serve', (engine) =>
          serveUntilInterrupted(context, engine, options, (host) => {
            const url = host.newUrl()
            if (!context.output.json) context.output.note('Open this address in a browser. It works once; Ctrl-C ends Kith.')
            return context.output.result({ url, origin: host.origin }, () => url)
          }))
      }))
}
