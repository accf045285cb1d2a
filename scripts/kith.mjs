#!/usr/bin/env node
// Starts Kith on a Node that can run it: this one, or the Node 24 that the installation brought along.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major > 24 || (major === 24 && minor >= 12)) {
  const { enableCompileCache } = await import('node:module')
  // Beside the packages, where nobody else can write, unlike the temporary folder that is the default.
  enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/kith', import.meta.url)))
  const { runCommandLine } = await import('../src-main/cli/kith.ts')
  const { ensureBuilt } = await import('./ensure-built.ts')
  process.exitCode = await runCommandLine(process.argv.slice(2), { ensureBuilt })
} else {
  const system = process.platform === 'win32' ? 'win' : process.platform
  const executable = process.platform === 'win32' ? 'node.exe' : 'node'
  const bundled = fileURLToPath(new URL(`../node_modules/node-${system}-${process.arch}/bin/${executable}`, import.meta.url))
  if (!existsSync(bundled)) {
    console.error(`Kith needs Node.js 24.12 or newer; this is ${process.version}. Install a newer Node.js, then try again.`)
    process.exitCode = 1
  } else {
    const child = spawn(bundled, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
    child.on('exit', (status, signal) => process.exit(status ?? 128 + constants.signals[signal]))
  }
}
