/** Which part of the map is seen: the point in the middle, and how large a part of the map is on the screen. */
import { clamp } from '../clamp.ts'

export interface Camera {
  /** In parts of the map. */
  x: number
  y: number
  /** CSS pixels of the whole map's side. */
  scale: number
}

export interface ScreenSize {
  width: number
  height: number
}

export interface ScreenPoint {
  x: number
  y: number
}

/** How much of the screen the whole map takes, so that there is room for names. */
const filled = 0.88
const mostZoom = 300
const leastZoom = 0.5

/** Where the whole map is seen. @param extent what it covers, in parts of the map; it lies around the middle */
export const fit = ({ width, height }: ScreenSize, extent: ScreenSize = { width: 1, height: 1 }): Camera =>
  ({ x: 0.5, y: 0.5, scale: Math.max(50, Math.min(width / extent.width, height / extent.height) * filled) })

export const toScreen = (camera: Camera, size: ScreenSize, x: number, y: number): ScreenPoint => ({
  x: (x - camera.x) * camera.scale + size.width / 2,
  y: (y - camera.y) * camera.scale + size.height / 2,
})

export const toMap = (camera: Camera, size: ScreenSize, at: ScreenPoint): ScreenPoint => ({
  x: (at.x - size.width / 2) / camera.scale + camera.x,
  y: (at.y - size.height / 2) / camera.scale + camera.y,
})

/** Moves what is seen by so many pixels. */
export const pan = (camera: Camera, dx: number, dy: number): Camera =>
  ({ ...camera, x: clamp(camera.x - dx / camera.scale, -0.2, 1.2), y: clamp(camera.y - dy / camera.scale, -0.2, 1.2) })

/** Zooms by a factor; what is at `at` on the screen stays there. */
export function zoomAt(camera: Camera, size: ScreenSize, factor: number, at: ScreenPoint): Camera {
  const whole = fit(size).scale
  const scale = clamp(camera.scale * factor, whole * leastZoom, whole * mostZoom)
  const held = toMap(camera, size, at)
  return { scale, x: held.x - (at.x - size.width / 2) / scale, y: held.y - (at.y - size.height / 2) / scale }
}
