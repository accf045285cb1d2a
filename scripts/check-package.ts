/**
 * npm run dist:check: what can be proved of the package without Electron's binary and without the network. Packs with a stub
 * in Electron's place, reads what was packed, and runs the tests of the desktop program on it.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBrowser } from './ensure-browser.ts'
import { packWithStub } from './pack-with-stub.ts'
import { stagePackage } from './stage-package.ts'

const directory = mkdtempSync(join(tmpdir(), 'kith-package-'))
process.env['KITH_CHROMIUM'] = ensureBrowser()
stagePackage()
const { program, archive } = packWithStub(directory)
process.env['KITH_PACKAGE'] = program
process.env['KITH_PACKAGE_ARCHIVE'] = archive
const { status } = spawnSync(process.execPath, [join('node_modules', 'vitest', 'vitest.mjs'), 'run', 'test/package', 'test/shell/security'], { stdio: 'inherit' })
rmSync(directory, { recursive: true, force: true })
process.exitCode = status ?? 1
