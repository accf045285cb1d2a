import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDirectoryBrowser } from '../../../src-main/engine/library/browse.ts'
import { temporaryFolder } from './real-library.ts'

let temporary: { path: string; remove(): Promise<void> }
beforeEach(async () => void (temporary = await temporaryFolder()))
afterEach(() => temporary.remove())

describe('choosing a folder without naming a path', () => {
  it('goes from the places to start into directories and back, with the pictures in each', async () => {
    const { path } = temporary
    for (const directory of ['10 trip', '9 home', '.hidden', 'empty']) mkdirSync(join(path, directory))
    for (const file of ['a.jpg', 'b.PNG', 'c.heic', 'd.txt', '.e.jpg']) writeFileSync(join(path, '9 home', file), '')
    writeFileSync(join(path, 'file.jpg'), '')
    symlinkSync(join(path, '9 home'), join(path, 'link'))
    const browser = createDirectoryBrowser([path, join(path, 'not there')])
    const start = await browser.browse(null)
    expect(start).toMatchObject({ path: null, parentId: null, entries: [{ pictures: 1 }] })
    const inside = await browser.browse(start.entries[0]!.directoryId)
    expect(inside.path).toBe(path)
    expect(inside.entries.map(({ name, pictures }) => [name, pictures])).toEqual([['9 home', 3], ['10 trip', 0], ['empty', 0], ['link', 3]])
    const home = inside.entries[0]!
    expect(browser.resolve(home.directoryId)).toBe(join(path, '9 home'))
    const back = await browser.browse((await browser.browse(home.directoryId)).parentId)
    expect(back.path).toBe(path)
    expect(back.entries).toEqual(inside.entries)
  })

  it('starts at the home folder and the root by default', async () => {
    const { entries } = await createDirectoryBrowser().browse(null)
    expect(entries[0]).toMatchObject({ name: 'Home' })
    expect(entries.map(({ name }) => name)).toContain('/')
  })

  it('knows no id that it did not give out, not even a path', async () => {
    const browser = createDirectoryBrowser([temporary.path])
    for (const id of [temporary.path, '', '../..', 'AAAAAAAAAAAAAAAAAAAAAA']) {
      expect(() => browser.resolve(id)).toThrow(expect.objectContaining({ code: 'not-found' }))
      await expect(browser.browse(id)).rejects.toMatchObject({ code: 'not-found' })
    }
    const other = createDirectoryBrowser([temporary.path])
    const [entry] = (await other.browse(null)).entries
    expect(() => browser.resolve(entry!.directoryId)).toThrow()
    expect(entry!.directoryId).toMatch(/^[\w-]{22}$/)
  })

  it('says in words that a folder is gone, and counts up to 999', async () => {
    const many = join(temporary.path, 'many')
    mkdirSync(many)
    for (let index = 0; index < 1010; index++) writeFileSync(join(many, `${index}.jpg`), '')
    const browser = createDirectoryBrowser([temporary.path])
    const [start] = (await browser.browse(null)).entries
    const { entries } = await browser.browse(start!.directoryId)
    expect(entries).toMatchObject([{ name: 'many', pictures: 999 }])
    await rm(many, { recursive: true })
    await expect(browser.browse(entries[0]!.directoryId)).rejects.toMatchObject({ code: 'folder-unreadable' })
  })
})
