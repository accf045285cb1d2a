/**
 * Review in a real browser on a library of many faces: from the key that answers to the frame in which the next face is
 * painted, with the engine learning from every answer meanwhile; and what an answer for a whole long list takes.
 */
import { mkdirSync } from 'node:fs'
import sharp from 'sharp'
import { ensureBrowser } from '../scripts/ensure-browser.ts'
import { createImageStore } from '../src-main/engine/store/images.ts'
import { addSuggestions } from '../test/fixtures/many-suggestions.ts'
import { launchBrowser, openWindow } from '../test/ui/browser.ts'
import { createKith } from '../test/ui/kith.ts'
import { makePeopleLibrary } from '../test/ui/people-of-embeddings.ts'

const faces = 100_000
const answers = 60
const pictures = 40

/** Runs in the page: presses a key and waits until the next face has been painted. Milliseconds. */
async function answerOnce(key: string): Promise<number> {
  const current = () => document.querySelector<HTMLImageElement>('.large .current')
  const before = current()?.src
  const startedAt = performance.now()
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
  while (current()?.src === before || !current()?.complete || current()?.naturalWidth === 0)
    await new Promise((resolve) => requestAnimationFrame(resolve))
  await current()!.decode()
  // The frame after this one is the first that shows it.
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
  return performance.now() - startedAt
}

const times = (all: number[]) => {
  const sorted = all.toSorted((a, b) => a - b)
  return { median: sorted[Math.floor(sorted.length / 2)]!, slowest: sorted.at(-1)! }
}

export async function run(): Promise<void> {
  const kith = createKith()
  mkdirSync(kith.libraryDirectory)
  const images = createImageStore(kith.libraryDirectory)
  let annaId = 0
  const hashes: string[] = []
  for (let i = 0; i < pictures; i++) {
    const colour = { r: (i * 37) % 256, g: (i * 71) % 256, b: (i * 113) % 256 }
    hashes.push(await images.put(await sharp({ create: { width: 256, height: 256, channels: 3, background: colour, noise: { type: 'gaussian', mean: 128, sigma: 40 } } }).jpeg().toBuffer()))
  }
  makePeopleLibrary(kith.libraryDirectory, ({ library, addFaces }) => {
    annaId = library.addPerson('Anna')
    addFaces(0, 20, { personId: annaId })
    addFaces(1, 20, { personId: library.addPerson('Ben') })
    addSuggestions(library, annaId, faces, (i) => hashes[i % pictures]!)
  })
  const browser = await launchBrowser(ensureBrowser())
  const { page } = await openWindow(browser, await kith.serve())
  await page.goto(`${new URL(page.url()).origin}/#/review`)
  await page.locator('.large .current').waitFor()
  await page.waitForTimeout(1500)

  console.log(`Review of ${faces.toLocaleString('en')} faces: from the answer to the frame that shows the next face, ${answers} answers of each kind:\n`)
  console.log('| answer | median ms | slowest ms |\n|---|---|---|')
  for (const [label, key] of [['yes (Enter)', 'Enter'], ['ignore (I)', 'i'], ['skip (S)', 's']] as const) {
    const all: number[] = []
    for (let i = 0; i < answers; i++) {
      all.push(await page.evaluate(answerOnce, key))
      // About as fast as a person reads a face.
      await page.waitForTimeout(120)
    }
    const { median, slowest } = times(all)
    console.log(`| ${label} | ${median.toFixed(0)} | ${slowest.toFixed(0)} |`)
  }

  const call = (method: string, input: object) =>
    page.evaluate(
      async ([name, body]) => {
        const startedAt = performance.now()
        await (await fetch(`rpc/${name}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: body! })).json()
        return performance.now() - startedAt
      },
      [method, JSON.stringify(input)] as const,
    )
  const confirmed = await call('faces.confirm', { targets: [{ kind: 'list', filter: { suggestedPersonId: annaId } }] })
  const undone = await call('journal.undo', {})
  console.log(`\nThe whole list confirmed in one act: ${(confirmed / 1000).toFixed(1)} s; undone: ${(undone / 1000).toFixed(1)} s.`)
  await browser.close()
  await kith.close()
}
