/** What `npm run dist:check` packed: everything that is needed is in it, nothing else is, and what can't be in an archive is beside it. */
import { getRawHeader } from '@electron/asar'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const program = process.env['KITH_PACKAGE']
if (!program) console.log('skipped: nothing is packed here; npm run dist:check packs and runs these tests')

interface Entry { files?: Record<string, Entry>; unpacked?: boolean; size?: number }

describe.skipIf(!program)('the packed program', () => {
  const resources = join(program ?? '', 'resources')
  const unpacked = join(resources, 'app.asar.unpacked')
  const node = join(resources, 'node', process.platform === 'win32' ? 'node.exe' : 'node')
  const isNative = (path: string) => /\.(node|dll|dylib|so(\.[\d.]+)?|exe)$/.test(path)

  function inArchive(): { path: string; isUnpacked: boolean }[] {
    const entries: { path: string; isUnpacked: boolean }[] = []
    const walk = (entry: Entry, at: string) => {
      for (const [name, inner] of Object.entries(entry.files ?? {}))
        if (inner.files) walk(inner, `${at}${name}/`)
        else entries.push({ path: at + name, isUnpacked: inner.unpacked === true })
    }
    walk(getRawHeader(process.env['KITH_PACKAGE_ARCHIVE']!).header as unknown as Entry, '')
    return entries
  }
  const filesBelow = (directory: string) =>
    readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => relative(directory, join(entry.parentPath, entry.name)))
  const bytesBelow = (directory: string) => filesBelow(directory).reduce((bytes, path) => bytes + statSync(join(directory, path)).size, 0)

  it('keeps in the archive what Electron runs, and that alone', () => {
    expect(inArchive().filter(({ isUnpacked }) => !isUnpacked).map(({ path }) => path).toSorted())
      .toEqual(['out/main/index.js', 'out/preload/index.cjs', 'package.json'])
  })

  it('has every native file beside the archive, and those of this machine alone', () => {
    expect(inArchive().filter(({ path, isUnpacked }) => isNative(path) && !isUnpacked)).toEqual([])
    const natives = filesBelow(unpacked).filter(isNative)
    const machine = `${process.platform}-${process.arch}`
    for (const path of natives.filter((name) => /prebuilds|@img/.test(name))) expect(path).toContain(machine)
    for (const path of natives.filter((name) => name.includes('onnxruntime'))) expect(path).toContain(join(process.platform, process.arch))
    for (const wanted of ['better-sqlite3', 'sharp', 'libvips', 'onnxruntime_binding', 'libonnxruntime'])
      expect(natives.some((path) => path.includes(wanted)), wanted).toBe(true)
  })

  it('has no sources, tests, tools or things that nobody asks for', () => {
    const paths = filesBelow(program!)
    expect(paths.filter((path) => /\.(ts|svelte|map)$|(^|[/\\])(test|tests|demo|src|bench|docs)[/\\]/.test(path))).toEqual([])
    expect(readdirSync(join(unpacked, 'node_modules')).toSorted())
      .toEqual(['@img', '@vladmandic', 'better-sqlite3', 'detect-libc', 'onnxruntime-common', 'onnxruntime-node', 'semver', 'sharp'])
  })

  it('has whatever its code asks for', () => {
    const bundles = readdirSync(join(unpacked, 'out/engine')).filter((name) => name.endsWith('.js'))
    const bare = new Set(bundles.flatMap((name) =>
      [...readFileSync(join(unpacked, 'out/engine', name), 'utf8').matchAll(/^import [^;]*? ?(?:from )?"([^"./][^"]*)";$|import\("([^"./][^"]*)"\)/gm)].map(([, one, other]) => (one ?? other)!)))
    const packages = [...bare].filter((name) => !name.startsWith('node:'))
    expect(packages.toSorted()).toEqual(expect.arrayContaining(['better-sqlite3', 'onnxruntime-node', 'sharp']))
    // Loaded by the package's own Node, from its own place: what came from elsewhere would show.
    const script = `
      for (const name of ${JSON.stringify(packages.filter((name) => name !== '@tensorflow/tfjs-node'))}) await import(name)
      const { createRequire } = await import('node:module')
      createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json')
      const Database = (await import('better-sqlite3')).default
      new Database(':memory:').close()
      console.log(JSON.stringify([...Object.keys(createRequire(import.meta.url).cache), ...process.report.getReport().sharedObjects]))`
    const { stdout, stderr, status } = spawnSync(node, ['--input-type=module', '--eval', script], {
      cwd: join(unpacked, 'out/engine'), encoding: 'utf8', env: { PATH: process.env['PATH'] },
    })
    expect(stderr).toBe('')
    expect(status).toBe(0)
    const loaded = (JSON.parse(stdout) as string[]).filter((path) => path.includes('node_modules'))
    expect(loaded.filter((path) => !path.startsWith(unpacked))).toEqual([])
    for (const wanted of ['better-sqlite3', 'sharp', 'onnxruntime']) expect(loaded.some((path) => path.endsWith('.node') && path.includes(wanted)), wanted).toBe(true)
  })

  it('has the Node 24 that runs the engine, the page, the kernel, the models and the licences', () => {
    expect(spawnSync(node, ['--version'], { encoding: 'utf8', env: {} }).stdout).toMatch(/^v24\./)
    for (const path of ['out/engine/library-process.js', 'out/engine/vision-process.js', 'out/engine/recognition-thread.js', 'out/engine/layout-thread.js', 'out/engine/checkpoint-thread.js', 'out/renderer/index.html', 'out/kernel/distances.wasm', 'resources/icons/kith.png'])
      expect(existsSync(join(unpacked, path)), path).toBe(true)
    const shipped = readdirSync('resources/models').filter((name) => !name.endsWith('.md'))
    expect(readdirSync(join(unpacked, 'resources/models')).toSorted()).toEqual(shipped.toSorted())
    const licences = readFileSync(join(resources, 'licences/THIRD-PARTY.txt'), 'utf8')
    for (const name of ['sharp ', 'onnxruntime-node ', 'better-sqlite3 ', 'zod ', 'svelte ', 'kith-detector']) expect(licences).toContain(name)
    expect(existsSync(join(resources, 'node/LICENSE'))).toBe(true)
  })

  it('is as large as what is in it, and says so', () => {
    const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
    const modules = join(unpacked, 'node_modules')
    const parts = [
      ['Node.js', bytesBelow(join(resources, 'node'))],
      ['ONNX Runtime', bytesBelow(join(modules, 'onnxruntime-node')) + bytesBelow(join(modules, 'onnxruntime-common'))],
      ['sharp and libvips', bytesBelow(join(modules, 'sharp')) + bytesBelow(join(modules, '@img'))],
      ['SQLite', bytesBelow(join(modules, 'better-sqlite3'))],
      ['models', bytesBelow(join(unpacked, 'resources/models')) + bytesBelow(join(modules, '@vladmandic'))],
      ['Kith itself', bytesBelow(join(unpacked, 'out')) + statSync(process.env['KITH_PACKAGE_ARCHIVE']!).size],
    ] as const
    // The archive lies open here, for want of Electron; it counts as it was packed.
    const total = ['node', 'licences', 'app.asar.unpacked'].reduce((bytes, name) => bytes + bytesBelow(join(resources, name)), 0)
      + statSync(process.env['KITH_PACKAGE_ARCHIVE']!).size
    console.log(`packed without Electron: ${megabytes(total)} (${parts.map(([name, bytes]) => `${name} ${megabytes(bytes)}`).join(', ')})`)
    const known = parts.reduce((bytes, [, one]) => bytes + one, 0)
    expect(known / total).toBeGreaterThan(0.98)
  })
})
