/** The keyboard: how a key press is called, and whether it is meant for the page or for a field. */

/** A key press by name, e.g. `Ctrl+Shift+z`, `Enter`, `n`, `?`. On a Mac, Command counts as Ctrl. */
export function keyName(event: KeyboardEvent): string {
  const single = event.key.length === 1
  const key = single ? event.key.toLowerCase() : event.key
  // A sign that needs Shift to be typed (`?`) is named by itself.
  const shifted = event.shiftKey && (!single || key === ' ' || event.key.toLowerCase() !== event.key.toUpperCase())
  return `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${shifted ? 'Shift+' : ''}${key}`
}

/** Whether keys belong to what has the focus: a field that takes text. */
export function isTextField(target: EventTarget | null): target is HTMLInputElement | HTMLTextAreaElement {
  return target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type !== 'checkbox')
}

/** Whether Enter and Space already mean something to what has the focus. */
export function isPressable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('button, a, summary, select, [role=option]') !== null
}

/** Whether a dialog lies over the page and takes all keys. */
export function dialogIsOpen(): boolean {
  return document.querySelector('dialog[open]') !== null
}

export type KeyMap = Record<string, (event: KeyboardEvent) => void>

/**
 * Runs what the map has for a key press that nobody took, outside text fields and dialogs. Enter and Space stay with the
 * button or link that has the focus.
 */
export function handleKeys(event: KeyboardEvent, keys: KeyMap): void {
  if (event.defaultPrevented || event.isComposing || isTextField(event.target) || dialogIsOpen()) return
  const name = keyName(event)
  const run = keys[name]
  if (!run || ((name === 'Enter' || name === ' ') && isPressable(event.target))) return
  event.preventDefault()
  run(event)
}
