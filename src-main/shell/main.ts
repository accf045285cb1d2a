/** The desktop program's main process: joins window, menu and library. Rules are in the engine, decisions in pure files. */
import { app, nativeTheme, Notification, powerSaveBlocker, protocol, shell } from 'electron'
import { join, resolve } from 'node:path'
import type { IndexProgress } from '../../src-shared/domain.ts'
import { foldersOf, foldersOfSecondStart, type SecondStart } from './folder-arguments.ts'
import { guardPages } from './guard.ts'
import { openLog } from './log.ts'
import { createLibrarySession, firstLibrary } from './library-session.ts'
import { showMenu } from './menu.ts'
import type { MenuAction } from './menu-template.ts'
import { answerPage } from './page-calls.ts'
import { scheme } from './policy.ts'
import { programPlaces } from './program-places.ts'
import { openSettings } from './settings.ts'
import { texts } from './texts.ts'
import { openWindow, type AppWindow } from './window.ts'
import { createWorkWatch, keepsAwake, progressBarFor, type ProgressBar } from './work-signs.ts'

// On macOS and Windows the usual place would be the library's own folder.
const dataDirectory = join(app.getPath('appData'), 'kith-window')
app.setPath('userData', dataDirectory)
protocol.registerSchemesAsPrivileged([
  { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
])

const folders = foldersOf(process.argv, process.cwd(), app.isPackaged)
if (app.requestSingleInstanceLock({ folders } satisfies SecondStart)) run()
else app.quit()

function run(): void {
  const places = programPlaces({
    isPackaged: app.isPackaged, appPath: resolve(import.meta.dirname, '../..'), resourcesPath: process.resourcesPath,
    environment: process.env, platform: process.platform, arch: process.arch,
  })
  const log = openLog(join(dataDirectory, 'log.txt'), !app.isPackaged)
  const settings = openSettings(join(dataDirectory, 'settings.json'), log)
  const watch = createWorkWatch()
  let window: AppWindow | null = null
  let blockerId: number | null = null
  let bar: ProgressBar = { value: -1, mode: 'none' }
  let isClosed = false
  /** Folders that came before the library was there. */
  const early = [...folders]

  const library = createLibrarySession({
    nodeFile: places.nodeFile, libraryProcessFile: places.libraryProcessFile, settings, log,
    window: () => window,
    onProgress: showWork,
    onChanged() {
      updateMenu()
      loadPage()
    },
  })

  function loadPage(): void {
    window?.load().catch((error: unknown) => log(`the page did not load: ${String(error)}`))
  }

  function showBar(next: ProgressBar): void {
    if (next.value === bar.value && next.mode === bar.mode) return
    bar = next
    window?.showProgress(bar)
  }

  function showWork(progress: IndexProgress): void {
    showBar(progressBarFor(progress))
    if (keepsAwake(progress)) blockerId ??= powerSaveBlocker.start('prevent-app-suspension')
    else if (blockerId !== null) {
      powerSaveBlocker.stop(blockerId)
      blockerId = null
    }
    const done = watch.next(progress, performance.now())
    if (!done || window?.isFocused() || !Notification.isSupported()) return
    const notification = new Notification({ title: texts.indexed.title, body: texts.indexed.body(done.photos, done.faces) })
    notification.on('click', showWindow)
    notification.show()
  }

  function showWindow(): void {
    if (window) return window.show()
    window = openWindow({
      preloadFile: places.preloadFile,
      iconFile: places.iconFile,
      place: settings.current.window,
      onPlaced: (place) => settings.change({ window: place }),
      onClosed: () => { window = null },
    })
    loadPage()
  }

  function updateMenu(): void {
    showMenu({
      platform: process.platform, libraries: settings.current.libraries, theme: settings.current.theme,
      isDevelopment: !app.isPackaged,
    }, (action) => void act(action))
  }

  async function act(action: MenuAction): Promise<void> {
    switch (action.kind) {
      case 'page':
        showWindow()
        return window!.tell({ type: 'command', command: action.command })
      case 'add-folder': return library.chooseFolders()
      case 'open-library': return void (await library.choose())
      case 'recent-library': return library.open(action.directory)
      case 'theme':
        settings.change({ theme: action.theme })
        nativeTheme.themeSource = action.theme
        return updateMenu()
      case 'licences': return void (await shell.openPath(places.licencesFile))
      case 'about': return app.showAboutPanel()
    }
  }

  app.on('second-instance', (_event, _argv, _workingDirectory, data) => {
    showWindow()
    void library.addFolders(foldersOfSecondStart(data))
  })
  // macOS: a folder dropped on the program's icon. It may come before the program is ready.
  app.on('open-file', (event, path) => {
    event.preventDefault()
    if (app.isReady()) void library.addFolders([path])
    else early.push(path)
  })
  app.on('activate', () => {
    if (app.isReady()) showWindow()
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  app.on('before-quit', (event) => {
    if (isClosed) return
    event.preventDefault()
    window?.hide()
    void library.close().finally(() => {
      isClosed = true
      app.quit()
    })
  })

  void app.whenReady().then(async () => {
    nativeTheme.themeSource = settings.current.theme
    app.setAboutPanelOptions({
      applicationName: texts.name, applicationVersion: app.getVersion(), version: texts.about(versions()),
      copyright: texts.copyright, iconPath: places.iconFile,
    })
    guardPages()
    protocol.handle(scheme, library.handle)
    answerPage({
      handle: library.handle, log,
      onListening: () => window?.startTelling(),
      onDrop: (paths) => void library.addFolders(paths),
    })
    await library.open(firstLibrary(settings))
    showWindow()
    await library.addFolders(early)
  })
}

function versions(): { electron: string; chrome: string; node: string } {
  const { electron = '?', chrome = '?', node } = process.versions
  return { electron, chrome, node }
}
