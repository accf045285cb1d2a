/**
 * The window in a real Chromium on a library of 100,000 photos and 300,000 faces: how soon every screen shows its content, and
 * how soon every action is answered, as the eye has it, from the event to the frame. Goals: 300 ms and 100 ms.
 */
import { existsSync, rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { askKith, launchBrowser, findChromium, openWindow } from '../test/ui/browser.ts'
import { createKith } from '../test/ui/kith.ts'
import { databaseFileName, openDatabase } from '../src-main/engine/store/database.ts'
import { doEverything, type Measured } from './ui/actions.ts'
import { copyLargeLibrary, faceCount, largeLibrary, personCount, photoCount } from './ui/large-library.ts'
import { firstContent, firstPaint, goAndSee, installMeter, longestFrame, respond, see, watchContent } from './ui/meter.ts'
import { picturesShown, screens, type Screen } from './ui/screens.ts'

const loads = 3
const rounds = 3
const bareRounds = 5
const closingMs = 1000
const paintGoalMs = 300
const answerGoalMs = 100
const frameGoalMs = 50
/** Part of the screens and actions that are measured while the engine learns the whole library anew. */
const busyScreens = ['People', 'a person: faces', 'Review', 'Photos', 'a search', 'a photo']

type Cookies = Awaited<ReturnType<BrowserContext['cookies']>>

/** Prints Markdown tables. */
export async function run(): Promise<void> {
  const chromium = findChromium()
  if (!chromium) return
  const made = await largeLibrary(console.error)
  const library = copyLargeLibrary(made)
  const kith = createKith(library)
  const browser = await launchBrowser(chromium)
  try {
    console.log(`${describe(library)} Load of the machine: ${loadavg().map((load) => load.toFixed(1)).join(', ')}.\n`)
    const all = screens(largestGroup(library))
    const address = await kith.serve()
    const origin = new URL(address).origin
    const cookies = await signIn(browser, address)
    await waitForRest(browser, origin, cookies)
    await benchBarePage(browser)
    await benchLoads(browser, origin, cookies, all)
    await benchWays(browser, origin, cookies, all)
    await benchActions(browser, origin, cookies)
    await kith.stop()
    forgetVerdicts(library)
    const again = await kith.serve()
    await benchBusy(browser, origin, await signIn(browser, again), all.filter(({ name }) => busyScreens.includes(name)))
  } finally {
    await browser.close()
    await kith.close()
    rmSync(library, { recursive: true, force: true })
  }
}

async function signIn(browser: Browser, address: string): Promise<Cookies> {
  const { context, page } = await openWindow(browser, address)
  await page.locator('.card').first().waitFor()
  const cookies = await context.cookies()
  await context.close()
  return cookies
}

/**
 * Kith looks at the whole library when it is opened: what it says of bystanders comes when that is done. The map of faces is made
 * once, in the background, and kept.
 */
async function waitForRest(browser: Browser, origin: string, cookies: Cookies): Promise<void> {
  const page = await openPage(browser, cookies)
  await page.goto(`${origin}/#/folders`)
  await askKith(page, 'faces.bystanders')
  const since = performance.now()
  await askKith(page, 'map.make')
  while ((await askKith<{ map: object | null }>(page, 'map.get')).map === null) await page.waitForTimeout(2000)
  console.log(`The map of all these faces is made in ${((performance.now() - since) / 1000).toFixed(0)} s.\n`)
  await page.context().close()
}

async function openPage(browser: Browser, cookies: Cookies): Promise<Page> {
  const { context, page } = await openWindow(browser, 'about:blank', { width: 1440, height: 900 })
  await context.addCookies(cookies)
  context.setDefaultTimeout(20_000)
  await installMeter(context)
  return page
}

/** What the browser itself takes for next to nothing, on this machine and at this hour: nothing in the window can be faster. */
async function benchBarePage(browser: Browser): Promise<void> {
  const [paints, answers]: [number[], number[]] = [[], []]
  for (let i = 0; i < bareRounds; i++) {
    const page = await openPage(browser, [])
    await page.goto('data:text/html,<p>text</p>')
    paints.push(await firstPaint(page))
    await page.evaluate(() => addEventListener('keydown', (event) => { document.querySelector('p')!.textContent = event.key }))
    const { answerMs } = await respond(page, {
      name: 'a key', event: 'keydown', answer: () => document.querySelector('p')!.textContent === 'a', act: () => page.keyboard.press('a'),
    })
    answers.push(answerMs)
    await page.context().close()
  }
  console.log(`A bare page in this browser is first painted after ${median(paints).toFixed(0)} ms, and shows a key after ${median(answers).toFixed(0)}.\n`)
}

/** Every screen as the first of a new window, nothing in the browser's cache: when something of it is painted, and when all of it is there. */
async function benchLoads(browser: Browser, origin: string, cookies: Cookies, all: Screen[], title = 'Page loaded'): Promise<void> {
  console.log(`| ${title}: ms to | first paint | slowest | goal ${paintGoalMs} | content | its pictures |\n| --- | --- | --- | --- | --- | --- |`)
  for (const { name, hash, content } of all) {
    const [paints, contents, pictures]: [number[], number[], number[]] = [[], [], []]
    for (let i = 0; i < loads; i++) {
      const page = await openPage(browser, cookies)
      await watchContent(page, content)
      await page.goto(`${origin}/${hash}`)
      contents.push(await firstContent(page).catch(neverSeen))
      paints.push(await firstPaint(page))
      await see(page, picturesShown)
      pictures.push(await page.evaluate(() => performance.now()))
      await page.context().close()
      // The browser is at it for a while, most of all with the map.
      await wait(closingMs)
    }
    console.log(row(name, paints, paintGoalMs, median(contents), median(pictures)))
  }
  console.log()
}

/** Every screen from another one, in the same window. */
async function benchWays(browser: Browser, origin: string, cookies: Cookies, all: Screen[], title = 'Gone to from another screen'): Promise<void> {
  console.log(`| ${title}: ms to | content | slowest | goal ${paintGoalMs} | its pictures |\n| --- | --- | --- | --- | --- |`)
  const page = await openPage(browser, cookies)
  await page.goto(`${origin}/#/people`)
  const people = all.find(({ hash }) => hash === '#/people')!
  const folders = screens(0).find(({ hash }) => hash === '#/folders')!
  for (const { name, hash, content } of all) {
    const [contents, pictures]: [number[], number[]] = [[], []]
    for (let i = 0; i < loads; i++) {
      const from = hash === '#/folders' ? people : folders
      await goAndSee(page, from.hash, from.content)
      await page.waitForTimeout(300)
      const contentMs = await goAndSee(page, hash, content).catch(neverSeen)
      contents.push(contentMs)
      pictures.push(contentMs + (await see(page, picturesShown)))
    }
    console.log(row(name, contents, paintGoalMs, median(pictures)))
  }
  await page.context().close()
  console.log()
}

async function benchActions(browser: Browser, origin: string, cookies: Cookies): Promise<void> {
  const page = await openPage(browser, cookies)
  await page.goto(`${origin}/#/people`)
  const answers = new Map<string, number[]>()
  const tolds = new Map<string, number[]>()
  const frames = new Map<string, number[]>()
  const add = (to: Map<string, number[]>, name: string, value: number) => to.set(name, [...(to.get(name) ?? []), value])
  const measured: Measured = {
    async time(action) {
      const { answerMs, toldMs } = await respond(page, action)
      add(answers, action.name, answerMs)
      if (toldMs !== null) add(tolds, action.name, toldMs)
    },
    async frames(name, act) {
      add(frames, name, await longestFrame(page, act))
    },
    async goTo(hash, content) {
      await goAndSee(page, hash, content)
    },
  }
  for (let round = 0; round < rounds; round++) await doEverything(page, measured, round)
  console.log(`| Action: ms to | answer | slowest | goal ${answerGoalMs} | all of it, or the engine's word |\n| --- | --- | --- | --- | --- |`)
  for (const [name, times] of answers) console.log(row(name, times, answerGoalMs, tolds.has(name) ? median(tolds.get(name)!) : null))
  console.log(`\n| Longest frame, ms | median | slowest | goal ${frameGoalMs} | |\n| --- | --- | --- | --- | --- |`)
  for (const [name, times] of frames) console.log(row(name, times, frameGoalMs, null))
  console.log()
  await page.context().close()
}

/** The same while Kith, just started, learns everything anew, as after an index by another program. */
async function benchBusy(browser: Browser, origin: string, cookies: Cookies, some: Screen[]): Promise<void> {
  const page = await openPage(browser, cookies)
  await page.goto(`${origin}/#/people`)
  await see(page, () => document.querySelectorAll('.group input').length > 3)
  await page.keyboard.press('n')
  await page.keyboard.type('Somebody else')
  const first = await respond(page, {
    name: 'the first name', event: 'keydown', before: () => document.querySelector('.group a')!.getAttribute('href')!,
    answer: (before) => document.querySelector('.group a')?.getAttribute('href') !== before,
    told: () => document.querySelector('.toast') !== null,
    act: () => page.keyboard.press('Enter'),
  })
  await page.context().close()
  console.log(`Just opened, a changed library: the first name is answered after ${first.answerMs.toFixed(0)} ms, and done after ${first.toldMs!.toFixed(0)}.\n`)
  await benchLoads(browser, origin, cookies, some, 'Page loaded, while all is learnt anew')
  await benchWays(browser, origin, cookies, some, 'Gone to, while all is learnt anew')
}

function largestGroup(library: string): number {
  const { db, close } = openDatabase(library)
  const id = db.prepare<[], number>(`
    SELECT cluster_id FROM faces WHERE cluster_id IS NOT NULL AND person_id IS NULL AND ignored = 0
    GROUP BY cluster_id ORDER BY count(*) DESC LIMIT 1 OFFSET 50`).pluck().get()!
  close()
  return id
}

function forgetVerdicts(library: string): void {
  const { db, close } = openDatabase(library)
  db.prepare("DELETE FROM settings WHERE key = 'judged-state'").run()
  close()
}

function describe(library: string): string {
  if (!existsSync(join(library, databaseFileName))) throw new Error(`There is no library in ${library}`)
  const { db, close } = openDatabase(library)
  const count = (where: string) => db.prepare(`SELECT count(*) FROM faces WHERE ${where}`).pluck().get() as number
  const n = (value: number) => value.toLocaleString('en')
  const groups = db.prepare('SELECT count(DISTINCT cluster_id) FROM faces WHERE cluster_id IS NOT NULL AND person_id IS NULL AND ignored = 0').pluck().get() as number
  const text = `${n(photoCount)} photos, ${n(faceCount)} faces: of ${personCount} people ${n(count("assigned_by = 'user'"))} confirmed and ${n(count("assigned_by = 'machine'"))} named by Kith; ` +
    `${n(count('suggested_person_id IS NOT NULL AND person_id IS NULL AND ignored = 0'))} suggestions, ${n(groups)} groups, ${n(count('ignored = 1'))} ignored.`
  close()
  return text
}

/** Worse than any that was seen. */
const neverSeen = () => Infinity

const median = (times: number[]) => times.toSorted((a, b) => a - b)[times.length >> 1]!

function row(name: string, times: number[], goalMs: number, ...furtherMs: (number | null)[]): string {
  const middle = median(times)
  const verdict = middle > goalMs ? '**missed**' : Math.max(...times) > goalMs ? 'met by the median' : 'met'
  return `| ${name} | ${middle.toFixed(0)} | ${Math.max(...times).toFixed(0)} | ${verdict} | ${furtherMs.map((ms) => ms?.toFixed(0) ?? '').join(' | ')} |`
}

if (import.meta.main) await run()
