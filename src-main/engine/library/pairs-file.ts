/**
 * Lists of pairs in the format of Labeled Faces in the Wild: `Name 1 2` for two pictures of one person, `Name 1 Other 2` for
 * pictures of two. Fields are parted by tabs, or by spaces where a line has no tab. Picture 2 of Name is the file
 * `Name/Name_0002.jpg`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, parse } from 'node:path'
import { KithError } from '../../../src-shared/errors.ts'
import { pictureExtensions } from './people-folder.ts'

/** A pair by paths. */
export interface PicturePair {
  paths: [string, string]
  same: boolean
}

interface PairLine extends PicturePair {
  line: number
}

const foldsOfPlainLists = 10
const maxFoldsByRuns = 20

/**
 * Reads a list of pairs and finds their pictures.
 *
 * The first line may say how many folds there are and how many pairs of each kind a fold has (`10 300`, View 2), or only
 * how many pairs of each kind there are (`1100`, View 1). Without such a line a fold ends where a pair of one person follows
 * a pair of two. What makes a single fold by that, or more than 20, is a plain list: dealt out into ten folds, or as many as
 * there are pairs of the rarer kind.
 * @param folder has a folder of pictures a person
 * @returns two folds or more, each with a pair
 * @throws KithError invalid-input naming file and line; folder-unreadable
 */
export function readPairs(file: string, folder: string): PicturePair[][] {
  const lines = readLines(file)
  const header = /^\s*(\d+)(?:\s+(\d+))?\s*$/.exec(lines[0] ?? '')
  const find = createPictureFinder(folder)
  const pairs = lines.flatMap((text, i): PairLine[] =>
    (header && i === 0) || text.trim() === '' ? [] : [parsePair(text, { file, line: i + 1 }, find)])
  if (pairs.length === 0) throw new KithError('invalid-input', `${file} has no pairs. A line is: Name 1 2, or Name 1 Other 2.`)
  if (!header) return dealOut(foldsByRuns(pairs), file)
  const [folds, perKind] = header[2] ? [Number(header[1]), Number(header[2])] : [1, Number(header[1])]
  return dealOut(foldsByHeader(pairs, folds, perKind, file), file)
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').replace(/^\ufeff/, '').split(/\r?\n/)
  } catch (error) {
    throw new KithError('invalid-input', `The list of pairs ${file} can't be read. Check that it is there and that you may open it.`, undefined, { cause: error })
  }
}

interface Place {
  file: string
  line: number
}

type PictureFinder = (name: string, number: string, place: Place) => string

function parsePair(text: string, place: Place, find: PictureFinder): PairLine {
  const fields = (text.includes('\t') ? text.split('\t') : text.trim().split(/\s+/)).map((field) => field.trim())
  const [name, number, third, fourth] = fields
  const isNumber = (field: string | undefined) => field !== undefined && /^\d{1,9}$/.test(field)
  const isSame = fields.length === 3 && isNumber(number) && isNumber(third)
  const isDifferent = fields.length === 4 && isNumber(number) && isNumber(fourth)
  if (!isSame && !isDifferent) {
    throw wrong(place, `is not a pair: ${JSON.stringify(text.slice(0, 100))}. A pair is: Name 1 2, or Name 1 Other 2.`)
  }
  if (isSame && Number(number) === Number(third)) throw wrong(place, `pairs picture ${Number(number)} of ${name} with itself.`)
  if (isDifferent && name === third) throw wrong(place, `names ${name} twice. Two pictures of one person are: ${name} ${number} ${fourth}`)
  return {
    same: isSame,
    paths: [find(name, number, place), isSame ? find(name, third, place) : find(third, fourth, place)],
    line: place.line,
  }
}

const wrong = ({ file, line }: Place, what: string) => new KithError('invalid-input', `${file}, line ${line}, ${what}`)

/** Finds `Name/Name_0002` with the extension of any picture; each person's folder is listed once. */
function createPictureFinder(folder: string): PictureFinder {
  const people = new Map(listNames(folder).map((name): [string, Map<string, string> | null] => [name, null]))
  return (name, number, place) => {
    if (!people.has(name)) throw wrong(place, `names ${name}, but there is no folder ${join(folder, name)}.`)
    let files = people.get(name)
    if (!files) {
      files = new Map(listNames(join(folder, name)).map((file) => [parse(file).name, file] as const)
        .filter(([, file]) => pictureExtensions.has(parse(file).ext.toLowerCase())))
      people.set(name, files)
    }
    const stem = `${name}_${number.padStart(4, '0')}`
    const file = files.get(stem)
    if (!file) throw wrong(place, `names picture ${Number(number)} of ${name}, but there is no ${join(folder, name, `${stem}.jpg`)}.`)
    return join(folder, name, file)
  }
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    throw new KithError('folder-unreadable', `The folder ${folder} can't be read. Check that it is there and that you may open it.`, undefined, { cause: error })
  }
}

function foldsByHeader(pairs: readonly PairLine[], folds: number, perKind: number, file: string): PairLine[][] {
  const expected = folds * 2 * perKind
  if (pairs.length !== expected || expected === 0) {
    throw wrong({ file, line: 1 }, `promises ${folds} × 2 × ${perKind} pairs, but there are ${pairs.length}. Correct or remove that line.`)
  }
  pairs.forEach(({ same, line }, i) => {
    const isDue = i % (2 * perKind) < perKind
    if (same === isDue) return
    throw wrong({ file, line }, `has a pair of ${same ? 'one person' : 'two people'} where the first line makes one of ${same ? 'two people' : 'one person'} due.`)
  })
  return Array.from({ length: folds }, (_, i) => pairs.slice(i * 2 * perKind, (i + 1) * 2 * perKind))
}

function foldsByRuns(pairs: readonly PairLine[]): PairLine[][] {
  const folds: PairLine[][] = []
  pairs.forEach((pair, i) => {
    if (i === 0 || (pair.same && !pairs[i - 1].same)) folds.push([])
    folds.at(-1)!.push(pair)
  })
  return folds.length > maxFoldsByRuns ? [folds.flat()] : folds
}

function dealOut(folds: PairLine[][], file: string): PicturePair[][] {
  const pairs = folds.flat()
  const kinds = [pairs.filter(({ same }) => same), pairs.filter(({ same }) => !same)]
  const rarer = Math.min(...kinds.map(({ length }) => length))
  if (rarer < 2) {
    throw new KithError('invalid-input', `${file} has ${kinds[0].length} pairs of one person and ${kinds[1].length} of two. It needs at least two of each kind.`)
  }
  if (folds.length > 1) return folds
  const dealt = Array.from({ length: Math.min(foldsOfPlainLists, rarer) }, (): PicturePair[] => [])
  for (const kind of kinds) kind.forEach((pair, i) => dealt[i % dealt.length].push(pair))
  return dealt
}
