/** The desktop program's main path: the built main process and preload script, a real library, a Chromium as the window. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeAlbum } from '../ui/album.ts'
import { askKith, findChromium } from '../ui/browser.ts'
import { makeDirectory, startAgain, startDesktop, type Desktop } from './desktop.ts'

const chromium = findChromium()

describe.skipIf(!chromium)('the desktop program', () => {
  let desktop: Desktop
  let page: Page
  const complaints: string[] = []
  const folderPaths = async () => (await askKith<{ folders: { path: string }[] }>(page, 'library.status')).folders.map(({ path }) => path)
  const album = (name: string) => join(desktop.directory, name)

  beforeAll(async () => {
    process.env['KITH_CHROMIUM'] ??= chromium!
    const directory = makeDirectory()
    await writeAlbum(join(directory, 'album'), { scenes: 5 })
    for (const name of ['dropped', 'chosen', 'from menu', 'second'])
      await writeAlbum(join(directory, name), { scenes: 0 })
    desktop = await startDesktop({ directory, folders: ['album'] })
    page = desktop.page
    page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()) })
    page.on('pageerror', (error) => complaints.push(error.message))
  })
  afterAll(() => desktop?.close())

  it('opens with the folder of its command line, and news of the work reaches the page', async () => {
    // Without asking again: the groups come because the page hears that something changed.
    await page.locator('.group').nth(2).waitFor({ timeout: 60_000 })
    expect(await folderPaths()).toEqual([album('album')])
    const picture = page.locator('.group img').first()
    expect(await picture.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth))).toBeGreaterThan(100)
  })

  it('shows the work in the dock, keeps the machine awake meanwhile, and is silent about a short run', async () => {
    await expect.poll(async () => (await desktop.state()).progress.at(-1)).toEqual({ value: -1, mode: 'none' })
    const { progress, blockers, lists } = await desktop.state()
    expect(progress.some(({ value, mode }) => mode === 'normal' && value > 0 && value < 1)).toBe(true)
    expect(lists['blockersStarted']?.length).toBeGreaterThan(0)
    expect(blockers).toBe(0)
    expect(lists['notifications']).toBeUndefined()
  })

  it('names a group, and Edit > Undo takes it back', async () => {
    await page.keyboard.press('n')
    await page.keyboard.type('Anna')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Anna' }).first().waitFor()
    await desktop.control('click', 'Edit', 'Undo')
    await expect.poll(() => page.getByRole('link', { name: 'Anna' }).count()).toBe(0)
    await desktop.control('click', 'Edit', 'Redo')
    await page.getByRole('link', { name: 'Anna' }).first().waitFor()
  })

  it('leaves the typing in a field to the field', async () => {
    await desktop.control('click', 'View', 'Photos')
    const field = page.getByRole('combobox', { name: 'Search photos' })
    await field.click()
    // In one piece: letters typed one by one may be several steps of the browser's undo.
    await page.keyboard.insertText('Ben')
    await desktop.control('click', 'Edit', 'Undo')
    await expect.poll(() => field.inputValue()).toBe('')
    expect((await askKith<{ people: object[] }>(page, 'people.list')).people).toHaveLength(1)
    await page.keyboard.press('Escape')
  })

  it('goes where the menu says', async () => {
    for (const [label, title] of [['Review', 'Review'], ['Folders', 'Folders'], ['People', 'People']] as const) {
      await desktop.control('click', 'View', label)
      await page.getByRole('heading', { name: title, level: 1 }).waitFor()
    }
    await desktop.control('click', 'Edit', 'History')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
  })

  it('adds a folder that is dropped on the window', async () => {
    await desktop.control('drop', album('dropped'))
    await expect.poll(folderPaths).toContain(album('dropped'))
  })

  it('says why something else that is dropped is not added', async () => {
    await desktop.control('drop', join(album('album'), 'scene 1-1.jpg'))
    await page.getByText('is a file. Choose the folder it lies in.').waitFor()
    expect(await folderPaths()).toHaveLength(2)
  })

  it('does not believe a drop that a script made up', async () => {
    await page.evaluate(() => {
      const data = new DataTransfer()
      data.items.add(new File(['x'], 'second'))
      window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))
    })
    await page.waitForTimeout(300)
    expect(await folderPaths()).toHaveLength(2)
  })

  it('asks for a folder with the system’s dialog, from the page and from the menu', async () => {
    await desktop.control('answer', 'open', [album('chosen')])
    await desktop.control('click', 'View', 'Folders')
    await page.getByRole('button', { name: 'Add folder' }).first().click()
    await expect.poll(folderPaths).toContain(album('chosen'))
    await desktop.control('answer', 'open', [album('from menu')])
    await desktop.control('click', 'File', 'Add Photo Folder…')
    await expect.poll(folderPaths).toContain(album('from menu'))
    await desktop.control('answer', 'open', [])
    await desktop.control('click', 'File', 'Add Photo Folder…')
    const { dialogs } = await desktop.state()
    expect(dialogs.map(({ options }) => (options as { properties: string[] }).properties))
      .toEqual([['openDirectory'], ['openDirectory', 'multiSelections'], ['openDirectory', 'multiSelections']])
    expect(await folderPaths()).toHaveLength(4)
  })

  it('is shown when it is started a second time, and takes that one’s folders', async () => {
    await desktop.control('focus', false)
    expect(await startAgain(desktop, ['second'])).toBe(0)
    await expect.poll(folderPaths).toContain(album('second'))
    expect((await desktop.state()).windows).toMatchObject([{ isVisible: true, isFocused: true }])
  })

  it('shows a photo’s file and opens it, by its id', async () => {
    const { photos } = await askKith<{ photos: { id: number; path: string }[] }>(page, 'photos.search', { query: '' })
    const { id } = photos.find(({ path }) => path.endsWith('scene 2-1.jpg'))!
    const file = join(album('album'), 'scene 2-1.jpg')
    await page.evaluate((photoId) => { location.hash = `#/photos?photo=${photoId}` }, id)
    await page.getByRole('button', { name: 'Show in folder' }).click()
    await page.getByRole('button', { name: 'Open original' }).click()
    await expect.poll(async () => (await desktop.state()).lists).toMatchObject({ shownFiles: [file], openedFiles: [file] })
    rmSync(file)
    await page.getByRole('button', { name: 'Open original' }).click()
    await page.getByText(`${file} is not in its place now.`).waitFor()
    expect((await desktop.state()).lists['openedFiles']).toEqual([file])
    await page.keyboard.press('Escape')
  })

  it('follows the system’s light or dark, or the person’s choice, and tells of itself', async () => {
    expect((await desktop.state()).theme).toBe('system')
    await desktop.control('click', 'View', 'Appearance', 'Dark')
    await desktop.control('click', 'Help', 'About Kith')
    await desktop.control('click', 'Help', 'Licences')
    const { theme, about, lists } = await desktop.state()
    expect(theme).toBe('dark')
    expect(about).toMatchObject({ applicationName: 'Kith', applicationVersion: '0.1.0' })
    expect(lists['about']).toEqual(['shown'])
    expect(readFileSync(lists['openedFiles']!.at(-1)!, 'utf8')).toContain('better-sqlite3')
  })

  it('opens another library and comes back to the first', async () => {
    const other = join(desktop.directory, 'elsewhere')
    mkdirSync(other)
    await desktop.control('answer', 'open', [other])
    await desktop.control('click', 'File', 'Open Library…')
    await page.getByText('Who is in your photos?').waitFor()
    const status = await askKith<{ libraryDirectory: string; folders: object[] }>(page, 'library.status')
    expect(status).toMatchObject({ libraryDirectory: other, folders: [] })
    await desktop.control('click', 'File', 'Recent Libraries', desktop.libraryDirectory)
    await page.getByRole('link', { name: 'Anna' }).first().waitFor()
    expect((await desktop.state()).menu.filter((path) => path.includes('Recent')))
      .toEqual([desktop.libraryDirectory, other].map((directory) => `File > Recent Libraries > ${directory}`))
  })

  it('complained of nothing', () => {
    // A picture that was asked for while the first library was being closed may fail; nothing else may.
    expect(complaints.filter((text) => !text.startsWith('Failed to load resource'))).toEqual([])
  })

  it('ends when its window is closed, and opens where and as it was', async () => {
    await desktop.control('resize', 1000, 700)
    const ended = new Promise((resolve) => desktop.main.once('exit', resolve))
    await desktop.control('close-window')
    expect(await ended).toBe(0)
    const again = await startDesktop({ directory: desktop.directory })
    try {
      const { windows, theme } = await again.state()
      expect(windows).toMatchObject([{ bounds: { width: 1000, height: 700 } }])
      expect(theme).toBe('dark')
      await again.page.getByRole('link', { name: 'Anna' }).first().waitFor()
    } finally {
      await again.quit()
    }
  })
})
