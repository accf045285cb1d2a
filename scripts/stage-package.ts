/** What a package needs besides the sources: everything built, and the Node that the engine runs on, in out/node. */
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

const system = process.platform === 'win32' ? 'win' : process.platform
const executable = process.platform === 'win32' ? 'node.exe' : 'node'

function run(command: string, args: string[]): boolean {
  return spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
}

/**
 * Copies the Node of the installation, else the one that runs this, which has to be nodejs.org's: others need libraries
 * that lie beside them.
 * @throws Error where the copy does not start
 */
function stageNode(): void {
  const installed = join('node_modules', `node-${system}-${process.arch}`, 'bin', executable)
  const source = existsSync(installed) ? installed : process.execPath
  rmSync('out/node', { recursive: true, force: true })
  mkdirSync('out/node')
  const target = join('out/node', executable)
  copyFileSync(source, target)
  chmodSync(target, 0o755)
  // Symbols for debuggers are a seventh of the file.
  if (process.platform === 'linux' && spawnSync('strip', ['-o', `${target}-`, target], { stdio: 'ignore' }).status === 0) renameSync(`${target}-`, target)
  const { stdout, status } = spawnSync(resolve(target), ['--version'], { encoding: 'utf8', env: {}, cwd: '/' })
  if (status !== 0 || !/^v24\./.test(stdout)) throw new Error(`${source} can't go into a package: its copy does not start as Node.js 24. Build with Node.js 24 from nodejs.org.`)
  const licence = [join(dirname(source), '..', 'LICENSE'), join(dirname(source), 'LICENSE')].find((path) => existsSync(path))
  if (licence) copyFileSync(licence, 'out/node/LICENSE')
}

/** @throws Error where something can't be built */
export function stagePackage(): void {
  if (!run(process.execPath, ['scripts/build.ts', '--silent', '--engine'])) throw new Error('Kith could not be built.')
  // Beside the engine no package.json says what its files are.
  writeFileSync('out/engine/package.json', '{ "type": "module" }\n')
  stageNode()
}
