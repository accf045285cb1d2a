/** What the desktop shell's menu asks of the page, and what the shell has to say. */
import type { PageCommand } from '../../src-shared/shell-api.ts'
import { shell } from '../client/shell.ts'
import { dialogIsOpen, isTextField } from '../keys.ts'
import { redo, undo } from './decisions.svelte.ts'
import { panels } from './panels.svelte.ts'
import { router } from './router.svelte.ts'
import { toasts } from './toasts.svelte.ts'

/** A field with text in it undoes its own typing. */
function step(name: 'undo' | 'redo', run: () => Promise<boolean>): void {
  const field = document.activeElement
  if (isTextField(field) && field.value !== '') document.execCommand(name)
  else if (!dialogIsOpen()) void run()
}

const commands: Record<PageCommand, () => void> = {
  undo: () => step('undo', undo),
  redo: () => step('redo', redo),
  history: () => { panels.open = 'history' },
  help: () => { panels.open = 'help' },
  'go-people': () => router.go({ name: 'people' }),
  'go-review': () => router.go({ name: 'review', personId: null }),
  'go-photos': () => router.go({ name: 'photos', query: '' }),
  'go-folders': () => router.go({ name: 'folders' }),
}

/** Listens from now on. */
export function followShell(): void {
  shell?.onMessage((message) => {
    if (message.type === 'command') commands[message.command]()
    else toasts.show(message.message, { kind: message.level })
  })
}
