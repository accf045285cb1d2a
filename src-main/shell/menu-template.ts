/** The application menu as plain data: what it holds on each platform, and what each entry does. */
import type { PageCommand } from '../../src-shared/shell-api.ts'
import type { Theme } from './settings.ts'
import { texts } from './texts.ts'

/** What an entry of the menu does. */
export type MenuAction =
  | { kind: 'page'; command: PageCommand }
  | { kind: 'add-folder' }
  | { kind: 'open-library' }
  | { kind: 'recent-library'; directory: string }
  | { kind: 'theme'; theme: Theme }
  | { kind: 'licences' }
  | { kind: 'about' }

/** What the platform does by itself. */
export type MenuRole =
  | 'about' | 'services' | 'hide' | 'hideOthers' | 'unhide' | 'quit' | 'close' | 'cut' | 'copy' | 'paste' | 'selectAll'
  | 'resetZoom' | 'zoomIn' | 'zoomOut' | 'togglefullscreen' | 'reload' | 'toggleDevTools' | 'windowMenu' | 'minimize' | 'zoom'

export type MenuEntry =
  | { kind: 'separator' }
  | { kind: 'role'; role: MenuRole; label?: string }
  | { kind: 'menu'; label: string; entries: MenuEntry[] }
  | {
      kind: 'action'
      label: string
      action: MenuAction
      accelerator?: string
      /** The page itself takes the key; the menu only shows it. */
      keyIsPages?: boolean
      checked?: boolean
    }
  | { kind: 'note'; label: string }

export interface MenuSituation {
  platform: NodeJS.Platform
  /** Directories, the one that is open first. */
  libraries: readonly string[]
  theme: Theme
  /** Developer's tools are offered. */
  isDevelopment: boolean
}

const separator: MenuEntry = { kind: 'separator' }
const role = (name: MenuRole, label?: string): MenuEntry => ({ kind: 'role', role: name, ...(label ? { label } : {}) })

function page(label: string, command: PageCommand, accelerator?: string): MenuEntry {
  return { kind: 'action', label, action: { kind: 'page', command }, ...(accelerator ? { accelerator } : {}) }
}

function fileMenu({ platform, libraries }: MenuSituation): MenuEntry {
  const recent = libraries.map((directory): MenuEntry =>
    ({ kind: 'action', label: directory, action: { kind: 'recent-library', directory } }))
  return {
    kind: 'menu', label: texts.menu.file, entries: [
      { kind: 'action', label: texts.menu.addFolder, action: { kind: 'add-folder' }, accelerator: 'CmdOrCtrl+O' },
      separator,
      { kind: 'action', label: texts.menu.openLibrary, action: { kind: 'open-library' }, accelerator: 'CmdOrCtrl+Shift+O' },
      { kind: 'menu', label: texts.menu.recentLibraries, entries: recent.length > 0 ? recent : [{ kind: 'note', label: texts.menu.noLibraries }] },
      separator,
      platform === 'darwin' ? role('close') : role('quit', texts.menu.quit),
    ],
  }
}

function editMenu(platform: NodeJS.Platform): MenuEntry {
  const keyed = (label: string, command: PageCommand, accelerator: string): MenuEntry =>
    ({ kind: 'action', label, action: { kind: 'page', command }, accelerator, keyIsPages: true })
  return {
    kind: 'menu', label: texts.menu.edit, entries: [
      keyed(texts.menu.undo, 'undo', 'CmdOrCtrl+Z'),
      keyed(texts.menu.redo, 'redo', platform === 'win32' ? 'Ctrl+Y' : 'CmdOrCtrl+Shift+Z'),
      page(texts.menu.history, 'history'),
      separator,
      role('cut'), role('copy'), role('paste'), role('selectAll'),
    ],
  }
}

function viewMenu({ theme, isDevelopment }: MenuSituation): MenuEntry {
  const themes = (Object.keys(texts.menu.themes) as Theme[]).map((name): MenuEntry =>
    ({ kind: 'action', label: texts.menu.themes[name], action: { kind: 'theme', theme: name }, checked: name === theme }))
  return {
    kind: 'menu', label: texts.menu.view, entries: [
      page(texts.menu.people, 'go-people', 'CmdOrCtrl+1'),
      page(texts.menu.review, 'go-review', 'CmdOrCtrl+2'),
      page(texts.menu.photos, 'go-photos', 'CmdOrCtrl+3'),
      page(texts.menu.folders, 'go-folders', 'CmdOrCtrl+4'),
      separator,
      { kind: 'menu', label: texts.menu.appearance, entries: themes },
      role('resetZoom', texts.menu.actualSize), role('zoomIn', texts.menu.zoomIn), role('zoomOut', texts.menu.zoomOut),
      role('togglefullscreen'),
      ...(isDevelopment ? [separator, role('reload'), role('toggleDevTools')] : []),
    ],
  }
}

/** The whole menu bar, from left to right. */
export function menuTemplate(situation: MenuSituation): MenuEntry[] {
  const { platform } = situation
  const isMac = platform === 'darwin'
  const appMenu: MenuEntry = {
    kind: 'menu', label: texts.name, entries: [
      { kind: 'action', label: texts.menu.about, action: { kind: 'about' } },
      separator, role('services'), separator, role('hide'), role('hideOthers'), role('unhide'), separator,
      role('quit', texts.menu.quit),
    ],
  }
  return [
    ...(isMac ? [appMenu] : []),
    fileMenu(situation),
    editMenu(platform),
    viewMenu(situation),
    ...(isMac ? [role('windowMenu', texts.menu.window)] : []),
    {
      kind: 'menu', label: texts.menu.help, entries: [
        page(texts.menu.keys, 'help', isMac ? undefined : 'F1'),
        { kind: 'action', label: texts.menu.licences, action: { kind: 'licences' } },
        ...(isMac ? [] : [separator, { kind: 'action', label: texts.menu.about, action: { kind: 'about' } } satisfies MenuEntry]),
      ],
    },
  ]
}
