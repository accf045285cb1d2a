import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createDecisions } from '../../../src-main/engine/library/decisions.ts'
import { digest } from '../../fixtures/digest.ts'
import { dumpLibrary, inconsistencies, noInconsistencies } from '../../fixtures/dump.ts'
import { createTestLibrary } from '../../fixtures/library.ts'
import { createRandom } from '../../fixtures/random.ts'
import { fillWithFaces } from '../../fixtures/random-decisions.ts'

const script = resolve(import.meta.dirname, '../../fixtures/decide-until-killed.ts')

/** Lets a child decide on the library and kills it without warning after so many decisions. Answers what it said was kept. */
function decideAndKill(directory: string, seed: number, killAfter: number): Promise<{ id: number; state: string }[]> {
  return new Promise((answer, fail) => {
    const child = spawn(process.execPath, [script, directory, String(seed)], { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.split('\n').length > killAfter) child.kill('SIGKILL')
    })
    child.on('error', fail)
    child.on('close', (code, signal) => {
      if (signal !== 'SIGKILL') fail(new Error(`the child ended by itself, with ${code}`))
      else answer(said.split('\n').slice(0, -1).map((line) => ({ id: Number(line.split(' ')[0]), state: line.split(' ')[1]! })))
    })
  })
}

it('loses no decision that was taken when the process is killed in the middle of them, again and again', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'kith-killed-'))
  const first = createTestLibrary({ directory })
  fillWithFaces(first, createRandom(7), 30)
  first.close()
  let decided = 0
  for (const round of [1, 2, 3, 4, 5]) {
    const kept = await decideAndKill(directory, round, 5 + round * 9)
    expect(kept.length).toBeGreaterThanOrEqual(5)
    const library = createTestLibrary({ directory })
    const decisions = createDecisions(library.context)
    expect(inconsistencies(library.db)).toEqual(noInconsistencies)
    const newest = decisions.history({ cursor: null, limit: 1 }).entries[0]!
    const last = kept.at(-1)!
    // The child may have been killed after a decision was kept and before it could say so: one more at the most.
    expect([last.id, last.id + 1]).toContain(newest.id)
    if (newest.id > last.id) decisions.undo()
    expect(digest(dumpLibrary(library.db))).toBe(last.state)
    decided += kept.length
    library.close()
  }
  expect(decided).toBeGreaterThan(50)
  rmSync(directory, { recursive: true })
})
