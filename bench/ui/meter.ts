/**
 * Times what a person sees, in the page itself: from the event (or the beginning of the page) to the end of the first frame
 * in which a condition holds. Conditions are functions that are run in the page, so they use nothing from outside.
 */
import type { BrowserContext, Page } from 'playwright-core'

/** Runs in the page; `before` is what `Action.before` gave. */
export type Condition = (before: string) => boolean

/** What a person does, and how they see that it was heard. */
export interface Action {
  name: string
  /** The event that the person would say was the action. */
  event: 'keydown' | 'click' | 'pointerdown' | 'input'
  /** Runs in the page before the action: what the answer is compared with. */
  before?: () => string
  /** The window shows the answer; runs in the page. */
  answer: Condition
  /** The engine has done it, and the window says so. */
  told?: Condition
  act(): Promise<unknown>
}

export interface Response {
  answerMs: number
  toldMs: number | null
}

interface PageMeter {
  /** Milliseconds since `startMs` at which `holds` was painted. */
  painted(holds: Condition, startMs: number, before?: string): Promise<number>
  arm(conditions: Condition[], eventType: string, before: string): void
  results: Promise<number[]>
  first?: Promise<number>
  /** Milliseconds of each frame while frames are counted. */
  frames: number[]
  counting: boolean
}

const patienceMs = 20_000

/** Runs in the page, before anything else there. */
function install(patience: number): void {
  const meter: PageMeter = {
    painted: (holds, startMs, before = '') =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (performance.now() - startMs > patience) return reject(new Error(`never seen: ${holds.toString().slice(0, 200)}`))
          if (!holds(before)) return requestAnimationFrame(look)
          // What the document is when a frame begins is what the frame shows; a message comes when it has been painted.
          const channel = new MessageChannel()
          channel.port1.onmessage = () => resolve(performance.now() - startMs)
          channel.port2.postMessage(null)
        }
        requestAnimationFrame(look)
      }),
    arm(conditions, eventType, before) {
      const early = conditions.find((holds) => holds(before))
      if (early) throw new Error(`seen before it was asked for: ${early.toString().slice(0, 200)}`)
      meter.results = new Promise((resolve, reject) => {
        setTimeout(() => reject(new Error(`no ${eventType} for ${conditions[0]!.toString().slice(0, 200)}`)), patience)
        addEventListener(eventType, (event) => {
          Promise.all(conditions.map((holds) => meter.painted(holds, event.timeStamp, before))).then(resolve, reject)
        }, { capture: true, once: true })
      })
      meter.results.catch(() => undefined)
    },
    results: Promise.resolve([]),
    frames: [],
    counting: false,
  }
  Object.assign(window, { meter })
}

const text = (condition: Condition) => `(${condition.toString()})`

/** Every page of the context has a meter from then on. */
export const installMeter = (context: BrowserContext): Promise<unknown> => context.addInitScript(install, patienceMs)

/** From the beginning of a page to its first frame with that content, whenever a page is loaded in that window. */
export const watchContent = (page: Page, content: Condition): Promise<unknown> =>
  page.addInitScript(`window.meter.first = window.meter.painted(${text(content)}, 0)`)

export const firstContent = (page: Page): Promise<number> => page.evaluate('window.meter.first')

/** From the beginning of the page to the first frame with a text or a picture in it, as the browser itself has it. */
export const firstPaint = (page: Page): Promise<number> =>
  page.evaluate(() => new Promise<number>((resolve) => {
    new PerformanceObserver((list) => {
      for (const { name, startTime } of list.getEntries()) if (name === 'first-contentful-paint') resolve(startTime)
    }).observe({ type: 'paint', buffered: true })
  }))

/** Milliseconds from now until `content` is seen after the window has gone to another address in the page. */
export const goAndSee = (page: Page, hash: string, content: Condition): Promise<number> =>
  page.evaluate(`(() => {
    const startMs = performance.now()
    location.hash = ${JSON.stringify(hash)}
    return window.meter.painted(${text(content)}, startMs)
  })()`)

/** Waits until something is seen. */
export const see = (page: Page, holds: Condition): Promise<number> =>
  page.evaluate(`window.meter.painted(${text(holds)}, performance.now())`)

/**
 * Does something and gives the milliseconds from its event until the answer is seen.
 * @throws Error where the answer was to be seen before, or where the event or the answer does not come
 */
export async function respond(page: Page, { event, before = () => '', answer, told, act }: Action): Promise<Response> {
  const conditions = [answer, ...(told ? [told] : [])].map(text).join(', ')
  await page.evaluate(`window.meter.arm([${conditions}], ${JSON.stringify(event)}, ${`(${before.toString()})()`})`)
  await act()
  const [answerMs, toldMs] = await page.evaluate<number[]>('window.meter.results')
  return { answerMs: answerMs!, toldMs: toldMs ?? null }
}

/** The longest of the frames while `act` goes on, in milliseconds: what the eye sees as a jerk. */
export async function longestFrame(page: Page, act: () => Promise<unknown>): Promise<number> {
  await page.evaluate(`(() => {
    const { meter } = window
    meter.frames = []
    meter.counting = true
    let last = performance.now()
    const count = (now) => {
      meter.frames.push(now - last)
      last = now
      if (meter.counting) requestAnimationFrame(count)
    }
    requestAnimationFrame(count)
  })()`)
  await act()
  return page.evaluate('(window.meter.counting = false, Math.max(...window.meter.frames.slice(1)))')
}
