/** The log of the desktop program: one file, and the one before it. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

const limitBytes = 1024 * 1024

/** @returns writes one line with the time; `alsoShown`: on stderr, too */
export function openLog(file: string, alsoShown: boolean): (message: string) => void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    if (statSync(file).size > limitBytes) renameSync(file, `${file}.old`)
  } catch {
    // There is none yet, or the disk takes nothing: neither may stop the program.
  }
  return (message) => {
    const line = `${new Date().toISOString()} ${message}\n`
    if (alsoShown) process.stderr.write(line)
    try {
      appendFileSync(file, line)
    } catch {
      // As above.
    }
  }
}
