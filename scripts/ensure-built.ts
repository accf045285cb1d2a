/** Builds the parts of a clone that are missing or older than what they are made from. Prints nothing on stdout. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const parts = {
  page: { built: 'out/renderer/index.html', sources: ['src-renderer', 'src-shared', 'vite.config.ts', 'svelte.config.js'] },
  shell: { built: 'out/main/index.js', sources: ['src-main/shell', 'src-main/environment.ts', 'src-shared', 'scripts/bundles.ts'] },
  kernel: { built: 'out/kernel/distances.wasm', sources: ['src-main/engine/math/kernel', 'scripts/build-kernel.ts'] },
} as const

function newestMs(path: string): number {
  const { mtimeMs } = statSync(path)
  if (!statSync(path).isDirectory()) return mtimeMs
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newestMs(join(path, name))))
}

function isStale({ built, sources }: (typeof parts)[keyof typeof parts]): boolean {
  const file = join(root, built)
  if (!existsSync(file)) return true
  const builtMs = statSync(file).mtimeMs
  return sources.some((source) => existsSync(join(root, source)) && newestMs(join(root, source)) > builtMs)
}

/** @throws Error with the builder's own words on stderr */
export async function ensureBuilt(wanted: readonly (keyof typeof parts)[]): Promise<void> {
  if (!wanted.some((part) => isStale(parts[part]))) return
  process.stderr.write('Building Kith, once …\n')
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'build.ts'), '--silent'], { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error('Kith could not be built. Install it again with: npm ci')
}
