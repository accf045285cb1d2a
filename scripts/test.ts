/** npm test: build, check, then every test. The last line counts them. `npm test -- NAME…` runs the files of that name. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBrowser } from './ensure-browser.ts'

const run = (command: string, args: string[]) =>
  spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' }).status === 0

process.env['KITH_CHROMIUM'] = ensureBrowser()
const only = process.argv.slice(2)
let broken = Number(!run('node', ['scripts/build.ts']))
if (only.length === 0 && !run('node', ['scripts/check.ts'])) broken++

const reportDirectory = mkdtempSync(join(tmpdir(), 'kith-test-'))
const reportFile = join(reportDirectory, 'report.json')
const testsRan = run('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`, ...only])
let counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numFailedTestSuites: 0 }
try {
  counts = JSON.parse(readFileSync(reportFile, 'utf8'))
} catch {
  broken++
}
rmSync(reportDirectory, { recursive: true, force: true })
const failed = counts.numFailedTests + broken + (testsRan || counts.numFailedTests ? 0 : 1)
console.log(`${counts.numPassedTests} passed, ${failed} failed, ${counts.numPendingTests} skipped`)
process.exitCode = failed || counts.numPassedTests === 0 ? 1 : 0
