/** Where Electron's binary is looked for. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { electronFile } from '../../../src-main/cli/desktop.ts'

describe('Electron’s binary', () => {
  let directory: string
  beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'kith-electron-')) })
  afterEach(() => rmSync(directory, { recursive: true }))

  it('is where the package says, once it was fetched', () => {
    expect(electronFile(directory)).toBeNull()
    writeFileSync(join(directory, 'path.txt'), 'electron')
    expect(electronFile(directory)).toBeNull()
    mkdirSync(join(directory, 'dist'))
    writeFileSync(join(directory, 'dist/electron'), '')
    expect(electronFile(directory)).toBe(join(directory, 'dist/electron'))
  })
})
