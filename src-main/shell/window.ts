/** The one window: made where it was, remembered where it goes, and spoken to when its page listens. */
import { BrowserWindow, nativeTheme, screen } from 'electron'
import type { ShellMessage } from '../../src-shared/shell-api.ts'
import { channels } from './channels.ts'
import { pageUrl } from './policy.ts'
import type { ProgressBar } from './work-signs.ts'
import { placeWindow, smallestWindow, type WindowPlace } from './window-placement.ts'

export interface AppWindow {
  /** Brings it to the front. */
  show(): void
  hide(): void
  /** Loads the page anew, as for another library. */
  load(): Promise<void>
  /** Says something to the page, when it listens. */
  tell(message: ShellMessage): void
  /** The page listens: what waited goes out. */
  startTelling(): void
  showProgress(bar: ProgressBar): void
  isFocused(): boolean
  /** For dialogs that belong to it. */
  readonly browserWindow: BrowserWindow
}

export interface AppWindowOptions {
  preloadFile: string
  iconFile: string
  place: WindowPlace | null
  onPlaced(place: WindowPlace): void
  onClosed(): void
}

/** As styles.css has them, so that nothing flashes before the page is painted. */
const backgrounds = { light: '#faf8f5', dark: '#151416' }

export function openWindow(options: AppWindowOptions): AppWindow {
  const main = screen.getPrimaryDisplay()
  const others = screen.getAllDisplays().filter(({ id }) => id !== main.id)
  const { isMaximized, ...bounds } = placeWindow(options.place, [main, ...others].map(({ workArea }) => workArea))
  const window = new BrowserWindow({
    ...bounds,
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
    title: 'Kith',
    icon: options.iconFile,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? backgrounds.dark : backgrounds.light,
    webPreferences: {
      preload: options.preloadFile,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  })
  const waiting: ShellMessage[] = []
  let isListening = false

  window.once('ready-to-show', () => {
    if (isMaximized) window.maximize()
    window.show()
  })
  window.on('close', () => options.onPlaced({ ...window.getNormalBounds(), isMaximized: window.isMaximized() }))
  window.on('closed', () => options.onClosed())
  window.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (isMainFrame && !isSameDocument) isListening = false
  })

  return {
    browserWindow: window,
    show() {
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
    },
    hide: () => window.hide(),
    async load() {
      try {
        await window.loadURL(pageUrl)
      } catch (error) {
        // A window that is closed, or loads something newer, gives up the older page.
        if (!window.isDestroyed() && !String(error).includes('ERR_ABORTED')) throw error
      }
    },
    tell(message) {
      if (isListening) window.webContents.send(channels.message, message)
      else waiting.push(message)
    },
    startTelling() {
      isListening = true
      for (const message of waiting.splice(0)) window.webContents.send(channels.message, message)
    },
    showProgress: ({ value, mode }) => window.setProgressBar(value, { mode }),
    isFocused: () => window.isFocused(),
  }
}
