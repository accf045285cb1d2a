/** npm run screenshots: indexes a drawn family with the real program and photographs every view into docs/screenshots. */
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { drawFamilyPhotos, drawStrangersPhotos, type DrawnPhoto } from '../test/fixtures/drawings/family.ts'
import { ensureBrowser } from './ensure-browser.ts'

const into = 'docs/screenshots'
const work = mkdtempSync(join(tmpdir(), 'kith-screenshots-'))
const photosDirectory = join(work, 'Family photos')

interface Found { id: number; photoId: number; box: { x: number }; personId: number | null; clusterId: number | null }

/** Calls the engine as the page does. */
const call = <T>(page: Page, method: string, input: object = {}): Promise<T> =>
  page.evaluate(
    async ([name, body]) => {
      const answer = await fetch(`rpc/${name}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: body! })
      return ((await answer.json()) as { value: unknown }).value
    },
    [method, JSON.stringify(input)] as const,
  ) as Promise<T>

/** Who is drawn where: the people of a drawing stand from left to right. */
async function facesByName(page: Page, photos: readonly DrawnPhoto[]): Promise<Map<string, Found[]>> {
  const named = new Map<string, Found[]>()
  const { photos: known } = await call<{ photos: { id: number; path: string }[] }>(page, 'photos.search', { query: '', limit: 500 })
  for (const { id, path } of known) {
    const drawn = photos.find((photo) => photo.path === path)
    if (!drawn) continue
    const { photo } = await call<{ photo: { faces: Found[] } }>(page, 'photos.get', { photoId: id })
    const faces = photo.faces.toSorted((a, b) => a.box.x - b.box.x)
    if (faces.length !== drawn.people.length) continue
    drawn.people.forEach((person, i) => named.set(person, [...(named.get(person) ?? []), faces[i]!]))
  }
  return named
}

mkdirSync(into, { recursive: true })
const photos = await drawFamilyPhotos(photosDirectory, 120, 11)

/** Indexes a folder into a library of its own and serves it. */
async function openLibrary(name: string, photosFolder: string) {
  const environment = { ...process.env, KITH_LIBRARY: join(work, name), KITH_NO_BROWSER: '1' }
  spawnSync('node', ['scripts/kith.mjs', 'index', photosFolder], { env: environment, stdio: 'inherit' })
  const host = spawn('node', ['scripts/kith.mjs', 'serve'], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
  const address = await new Promise<string>((resolve) => {
    host.stdout.on('data', (text: Buffer) => {
      const found = /http:\/\/\S+/.exec(text.toString())
      if (found) resolve(found[0])
    })
  })
  const close = async () => {
    host.kill('SIGINT')
    await new Promise((resolve) => host.once('exit', resolve))
  }
  return { address, close }
}

const family = await openLibrary('library', photosDirectory)
const browser = await chromium.launch({
  executablePath: ensureBrowser(),
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light', locale: 'en-GB' })
await page.goto(family.address)
await page.waitForSelector('main input')

async function shoot(name: string, hash: string): Promise<void> {
  await page.goto(new URL(hash, page.url()).href)
  await page.waitForTimeout(2500)
  await page.screenshot({ path: join(into, `${name}.png`) })
}

/** A face that was taken away and is drawn anew, with the name half typed. */
async function shootDrawing(photoId: number): Promise<void> {
  const { photo } = await call<{ photo: { faces: (Found & { box: { x: number; y: number; width: number; height: number } })[] } }>(page, 'photos.get', { photoId })
  const { id, box } = photo.faces[0]!
  await call(page, 'faces.delete', { faceIds: [id] })
  await page.goto(new URL(`#/photos?photo=${photoId}`, page.url()).href)
  await page.waitForTimeout(2500)
  await page.keyboard.press('b')
  const place = (await page.locator('.overlay').boundingBox())!
  await page.mouse.move(place.x + box.x * place.width, place.y + box.y * place.height)
  await page.mouse.down()
  await page.mouse.move(place.x + (box.x + box.width) * place.width, place.y + (box.y + box.height) * place.height, { steps: 8 })
  await page.mouse.up()
  await page.keyboard.type('An')
  await page.waitForTimeout(500)
  await page.screenshot({ path: join(into, 'draw.png') })
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await call(page, 'journal.undo')
}

async function shootWhy(): Promise<void> {
  await page.goto(new URL('#/review', page.url()).href)
  await page.locator('.question').waitFor()
  await page.keyboard.press('w')
  await page.waitForTimeout(2000)
  await page.screenshot({ path: join(into, 'why.png') })
  await page.keyboard.press('Escape')
}

/** The map, with a line drawn around what lies in its upper half. */
async function shootMap(): Promise<void> {
  await page.goto(new URL('#/map', page.url()).href)
  await page.locator('.map canvas').waitFor({ timeout: 120_000 })
  await page.waitForTimeout(2500)
  await page.screenshot({ path: join(into, 'map.png') })
  await page.keyboard.press('l')
  const { x, y, width, height } = (await page.locator('.map').boundingBox())!
  await page.mouse.move(x + 10, y + 10)
  await page.mouse.down()
  for (const [right, down] of [[1, 0], [1, 0.5], [0, 0.5]] as const)
    await page.mouse.move(x + 10 + right * (width - 20), y + 10 + down * (height - 20), { steps: 8 })
  await page.mouse.up()
  await page.waitForTimeout(1500)
  await page.screenshot({ path: join(into, 'map-lasso.png') })
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
}

/** A part of a search that is being changed, with the query as text below. */
async function shootSearchBeingChanged(): Promise<void> {
  await page.getByRole('button', { name: 'Edit the search as text' }).click()
  await page.getByRole('button', { name: '2013 to 2022', exact: true }).click()
  await page.waitForTimeout(500)
  await page.screenshot({ path: join(into, 'search-edit.png') })
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Edit the search as text' }).click()
}

/** Everything at the smallest size, by year. */
async function shootSmallestPhotos(): Promise<void> {
  await page.goto(new URL('#/photos', page.url()).href)
  await page.getByText(`${photos.length} photos`).waitFor()
  const smaller = page.getByRole('button', { name: 'Smaller pictures' })
  while (await smaller.isEnabled()) await smaller.click()
  await page.waitForTimeout(1500)
  await page.screenshot({ path: join(into, 'photos-years.png') })
  for (let i = 0; i < 3; i++) await page.getByRole('button', { name: 'Larger pictures' }).click()
}

// Nobody has a name yet; two groups are ticked to be named as one.
await page.goto(new URL('#/people', page.url()).href)
for (const index of [1, 2]) await page.locator('.group').nth(index).getByRole('checkbox').click()
await page.waitForTimeout(2500)
await page.screenshot({ path: join(into, 'naming.png') })
await page.keyboard.press('Escape')

const byName = await facesByName(page, photos)
for (const [name, faces] of byName) {
  if (name === 'Carla') continue
  const taught = faces.filter(({ clusterId }) => clusterId !== null).slice(0, Math.ceil(faces.length * 0.6))
  await call(page, 'faces.name', { targets: taught.map(({ id }) => ({ kind: 'face', id })), name })
}
await page.waitForTimeout(4000)
await page.reload()

const { people } = await call<{ people: { id: number; name: string }[] }>(page, 'people.list')
const idOf = (name: string) => people.find((person) => person.name === name)!.id
const { photoIds } = await call<{ photoIds: number[] }>(page, 'photos.grid', { query: 'Anna Ben' })
await shoot('people', '#/people')
await shoot('person', `#/people/${idOf('David')}`)
await shoot('review', '#/review')
await shoot('photos', '#/photos')
await shoot('search', `#/photos?q=${encodeURIComponent('Anna Ben -Emma 2013..2022')}`)
await shootSearchBeingChanged()
await shootSmallestPhotos()
await shoot('photo', `#/photos?photo=${photoIds[0]}`)
await shoot('folders', '#/folders')
await shootDrawing(photoIds[1]!)
await shootWhy()

// Two names for one person, and one name for two, as happens: what the window shows before they are mended.
const [some, others] = [byName.get('Anna')!, byName.get('Ben')!].map((faces) => faces.filter(({ clusterId }) => clusterId !== null))
await call(page, 'faces.name', { faceIds: some!.slice(0, 9).map(({ id }) => id), name: 'Anna as a child' })
await call(page, 'faces.name', { faceIds: others!.slice(0, 12).map(({ id }) => id), name: 'David' })
await page.waitForTimeout(3000)
await shootMap()
await page.goto(new URL('#/people', page.url()).href)
await page.getByRole('group', { name: 'Anna as a child', exact: true }).dragTo(page.getByRole('group', { name: 'Anna', exact: true }))
await page.waitForTimeout(1500)
await page.screenshot({ path: join(into, 'merge.png') })
await page.keyboard.press('Escape')
await page.goto(new URL(`#/people/${idOf('David')}`, page.url()).href)
await page.getByRole('button', { name: 'Split…' }).click()
await page.getByRole('combobox', { name: 'Name for Group 2' }).fill('Ben')
await page.keyboard.press('Enter')
await page.waitForTimeout(800)
await page.screenshot({ path: join(into, 'split.png') })
await page.keyboard.press('Escape')
await page.emulateMedia({ colorScheme: 'dark' })
await shoot('people-dark', '#/people')

await family.close()

// A day in town: Anna, and many that nobody knows.
const townDirectory = join(work, 'A day in town')
await drawStrangersPhotos(townDirectory, 24, 3)
for (const [i, { path, people: drawn }] of photos.entries())
  if (drawn.length === 1 && drawn[0] === 'Anna') copyFileSync(path, join(townDirectory, `Anna ${i}.jpg`))
const town = await openLibrary('town', townDirectory)
await page.emulateMedia({ colorScheme: 'light' })
await page.goto(town.address)
await page.waitForSelector('main input')
const { photos: townPhotos } = await call<{ photos: { id: number; path: string }[] }>(page, 'photos.search', { query: '', limit: 500 })
for (const { id } of townPhotos.filter(({ path }) => basename(path).startsWith('Anna'))) {
  const { photo } = await call<{ photo: { faces: Found[] } }>(page, 'photos.get', { photoId: id })
  await call(page, 'faces.name', { faceIds: photo.faces.map((face) => face.id), name: 'Anna' })
}
await page.waitForTimeout(3000)
await shoot('bystanders', '#/faces/bystanders')

await browser.close()
await town.close()
rmSync(work, { recursive: true, force: true })
