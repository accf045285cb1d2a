/** npm run screenshots: indexes a drawn family with the real program and photographs every view into docs/screenshots. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { drawFamilyPhotos, type DrawnPhoto } from '../test/fixtures/drawings/family.ts'
import { ensureBrowser } from './ensure-browser.ts'

const into = 'docs/screenshots'
const work = mkdtempSync(join(tmpdir(), 'kith-screenshots-'))
const photosDirectory = join(work, 'Family photos')
const environment = { ...process.env, KITH_LIBRARY: join(work, 'library'), KITH_NO_BROWSER: '1' }

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
    const drawn = photos.find((photo) => photo.path === path)!
    const { photo } = await call<{ photo: { faces: Found[] } }>(page, 'photos.get', { photoId: id })
    const faces = photo.faces.toSorted((a, b) => a.box.x - b.box.x)
    if (faces.length !== drawn.people.length) continue
    drawn.people.forEach((person, i) => named.set(person, [...(named.get(person) ?? []), faces[i]!]))
  }
  return named
}

mkdirSync(into, { recursive: true })
const photos = await drawFamilyPhotos(photosDirectory, 120, 11)
spawnSync('node', ['scripts/kith.mjs', 'index', photosDirectory], { env: environment, stdio: 'inherit' })
const host = spawn('node', ['scripts/kith.mjs', 'serve'], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
const address = await new Promise<string>((resolve) => {
  host.stdout.on('data', (text: Buffer) => {
    const found = /http:\/\/\S+/.exec(text.toString())
    if (found) resolve(found[0])
  })
})

const browser = await chromium.launch({
  executablePath: ensureBrowser(),
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light', locale: 'en-GB' })
await page.goto(address)
await page.waitForSelector('main input')

async function shoot(name: string, hash: string): Promise<void> {
  await page.goto(new URL(hash, page.url()).href)
  await page.waitForTimeout(2500)
  await page.screenshot({ path: join(into, `${name}.png`) })
}

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
await shoot('photo', `#/photos?photo=${photoIds[0]}`)
await shoot('folders', '#/folders')
await page.emulateMedia({ colorScheme: 'dark' })
await shoot('people-dark', '#/people')

await browser.close()
host.kill('SIGINT')
await new Promise((resolve) => host.once('exit', resolve))
rmSync(work, { recursive: true, force: true })
