/** Windows on a small album with two named people, groups, a face put aside and a file that can't be read. */
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { writeAlbum } from './album.ts'
import { launchBrowser, openWindow, type Window, type WindowOptions } from './browser.ts'
import { createKith } from './kith.ts'
import { statesOf, type WindowState } from './states.ts'

export interface AlbumWindows {
  origin: string
  /** Every screen and dialog of it. */
  states: readonly WindowState[]
  /** Opens another window that Kith knows already. */
  open(look?: WindowOptions & { script?: string }): Promise<Window>
  close(): Promise<void>
}

export async function openAlbum(chromium: string): Promise<AlbumWindows> {
  const kith = createKith()
  await writeAlbum(join(kith.directory, 'album'), { scenes: 3, broken: true })
  await kith.run('index', join(kith.directory, 'album'))
  const [anna, ben, group, ignored] = JSON.parse(await kith.run('clusters', '--json')) as { id: number }[]
  await kith.run('name', `cluster:${anna!.id}`, 'Anna')
  await kith.run('name', `cluster:${ben!.id}`, 'Ben')
  await kith.run('ignore', `cluster:${ignored!.id}`)
  const browser: Browser = await launchBrowser(chromium)
  const link = await kith.serve()
  const first = await openWindow(browser, link)
  await first.page.getByRole('heading', { name: 'People' }).waitFor()
  const cookies = await first.context.cookies()
  await first.context.close()
  return {
    origin: new URL(link).origin,
    states: statesOf({ groupId: group!.id }),
    async open({ script, ...look } = {}) {
      const window = await openWindow(browser, 'about:blank', look)
      await window.context.addCookies(cookies)
      if (script) await window.context.addInitScript(script)
      return window
    },
    async close() {
      await browser.close()
      await kith.close()
    },
  }
}
