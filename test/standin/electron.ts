/**
 * A stand-in for Electron's main-process module, for tests only: the real built main process runs under Node, with a
 * Chromium as its window. It knows what src-main/shell uses, held against Electron's own types, and throws on all else.
 * A test speaks to it over the process's channel (control.ts).
 */
import type * as Electron from 'electron'
import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import { exitCleanly, requestLock } from './lock.ts'
import { strict } from './strict.ts'
import { browser, BrowserWindow, registerScheme, stopBrowser } from './browser-window.ts'
import { answerControl, note, noted, takeAnswer } from './control.ts'

export { BrowserWindow }
export { ipcMain } from './ipc-main.ts'

const appData = process.env['STANDIN_APP_DATA']!
// A packaged program is its own first word; from the sources the program's folder comes second, as a script does for Node.
if (process.env['STANDIN_PACKAGED'] === '1') process.argv.splice(1, 1)
Object.defineProperty(process, 'resourcesPath', { value: process.env['STANDIN_RESOURCES'] ?? '' })

class App extends EventEmitter {
  readonly isPackaged = process.env['STANDIN_PACKAGED'] === '1'
  #paths: Record<string, string> = { appData, userData: join(appData, 'Kith') }
  #isReady = false
  #isQuitting = false

  async whenReady(): Promise<void> {
    await browser()
    this.#isReady = true
  }
  isReady(): boolean { return this.#isReady }
  getPath(name: string): string {
    const path = this.#paths[name]
    if (!path) throw new Error(`The stand-in knows no path ${name}`)
    return path
  }
  setPath(name: string, path: string): void { this.#paths[name] = path }
  getVersion(): string { return '0.1.0' }
  requestSingleInstanceLock(data: object): boolean {
    return requestLock(this.#paths['userData']!, data, (second) => this.emit('second-instance', {}, second.argv, second.workingDirectory, second.data))
  }
  setAboutPanelOptions(options: object): void { noted.about = options as typeof noted.about }
  showAboutPanel(): void { note('about', 'shown') }
  quit(): void {
    if (this.#isQuitting) return
    let isPrevented = false
    this.emit('before-quit', { preventDefault: () => { isPrevented = true } })
    if (isPrevented) return
    this.#isQuitting = true
    for (const window of BrowserWindow.getAllWindows()) window.emit('close', {})
    void stopBrowser().finally(() => exitCleanly(0))
  }
}
export const app = strict('app', new App() satisfies { [K in keyof App]: K extends keyof Electron.App ? unknown : never })
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit())

export const protocol = strict('protocol', {
  registerSchemesAsPrivileged(schemes: Electron.CustomScheme[]) {
    if (app.isReady()) throw new Error('Schemes are registered before the app is ready')
    for (const { scheme, privileges } of schemes) registerScheme(scheme, { ...privileges })
  },
  handle(scheme: string, handler: (request: Request) => Response | Promise<Response>) { registerScheme(scheme, null, handler) },
})

const defaultSession = strict('session', {
  setPermissionRequestHandler(handler: (contents: unknown, permission: string, answer: (isGranted: boolean) => void) => void) { noted.permissionRequest = handler },
  setPermissionCheckHandler(handler: (contents: unknown, permission: string) => boolean) { noted.permissionCheck = handler },
  setDevicePermissionHandler(handler: (details: object) => boolean) { noted.devicePermission = handler },
})
export const session = strict('session', { defaultSession })

export const dialog = strict('dialog', {
  async showOpenDialog(...parameters: [BrowserWindow, Electron.OpenDialogOptions] | [Electron.OpenDialogOptions]) {
    const options = parameters.at(-1) as Electron.OpenDialogOptions
    const filePaths = await takeAnswer<string[]>('open', options)
    return { canceled: filePaths.length === 0, filePaths }
  },
  async showMessageBox(...parameters: [BrowserWindow, Electron.MessageBoxOptions] | [Electron.MessageBoxOptions]) {
    const options = parameters.at(-1) as Electron.MessageBoxOptions
    const label = await takeAnswer<string>('message', options)
    return { response: options.buttons!.indexOf(label), checkboxChecked: false }
  },
})

export const shell = strict('shell', {
  openExternal: async (url: string) => note('openedOutside', url),
  openPath: async (path: string) => {
    note('openedFiles', path)
    return ''
  },
  showItemInFolder: (path: string) => note('shownFiles', path),
})

const roles = new Set(['about', 'services', 'hide', 'hideOthers', 'unhide', 'quit', 'close', 'cut', 'copy', 'paste', 'selectAll', 'resetZoom', 'zoomIn', 'zoomOut', 'togglefullscreen', 'reload', 'toggleDevTools', 'windowMenu'])
const accelerator = /^((CmdOrCtrl|Ctrl|Cmd|Alt|Option|Shift|Super)\+)*([A-Z0-9]|F\d{1,2})$/
function checkMenu(items: Electron.MenuItemConstructorOptions[]): Electron.MenuItemConstructorOptions[] {
  for (const { label, role, type, accelerator: key, submenu, click } of items) {
    if (type !== 'separator' && !label && !role) throw new Error('An entry of a menu needs a label, a role or a type')
    if (role && !roles.has(role)) throw new Error(`The stand-in knows no role ${role}`)
    if (key && !accelerator.test(key as string)) throw new Error(`${String(key)} is no accelerator`)
    if (role && click) throw new Error('An entry with a role has its own click')
    if (submenu) checkMenu(submenu as Electron.MenuItemConstructorOptions[])
  }
  return items
}
export const Menu = strict('Menu', {
  buildFromTemplate: checkMenu,
  setApplicationMenu(items: Electron.MenuItemConstructorOptions[]) { noted.menu = items },
})

export const nativeTheme = strict('nativeTheme', { themeSource: 'system', shouldUseDarkColors: false })
export const screen = strict('screen', {
  getPrimaryDisplay: () => ({ id: 1, workArea: { x: 0, y: 0, width: 1600, height: 1000 } }),
  getAllDisplays: () => [screen.getPrimaryDisplay()],
})

let lastBlockerId = 0
export const powerSaveBlocker = strict('powerSaveBlocker', {
  start(type: string) {
    if (type !== 'prevent-app-suspension' && type !== 'prevent-display-sleep') throw new Error(`There is no blocker ${type}`)
    noted.blockers.push(++lastBlockerId)
    note('blockersStarted', String(lastBlockerId))
    return lastBlockerId
  },
  stop(id: number) {
    const at = noted.blockers.indexOf(id)
    if (at < 0) throw new Error(`There is no blocker ${id}`)
    noted.blockers.splice(at, 1)
  },
})

export class Notification extends EventEmitter {
  static isSupported(): boolean { return true }
  readonly #options: { title: string; body: string }
  constructor(options: { title: string; body: string }) {
    super()
    this.#options = options
  }
  show(): void { note('notifications', `${this.#options.title}: ${this.#options.body}`) }
}

answerControl({ app, nativeTheme })
