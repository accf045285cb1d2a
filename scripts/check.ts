/** Everything that can be known without running the program: types per environment, forbidden imports, lint. */
import { spawnSync } from 'node:child_process'

const checks: [name: string, command: string, ...args: string[]][] = [
  ['types: pure', 'tsc', '-p', 'tsconfig.pure.json'],
  ['types: node', 'tsc', '-p', 'tsconfig.node.json'],
  ['types: shell', 'tsc', '-p', 'tsconfig.shell.json'],
  ['types: preload', 'tsc', '-p', 'tsconfig.preload.json'],
  ['types: test', 'tsc', '-p', 'tsconfig.test.json'],
  ['types: web', 'svelte-check', '--tsconfig', './tsconfig.web.json', '--fail-on-warnings', '--output', 'human'],
  ['layers', 'depcruise', '--config', 'layers.dependency-cruiser.cjs', 'src-main', 'src-renderer', 'src-shared'],
  ['lint', 'eslint', '--max-warnings', '0', '.'],
]

let failed = 0
for (const [name, command, ...args] of checks) {
  const startedAt = performance.now()
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], shell: process.platform === 'win32' })
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
  if (status !== 0) {
    failed++
    console.log(stdout)
  }
}
process.exitCode = failed ? 1 : 0
