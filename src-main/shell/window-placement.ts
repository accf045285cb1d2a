/** Where the window opens: where it was, as far as that place is still on a screen. Units are device-independent pixels. */

export interface Rectangle {
  x: number
  y: number
  width: number
  height: number
}

export interface WindowPlace extends Rectangle {
  isMaximized: boolean
}

export const smallestWindow = { width: 720, height: 480 }
const usualWindow = { width: 1280, height: 840 }
/** So much of the window's top edge has to be on a screen, or nobody could take hold of it. */
const gripWidth = 120
const gripHeight = 30

function overlap(a: Rectangle, b: Rectangle): { width: number; height: number } {
  return {
    width: Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x),
    height: Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y),
  }
}

function centred(size: { width: number; height: number }, area: Rectangle): Rectangle {
  const width = Math.min(size.width, area.width)
  const height = Math.min(size.height, area.height)
  return { x: area.x + Math.round((area.width - width) / 2), y: area.y + Math.round((area.height - height) / 2), width, height }
}

/**
 * @param remembered null at the first start
 * @param workAreas of the screens that are there now, the main one first, without docks and bars
 */
export function placeWindow(remembered: WindowPlace | null, workAreas: readonly Rectangle[]): WindowPlace {
  const main = workAreas[0] ?? { x: 0, y: 0, ...usualWindow }
  if (!remembered) return { ...centred(usualWindow, main), isMaximized: false }
  const { isMaximized } = remembered
  const size = {
    width: Math.max(smallestWindow.width, remembered.width),
    height: Math.max(smallestWindow.height, remembered.height),
  }
  const topEdge = { x: remembered.x, y: remembered.y, width: size.width, height: gripHeight }
  const home = workAreas.find((area) => {
    const { width, height } = overlap(topEdge, area)
    return width >= gripWidth && height >= gripHeight
  })
  if (!home) return { ...centred(size, main), isMaximized }
  const fitted = { width: Math.min(size.width, home.width), height: Math.min(size.height, home.height) }
  return { x: remembered.x, y: remembered.y, ...fitted, isMaximized }
}
