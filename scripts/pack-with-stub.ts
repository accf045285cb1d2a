/** Packs Kith with a stub in place of Electron's binary, as electron-builder.yml says. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { extractFile, listPackage, statFile } from '@electron/asar'

export interface Packed {
  /** The folder with the packed program; its archive lies open in it, as a folder of the archive's name. */
  program: string
  /** The archive as it was packed. */
  archive: string
}

/** @throws Error with the packer's words */
export function packWithStub(directory: string): Packed {
  const { version } = JSON.parse(readFileSync('node_modules/electron/package.json', 'utf8')) as { version: string }
  const stub = join(directory, 'stub')
  mkdirSync(join(stub, 'locales'), { recursive: true })
  const files = { electron: '#!/bin/sh\necho "This is a stub, not Electron." >&2\nexit 1\n', version, LICENSE: '', 'LICENSES.chromium.html': '', 'locales/en-US.pak': '' }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(stub, name), text, { mode: 0o755 })
  const config = join(directory, 'electron-builder.json')
  // Fuses are bits in the real binary: a stub has none.
  writeFileSync(config, JSON.stringify({
    extends: resolve('electron-builder.yml'), electronDist: stub, electronFuses: null, directories: { output: join(directory, 'release') },
  }))
  const builder = join('node_modules', 'electron-builder', 'cli.js')
  const { status, stdout, stderr } = spawnSync(process.execPath, [builder, '--linux', 'dir', '--publish', 'never', '-c', config], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`electron-builder ended with ${status}:\n${stdout}\n${stderr}`)
  const program = join(directory, 'release', 'linux-unpacked')
  const archive = join(directory, 'app.asar')
  const inProgram = join(program, 'resources', 'app.asar')
  renameSync(inProgram, archive)
  // Only Electron reads archives; what stands in for it here does not.
  for (const path of listPackage(archive, { isPack: true }).filter((line) => line.startsWith('pack ')).map((line) => line.replace(/^pack\s*:\s*[/\\]/, ''))) {
    const entry = statFile(archive, path)
    if ('files' in entry) continue
    mkdirSync(dirname(join(inProgram, path)), { recursive: true })
    writeFileSync(join(inProgram, path), extractFile(archive, path))
  }
  return { program, archive }
}
