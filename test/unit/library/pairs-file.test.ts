import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KithError } from '../../../src-shared/errors.ts'
import { readPairs } from '../../../src-main/engine/library/pairs-file.ts'

const directory = mkdtempSync(join(tmpdir(), 'kith-pairs-'))
const list = join(directory, 'pairs.txt')

beforeAll(() => {
  for (const [name, numbers] of Object.entries({ Anna: [1, 2, 3], Ben: [1, 2, 10] })) {
    mkdirSync(join(directory, name))
    for (const number of numbers) writeFileSync(join(directory, name, `${name}_${String(number).padStart(4, '0')}.jpg`), '')
  }
  writeFileSync(join(directory, 'Ben/Ben_0004.txt'), '')
})
afterAll(() => rmSync(directory, { recursive: true }))

function read(...lines: string[]) {
  writeFileSync(list, lines.join('\n'))
  return readPairs(list, directory).map((fold) =>
    fold.map(({ same, paths }) => `${same ? '=' : '≠'} ${paths.map((path) => path.slice(directory.length + 1)).join(' ')}`))
}

function complaint(...lines: string[]): string {
  try {
    read(...lines)
  } catch (error) {
    expect(error).toBeInstanceOf(KithError)
    expect((error as KithError).code).toBe('invalid-input')
    return (error as KithError).message
  }
  throw new Error('no complaint')
}

describe('a list of pairs', () => {
  it('is cut into the folds that its first line tells', () => {
    expect(read('2\t1', 'Anna\t1\t2', 'Anna\t1\tBen\t10', 'Ben\t1\t2', 'Ben\t2\tAnna\t3', '')).toEqual([
      ['= Anna/Anna_0001.jpg Anna/Anna_0002.jpg', '≠ Anna/Anna_0001.jpg Ben/Ben_0010.jpg'],
      ['= Ben/Ben_0001.jpg Ben/Ben_0002.jpg', '≠ Ben/Ben_0002.jpg Anna/Anna_0003.jpg'],
    ])
  })
  it('without such a line, where a pair of one person follows a pair of two; spaces and Windows line ends do too', () => {
    expect(read('Anna 1 2\r', 'Anna 1 3\r', 'Anna 1 Ben 1\r', 'Ben 1 2\r', 'Ben 2 Anna 1\r').map(({ length }) => length)).toEqual([3, 2])
  })
  it('is dealt out where it is one long list', () => {
    const folds = read('2', 'Anna 1 2', 'Anna 1 3', 'Anna 1 Ben 1', 'Anna 2 Ben 2')
    expect(folds).toHaveLength(2)
    for (const fold of folds) expect(fold.map(([kind]) => kind)).toEqual(['=', '≠'])
  })
  it('says what is wrong, in which line of which file', () => {
    expect(complaint('Anna 1 2', 'Anna one two')).toMatch(/pairs\.txt, line 2, is not a pair: "Anna one two"/)
    expect(complaint('Anna 1 2 3 4')).toMatch(/line 1, is not a pair/)
    expect(complaint('Anna 1 2', 'Anna 1 4')).toMatch(/line 2, names picture 4 of Anna, but there is no .*Anna_0004\.jpg/)
    expect(complaint('Ben 1 4')).toMatch(/line 1, names picture 4 of Ben/)
    expect(complaint('Carl 1 2')).toMatch(/line 1, names Carl, but there is no folder .*Carl/)
    expect(complaint('../Anna 1 2')).toMatch(/line 1, names \.\.\/Anna/)
    expect(complaint('Anna 2 2')).toMatch(/line 1, pairs picture 2 of Anna with itself/)
    expect(complaint('Anna 1 Anna 2')).toMatch(/line 1, names Anna twice/)
    expect(complaint('2 1', 'Anna 1 2', 'Anna 1 Ben 1')).toMatch(/line 1, promises 2 × 2 × 1 pairs, but there are 2/)
    expect(complaint('1 1', 'Anna 1 Ben 1', 'Anna 1 2')).toMatch(/line 2, has a pair of two people where the first line makes one of one person due/)
    expect(complaint('Anna 1 2', 'Anna 1 3')).toMatch(/2 pairs of one person and 0 of two/)
    expect(complaint('')).toMatch(/has no pairs/)
    expect(() => readPairs(join(directory, 'nothing.txt'), directory)).toThrow(/nothing\.txt can't be read/)
    writeFileSync(list, 'Anna 1 2')
    expect(() => readPairs(list, join(directory, 'nowhere'))).toThrow(/nowhere can't be read/)
  })
})
