/** npm run dist: builds the installers of this machine's platform into release/. Needs the network for Electron and its tools. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { stagePackage } from './stage-package.ts'

stagePackage()
const builder = join('node_modules', 'electron-builder', 'cli.js')
const { status } = spawnSync(process.execPath, [builder, '--publish', 'never', ...process.argv.slice(2)], { stdio: 'inherit' })
process.exitCode = status ?? 1
