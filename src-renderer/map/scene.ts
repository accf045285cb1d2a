/** Draws the map: points in the order of what matters, rings, and names where there is room for them. */
import { cssColour, mix, personColour, type Rgb } from './colours.ts'
import { toScreen, type Camera, type ScreenSize } from './camera.ts'
import type { Middle } from './middles.ts'
import { clear, makeStamp, packColour, paint, type Pixels, type Stamp } from './painter.ts'
import { standing, type MapPoints } from './unpack.ts'

/** The colours of the page, and its type. */
export interface Look {
  dark: boolean
  ground: Rgb
  ink: Rgb
  quiet: Rgb
  accent: Rgb
  danger: Rgb
  font: string
}

/** What is drawn besides where one looks from. */
export interface Scene {
  points: MapPoints
  /** How far apart neighbouring points are, in parts of the map. */
  spacing: number
  /** Packed, of each row. */
  colours: Uint32Array
  /** Rows, those that lie below first. */
  order: Uint32Array
  /** Rows that look like somebody else. */
  doubtful: readonly number[]
  /** 1 for each chosen row; null where nothing is chosen. */
  chosen: Uint8Array | null
  /** The row that is pointed at or was led to. */
  marked: number | null
  middles: readonly Middle[]
  nameOf(personId: number): string | null
  look: Look
}

/** Above this a screen is drawn with fewer pixels than it has. */
const mostPixels = 5_000_000
const suggestedShare = 0.5
const strengthOfOthers = 56
const labelsAtMost = 60
const roomForName = 45
const aboveIsland = 16
const leastRadius = 1.8
/** Above those of the standings, 0 to 3. */
const chosenLayer = 4
const mostRadius = 10

/** The colour of each row: a person's own; lighter where it is suggested; grey for nobody. */
export function coloursOf({ count, personIds, standings }: MapPoints, indexOf: (personId: number) => number, look: Look): Uint32Array {
  const grey = mix(look.quiet, look.ground, 0.45), pale = mix(look.quiet, look.ground, 0.6)
  const nobodys = packColour(grey)
  const named = new Map<number, number>(), suggested = new Map<number, number>()
  const colours = new Uint32Array(count)
  for (let row = 0; row < count; row++) {
    const personId = personIds[row]!
    const isSuggested = standings[row] === standing.suggested
    const known = isSuggested ? suggested : named
    let colour = standings[row] === standing.nobody ? nobodys : known.get(personId)
    if (colour === undefined) {
      const own = personColour(indexOf(personId), look.dark)
      colour = packColour(isSuggested ? mix(own, pale, suggestedShare) : own)
      known.set(personId, colour)
    }
    colours[row] = colour
  }
  return colours
}

/** Rows in the order they are painted: nobody's, suggested, named, and what is chosen last. */
export function orderOf({ count, standings }: MapPoints, chosen: Uint8Array | null): Uint32Array {
  const layerOf = (row: number) => (chosen?.[row] ? chosenLayer : standings[row]!)
  const next = new Uint32Array(chosenLayer + 2)
  for (let row = 0; row < count; row++) next[layerOf(row) + 1]!++
  for (let layer = 1; layer < next.length; layer++) next[layer]! += next[layer - 1]!
  const order = new Uint32Array(count)
  for (let row = 0; row < count; row++) order[next[layerOf(row)]!++] = row
  return order
}

/**
 * Radius of a point in CSS pixels: neighbours nearly touch, but nobody is too small to be seen or pointed at.
 * @param spacing how far apart neighbouring points are, in parts of the map
 */
export function pointRadius(spacing: number, camera: Camera): number {
  return Math.min(mostRadius, Math.max(leastRadius, spacing * camera.scale * 0.55))
}

/** Draws into a canvas, which keeps its buffers between frames. */
export function createSceneDrawer(canvas: HTMLCanvasElement) {
  const context = canvas.getContext('2d', { alpha: false })!
  let image = new ImageData(1, 1)
  let pixels: Pixels = { width: 1, height: 1, data: new Uint32Array(1) }
  const stamps = new Map<string, Stamp>()

  function stampOf(radius: number, hole = 0): Stamp {
    const rounded = Math.round(radius * 4) / 4, roundedHole = Math.round(hole * 4) / 4
    const key = `${rounded} ${roundedHole}`
    const stamp = stamps.get(key) ?? makeStamp(rounded, roundedHole)
    stamps.set(key, stamp)
    return stamp
  }

  function resize(size: ScreenSize, ratio: number): void {
    const width = Math.max(1, Math.round(size.width * ratio)), height = Math.max(1, Math.round(size.height * ratio))
    if (image.width === width && image.height === height) return
    canvas.width = width
    canvas.height = height
    image = new ImageData(width, height)
    pixels = { width, height, data: new Uint32Array(image.data.buffer) }
  }

  return function draw(scene: Scene, camera: Camera, size: ScreenSize, devicePixelRatio: number): void {
    const ratio = Math.min(devicePixelRatio, Math.sqrt(mostPixels / Math.max(1, size.width * size.height)))
    resize(size, ratio)
    const { points, colours, order, chosen, look } = scene
    const { positions } = points
    const radius = pointRadius(scene.spacing, camera) * ratio
    const stamp = stampOf(radius), large = stampOf(radius * 1.25)
    const scale = camera.scale * ratio
    const left = pixels.width / 2 - camera.x * scale, top = pixels.height / 2 - camera.y * scale
    clear(pixels, packColour(look.ground))
    for (const row of order) {
      const x = positions[row * 2]! * scale + left, y = positions[row * 2 + 1]! * scale + top
      if (!(x > -20 && y > -20 && x < pixels.width + 20 && y < pixels.height + 20)) continue
      if (!chosen) paint(pixels, stamp, x, y, colours[row]!, 220)
      else if (chosen[row]) paint(pixels, large, x, y, colours[row]!, 256)
      else paint(pixels, stamp, x, y, colours[row]!, strengthOfOthers)
    }
    const ring = (row: number, around: number, width: number, colour: Rgb) =>
      paint(pixels, stampOf(around + width, around), positions[row * 2]! * scale + left, positions[row * 2 + 1]! * scale + top, packColour(colour), 256)
    for (const row of scene.doubtful) ring(row, radius + 1.5 * ratio, 2 * ratio, look.danger)
    if (scene.marked !== null) ring(scene.marked, radius + 3 * ratio, 2.5 * ratio, look.ink)
    context.putImageData(image, 0, 0)
    writeNames(scene, camera, size, ratio)
  }

  /** Names of people with most points first; one that would cover another waits until one looks nearer. */
  function writeNames({ middles, nameOf, look }: Scene, camera: Camera, size: ScreenSize, ratio: number): void {
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.font = `600 13px ${look.font}`
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    context.lineJoin = 'round'
    context.lineWidth = 4
    context.strokeStyle = cssColour(look.ground)
    context.fillStyle = cssColour(look.ink)
    const taken: { left: number; top: number; right: number; bottom: number }[] = []
    for (const { personId, x, y, top } of middles) {
      if (taken.length >= labelsAtMost) break
      const at = toScreen(camera, size, x, y)
      // On a small island the name would cover everything: there it stands above.
      const topY = toScreen(camera, size, x, top).y
      if (at.y - topY < roomForName) at.y = topY - aboveIsland
      if (at.x < 0 || at.y < 0 || at.x > size.width || at.y > size.height) continue
      const name = shortened(nameOf(personId))
      if (!name) continue
      const half = context.measureText(name).width / 2 + 6
      const box = { left: at.x - half, right: at.x + half, top: at.y - 11, bottom: at.y + 11 }
      if (taken.some((other) => box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top)) continue
      taken.push(box)
      context.strokeText(name, at.x, at.y)
      context.fillText(name, at.x, at.y)
    }
    context.setTransform(1, 0, 0, 1, 0, 0)
  }
}

const mostCharacters = 24
const shortened = (name: string | null) => (name && name.length > mostCharacters ? `${name.slice(0, mostCharacters - 1)}…` : name)
