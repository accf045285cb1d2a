/** What a test may do to the stand-in and see of it, over the process's channel. */
import type { MenuItemConstructorOptions } from 'electron'
import type { EventEmitter } from 'node:events'
import { BrowserWindow, endpoint } from './browser-window.ts'

/** What the main process did to the system. */
export const noted = {
  about: null as { applicationName?: string; applicationVersion?: string; version?: string } | null,
  menu: [] as MenuItemConstructorOptions[],
  blockers: [] as number[],
  lists: {} as Record<string, string[]>,
  dialogs: [] as { kind: string; options: object }[],
  permissionRequest: null as ((contents: unknown, permission: string, answer: (isGranted: boolean) => void) => void) | null,
  permissionCheck: null as ((contents: unknown, permission: string) => boolean) | null,
  devicePermission: null as ((details: object) => boolean) | null,
}

export function note(list: string, text: string): void {
  (noted.lists[list] ??= []).push(text)
}

type Answer = string | string[]
const answers: { kind: string; answer: Answer }[] = []
const asked: { kind: string; resolve(answer: Answer): void }[] = []

/** Waits, as a dialog does, until somebody answers. */
export function takeAnswer<T extends Answer>(kind: string, options: object): Promise<T> {
  noted.dialogs.push({ kind, options })
  const at = answers.findIndex((answer) => answer.kind === kind)
  if (at >= 0) return Promise.resolve(answers.splice(at, 1)[0]!.answer as T)
  return new Promise((resolve) => asked.push({ kind, resolve: resolve as (answer: Answer) => void }))
}

export interface StandinState {
  endpoint: string
  windows: { isVisible: boolean; isFocused: boolean; bounds: object; isMaximized: boolean; url: string }[]
  progress: { value: number; mode: string | undefined }[]
  lists: Record<string, string[]>
  dialogs: { kind: string; options: object }[]
  blockers: number
  about: typeof noted.about
  theme: string
  menu: string[]
}

function labels(items: MenuItemConstructorOptions[], before = ''): string[] {
  return items.flatMap(({ label, role, submenu }) => {
    const path = `${before}${label ?? role ?? '-'}`
    return submenu ? labels(submenu as MenuItemConstructorOptions[], `${path} > `) : [path]
  })
}

function click(path: string[]): void {
  let items = noted.menu
  for (const [depth, name] of path.entries()) {
    const item = items.find(({ label }) => label === name)
    if (!item) throw new Error(`The menu has no ${path.join(' > ')}`)
    if (depth === path.length - 1) item.click!(undefined as never, undefined as never, undefined as never)
    else items = item.submenu as MenuItemConstructorOptions[]
  }
}

/** Messages of a test: `[name, …parameters]`. */
export type Control =
  | ['state'] | ['answer', kind: 'open' | 'message', answer: Answer] | ['click', ...path: string[]] | ['drop', ...paths: string[]]
  | ['close-window'] | ['emit', event: string, parameter: string] | ['focus', isFocused: boolean] | ['webview']
  | ['expect', url: string] | ['resize', width: number, height: number]

async function perform([name, ...parameters]: Control, parts: { app: EventEmitter; nativeTheme: { themeSource: string } }): Promise<unknown> {
  const [window] = BrowserWindow.getAllWindows()
  switch (name) {
    case 'state': return {
      endpoint: endpoint(), windows: BrowserWindow.getAllWindows().map((one) => one.describe()), progress: window?.progress ?? [],
      lists: noted.lists, dialogs: noted.dialogs, blockers: noted.blockers.length, about: noted.about, theme: parts.nativeTheme.themeSource,
      menu: labels(noted.menu),
    } satisfies StandinState
    case 'answer': {
      const [kind, answer] = parameters as [string, Answer]
      const at = asked.findIndex((question) => question.kind === kind)
      if (at >= 0) asked.splice(at, 1)[0]!.resolve(answer)
      else answers.push({ kind, answer })
      return null
    }
    case 'click': return click(parameters as string[])
    case 'drop': return window!.drop(parameters as string[])
    case 'close-window': return window!.close()
    case 'focus': return window!.setFocus(parameters[0] as boolean)
    case 'resize': return window!.setSize(...(parameters as [number, number]))
    case 'emit': return parts.app.emit(parameters[0] as string, { preventDefault: () => {} }, parameters[1])
    case 'webview': {
      let isPrevented = false
      window!.webContents.emit('will-attach-webview', { preventDefault: () => { isPrevented = true } })
      return isPrevented
    }
    case 'expect': return window!.expectUrl(parameters[0] as string)
  }
}

export function answerControl(parts: Parameters<typeof perform>[1]): void {
  process.on('message', ({ id, control }: { id: number; control: Control }) => {
    perform(control, parts).then(
      (value) => process.send!({ id, value: value ?? null }),
      (error: unknown) => process.send!({ id, error: String(error) }))
  })
}
