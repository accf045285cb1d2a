/** The menu template as Electron's menu. */
import { Menu, type MenuItemConstructorOptions } from 'electron'
import { menuTemplate, type MenuAction, type MenuEntry, type MenuSituation } from './menu-template.ts'

function toItem(entry: MenuEntry, run: (action: MenuAction) => void): MenuItemConstructorOptions {
  switch (entry.kind) {
    case 'separator': return { type: 'separator' }
    case 'role': return { role: entry.role, ...(entry.label ? { label: entry.label } : {}) }
    case 'note': return { label: entry.label, enabled: false }
    case 'menu': return { label: entry.label, submenu: entry.entries.map((inner) => toItem(inner, run)) }
    case 'action': return {
      label: entry.label,
      click: () => run(entry.action),
      ...(entry.accelerator ? { accelerator: entry.accelerator } : {}),
      ...(entry.keyIsPages ? { registerAccelerator: false } : {}),
      ...(entry.checked === undefined ? {} : { type: 'radio', checked: entry.checked }),
    }
  }
}

/** Puts the menu up, in place of the one before. */
export function showMenu(situation: MenuSituation, run: (action: MenuAction) => void): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(situation).map((entry) => toItem(entry, run))))
}
