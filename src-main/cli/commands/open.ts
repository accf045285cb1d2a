/** kith [FOLDER…]: opens the app on these folders, in a window of its own where that can be, else in the browser. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, resolve } from 'node:path'
import { defaultLibraryDirectory } from '../../environment.ts'
import type { CommandContext, RegisterCommand } from '../command.ts'
import { openDesktop } from '../desktop.ts'
import { UsageError } from '../usage-error.ts'
import { serveUntilInterrupted } from './serve.ts'

function hasDisplay(): boolean {
  return process.platform === 'darwin' || process.platform === 'win32' || Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'])
}

/** Asks the system to open an address; whether it can is its own affair. */
function openBrowser(url: string): void {
  const [command, ...args] =
    process.platform === 'darwin' ? ['open', url] : process.platform === 'win32' ? ['cmd', '/c', 'start', '', url] : ['xdg-open', url]
  const child = spawn(command!, args, { detached: true, stdio: 'ignore' })
  child.on('error', () => {})
  child.unref()
}

/** Null where the browser is the place: no display, answers for programs, or choices that the window does not offer. */
async function tryDesktop(context: CommandContext, folders: readonly string[]): Promise<number | null> {
  const { library, models, detector, model, json } = context.options
  if (!hasDisplay() || json || detector || model) return null
  await context.ensureBuilt(['page', 'kernel', 'shell'])
  return openDesktop({
    folders, signal: context.interrupt.signal, note: context.output.note,
    environment: {
      ...(library === defaultLibraryDirectory() ? {} : { KITH_LIBRARY: library }),
      ...(models.length > 0 ? { KITH_MODELS: models.map((directory) => resolve(directory)).join(delimiter) } : {}),
    },
  })
}

export const registerOpen: RegisterCommand = (program, run) => {
  program.argument('[folder...]', 'folders with photos').action((folders: string[]) =>
    run(async (context) => {
      for (const folder of folders)
        if (!existsSync(folder)) throw new UsageError(`${folder} is neither a command nor a folder. kith --help lists the commands.`)
      const status = await tryDesktop(context, folders)
      if (status !== null) return status
      await context.ensureBuilt(['page', 'kernel'])
      await context.withEngine('serve', async (engine) => {
        for (const folder of folders) await engine.paths.addFolder(resolve(folder))
        await engine.call('index.start', {})
        await serveUntilInterrupted(context, engine, {}, (host) => {
          const url = host.newUrl()
          const opens = hasDisplay()
          if (opens) openBrowser(url)
          if (!context.output.json) context.output.note(opens
            ? 'Kith opens in your browser. If it does not, open this address there. Ctrl-C ends Kith.'
            : 'Open this address in a browser. It works once; Ctrl-C ends Kith.')
          return context.output.result({ url, origin: host.origin }, () => url)
        })
      })
      return 0
    }))
}
