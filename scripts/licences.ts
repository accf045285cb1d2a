/** Writes the licences of all that a package holds besides Kith into out/licences/THIRD-PARTY.txt. */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface LockedPackage { version?: string; license?: string; dev?: boolean; devOptional?: boolean }

/** Parts of the page; in the lockfile they are tools for development. */
const inThePage = new Set(['node_modules/svelte', 'node_modules/esm-env'])

function licenceTextOf(directory: string): string {
  const files = readdirSync(directory).filter((name) => /^(licen[cs]e|notice|copying|thirdpartynotices)/i.test(name))
  return files.map((name) => readFileSync(join(directory, name), 'utf8').trim()).join('\n\n')
}

export function writeLicences(): void {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, LockedPackage> }
  const parts = Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => path !== '' && ((!dev && !devOptional) || inThePage.has(path)) && existsSync(path))
    .map(([path, { version, license }]) => {
      const name = path.replace(/^.*node_modules\//, '')
      return `${name} ${version ?? ''}: ${license ?? 'see below'}\n\n${licenceTextOf(path) || 'The package brings no text of its licence; its name above says which it is.'}`
    })
  const models = readdirSync('resources/models').filter((name) => name.endsWith('.md'))
    .map((name) => readFileSync(join('resources/models', name), 'utf8').trim())
  mkdirSync('out/licences', { recursive: true })
  const line = `\n\n${'-'.repeat(80)}\n\n`
  const head = 'Kith is built from these packages and models. Electron and Chromium have files of their own beside the program.'
  writeFileSync('out/licences/THIRD-PARTY.txt', `${[head, ...parts, ...models].join(line)}\n`)
}

if (import.meta.main) writeLicences()
