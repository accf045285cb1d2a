/** What the page may do and where it may go, as functions of plain values. The answer is no unless it is spelt out here. */

export const scheme = 'app'
export const pageUrl = `${scheme}://kith/`

function parse(url: string): URL | null {
  try {
    return new URL(url)
  } catch {
    return null
  }
}

/** Whether an address is the page's own. */
export function isOwnPage(url: string): boolean {
  const parsed = parse(url)
  return parsed !== null && parsed.protocol === `${scheme}:` && parsed.host === 'kith' && parsed.username === '' && parsed.port === ''
}

/** Who sent a message: the frame's address and whether it is the window's own, outermost frame. */
export interface Sender {
  url: string
  isMainFrame: boolean
}

/** Whether a message from a frame is heard; a frame that is gone (null) is not. */
export function isTrustedSender(sender: Sender | null): boolean {
  return sender !== null && sender.isMainFrame && isOwnPage(sender.url)
}

/** Where a navigation or a new window goes: the page itself, the system's browser, or nowhere. */
export function destinationOf(url: string): 'page' | 'browser' | 'nowhere' {
  if (isOwnPage(url)) return 'page'
  const parsed = parse(url)
  return parsed?.protocol === 'https:' && parsed.hostname !== '' && parsed.username === '' && parsed.password === '' ? 'browser' : 'nowhere'
}

/** Paths that a drop brought, as they come over the channel; null where it is something else. */
export function parseDroppedPaths(value: unknown): string[] | null {
  if (!Array.isArray(value) || value.length === 0 || value.length > 1000) return null
  return value.every((path) => typeof path === 'string' && path !== '') ? value : null
}

/** A photo's id as it comes over the channel; null where it is something else. */
export function parsePhotoId(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null
}
