/** The desktop shell around the window, where there is one. */
import type { ShellApi } from '../../src-shared/shell-api.ts'

declare global {
  interface Window {
    readonly kithShell?: ShellApi
  }
}

/** Null in a browser. */
export const shell: ShellApi | null = window.kithShell ?? null
