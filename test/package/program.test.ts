/** The packed program at work: its own Node runs the library and vision, from its own files, and nobody outlives it. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeDirectory, startDesktop, type Desktop } from '../shell/desktop.ts'
import { below, isRunning } from '../shell/processes.ts'
import { writeAlbum } from '../ui/album.ts'

const program = process.env['KITH_PACKAGE']

describe.skipIf(!program)('the packed program at work', () => {
  let desktop: Desktop
  const family = () => [...below(desktop.main.pid!, 'library-process'), ...below(desktop.main.pid!, 'vision-process')]
  beforeAll(async () => {
    const directory = makeDirectory()
    await writeAlbum(join(directory, 'album'), { scenes: 1 })
    desktop = await startDesktop({ directory, folders: ['album'] })
  })
  afterAll(() => desktop?.close())

  it('finds, shows and names faces', async () => {
    const { page } = desktop
    await page.locator('.group').first().waitFor({ timeout: 60_000 })
    expect(await page.locator('.group img').first().evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth))).toBeGreaterThan(100)
    await page.keyboard.press('n')
    await page.keyboard.type('Anna')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Anna' }).first().waitFor()
  })

  it('runs on the Node and the files that it carries', () => {
    const running = family()
    expect(running.length).toBeGreaterThan(1)
    for (const { commandLine } of running) {
      expect(commandLine.startsWith(join(program!, 'resources/node/node'))).toBe(true)
      expect(commandLine).toContain(join(program!, 'resources/app.asar.unpacked/out/engine'))
    }
  })

  it('leaves nobody behind when it is killed', async () => {
    const running = family()
    desktop.main.kill('SIGKILL')
    await expect.poll(() => running.filter(({ id }) => isRunning(id)), { timeout: 10_000 }).toEqual([])
  })
})
