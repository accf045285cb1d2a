/** Text as HTML: whatever is put into a template is escaped, unless it is HTML made by a template. */

export interface Html {
  readonly html: string
}

export type Part = Html | string | number | null | readonly Part[]

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Escapes for text and for quoted attributes; control characters, which HTML and SVG do not allow, become U+FFFD. */
export function escapeHtml(text: string): string {
  return text.toWellFormed().replace(/[&<>"']/g, (character) => entities[character])
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, '\ufffd')
}

function render(part: Part): string {
  if (part === null) return ''
  if (typeof part === 'string') return escapeHtml(part)
  if (typeof part === 'number') return String(part)
  return 'html' in part ? part.html : part.map(render).join('')
}

/** A template whose values are escaped: html`<b>${name}</b>`. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: strings.reduce((text, next, i) => text + render(parts[i - 1]) + next) }
}
