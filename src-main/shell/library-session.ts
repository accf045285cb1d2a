/** Which library is open: one at a time, remembered, changed, and asked about when it can't be opened. */
import { app, dialog, type OpenDialogOptions } from 'electron'
import { readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ApiError } from '../../src-shared/api.ts'
import type { IndexProgress } from '../../src-shared/domain.ts'
import { defaultLibraryDirectory, modelsDirectories } from '../environment.ts'
import { libraryDirectoryFor } from './library-choice.ts'
import { createLibraryHost, type LibraryHost } from './library-host.ts'
import { withLibrary, type SettingsFile } from './settings.ts'
import { texts } from './texts.ts'
import type { AppWindow } from './window.ts'

/** How long a photo that is in hand may take when the library is closed. */
const closeLimitMs = 15_000

export interface LibrarySessionOptions {
  nodeFile: string
  libraryProcessFile: string
  settings: SettingsFile
  /** Null while there is none. */
  window(): AppWindow | null
  onProgress(progress: IndexProgress): void
  /** Another library is open now. */
  onChanged(): void
  log(message: string): void
}

export interface LibrarySession {
  handle(request: Request): Promise<Response>
  open(directory: string): Promise<void>
  /** Asks for a directory and opens it. @returns false where none was chosen */
  choose(): Promise<boolean>
  addFolders(paths: readonly string[]): Promise<void>
  /** Asks for folders and adds them. */
  chooseFolders(): Promise<void>
  close(): Promise<void>
}

/** The library to begin with: what the environment says, else the last one, else the usual place. */
export function firstLibrary(settings: SettingsFile): string {
  return process.env['KITH_LIBRARY'] ? defaultLibraryDirectory() : (settings.current.libraries[0] ?? defaultLibraryDirectory())
}

export function createLibrarySession(options: LibrarySessionOptions): LibrarySession {
  const { settings, log } = options
  let host: LibraryHost | null = null
  /** Openings and closings, one after the other. */
  let last: Promise<void> = Promise.resolve()

  async function ask(dialogOptions: OpenDialogOptions): Promise<string[]> {
    const parent = options.window()?.browserWindow
    const { canceled, filePaths } = await (parent ? dialog.showOpenDialog(parent, dialogOptions) : dialog.showOpenDialog(dialogOptions))
    return canceled ? [] : filePaths
  }

  const askForFolders = (several: boolean) => ask({
    title: texts.dialogs.addFolder,
    buttonLabel: texts.dialogs.addFolderButton,
    properties: several ? ['openDirectory', 'multiSelections'] : ['openDirectory'],
  })

  function startHost(directory: string): void {
    host = createLibraryHost({
      nodeFile: options.nodeFile,
      libraryProcessFile: options.libraryProcessFile,
      opening: { libraryDirectory: directory, modelsDirectories: modelsDirectories([]), canChooseFolder: true },
      chooseFolder: async () => (await askForFolders(false))[0] ?? null,
      onProgress: options.onProgress,
      onMended: () => options.window()?.tell({ type: 'notice', level: 'error', message: texts.notices.mended }),
      onFailed: (reason) => void askWhatNow(directory, reason),
      log,
    })
  }

  async function askWhatNow(directory: string, reason: ApiError | null): Promise<void> {
    const { tryAgain, otherLibrary, quit } = texts.dialogs
    log(`library ${directory}: ${reason?.message ?? 'given up'}`)
    const question = {
      type: 'error' as const,
      message: reason ? texts.dialogs.libraryRefused : texts.dialogs.libraryDied,
      detail: reason ? reason.message : texts.dialogs.libraryDiedDetail,
      buttons: [tryAgain, otherLibrary, quit],
      defaultId: 0,
      cancelId: 2,
      noLink: true,
    }
    const parent = options.window()?.browserWindow
    const { response } = await (parent ? dialog.showMessageBox(parent, question) : dialog.showMessageBox(question))
    if (response === 0) return session.open(directory)
    if (response === 2) return app.quit()
    if (!await session.choose()) await askWhatNow(directory, reason)
  }

  const session: LibrarySession = {
    async handle(request) {
      if (!host) throw new Error('There is no library yet.')
      return host.handle(request)
    },
    open(directory) {
      last = last.then(async () => {
        await host?.close(closeLimitMs)
        settings.change({ libraries: withLibrary(settings.current.libraries, resolve(directory)) })
        startHost(resolve(directory))
        options.onChanged()
      })
      return last
    },
    async choose() {
      const [chosen] = await ask({
        title: texts.dialogs.openLibrary,
        buttonLabel: texts.dialogs.openLibraryButton,
        properties: ['openDirectory', 'createDirectory'],
      })
      if (!chosen) return false
      await session.open(libraryDirectoryFor(chosen, await readdir(chosen).catch(() => []), texts.dialogs.newLibraryFolder))
      return true
    },
    async addFolders(paths) {
      if (!host || paths.length === 0) return
      try {
        for (const message of await host.addFolders(paths)) options.window()?.tell({ type: 'notice', level: 'error', message })
      } catch (error) {
        log(`folders were not added: ${String(error)}`)
        options.window()?.tell({ type: 'notice', level: 'error', message: texts.notices.notTheLibrary })
      }
    },
    async chooseFolders() {
      await session.addFolders(await askForFolders(true))
    },
    close() {
      last = last.then(() => host?.close(closeLimitMs))
      return last
    },
  }
  return session
}
