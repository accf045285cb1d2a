/** A library whose folder is gone while it is open: nothing is decided then, and nothing is lost. */
import { renameSync, rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FaceId } from '../../../src-shared/domain.ts'
import { createDecisions } from '../../../src-main/engine/library/decisions.ts'
import { toLibraryError } from '../../../src-main/engine/store/database.ts'
import { createTestLibrary, type TestLibrary } from '../../fixtures/library.ts'

describe('a library that is not in its place any more', () => {
  let library: TestLibrary
  const away = () => `${library.directory}-away`
  const names = () => library.db.prepare('SELECT name FROM people ORDER BY id').pluck().all()

  beforeEach(() => void (library = createTestLibrary()))
  afterEach(() => {
    library.close()
    rmSync(away(), { recursive: true, force: true })
  })

  it('takes no decision while it is away, and all of them when it is back', () => {
    const decisions = createDecisions(library.context)
    const faceIds = [library.addFace() as FaceId]
    decisions.name({ faceIds, name: 'Anna' })
    renameSync(library.directory, away())
    expect(library.context.database.isInPlace()).toBe(false)
    const refusal = expect.objectContaining({ code: 'library-away', message: expect.stringContaining(library.directory) as string })
    expect(() => decisions.name({ faceIds, name: 'Ben' })).toThrow(refusal)
    expect(() => decisions.undo()).toThrow(refusal)
    expect(names()).toEqual(['Anna'])
    renameSync(away(), library.directory)
    expect(library.context.database.isInPlace()).toBe(true)
    decisions.name({ faceIds, name: 'Ben' })
    library.reopen()
    expect(names()).toEqual(['Anna', 'Ben'])
  })

  it('is not taken for another one in the same place', () => {
    renameSync(library.directory, away())
    const other = createTestLibrary({ directory: library.directory })
    expect(library.context.database.isInPlace()).toBe(false)
    expect(other.context.database.isInPlace()).toBe(true)
    other.close()
    rmSync(library.directory, { recursive: true })
  })

  it('is told from other troubles by what the file system says', () => {
    const failed = (code: string) => toLibraryError(Object.assign(new Error(code), { code }), '/media/drive/kith')
    for (const code of ['EIO', 'ENODEV', 'ESTALE']) expect(failed(code)).toMatchObject({ code: 'library-away' })
    expect(failed('ENOSPC')).toMatchObject({ code: 'no-space' })
  })
})
