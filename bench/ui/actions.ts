/** What people do in the window, as they would do it: by keys and clicks, on every screen. */
import type { Page } from 'playwright-core'
import { see, type Action, type Condition } from './meter.ts'

export interface Measured {
  /** Times an action; the same name again adds to the same row. */
  time(action: Action): Promise<void>
  frames(name: string, act: () => Promise<unknown>): Promise<void>
  goTo(hash: string, content: Condition): Promise<void>
}

/** Long enough for what the engine learns after a decision, so that rounds don't pile up. */
const restMs = 1500

const toasts = () => [...document.querySelectorAll('.toast .text')].map((toast) => toast.textContent).join('|')
const newToast: Condition = (before) => [...document.querySelectorAll('.toast .text')].map((toast) => toast.textContent).join('|') !== before
/** The word that it is under way is followed by the word that it is done. */
const doneToast: Condition = (before) => {
  const words = [...document.querySelectorAll('.toast .text')].map((toast) => toast.textContent).join('|')
  return words !== before && words !== '' && !words.endsWith('…')
}
const toastsAndFirstGroup = () => `${document.querySelector('.group a')?.getAttribute('href')}#${[...document.querySelectorAll('.toast .text')].map((toast) => toast.textContent).join('|')}`
const otherFirstGroup: Condition = (before) => document.querySelector('.group a')?.getAttribute('href') !== `#${before.split('#')[1]}`
const otherToast: Condition = (before) => [...document.querySelectorAll('.toast .text')].map((toast) => toast.textContent).join('|') !== before.split('#').slice(2).join('#')
const firstFace = () => `${document.querySelector<HTMLElement>('[data-index="0"]')?.dataset['key']}#${[...document.querySelectorAll('.toast .text')].map((toast) => toast.textContent).join('|')}`
const otherFirstFace: Condition = (before) => document.querySelector<HTMLElement>('[data-index="0"]')?.dataset['key'] !== before.split('#')[0]
const toastAfterFace: Condition = (before) => [...document.querySelectorAll('.toast .text')].map((toast) => toast.textContent).join('|') !== before.split('#').slice(1).join('#')
const noSelection: Condition = () => document.querySelector('.selection-bar') === null
const selectionShown: Condition = () => document.querySelector('.selection-bar') !== null
const facesShown: Condition = () => document.querySelectorAll('.grid-scroller .face').length > 5
const noDialog: Condition = () => document.querySelector('dialog[open]') === null

/** So that a key is one, and no letter of a name. */
const leaveField = (page: Page) => page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
const rest = (page: Page) => page.waitForTimeout(restMs)
const press = (page: Page, key: string) => () => page.keyboard.press(key)

async function undoRedo(page: Page, { time }: Measured, what: string): Promise<void> {
  await rest(page)
  await time({ name: `undo: ${what}`, event: 'keydown', before: toasts, answer: newToast, told: doneToast, act: press(page, 'Control+z') })
}

async function naming(page: Page, measured: Measured, round: number): Promise<void> {
  const { time, goTo } = measured
  await goTo('#/people', () => document.querySelectorAll('.group input').length > 3)
  await page.evaluate(() => { document.querySelector('.scroller')!.scrollTop = 0 })
  await leaveField(page)
  await page.keyboard.press('n')
  await see(page, () => document.activeElement?.closest('.group') === document.querySelector('.group'))
  await time({
    name: 'People: a letter typed, names completed', event: 'keydown', answer: () => document.querySelectorAll('.options [role=option]').length > 1,
    act: press(page, 'p'),
  })
  await page.keyboard.type(`eople ${round}`)
  await time({ name: 'People: name a group', event: 'keydown', before: toastsAndFirstGroup, answer: otherFirstGroup, told: otherToast, act: press(page, 'Enter') })
  await undoRedo(page, measured, 'the name of a group')
  await rest(page)
  await time({ name: 'redo: the name of a group', event: 'keydown', before: toasts, answer: newToast, told: doneToast, act: press(page, 'Control+Shift+z') })
  await rest(page)
  await leaveField(page)
  await page.keyboard.press('n')
  await see(page, () => document.activeElement?.closest('.group') === document.querySelector('.group'))
  await time({ name: 'People: nobody I know', event: 'keydown', before: toastsAndFirstGroup, answer: otherFirstGroup, told: otherToast, act: press(page, 'Alt+i') })
  await undoRedo(page, measured, 'a group that was ignored')
  const filter = page.locator('.view-header .filter')
  await filter.click()
  await time({
    name: 'People: find a person', event: 'keydown', before: () => String(document.querySelectorAll('.card').length),
    answer: (before) => String(document.querySelectorAll('.card').length) !== before, act: press(page, '7'),
  })
  await filter.fill('')
  await filter.blur()
}

async function person(page: Page, { time, frames, goTo, ...measured }: Measured, round: number): Promise<void> {
  const all = { time, frames, goTo, ...measured }
  await goTo('#/people/1', facesShown)
  await page.locator('[data-index="3"]').waitFor()
  await time({ name: 'a person: select a face', event: 'click', answer: selectionShown, act: () => page.locator('[data-index="3"]').click() })
  await time({ name: 'a person: why this person?', event: 'keydown', answer: () => document.querySelector('dialog[open] figure') !== null, told: () => document.querySelectorAll('dialog[open] li').length > 0, act: press(page, 'w') })
  await time({ name: 'a dialog closed', event: 'keydown', answer: noDialog, act: press(page, 'Escape') })
  await time({
    name: 'a person: select all', event: 'keydown', before: () => document.querySelector('.selection-bar .count')!.textContent,
    answer: (before) => document.querySelector('.selection-bar .count')?.textContent !== before, act: press(page, 'Control+a'),
  })
  await time({ name: 'a person: select none', event: 'keydown', answer: noSelection, act: press(page, 'Escape') })
  await frames('a person: faces scrolled, 4,000 px', async () => {
    await page.mouse.move(700, 500)
    for (let i = 0; i < 40; i++) await page.mouse.wheel(0, 100)
  })
  // The wheel has its way first.
  await rest(page)
  await page.evaluate(() => { document.querySelector('.grid-scroller')!.scrollTop = 0 })
  await page.locator('[data-index="0"]').click()
  await time({ name: 'a person: not this person', event: 'keydown', before: firstFace, answer: otherFirstFace, told: toastAfterFace, act: press(page, 'n') })
  await undoRedo(page, all, 'a name refused')
  await rest(page)
  await leaveField(page)
  await page.keyboard.press('r')
  await page.locator('.view-header input').fill(`Somebody ${round} of old`)
  await time({
    name: 'a person: rename', event: 'keydown', before: () => document.querySelector('h1')!.textContent,
    answer: (before) => document.querySelector('.view-header input') === null && document.querySelector('h1')!.textContent !== before, act: press(page, 'Enter'),
  })
  await rest(page)
  await time({
    name: 'a person: to the photos', event: 'click', answer: () => document.querySelectorAll('a.photo').length > 5,
    act: () => page.locator('[data-tab=photos]').click(),
  })
  await time({
    name: 'a person: to the suggestions', event: 'click', answer: () => document.querySelectorAll('.grid-scroller .face').length > 0,
    act: () => page.locator('[data-tab=suggestions]').click(),
  })
  await page.keyboard.press('ArrowDown')
  await page.locator('[data-index="0"]:focus').waitFor()
  await time({ name: 'a person: confirm a suggestion', event: 'keydown', before: firstFace, answer: otherFirstFace, told: toastAfterFace, act: press(page, 'Enter') })
  await undoRedo(page, all, 'a suggestion confirmed')
}

async function dialogs(page: Page, { time, goTo }: Measured): Promise<void> {
  await goTo('#/people/40', () => document.querySelector('h1')?.textContent === 'Person 40' && document.querySelectorAll('.grid-scroller .face').length > 5)
  await leaveField(page)
  await page.keyboard.press('m')
  await page.getByRole('dialog').getByRole('combobox').fill('Person 41')
  await time({
    name: 'merge: both people shown', event: 'keydown', answer: () => document.querySelectorAll('dialog figure').length === 2,
    told: () => document.querySelectorAll('dialog figure .crop').length > 3 && (document.querySelector('dialog .alike')?.textContent ?? '').trim() !== '', act: press(page, 'Enter'),
  })
  await page.keyboard.press('Escape')
  await see(page, noDialog)
  await time({
    name: 'split: a thousand faces grouped anew', event: 'keydown', answer: () => document.querySelector('dialog[open]') !== null,
    told: () => document.querySelectorAll('dialog[open] .group').length > 0, act: press(page, 's'),
  })
  await page.keyboard.press('Escape')
  await see(page, noDialog)
  await time({ name: 'help', event: 'keydown', answer: () => document.querySelectorAll('dialog[open] kbd').length > 10, act: press(page, '?') })
  await page.keyboard.press('Escape')
  await see(page, noDialog)
  await time({ name: 'history', event: 'keydown', answer: () => document.querySelectorAll('dialog[open] li').length > 0, act: press(page, 'h') })
  await page.keyboard.press('Escape')
  await see(page, noDialog)
}

async function review(page: Page, { time, goTo }: Measured): Promise<void> {
  await goTo('#/review', () => document.querySelector('.large img.current') !== null)
  await see(page, () => [...document.querySelectorAll<HTMLImageElement>('.large img')].every(({ complete }) => complete))
  const before = () => `${document.querySelector('.large img.current')!.getAttribute('src')}#${[...document.querySelectorAll('.toast .text')].map((toast) => toast.textContent).join('|')}`
  const nextFace: Condition = (shown) => {
    const image = document.querySelector<HTMLImageElement>('.large img.current')
    return image !== null && image.getAttribute('src') !== shown.split('#')[0] && image.complete
  }
  await time({ name: 'Review: yes', event: 'keydown', before, answer: nextFace, act: press(page, 'Enter') })
  await time({ name: 'Review: another likely name', event: 'keydown', before, answer: nextFace, act: press(page, '1') })
  await time({ name: 'Review: skip', event: 'keydown', before, answer: nextFace, act: press(page, 's') })
  await time({ name: 'Review: ignore', event: 'keydown', before, answer: nextFace, act: press(page, 'i') })
  await time({ name: 'Review: back', event: 'keydown', before, answer: nextFace, act: press(page, 'z') })
  await time({ name: 'Review: the whole photo, held', event: 'keydown', answer: () => document.querySelector('.peek img') !== null, act: () => page.keyboard.down(' ') })
  await page.keyboard.up(' ')
  await rest(page)
}

async function photos(page: Page, { time, frames, goTo }: Measured, round: number): Promise<void> {
  await goTo('#/photos', () => document.querySelectorAll('a.photo').length > 10 && /100,000/.test(document.querySelector('.total')!.textContent))
  await time({
    name: 'Photos: to another year', event: 'pointerdown', before: () => document.querySelector('.heading h2')!.textContent,
    answer: (before) => document.querySelectorAll('a.photo').length > 5 && document.querySelector('.heading h2')!.textContent !== before,
    told: (before) => document.querySelector('.heading h2')!.textContent !== before && document.querySelectorAll('a.photo img').length > 5 && [...document.querySelectorAll<HTMLImageElement>('a.photo img')].every(({ complete }) => complete),
    act: () => page.locator('.scrubber .year').nth(3 + round).click(),
  })
  await frames('Photos: scrolled, 4,000 px', async () => {
    await page.mouse.move(700, 500)
    for (let i = 0; i < 40; i++) await page.mouse.wheel(0, 100)
  })
  const size = () => String(document.querySelector('a.photo')!.getBoundingClientRect().width)
  const otherSize: Condition = (before) => String(document.querySelector('a.photo')!.getBoundingClientRect().width) !== before
  await time({ name: 'Photos: larger pictures', event: 'keydown', before: size, answer: otherSize, act: press(page, '+') })
  await time({ name: 'Photos: smaller pictures', event: 'keydown', before: size, answer: otherSize, act: press(page, '-') })
  await page.keyboard.press('/')
  await time({
    name: 'Photos: a letter typed, names completed', event: 'keydown', answer: () => document.querySelectorAll('.options [role=option]').length > 1,
    act: press(page, 'p'),
  })
  await page.keyboard.press('Backspace')
  await page.keyboard.type(`"Person ${20 + round}" "Person 2"`)
  await time({
    name: 'Photos: a search for two people', event: 'keydown', answer: () => document.querySelectorAll('.chip').length === 2 && document.querySelectorAll('a.photo').length > 0 && !/100,000/.test(document.querySelector('.total')!.textContent),
    act: press(page, 'Enter'),
  })
  await page.keyboard.press('Escape')
  await time({
    name: 'Photos: open a photo', event: 'click', answer: () => document.querySelector('.photo-view .canvas img') !== null, told: () => document.querySelector('.photo-view aside h1') !== null,
    act: () => page.locator('a.photo').nth(2).click(),
  })
  await time({
    name: 'a photo: the next one', event: 'keydown', before: () => document.querySelector('.photo-view .path')?.textContent ?? '',
    answer: (before) => (document.querySelector('.photo-view .path')?.textContent ?? before) !== before, act: press(page, 'ArrowRight'),
  })
  await see(page, () => document.querySelector('.photo-view .row') !== null)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('t')
  await page.locator('.photo-view aside input').fill(`Anybody ${round}`)
  await time({
    name: 'a photo: name a face', event: 'keydown', before: () => document.querySelector('.photo-view .row')!.textContent,
    answer: (before) => document.querySelector('.photo-view aside input') === null && document.querySelector('.photo-view aside')!.textContent.includes('Anybody') && document.querySelector('.photo-view .row')!.textContent !== before,
    act: press(page, 'Enter'),
  })
  // Escape takes the choice of a face back first.
  await page.keyboard.press('Escape')
  await time({ name: 'a photo: close', event: 'keydown', answer: () => document.querySelector('.photo-view') === null, act: press(page, 'Escape') })
  await rest(page)
}

async function manyFaces(page: Page, { time, goTo }: Measured): Promise<void> {
  await goTo('#/faces/unnamed', facesShown)
  await page.locator('[data-index="0"]').click()
  await page.locator('[data-index="9"]').click({ modifiers: ['Shift'] })
  await time({ name: 'all faces: ignore ten', event: 'keydown', before: firstFace, answer: otherFirstFace, told: toastAfterFace, act: press(page, 'i') })
  await rest(page)
  await page.keyboard.press('Control+z')
  await rest(page)
  await goTo('#/folders', () => document.querySelector('#folders-title') !== null)
  await time({
    name: 'Folders: choose a folder', event: 'click', answer: () => document.querySelector('dialog[open]') !== null, told: () => document.querySelectorAll('dialog[open] ul button').length > 0,
    act: () => page.getByRole('button', { name: 'Add folder' }).first().click(),
  })
  await page.keyboard.press('Escape')
  await see(page, noDialog)
}

/** One round of everything; `round` counts from 0. What one part could not do is told, and the next goes on. */
export async function doEverything(page: Page, measured: Measured, round: number): Promise<void> {
  const parts = { naming, person, dialogs, review, photos, manyFaces }
  for (const [name, run] of Object.entries(parts)) {
    try {
      await run(page, measured, round)
    } catch (error) {
      console.error(`${name}, round ${round + 1}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
      await page.reload()
    }
  }
}
