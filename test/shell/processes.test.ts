/** Processes that die: the library's and the vision's are replaced, and nobody outlives the main process. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeAlbum } from '../ui/album.ts'
import { askKith, findChromium } from '../ui/browser.ts'
import { makeDirectory, startDesktop, type Desktop } from './desktop.ts'
import { below, isRunning, type Process } from './processes.ts'

const chromium = findChromium()
if (process.platform !== 'linux') console.log('skipped: processes are found in /proc, on Linux only')

describe.skipIf(!chromium || process.platform !== 'linux')('processes of the desktop program', () => {
  let desktop: Desktop
  const library = () => below(desktop.main.pid!, 'library-process')
  const vision = () => below(desktop.main.pid!, 'vision-process')
  const waitForWork = () => expect.poll(() => vision().length, { timeout: 20_000 }).toBeGreaterThan(0)
  const waitForNobody = (processes: readonly Process[], timeout: number) =>
    expect.poll(() => processes.filter(({ id }) => isRunning(id)), { timeout }).toEqual([])
  const status = () =>
    askKith<{ counts: { failed: number; indexed: number }; progress: { state: string; done: number } }>(desktop.page, 'library.status')
  /** Gives it work, and waits until it is in the middle of it. */
  async function drop(name: string): Promise<void> {
    await desktop.control('drop', join(desktop.directory, name))
    await expect.poll(async () => (await status()).progress.state, { timeout: 20_000, interval: 20 }).toBe('indexing')
    await waitForWork()
  }

  beforeAll(async () => {
    process.env['KITH_CHROMIUM'] ??= chromium!
    const directory = makeDirectory()
    await writeAlbum(join(directory, 'album'), { scenes: 1 })
    // Enough that a slow machine sees them being indexed.
    for (const name of ['more', 'yet more']) await writeAlbum(join(directory, name), { scenes: 4 })
    desktop = await startDesktop({ directory, folders: ['album'] })
  })
  afterAll(() => desktop?.close())

  it('loses vision without losing the photo it had in hand', async () => {
    await waitForWork()
    for (const { id } of vision()) process.kill(id, 'SIGKILL')
    await expect.poll(status, { timeout: 40_000 }).toMatchObject({ counts: { failed: 0, indexed: 4 } })
  })

  it('starts the library again when it dies at work; the page goes on and says so', async () => {
    await drop('more')
    const [first] = library()
    process.kill(first!.id, 'SIGKILL')
    await desktop.page.getByText('Kith’s library process ended unexpectedly and was started again.').waitFor()
    await expect.poll(() => library().map(({ id }) => id)).not.toEqual([first!.id])
    // What was being indexed is taken up again by itself.
    await expect.poll(status, { timeout: 40_000 }).toMatchObject({ counts: { failed: 0, indexed: 20 } })
    await expect.poll(() => desktop.page.getByText('The connection to Kith is gone').count()).toBe(0)
    expect(desktop.said()).toContain('library: ended (SIGKILL)')
  })

  it('asks what to do about a library that is open elsewhere', async () => {
    const other = await startDesktop({
      directory: makeDirectory(), environment: { KITH_LIBRARY: desktop.libraryDirectory }, withoutPage: true,
    })
    try {
      await expect.poll(async () => (await other.state()).dialogs, { timeout: 20_000 })
        .toMatchObject([{ kind: 'message', options: { message: 'The library can’t be opened', detail: expect.stringContaining(desktop.libraryDirectory) as string } }])
      const ended = new Promise((resolve) => other.main.once('exit', resolve))
      await other.control('answer', 'message', 'Quit')
      expect(await ended).toBe(0)
    } finally {
      await other.close()
    }
  })

  it('gives up when the library dies again and again, asks, and tries once more when told to', async () => {
    const killed = new Set<number>()
    const dialogs = async () => (await desktop.state()).dialogs
    while ((await dialogs()).length === 0 && killed.size < 4) {
      for (const { id } of library()) {
        process.kill(id, 'SIGKILL')
        killed.add(id)
      }
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
    expect(await dialogs()).toMatchObject([{ kind: 'message', options: { message: 'Kith’s library process ended again and again' } }])
    expect(killed.size).toBeLessThanOrEqual(3)
    expect(library()).toEqual([])
    await desktop.control('answer', 'message', 'Try Again')
    await expect.poll(() => library().length).toBe(1)
    await desktop.page.locator('.group').first().waitFor()
    expect(await status()).toMatchObject({ counts: { indexed: 20 } })
  })

  it('leaves nobody behind when the main process is killed at work', async () => {
    await drop('yet more')
    const family = [...library(), ...vision()]
    expect(family.length).toBeGreaterThan(1)
    desktop.main.kill('SIGKILL')
    await waitForNobody(family, 10_000)
  })

  it('goes on where it was killed, quits at work with the photo in hand finished, and leaves nobody behind', async () => {
    desktop = await startDesktop({ directory: desktop.directory })
    await waitForWork()
    const family = [...library(), ...vision()]
    expect(await desktop.quit()).toBe(0)
    await waitForNobody(family, 2_000)
  })
})
