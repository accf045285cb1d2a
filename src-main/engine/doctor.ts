/**
 * Examines the installation and a library, and says what to do. It works when things are broken: whatever may not load is
 * loaded in a process of its own or only when its turn comes.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

export interface Check {
  name: string
  /** warning: Kith works, and something is worth knowing. */
  state: 'ok' | 'warning' | 'failed'
  /** What was found, in one sentence. */
  finding: string
  /** What to do, in one sentence; null where nothing has to be done. */
  advice: string | null
}

export interface ExamineOptions {
  libraryDirectory: string
  /** Folders that may hold model files, beside the library's own. */
  modelsDirectories: readonly string[]
  /** Where the built page is. */
  pageDirectory: string
}

const oldestNode = [24, 12] as const
const leastFreeBytes = 100e6
const littleFreeBytes = 2e9

type Finding = Omit<Check, 'name'>
const ok = (finding: string): Finding => ({ state: 'ok', finding, advice: null })
const warning = (finding: string, advice: string | null): Finding => ({ state: 'warning', finding, advice })
const failed = (finding: string, advice: string): Finding => ({ state: 'failed', finding, advice })
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

function examineNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isNewEnough = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])
  return isNewEnough ? ok(process.version) : failed(`${process.version} is too old.`, `Install Node.js ${oldestNode.join('.')} or newer.`)
}

/** In a process of its own, because a native module that does not fit takes its process with it. */
async function examineNativeModule(name: string): Promise<Finding> {
  const load = `const module = await import(${JSON.stringify(name)}); if (!module) process.exit(1)`
  try {
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', load], { cwd: import.meta.dirname, timeout: 30_000 })
    return ok('loads')
  } catch (error) {
    const { stderr = '', signal } = error as { stderr?: string; signal?: string }
    const reason = /^\w*Error.*$/m.exec(stderr)?.[0] ?? (signal ? `killed by ${signal}` : messageOf(error))
    return failed(`does not load: ${reason}`, 'Install Kith again with: npm ci')
  }
}

async function examineDatabase(libraryDirectory: string): Promise<Finding> {
  const { openDatabase, databaseFileName } = await import('./store/database.ts')
  const { findDamage, isHeldForWriting } = await import('./store/integrity.ts')
  if (!existsSync(join(libraryDirectory, databaseFileName)))
    return warning(`There is no library in ${libraryDirectory} yet.`, 'Make one with: kith index FOLDER')
  const database = openDatabase(libraryDirectory, { readOnly: true })
  try {
    const damage = findDamage(database)
    if (damage.length > 0)
      return failed(`${join(libraryDirectory, databaseFileName)} is damaged: ${damage[0]}`, `Restore ${databaseFileName} from a backup; the photos themselves are untouched.`)
    return ok(`${libraryDirectory} is whole${isHeldForWriting(libraryDirectory) ? ', and open in another Kith' : ''}.`)
  } finally {
    database.close()
  }
}

async function examineModels(libraryDirectory: string, directories: readonly string[]): Promise<Finding> {
  const { readLibraryEmbedder } = await import('./embedders.ts')
  const { chooseDetector, chooseEmbedder, defaultEmbedderId, listModels, locateModel } = await import('./models/files.ts')
  const own = readLibraryEmbedder(libraryDirectory, directories)
  if (own?.isTrained && !locateModel(own, directories))
    return failed(`${own.id}, which the library works with, is not here.`, `Put it back, or change to another with: kith index --model ${defaultEmbedderId}`)
    const chosen = [chooseDetector(undefined, directories).id, chooseEmbedder(undefined, directories).id]
  const models = listModels(directories, chosen)
  // Another embedder is another method, and nothing that anybody lacks.
  const absent = models.filter(({ state, role, id }) => (state === 'absent' || state === 'damaged') && (role !== 'embedder' || chosen.includes(id)))
  const needed = absent.filter(({ id, role }) => chosen.includes(id) || role === 'landmarks')
  if (needed.length > 0) return failed(`${needed.map(({ id }) => id).join(', ')}: missing or damaged.`, 'Install Kith again with: npm ci')
  const finding = `${chosen.join(' and ')} are whole.`
  return absent.length === 0 ? ok(finding) : warning(`${finding} Not here: ${absent.map(({ id }) => id).join(', ')}.`, `To get it: kith models fetch ${absent[0]!.id}`)
}

async function examineDisk(libraryDirectory: string): Promise<Finding> {
  let place = libraryDirectory
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place)
  const { bavail, bsize } = await statfs(place)
  const freeBytes = bavail * bsize
  const finding = `${(freeBytes / 1e9).toFixed(1)} GB free for ${libraryDirectory}.`
  if (freeBytes < leastFreeBytes) return failed(finding, 'Make room on that disk, or choose another place with --library.')
  return freeBytes < littleFreeBytes ? warning(finding, 'That is little: 10,000 photos take about 1 GB.') : ok(finding)
}

function examineBuilt(file: string): Finding {
  return existsSync(file) ? ok('built') : failed(`${file} is not built.`, 'Build it with: npm run build')
}

/** Every check, in order; one that can't even be made counts as failed. */
export async function examine(options: ExamineOptions): Promise<Check[]> {
  const { libraryDirectory, pageDirectory } = options
  const { allModelsDirectories } = await import('./parts.ts')
  const { kernelFile } = await import('./places.ts')
  const directories = allModelsDirectories(options)
  const checks: [name: string, check: () => Finding | Promise<Finding>][] = [
    ['Node.js', examineNode],
    ...['better-sqlite3', 'sharp', 'onnxruntime-node'].map((name): [string, () => Promise<Finding>] => [name, () => examineNativeModule(name)]),
    ['Library', () => examineDatabase(libraryDirectory)],
    ['Models', () => examineModels(libraryDirectory, directories)],
    ['Disk', () => examineDisk(libraryDirectory)],
    ['Page', () => examineBuilt(join(pageDirectory, 'index.html'))],
    ['Kernel', () => examineBuilt(kernelFile)],
  ]
  const results: Check[] = []
  for (const [name, check] of checks) {
    try {
      results.push({ name, ...(await check()) })
    } catch (error) {
      results.push({ name, ...failed(messageOf(error), 'See what stands there; if that does not help, install Kith again with: npm ci') })
    }
  }
  return results
}
