/** The single-instance lock, as files in the data directory: the second start leaves a note for the first, which watches. */
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface SecondStart { argv: string[]; workingDirectory: string; data: object }

let lockFile: string | null = null

function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0)
  } catch {
    return false
  }
}

/** @returns whether this is the first */
export function requestLock(directory: string, data: object, onSecond: (second: SecondStart) => void): boolean {
  mkdirSync(directory, { recursive: true })
  const file = join(directory, 'standin.lock')
  try {
    if (isRunning(Number(readFileSync(file, 'utf8')))) {
      const note = join(directory, `${process.pid}.second`)
      writeFileSync(`${note}-`, JSON.stringify({ argv: process.argv, workingDirectory: process.cwd(), data } satisfies SecondStart))
      renameSync(`${note}-`, note)
      return false
    }
  } catch {
    // Nobody holds it.
  }
  writeFileSync(file, String(process.pid))
  lockFile = file
  watch(directory, () => {
    for (const name of readdirSync(directory).filter((entry) => entry.endsWith('.second'))) {
      const second = JSON.parse(readFileSync(join(directory, name), 'utf8')) as SecondStart
      rmSync(join(directory, name))
      onSecond(second)
    }
  }).unref()
  return true
}

export function exitCleanly(status: number): never {
  if (lockFile) rmSync(lockFile, { force: true })
  process.exit(status)
}
