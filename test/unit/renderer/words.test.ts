/** The lint rule that keeps all words of the window in one place finds them wherever they could stand. */
import { ESLint } from 'eslint'
import { describe, expect, it } from 'vitest'

const eslint = new ESLint()

async function complaints(file: string, text: string): Promise<number> {
  const [result] = await eslint.lintText(`${text}\n`, { filePath: file })
  return result!.messages.filter(({ ruleId }) => ruleId === 'no-restricted-syntax').length
}

describe('words outside of texts.ts', () => {
  const words = [
    '<p>Nobody</p>',
    '<p>{open ? "Close it" : "Öffnen"}</p>',
    '<button aria-label="Close">{name}</button>',
    '<a title="{name} (Esc)" href="#/">{name}</a>',
    '<input placeholder="Name" />',
    '<img src="a.jpg" alt="A face" />',
    '<kbd>Enter</kbd>',
    '<Dialog title="Folders" />',
    '<script>toasts.show("That did not work")</script>',
    '<script>toasts.show(`Removed ${path} from here`)</script>',
  ]
  it.each(words)('are found: %s', async (text) => {
    expect(await complaints('src-renderer/views/AnyView.svelte', text)).toBeGreaterThan(0)
  })

  const others = [
    '<p>{texts.people.title} · {count} <kbd>N</kbd></p>',
    '<p class="muted numeric" role="status">{texts.more}…</p>',
    '<script>document.querySelector("dialog[open] .body")</script>',
    '<p>{#if a}{texts.a}{/if}</p><style>p { margin: 0 auto; }</style>',
  ]
  it.each(others)('are no words: %s', async (text) => {
    expect(await complaints('src-renderer/views/AnyView.svelte', text)).toBe(0)
  })

  it('are found in the states of views, too', async () => {
    expect(await complaints('src-renderer/state/any.svelte.ts', "throw new Error('Nothing is here')")).toBe(1)
    expect(await complaints('src-renderer/texts.ts', "export const texts = { none: 'Nothing is here' }")).toBe(0)
  })
})
