/** What the shell remembers between starts. A file that can't be read or understood counts as none. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { WindowPlace } from './window-placement.ts'

export type Theme = 'system' | 'light' | 'dark'

export interface Settings {
  window: WindowPlace | null
  theme: Theme
  /** Directories, the last used first. */
  libraries: string[]
}

const mostLibraries = 8

function parsePlace(value: unknown): WindowPlace | null {
  const place = value as WindowPlace | null
  const numbers = [place?.x, place?.y, place?.width, place?.height]
  return numbers.every((number) => Number.isFinite(number)) && typeof place!.isMaximized === 'boolean'
    ? { x: place!.x, y: place!.y, width: place!.width, height: place!.height, isMaximized: place!.isMaximized }
    : null
}

/** Takes from a file's text what can be understood. */
export function parseSettings(text: string): Settings {
  let value: Partial<Record<keyof Settings, unknown>> | null
  try {
    value = JSON.parse(text) as typeof value
  } catch {
    value = null
  }
  const { window, theme, libraries } = value ?? {}
  return {
    window: parsePlace(window),
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    libraries: Array.isArray(libraries) ? libraries.filter((path) => typeof path === 'string' && path !== '').slice(0, mostLibraries) : [],
  }
}

/** The list with a library put in front. */
export function withLibrary(libraries: readonly string[], directory: string): string[] {
  return [directory, ...libraries.filter((other) => other !== directory)].slice(0, mostLibraries)
}

export interface SettingsFile {
  readonly current: Readonly<Settings>
  /** Remembers; a disk that takes nothing costs no more than the memory. */
  change(change: Partial<Settings>): void
}

export function openSettings(file: string, log: (message: string) => void): SettingsFile {
  let current: Settings
  try {
    current = parseSettings(readFileSync(file, 'utf8'))
  } catch {
    current = parseSettings('')
  }
  return {
    get current() {
      return current
    },
    change(change) {
      current = { ...current, ...change }
      try {
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(`${file}.new`, `${JSON.stringify(current, null, 2)}\n`)
        renameSync(`${file}.new`, file)
      } catch (error) {
        log(`${file} can't be written: ${String(error)}`)
      }
    },
  }
}
