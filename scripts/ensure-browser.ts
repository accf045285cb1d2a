/** A Chromium for the tests of the window: one that is here, else Debian's as root, else Playwright's own download. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge']
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

function findBrowser(): string | undefined {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).flatMap((directory) => names.map((name) => join(directory, name)))
  return [process.env['KITH_CHROMIUM'] ?? '', ...onPath, ...places, chromium.executablePath()].find((path) => path && existsSync(path))
}

/** Path of a Chromium-like browser, installed if need be. @throws Error that says how to install one by hand */
export function ensureBrowser(): string {
  const found = findBrowser()
  if (found) return found
  console.log('No Chromium here: installing one for the tests of the window.')
  const quietly = { stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'] }
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    spawnSync('apt-get', ['update'], quietly)
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], quietly)
  }
  if (!findBrowser()) spawnSync('node', ['node_modules/playwright-core/cli.js', 'install', 'chromium'], quietly)
  const installed = findBrowser()
  if (!installed) throw new Error('No Chromium could be installed. Install Chromium or Chrome, or set KITH_CHROMIUM to its path, and run the tests again.')
  return installed
}
