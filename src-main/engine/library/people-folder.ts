/** A folder that has one folder of pictures a person: what people are measured on and trained with. */
import { readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { KithError } from '../../../src-shared/errors.ts'

export const pictureExtensions = new Set(['.jpg', '.jpeg', '.png', '.webp', '.avif', '.gif', '.tif', '.tiff'])

export interface PersonFolder {
  /** The folder's name. */
  name: string
  /** Of its pictures, by name. */
  paths: string[]
}

/**
 * The people of a folder that has one folder of pictures a person: folders with at least one picture, by name.
 * Hidden folders and folders inside a person's are left out.
 * @throws KithError folder-unreadable; invalid-input for fewer than two people, or a single picture of everybody
 */
export function listPeople(folder: string): PersonFolder[] {
  const list = (path: string) => {
    try {
      return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
    } catch (error) {
      throw new KithError('folder-unreadable', `The folder ${path} can't be read. Check that it is there and that you may open it.`, undefined, { cause: error })
    }
  }
  const people = list(folder)
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => ({
      name,
      paths: list(join(folder, name))
        .filter((entry) => entry.isFile() && pictureExtensions.has(extname(entry.name).toLowerCase()))
        .map((entry) => join(folder, name, entry.name)),
    }))
    .filter(({ paths }) => paths.length > 0)
  if (people.length < 2) {
    const has = people.length === 1 ? `only pictures of one person (${people[0].name})` : 'no folders with pictures'
    throw new KithError('invalid-input', `${folder} has ${has}. Measuring needs a folder with one folder of pictures for each of at least two people.`)
  }
  if (people.every(({ paths }) => paths.length === 1)) {
    throw new KithError('invalid-input', `Every person in ${folder} has a single picture, so no two pictures of one person can be compared. Add at least a second one.`)
  }
  return people
}
